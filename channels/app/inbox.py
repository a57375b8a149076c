"""What customers sent and we owe an answer to. Stored before it is worked on, so that a crash loses nothing."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.engine import Connection

from channels.app import conversation, tables
from channels.app.conversation import Message
from channels.problems import Problem

PENDING, ANSWERED, WITH_MANAGER = "pending", "answered", "with_manager"


@dataclass(frozen=True)
class Turn:
    """One message to answer. attempts counts this one; shown is false for what the customer did not type."""

    customer: str
    message_id: str
    text: str
    payload: dict[str, Any]
    attempts: int


_I = tables.inbox
_KNOWN = select(_I.c.message_id, _I.c.state, _I.c.digest).where(
    _I.c.customer == bindparam("who"), or_(_I.c.message_id == bindparam("message"), _I.c.state == PENDING)
)


def accept(
    connection: Connection,
    customer: str,
    message_id: str,
    text: str,
    payload: dict[str, Any],
    shown: bool,
    worker: str,
    lease_seconds: float,
) -> tuple[str, Turn | None, list[Message]]:
    """Store a message, once. Returns its state, the turn if the worker may begin with it at once, and what was logged.

    Mostly nothing else of the customer is open, and taking it in the same commit saves one. shown false keeps it out
    of the log (opening the page). Raises Problem message_id_reused when the id has other words.
    """
    # Also the lock that keeps one customer's messages in order.
    said = {"id": message_id, "type": "text", "privacy": "personal", "origin": "customer", "text": text}
    conversation.open_log(connection, customer)
    digest = hashlib.sha256(json.dumps([text, payload], sort_keys=True).encode()).hexdigest()
    known = connection.execute(_KNOWN, {"who": customer, "message": message_id}).all()
    for row in known:
        if row.message_id == message_id:
            if row.digest != digest:
                raise Problem("message_id_reused", field="message_id")
            return str(row.state), None, []
    taken = not known
    connection.execute(
        insert(_I),
        {
            "customer": customer,
            "message_id": message_id,
            "digest": digest,
            "text": text,
            "payload": json.dumps(payload),
            "state": PENDING,
            "attempts": int(taken),
            "worker": worker if taken else None,
            "lease_until": time.time() + lease_seconds if taken else None,
        },
    )
    logged = conversation.append(connection, customer, [said]) if shown else []
    return PENDING, Turn(customer, message_id, text, payload, 1) if taken else None, logged


def claim(connection: Connection, customer: str, worker: str, lease_seconds: float) -> tuple[Turn | None, bool]:
    """Take the customer's oldest open message, unless somebody has it. Returns it and whether one is still open."""
    i = tables.inbox
    now = time.time()
    row = connection.execute(
        select(i).where(i.c.customer == customer, i.c.state == PENDING).order_by(i.c.n).limit(1).with_for_update()
    ).first()
    if row is None or (row.worker is not None and (row.lease_until or 0) > now):
        return None, row is not None
    connection.execute(
        update(i)
        .where(i.c.n == row.n)
        .values(worker=worker, lease_until=now + lease_seconds, attempts=row.attempts + 1)
    )
    return Turn(customer, row.message_id, row.text, json.loads(row.payload), row.attempts + 1), True


def settle(connection: Connection, turn: Turn, state: str, messages: list[Message]) -> list[Message]:
    """Store the answer and close the message in one step; nothing is kept for a customer who was deleted meanwhile."""
    i = tables.inbox
    mine = and_(i.c.customer == turn.customer, i.c.message_id == turn.message_id)
    closed = connection.execute(
        update(i).where(mine, i.c.state == PENDING).values(state=state, text="", payload="{}", worker=None)
    )
    if not closed.rowcount:
        return []
    return conversation.append(connection, turn.customer, messages, reply_to=turn.message_id)


def release(connection: Connection, worker: str) -> None:
    """Give back what this worker holds (it stops in an orderly way)."""
    i = tables.inbox
    connection.execute(update(i).where(i.c.worker == worker).values(worker=None, lease_until=None))


def release_all(connection: Connection) -> None:
    """Give back everything: after a crash of the only process there is."""
    connection.execute(update(tables.inbox).values(worker=None, lease_until=None))


def put_back(connection: Connection, turn: Turn) -> None:
    """The assistant was not ready: the message waits, and this try does not count."""
    i = tables.inbox
    connection.execute(
        update(i)
        .where(i.c.customer == turn.customer, i.c.message_id == turn.message_id)
        .values(worker=None, lease_until=None, attempts=turn.attempts - 1)
    )


def state_of(connection: Connection, customer: str, message_id: str) -> tuple[str | None, list[Message]]:
    """State of a message (None: unknown) and its answer."""
    i = tables.inbox
    state = connection.execute(select(i.c.state).where(i.c.customer == customer, i.c.message_id == message_id)).scalar()
    done = state is not None and state != PENDING
    return state, conversation.replies(connection, customer, message_id) if done else []


def any_open(connection: Connection, customer: str) -> bool:
    """Whether the customer has an open message."""
    i = tables.inbox
    found = connection.execute(select(i.c.n).where(i.c.customer == customer, i.c.state == PENDING).limit(1))
    return found.first() is not None


def orphans(connection: Connection, limit: int) -> list[str]:
    """Customers whose open messages nobody is working on, longest waiting first."""
    i = tables.inbox
    free = or_(i.c.worker.is_(None), i.c.lease_until < time.time())
    rows = connection.execute(select(i.c.customer).where(i.c.state == PENDING, free).order_by(i.c.n).limit(limit))
    return list(dict.fromkeys(rows.scalars()))


def forget(connection: Connection, customer: str) -> None:
    """Delete everything this customer sent, answered or not."""
    connection.execute(delete(tables.inbox).where(tables.inbox.c.customer == customer))
