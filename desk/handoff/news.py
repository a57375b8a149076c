"""What open pages hear of hand-offs: each change to whom it concerns, and what was said to whoever may read it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from desk.auth.roles import Who
from desk.handoff.channel import AppChannel, Refused
from desk.handoff.queue import Row
from desk.handoff.views import may_read, visible
from desk.hub import Hub


class Source(Protocol):
    """What is known of the hand-offs."""

    channel: AppChannel

    def shown(self, row: Row) -> dict[str, Any]:
        """The hand-off for a page."""

    def read_up_to(self, identity: str) -> int:
        """How far its conversation was read."""


class News:
    """Compares two looks at the hand-offs. Raises Unreachable where it has to read what was said."""

    def __init__(self, hub: Hub, source: Source) -> None:
        self._hub = hub
        self._source = source
        # How far each conversation was told.
        self._told: dict[str, int] = {}

    def tell(self, before: Mapping[str, Row], after: Mapping[str, Row]) -> None:
        """Events handoff, booking and message; one that is not there any more has ended."""
        for identity in before.keys() - after.keys():
            self._told.pop(identity, None)
        if not self._hub.people():
            return
        shown = self._source.shown
        for identity, row in after.items():
            old = before.get(identity)
            if old == row:
                continue
            now = shown(row)
            self._publish(shown(old) if old is not None else now, now)
            if row["state"] == "active" and old is not None and row.get("last_seq", 0) > old.get("last_seq", 0):
                self._tell_messages(row, now)
        for identity in before.keys() - after.keys():
            was = shown(before[identity])
            self._publish(was, {**was, "state": "ended"})

    def _publish(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        # An appointment whose time has come leaves one list and enters another.
        for name in {"booking" if one["state"] == "booked" else "handoff" for one in (was, now)}:
            self._hub.publish(name, now, partial(_either, was, now))

    def _tell_messages(self, row: Row, shown: Mapping[str, Any]) -> None:
        """What was said since, read once for all pages."""
        since = self._told.get(row["id"]) or self._source.read_up_to(row["id"]) or row["last_seq"] - 1
        # Refused: it is gone, with the customer's data.
        with suppress(Refused):
            found = self._source.channel.thread(row["id"], since)
            self._told[row["id"]] = found["last_seq"]
            for message in found["messages"]:
                self._hub.publish("message", {"handoff": row["id"], "message": message}, partial(_reader, shown))


def _either(before: Mapping[str, Any], after: Mapping[str, Any], who: Who) -> bool:
    return visible(who, before) or visible(who, after)


def _reader(shown: Mapping[str, Any], who: Who) -> bool:
    # A customer's own manager does not listen in while a colleague has the conversation; heads may.
    return who.account == shown.get("staff") or (may_read(who, shown) and who.scope("handoffs") != "own")
