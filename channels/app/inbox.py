"""What customers sent and we owe an answer to. Stored before it is worked on, so that a crash loses nothing."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, update
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


def accept(
    connection: Connection, customer: str, message_id: str, text: str, payload: dict[str, Any], shown: bool
) -> str:
    """Store a message, once. Returns its state. Raises Problem message_id_reused when the id has other words.

    shown: false keeps it out of the log (opening the page, a question carried over from the robot is shown).
    """
    conversation.open_log(connection, customer)
    i = tables.inbox
    digest = hashlib.sha256(json.dumps([text, payload], sort_keys=True).encode()).hexdigest()
    row = connection.execute(
        select(i.c.state, i.c.digest).where(i.c.customer == customer, i.c.message_id == message_id)
    ).first()
    if row is not None:
        if row.digest != digest:
            raise Problem("message_id_reused", field="message_id")
        return str(row.state)
    connection.execute(
        insert(i).values(
            customer=customer,
            message_id=message_id,
            digest=digest,
            text=text,
            payload=json.dumps(payload),
            state=PENDING,
            attempts=0,
        )
    )
    if shown:
        said = {"id": message_id, "type": "text", "privacy": "personal", "origin": "customer", "text": text}
        conversation.append(connection, customer, [said])
    return PENDING


def claim(connection: Connection, customer: str, worker: str, lease_seconds: float) -> Turn | None:
    """Take the customer's oldest open message, unless another live worker has it."""
    i = tables.inbox
    now = time.time()
    row = connection.execute(
        select(i).where(i.c.customer == customer, i.c.state == PENDING).order_by(i.c.n).limit(1).with_for_update()
    ).first()
    if row is None or (row.worker not in (None, worker) and (row.lease_until or 0) > now):
        return None
    connection.execute(
        update(i)
        .where(i.c.n == row.n)
        .values(worker=worker, lease_until=now + lease_seconds, attempts=row.attempts + 1)
    )
    return Turn(customer, row.message_id, row.text, json.loads(row.payload), row.attempts + 1)


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


def waiting(connection: Connection, customer: str) -> bool:
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
