"""Turns the ranking into what the policies act on: the intent, nlu_fallback (ask back) or out_of_scope (refuse)."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.components.classifier import ALSO_KEY, OUTSIDE_KEY
from nlu.decide import Thresholds, decide
from nlu.model import OUTSIDE

DECISION_KEY = "decision"
SETTLED_KEY = "settled"
"""Set by the context reader: the conversation itself made the meaning plain, nothing is asked back or refused."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DecisionMaker(GraphComponent, IntentClassifier):
    """Adds `decision` to a message; the ranking stays as it was read."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._thresholds = Thresholds(float(config["sure"]), float(config["margin"]))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"sure": Thresholds.sure, "margin": Thresholds.margin}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DecisionMaker:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """An empty message is asked back about."""
        for message in messages:
            ranking = [(row["name"], row["confidence"]) for row in message.get(INTENT_RANKING_KEY) or []]
            if message.get(SETTLED_KEY):
                decision = "answer"
            elif not str(message.get(TEXT) or "").strip():
                decision = "clarify"
            else:
                outside, also = float(message.get(OUTSIDE_KEY) or 0.0), message.get(ALSO_KEY)
                decision = decide(ranking, outside, self._thresholds, two_questions=bool(also))
            message.set(DECISION_KEY, decision, add_to_output=True)
            if decision != "answer":
                name = DEFAULT_NLU_FALLBACK_INTENT_NAME if decision == "clarify" else OUTSIDE
                confidence = ranking[0][1] if ranking else 0.0
                message.set(INTENT, {"name": name, "confidence": confidence}, add_to_output=True)
        return messages
