"""The log of one customer's conversation: what was said by whom, in one order, each entry once.

Plain functions over a connection: callers choose the transaction. Bodies are message objects of
channels/schema/messages.v1.json without `seq` and `at`, which are columns.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from channels.app import tables
from channels.app.clock import stamp
from channels.app.database import insert_once

Message = dict[str, Any]

# Epoch of a log that does not exist yet.
UNNAMED = "new"


@dataclass(frozen=True)
class Head:
    """Where a log stands."""

    epoch: str
    seq: int
    read_seq: int

    @property
    def cursor(self) -> str:
        """Opaque place in the log for clients."""
        return f"{self.epoch}.{self.seq}"


@dataclass(frozen=True)
class Entry:
    """One entry of the log; kind is "message" or "handoff"."""

    seq: int
    kind: str
    body: Message


_C = tables.conversations
# Built once: most of a statement's cost in Python is building it.
_ADVANCE = update(_C).where(_C.c.customer == bindparam("who")).values(last_seq=_C.c.last_seq + bindparam("count"))
_HEAD = select(_C).where(_C.c.customer == bindparam("who"))


def open_log(connection: Connection, customer: str, count: int = 0) -> int:
    """Make sure the customer has a log and reserve count places at its end. Returns the seq before them.

    Takes the row lock that orders a customer's writers.
    """
    values = {"who": customer, "count": count}
    if not connection.execute(_ADVANCE, values).rowcount:
        insert_once(connection, _C, customer=customer, epoch=secrets.token_urlsafe(6), last_seq=0, read_seq=0)
        connection.execute(_ADVANCE, values)
    last: int = connection.execute(_HEAD, {"who": customer}).one().last_seq
    return last - count


def head(connection: Connection, customer: str) -> Head:
    """Where the log stands; an empty one for a customer who never said anything."""
    row = connection.execute(_HEAD, {"who": customer}).first()
    return Head(row.epoch, row.last_seq, row.read_seq) if row else Head(UNNAMED, 0, 0)


def append(
    connection: Connection,
    customer: str,
    bodies: Sequence[Message],
    *,
    kind: str = "message",
    reply_to: str | None = None,
) -> list[Message]:
    """Add entries at the end. Returns the messages as clients see them, with seq and at."""
    if not bodies:
        return []
    last = open_log(connection, customer, len(bodies))
    at = stamp()
    rows = [
        {
            "customer": customer,
            "seq": last + place,
            "kind": kind,
            "entry_id": body["id"],
            "reply_to": reply_to,
            "at": at,
            "body": json.dumps(body, ensure_ascii=False),
        }
        for place, body in enumerate(bodies, start=1)
    ]
    connection.execute(insert(tables.entries), rows)
    return [_shown(body, row["seq"], at, reply_to) for body, row in zip(bodies, rows, strict=True)]


def page(connection: Connection, customer: str, before: int | None, limit: int) -> tuple[list[Message], bool]:
    """The newest messages older than seq `before`, in order, and whether there are older ones; with ratings."""
    e = tables.entries
    wanted = _with_rating().where(e.c.customer == customer, e.c.kind == "message")
    if before is not None:
        wanted = wanted.where(e.c.seq < before)
    rows = connection.execute(wanted.order_by(e.c.seq.desc()).limit(limit + 1)).all()
    return [_message(row) for row in reversed(rows[:limit])], len(rows) > limit


def after(connection: Connection, customer: str, seq: int, limit: int) -> list[Entry]:
    """Entries with a higher seq, in order."""
    rows = connection.execute(_AFTER, {"who": customer, "place": seq, "count": limit}).all()
    return [Entry(row.seq, row.kind, _event(row)) for row in rows]


def messages_after(connection: Connection, customer: str, seq: int, limit: int, since: str = "") -> list[Message]:
    """Messages with a higher seq, in order, none older than `since` (a stamp)."""
    e = tables.entries
    wanted = _with_rating().where(e.c.customer == customer, e.c.kind == "message", e.c.seq > seq, e.c.at >= since)
    return [_message(row) for row in connection.execute(wanted.order_by(e.c.seq).limit(limit)).all()]


def replies(connection: Connection, customer: str, message_id: str) -> list[Message]:
    """What was answered to one message, in order."""
    e = tables.entries
    rows = connection.execute(
        _with_rating().where(e.c.customer == customer, e.c.reply_to == message_id).order_by(e.c.seq)
    ).all()
    return [_message(row) for row in rows]


def find(connection: Connection, customer: str, entry_id: str) -> Message | None:
    """One message of this customer by its id."""
    e = tables.entries
    row = connection.execute(
        _with_rating().where(e.c.customer == customer, e.c.entry_id == entry_id, e.c.kind == "message")
    ).first()
    return _message(row) if row else None


def mark_read(connection: Connection, customer: str, seq: int) -> int:
    """Move the read mark forward, at most to the newest entry. Returns where it stands."""
    c = tables.conversations
    now = head(connection, customer)
    mark = max(now.read_seq, min(seq, now.seq))
    connection.execute(update(c).where(c.c.customer == customer).values(read_seq=mark))
    return mark


def heads(connection: Connection, customers: Sequence[str]) -> dict[str, Head]:
    """Where many logs stand, for noticing what other replicas wrote."""
    c = tables.conversations
    rows = connection.execute(select(c).where(c.c.customer.in_(customers))).all()
    return {row.customer: Head(row.epoch, row.last_seq, row.read_seq) for row in rows}


def forget(connection: Connection, customer: str) -> None:
    """Delete the log; the next entry starts a new one."""
    for table in (tables.entries, tables.conversations):
        connection.execute(delete(table).where(table.c.customer == customer))


def _with_rating() -> Any:
    e, r = tables.entries, tables.ratings
    joined = e.outerjoin(r, and_(r.c.customer == e.c.customer, r.c.entry_id == e.c.entry_id))
    return select(e.c.seq, e.c.kind, e.c.at, e.c.body, e.c.reply_to, r.c.rating).select_from(joined)


def _event(row: Row) -> Message:
    return _message(row) if row.kind == "message" else json.loads(row.body)["handoff"]


def _message(row: Row) -> Message:
    message = _shown(json.loads(row.body), row.seq, row.at, row.reply_to)
    if row.rating:
        message["rating"] = row.rating
    return message


def _shown(body: Message, seq: int, at: str, reply_to: str | None) -> Message:
    message = {**body, "seq": seq, "at": at}
    # A push answers nothing; its reply_to only keeps its parts together.
    if reply_to is not None and body.get("origin") != "push":
        message["reply_to"] = reply_to
    return message


_E = tables.entries
_AFTER = (
    _with_rating()
    .where(_E.c.customer == bindparam("who"), _E.c.seq > bindparam("place"))
    .order_by(_E.c.seq)
    .limit(bindparam("count"))
)
