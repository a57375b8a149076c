"""Who is listening in this process. It says "look again", the log is the queue; the newest few messages come along.

So a slow or dead client costs a flag and a few references, and one that keeps up costs the store nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

_FRESH = 32


class Listener:
    """One open stream (or one request that waits for its answer)."""

    def __init__(self, token_id: str = "", wanted: str = "") -> None:
        self.token_id = token_id
        # A waiting request: the message whose answer it wants, and the answer once it is there.
        self.wanted = wanted
        self.answer: Any = None
        self.wake = asyncio.Event()
        # A stream first reads what it missed; who waits for an answer is told of it.
        self.changed = bool(token_id)
        # What was just written, for streams that are up to date; more than a few are read from the log again.
        self.fresh: list[dict[str, Any]] = []
        # Momentary events by name; a newer one replaces an older one that was not fetched yet.
        self.momentary: dict[str, dict[str, Any]] = {}
        self.bye: str | None = None

    def take(self) -> tuple[bool, list[dict[str, Any]], dict[str, dict[str, Any]]]:
        """What there is since the last call: whether to look into the log, new messages, momentary events."""
        self.wake.clear()
        taken = self.changed, self.fresh, self.momentary
        self.changed, self.fresh, self.momentary = False, [], {}
        return taken

    def add(self, messages: list[dict[str, Any]] | None) -> None:
        """Something is new; messages are what, if it is known."""
        if messages is None or self.changed or len(self.fresh) + len(messages) > _FRESH:
            self.changed, self.fresh = True, []
        else:
            self.fresh += messages
        self.wake.set()


class Hub:
    """Listeners per customer."""

    def __init__(self, streams: int, streams_per_customer: int) -> None:
        self._streams = streams
        self._per_customer = streams_per_customer
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self.count = 0

    def full(self) -> bool:
        """Whether no more streams can be opened."""
        return self.count >= self._streams

    def join(self, customer: str, token_id: str) -> Listener:
        """Open a stream. The customer's oldest one has to go when there are too many."""
        streams = [listener for listener in self._listeners[customer] if listener.token_id]
        for surplus in streams[: max(0, len(streams) - self._per_customer + 1)]:
            self._end(surplus, "replaced")
        listener = Listener(token_id)
        self._listeners[customer].append(listener)
        self.count += 1
        return listener

    def watch(self, customer: str, message_id: str) -> Listener:
        """Wait for the answer to one message."""
        listener = Listener(wanted=message_id)
        self._listeners[customer].append(listener)
        return listener

    def leave(self, customer: str, listener: Listener) -> None:
        """Stop listening."""
        self._listeners[customer].remove(listener)
        if listener.token_id:
            self.count -= 1
        if not self._listeners[customer]:
            del self._listeners[customer]

    def customers(self) -> list[str]:
        """Who is listening."""
        return list(self._listeners)

    def changed(self, customer: str, messages: list[dict[str, Any]] | None = None) -> None:
        """The log has something new; messages with their seq where the caller just wrote them."""
        for listener in self._listeners.get(customer, ()):
            if listener.token_id:
                listener.add(messages)

    def changed_elsewhere(self, customer: str) -> None:
        """Another replica added something: it may be what somebody here waits for."""
        for listener in self._listeners.get(customer, ()):
            listener.add(None)

    def answered(self, customer: str, message_id: str, answer: Any) -> None:
        """Hand an answer to who waits for it."""
        for listener in self._listeners.get(customer, ()):
            if listener.wanted == message_id:
                listener.answer = answer
                listener.wake.set()

    def tell(self, customer: str, event: str, data: dict[str, Any]) -> None:
        """A momentary event."""
        for listener in self._listeners.get(customer, ()):
            listener.momentary[event] = data
            listener.wake.set()

    def end_token(self, token_id: str) -> None:
        """End the streams of a revoked token."""
        for listeners in self._listeners.values():
            for listener in listeners:
                if listener.token_id == token_id:
                    self._end(listener, "token_revoked")

    def close(self) -> None:
        """End all streams; clients reconnect to the next process."""
        for listeners in self._listeners.values():
            for listener in listeners:
                self._end(listener, "restart")

    @staticmethod
    def _end(listener: Listener, reason: str) -> None:
        listener.bye = reason
        listener.wake.set()
