"""What other stores of this installation know, read into the same stream by cursor: tracker rows and the app store.

Words of customers stay where they are: an event carries intent, skill, product and amounts only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from journeys.events.intake import Report, intake
from journeys.store.journal import Journal, cursor, move_cursor
from wealth.clock import SHANGHAI
from wealth.store import engine as database

BATCH = 1000
Event = dict[str, Any]
_PURCHASES = {"started": "purchase_started", "completed": "purchase_completed", "broken_off": "purchase_broken_off"}


class Feed:
    """One table elsewhere whose rows are numbered in the order of their commits.

    query: selects rows after :after, oldest first, at most :limit; to_events: rows to events, each with the row's
    number under "n" for a stable event id.
    """

    def __init__(
        self, name: str, engine: Engine, query: str, to_events: Callable[[Sequence[Mapping[str, Any]]], list[Event]]
    ) -> None:
        self.name = name
        self._engine = engine
        self._query = text(query)
        self._to_events = to_events

    def take(self, journal: Journal, now: datetime) -> Report | None:
        """Take the next rows in; None if there are none. Safe to repeat: an event id says which row it was.

        Raises StoreUnavailable.
        """
        with journal.read() as connection:
            after = cursor(connection, self.name)
        with database.translated(), self._engine.connect() as connection:
            rows = [dict(row) for row in self._rows(connection, after)]
            if not rows and after and not self._rows(connection, after - 1):
                # The other store was made anew: its numbers start again.
                rows = [dict(row) for row in self._rows(connection, 0)]
        if not rows:
            return None
        report = intake(journal, self._to_events(rows), now, source=self.name)
        with journal.write() as connection:
            move_cursor(connection, self.name, rows[-1]["n"])
        return report

    def _rows(self, connection: Connection, after: int) -> Sequence[Any]:
        return connection.execute(self._query, {"after": after, "limit": BATCH}).mappings().all()


def app_feeds(url: str) -> list[Feed]:
    """Purchases, ratings and requests for a person from the app store."""
    engine = database.create(url)
    return [
        Feed(
            "purchases",
            engine,
            "SELECT id AS n, event_id, event, customer, product, amount, occurred_at FROM purchase_events"
            " WHERE id > :after ORDER BY id LIMIT :limit",
            _purchases,
        ),
        Feed(
            "ratings",
            engine,
            "SELECT id AS n, customer, rating, at FROM ratings WHERE id > :after ORDER BY id LIMIT :limit",
            _ratings,
        ),
        Feed(
            "handoffs",
            engine,
            "SELECT n, id, customer, reason, requested_at FROM handoffs WHERE n > :after ORDER BY n LIMIT :limit",
            _handoffs,
        ),
    ]


def tracker_feed(url: str) -> Feed:
    """What customers asked and the assistant answered, from committed tracker rows."""
    return Feed(
        "tracker",
        database.create(url),
        "SELECT id AS n, sender_id, type_name, timestamp, data FROM events WHERE id > :after ORDER BY id LIMIT :limit",
        _turns,
    )


@dataclass(frozen=True)
class Marks:
    """What the app knows of one of our messages: read, and the customer said something next, within a day of it."""

    seen: bool
    answered: bool


def push_marks(engine: Engine, push_ids: Sequence[str]) -> dict[str, Marks]:
    """Marks of those of our messages that their customers have read or answered. Raises StoreUnavailable."""
    found = {}
    with database.translated(), engine.connect() as connection:
        for push_id in push_ids:
            row = connection.execute(_PUSH, {"id": push_id, "push": f"push:{push_id}"}).first()
            if row is None:
                continue
            after = {"customer": row.customer, "seq": row.seq}
            said = connection.execute(_SAID_NEXT, after).scalar()
            answered = said is not None and datetime.fromisoformat(said) - datetime.fromisoformat(row.at) < _ANSWER
            if answered or row.seq <= row.read_seq:
                found[push_id] = Marks(seen=True, answered=answered)
    return found


_ANSWER = timedelta(days=1)
_PUSH = text(
    "SELECT e.customer, e.seq, e.at, c.read_seq FROM pushes p JOIN entries e ON e.customer = p.customer"
    " AND e.reply_to = :push JOIN conversations c ON c.customer = e.customer WHERE p.push_id = :id"
    " ORDER BY e.seq LIMIT 1"
)
# What customers typed or tapped stands in the inbox under the same id as in the log.
_SAID_NEXT = text(
    "SELECT e.at FROM entries e JOIN inbox i ON i.customer = e.customer AND i.message_id = e.entry_id"
    " WHERE e.customer = :customer AND e.seq > :seq ORDER BY e.seq LIMIT 1"
)


def _purchases(rows: Sequence[Mapping[str, Any]]) -> list[Event]:
    return [
        {
            "event_id": f"app-{row['event_id']}"[:64],
            "kind": _PURCHASES.get(row["event"], row["event"]),
            "customer": row["customer"],
            "product": row["product"],
            "occurred_at": row["occurred_at"],
            "data": {"amount": row["amount"]} if row["amount"] else {},
        }
        for row in rows
    ]


def _ratings(rows: Sequence[Mapping[str, Any]]) -> list[Event]:
    return [
        {
            "event_id": f"rating-{row['n']}-{row['at']}"[:64].replace("+", "-"),
            "kind": "rated",
            "customer": row["customer"],
            "occurred_at": row["at"],
            "data": {"rating": row["rating"]},
        }
        for row in rows
        if row["rating"] in ("up", "down")
    ]


def _handoffs(rows: Sequence[Mapping[str, Any]]) -> list[Event]:
    return [
        {
            "event_id": f"handoff-{row['id']}"[:64],
            "kind": "handoff_requested",
            "customer": row["customer"],
            "occurred_at": row["requested_at"],
            "data": {"reason": row["reason"]},
        }
        for row in rows
    ]


def _turns(rows: Sequence[Mapping[str, Any]]) -> list[Event]:
    events = []
    asked: dict[str, float] = {}
    for row in rows:
        if row["type_name"] not in ("user", "bot"):
            continue
        sender = row["sender_id"]
        channel, _, rest = sender.partition(":")
        body = json.loads(row["data"])
        if row["type_name"] == "user":
            asked[sender] = row["timestamp"]
            data = _question(body)
        else:
            data = _answer(body, row["timestamp"] - asked[sender] if sender in asked else None)
        if data is None:
            continue
        if channel in ("app", "robot"):
            data["channel"] = channel
        event: Event = {
            "event_id": f"turn-{row['n']}-{int(row['timestamp'] * 1000)}",
            "kind": "asked" if row["type_name"] == "user" else "answered",
            "occurred_at": datetime.fromtimestamp(row["timestamp"], SHANGHAI).isoformat(),
            "data": data,
        }
        if channel == "app" and rest:
            event["customer"] = rest
        events.append(event)
    return events


def _question(body: Mapping[str, Any]) -> dict[str, Any] | None:
    intent = (body.get("parse_data") or {}).get("intent") or {}
    if not intent.get("name"):
        return None
    return {"intent": intent["name"][:60], "confidence": min(max(float(intent.get("confidence") or 0), 0.0), 1.0)}


def _answer(body: Mapping[str, Any], seconds: float | None) -> dict[str, Any] | None:
    reply = ((body.get("data") or {}).get("custom") or {}).get("reply") or {}
    if not reply.get("skill"):
        return None
    data: dict[str, Any] = {"skill": str(reply["skill"])[:40]}
    if seconds is not None and 0 <= seconds <= 600:
        data["seconds"] = round(seconds, 3)
    handoff = (reply.get("control") or {}).get("handoff")
    if handoff:
        data["handoff"] = str(handoff)[:40]
    return data
