"""The dialogue engine as the app channel sees it: ask, look up what it already answered, make it forget."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from sanic import Sanic

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
Sent = list[dict[str, Any]]


class NotReady(Exception):
    """No model is loaded (yet)."""


class Assistant:
    """Rasa behind `on_new_message`. app gives the running agent (app.ctx.agent) for its tracker store."""

    def __init__(self, on_new_message: OnNewMessage, channel: str) -> None:
        self._on_new_message = on_new_message
        self._channel = channel
        self.app: Sanic | None = None

    async def ask(self, sender: str, message_id: str, text: str, metadata: dict[str, Any]) -> Sent:
        """One turn. Returns what was sent, as Rasa's collector keeps it. Raises NotReady, and whatever Rasa raises."""
        agent = self._agent()
        if agent is not None and not agent.is_ready():
            raise NotReady
        collector = CollectingOutputChannel()
        # A leading slash is an order to Rasa ("/restart", "/intent{…}"); a customer's slash is only a slash.
        text = "／" + text[1:] if text.startswith("/") else text
        await self._on_new_message(
            UserMessage(
                text,
                collector,
                sender,
                input_channel=self._channel,
                message_id=message_id,
                metadata=metadata,
            )
        )
        return list(collector.messages)

    async def think(
        self, sender: str, text: str, metadata: dict[str, Any], intents: frozenset[str]
    ) -> tuple[float, Sent] | None:
        """What would be answered, and how sure the understanding is; the conversation stays as it is.

        None for another intent than these, and while no model is loaded.
        """
        agent = self._agent()
        processor = getattr(agent, "processor", None)
        if agent is None or processor is None or not text.strip() or text.startswith("/"):
            return None
        parsed = await agent.parse_message(text)
        intent = parsed.get("intent") or {}
        if str(intent.get("name")).split("/")[0] not in intents:
            return None
        collector = CollectingOutputChannel()
        message = UserMessage(text, collector, sender, input_channel=self._channel, metadata=metadata)
        # As for the robot's guesses: the turn runs on what is read here, and nothing of it is saved.
        tracker = await processor.log_message(message, should_save_tracker=False)
        tracker = await processor.run_action_extract_slots(collector, tracker)
        await processor._run_prediction_loop(collector, tracker)
        return float(intent.get("confidence") or 0.0), list(collector.messages)

    async def remember(self, sender: str, slots: dict[str, Any]) -> None:
        """Set slots of a conversation, as if an answer had; waits for the turn that is being worked on.

        Raises NotReady, and whatever the tracker store raises.
        """
        agent = self._agent()
        processor = getattr(agent, "processor", None)
        if processor is None:
            raise NotReady
        async with agent.lock_store.lock(sender):
            # A conversation that begins with our message needs its session first.
            tracker = await processor.fetch_tracker_and_update_session(sender)
            for name, value in slots.items():
                tracker.update(SlotSet(name, value), agent.domain)
            await agent.tracker_store.save(tracker)

    async def recall(self, sender: str, message_id: str) -> Sent | None:
        """What was sent in answer to a message in an earlier life of the server; None if it was never worked on."""
        agent = self._agent()
        if agent is None:
            return None
        tracker = await agent.tracker_store.retrieve_full_tracker(sender)
        found: Sent | None = None
        for event in tracker.events if tracker else ():
            if isinstance(event, UserUttered):
                mine = (event.metadata or {}).get("message_id") == message_id
                if found is not None and not mine:
                    break
                found = [] if mine else found
            elif isinstance(event, BotUttered) and found is not None:
                found.append({key: value for key, value in event.message().items() if value is not None})
        return found

    async def memory(self, sender: str) -> Sent:
        """All events kept about a sender, for the customer's export."""
        agent = self._agent()
        tracker = await agent.tracker_store.retrieve_full_tracker(sender) if agent is not None else None
        return [event.as_dict() for event in tracker.events] if tracker else []

    async def forget(self, sender: str) -> None:
        """Delete all events of a sender. Raises RuntimeError when the tracker store can't."""
        agent = self._agent()
        if agent is None:
            return
        async with agent.lock_store.lock(sender):
            # Rasa wraps its store to fall back to memory; both places must forget.
            store = agent.tracker_store
            primary = getattr(store, "_tracker_store", store)
            fallback = getattr(store, "_fallback_tracker_store", None)
            if not hasattr(primary, "delete"):
                raise RuntimeError(f"{type(primary).__name__} has no delete")
            done = primary.delete(sender)
            if inspect.isawaitable(done):
                await done
            if fallback is not None:
                fallback.store.pop(sender, None)

    def _agent(self) -> Any:
        return getattr(self.app.ctx, "agent", None) if self.app is not None else None
