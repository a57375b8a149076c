"""Trains the intent model and adds its calibrated ranking to a message."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.clauses import other_question
from nlu.components.output import ranked
from nlu.model import IntentModel, Reading
from nlu.training import train
from nlu.understanding import MAX_CHARS, MODEL_FILE
from zhtext.normalise import normalise

OUTSIDE_KEY = "outside"
ALSO_KEY = "also"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """One linear model over characters, masked words and sounds; see nlu.training."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, model: IntentModel | None = None) -> None:
        self._storage, self._resource, self._model = model_storage, resource, model

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn", "jieba", "pypinyin"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, IntentModel.load(folder / MODEL_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on all utterances that have an intent and a text; needs at least two intents."""
        examples = [one for one in training_data.intent_examples if one.get(TEXT) and one.get(INTENT)]
        self._model = train([one.get(TEXT) for one in examples], [one.get(INTENT) for one in examples])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder / MODEL_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds intent, intent_ranking, outside (see nlu.model) and, for two questions in one, also."""
        for message in messages:
            text = str(message.get(TEXT) or "")[:MAX_CHARS]
            reading = self._read(text)
            ranking = ranked(reading.ranking)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(OUTSIDE_KEY, reading.outside, add_to_output=True)
            if also := other_question(text, reading, self._read):
                message.set(ALSO_KEY, also, add_to_output=True)
        return messages

    def _read(self, text: str) -> Reading:
        if self._model is None:
            raise RuntimeError("意图模型还没有训练，请先运行 make train")
        return self._model.read(normalise(text))
