"""Re-reads a message in its conversation: answers to what was asked back, follow-ups, close readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.components.decision import SETTLED_KEY
from nlu.components.output import ranked
from nlu.context import Context, reread
from nlu.priors import priors


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContextReader(GraphComponent, IntentClassifier):
    """Reads the slots `topic`, `pending` and `profile` (docs/architecture.md); writes none of them."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContextReader:
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        """Outside a conversation (evaluation) there is no tracker, and no context."""
        for message in messages:
            ranking = tuple((row["name"], row["confidence"]) for row in message.get(INTENT_RANKING_KEY) or [])
            if not ranking:
                continue
            text = str(message.get(TEXT) or "")
            context = Context(_slot(tracker, "topic"), _slot(tracker, "pending"), _slot(tracker, "profile"))
            found = reread(text, ranking, message.get(ENTITIES) or [], context, priors())
            rows = ranked(found.ranking)
            message.set(INTENT, rows[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, rows, add_to_output=True)
            message.set(ENTITIES, list(found.entities), add_to_output=True)
            message.set(SETTLED_KEY, found.settled)
        return messages


def _slot(tracker: DialogueStateTracker | None, name: str) -> Mapping[str, Any]:
    # A test model may have a domain without the slot.
    given = tracker.get_slot(name) if tracker is not None and name in tracker.slots else None
    return given if isinstance(given, Mapping) else {}
