"""Early answers: what the assistant would say if the visitor stopped here. Nothing is stored unless it is used.

The turn runs on a copy of the conversation that is never saved, for intents whose answers have no effects
(data/channels/robot.yml, guess_intents). A guess that is used is saved then; one that is not is dropped.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from sanic import Sanic

from channels import wording

_KEPT = 200


@dataclass(frozen=True)
class _Guess:
    text: str
    mark: float
    tracker: Any
    sent: list[dict[str, Any]]
    until: float


class Guesses:
    """At most one open guess per conversation."""

    def __init__(self, channel: str, keep_seconds: float) -> None:
        self._channel = channel
        self._keep_seconds = keep_seconds
        self._open: OrderedDict[str, _Guess] = OrderedDict()
        self.app: Sanic | None = None

    async def make(self, sender: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]] | None:
        """What would be answered; None where guessing is not allowed or not possible now."""
        agent: Any = getattr(self.app.ctx, "agent", None) if self.app is not None else None
        processor = getattr(agent, "processor", None)
        if processor is None or not text.strip() or text.startswith("/"):
            return None
        self.drop(sender)
        # The lock store is not asked: a copy can't disturb a real turn, and `use` compares before saving.
        parsed = await agent.parse_message(text)
        intent = str((parsed.get("intent") or {}).get("name")).split("/")[0]
        if intent not in wording.load("robot")["guess_intents"]:
            return None
        collector = CollectingOutputChannel()
        message = UserMessage(
            text, collector, sender, input_channel=self._channel, metadata={**metadata, "dry_run": True}
        )
        mark = _mark(await agent.tracker_store.retrieve(sender))
        tracker = await processor.log_message(message, should_save_tracker=False)
        tracker = await processor.run_action_extract_slots(collector, tracker)
        await processor._run_prediction_loop(collector, tracker)
        sent = list(collector.messages)
        self._open[sender] = _Guess(text, mark, tracker, sent, time.monotonic() + self._keep_seconds)
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return sent

    async def use(self, sender: str, text: str, message_id: str) -> list[dict[str, Any]] | None:
        """Save the open guess if it was made for exactly these words and nothing happened since; else None."""
        guess = self._open.pop(sender, None)
        if guess is None or guess.text != text or guess.until < time.monotonic() or self.app is None:
            return None
        agent: Any = self.app.ctx.agent
        async with agent.lock_store.lock(sender):
            if _mark(await agent.tracker_store.retrieve(sender)) != guess.mark:
                return None
            for event in guess.tracker.events:
                if (getattr(event, "metadata", None) or {}).pop("dry_run", None):
                    event.metadata["message_id"] = message_id
                    event.message_id = message_id
            await agent.processor.save_tracker(guess.tracker)
        return guess.sent

    def drop(self, sender: str) -> None:
        """Forget the open guess of a conversation."""
        self._open.pop(sender, None)


def _mark(tracker: Any) -> float:
    """Where a conversation stands: the time of its last event."""
    return float(tracker.events[-1].timestamp) if tracker is not None and tracker.events else 0.0
