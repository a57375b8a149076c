"""Early answers: what the assistant would say if the visitor stopped here. Nothing of it is ever stored.

The turn runs on a copy of the conversation that is never saved, for intents whose answers have no effects
(data/channels/robot.yml, guess_intents), and with `dry_run` in its metadata, at which no audit row is written. When the
visitor has finished, the real turn runs in any case and leaves the trail that every answer leaves; the robot only
begins to speak sooner.
"""

from __future__ import annotations

import asyncio
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from sanic import Sanic

from channels import wording

Sent = list[dict[str, Any]]


class Guesses:
    """At most one guess in the making per conversation."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._making: dict[str, tuple[str, asyncio.Task[Sent | None]]] = {}
        self.app: Sanic | None = None

    async def make(self, sender: str, text: str, metadata: dict[str, Any]) -> Sent | None:
        """What would be answered; None where guessing is not allowed or possible now, or no longer wanted."""
        self.drop(sender)
        work = asyncio.get_running_loop().create_task(self._made(sender, text, metadata))
        self._making[sender] = (text, work)
        work.add_done_callback(lambda done: self._ended(sender, work))
        await asyncio.wait({work})
        return None if work.cancelled() else work.result()

    async def settle(self, sender: str, text: str, seconds: float) -> None:
        """The visitor has finished with these words: a guess at them may come to its end first, any other is stopped.

        Two turns at once would only slow each other down.
        """
        making = self._making.get(sender)
        if making is not None and making[0] == text:
            await asyncio.wait({making[1]}, timeout=seconds)
        self.drop(sender)

    def drop(self, sender: str) -> None:
        """Stop making the guess of a conversation."""
        making = self._making.pop(sender, None)
        if making is not None:
            making[1].cancel()

    def _ended(self, sender: str, work: asyncio.Task[Sent | None]) -> None:
        if sender in self._making and self._making[sender][1] is work:
            del self._making[sender]

    async def _made(self, sender: str, text: str, metadata: dict[str, Any]) -> Sent | None:
        agent: Any = getattr(self.app.ctx, "agent", None) if self.app is not None else None
        processor = getattr(agent, "processor", None)
        if processor is None or not text.strip() or text.startswith("/"):
            return None
        parsed = await agent.parse_message(text)
        intent = str((parsed.get("intent") or {}).get("name")).split("/")[0]
        if intent not in wording.load("robot")["guess_intents"]:
            return None
        collector = CollectingOutputChannel()
        message = UserMessage(
            text,
            collector,
            sender,
            parse_data=parsed,
            input_channel=self._channel,
            metadata={**metadata, "dry_run": True},
        )
        # The lock store is not asked: a copy can't disturb a real turn.
        tracker = await processor.log_message(message, should_save_tracker=False)
        tracker = await processor.run_action_extract_slots(collector, tracker)
        await processor._run_prediction_loop(collector, tracker)
        return list(collector.messages)
