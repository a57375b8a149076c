"""Hand-over to a person: requested → queued → active → ended, one thread for both sides.

The desk works through the signed HTTP endpoints (/internal/handoffs) or, in the same process, as a Desk.
"""

from __future__ import annotations

import secrets
from typing import Any, Protocol

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from channels.app import conversation, tables
from channels.app.clock import stamp
from channels.problems import Problem

OPEN = ("requested", "queued", "active")
# From which state each can be reached; a manager may take up what was never queued.
_REACHED_FROM = {"queued": ("requested", "queued"), "active": ("requested", "queued", "active"), "ended": OPEN}


class Desk(Protocol):
    """What the relationship manager's side may want to hear at once. Errors are logged and change nothing."""

    async def requested(self, handoff: dict[str, Any]) -> None:
        """A customer waits (schema HandoffForDesk)."""

    async def said(self, handoff: dict[str, Any], message_id: str) -> None:
        """The customer said something while a manager has the conversation; read it from the thread."""

    async def ended(self, handoff: dict[str, Any]) -> None:
        """The customer, or the desk, ended it."""


def request(connection: Connection, customer: str, reason: str, note: str | None = None) -> tuple[dict[str, Any], bool]:
    """Ask for a person; the open request if there is one. Returns the hand-over and whether it is new."""
    conversation.open_log(connection, customer)
    row = _open(connection, customer)
    if row is not None:
        return for_desk(row), False
    h = tables.handoffs
    values = {"reason": reason, "note": note, "state": "requested", "requested_at": stamp()}
    identity = secrets.token_urlsafe(12)
    connection.execute(insert(h).values(id=identity, customer=customer, **values))
    row = _by_id(connection, identity)
    _log(connection, row)
    return for_desk(row), True


def move(
    connection: Connection, identity: str, state: str, manager: str | None = None, position: int | None = None
) -> dict[str, Any]:
    """The desk moves it on. Raises Problem not_found, or conflict when it can't get there from where it is."""
    row = _by_id(connection, identity)
    if row.state not in _REACHED_FROM[state]:
        raise Problem("conflict", field="state")
    h = tables.handoffs
    values = {"state": state, "manager": manager or row.manager, "position": position if state == "queued" else None}
    connection.execute(update(h).where(h.c.id == identity).values(**values))
    row = _by_id(connection, identity)
    _log(connection, row)
    return for_desk(row)


def end(connection: Connection, customer: str) -> dict[str, Any] | None:
    """The customer goes back to the assistant. None when there was nothing open."""
    row = _open(connection, customer)
    return move(connection, row.id, "ended") if row is not None else None


def say(
    connection: Connection, identity: str, message_id: str, text: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A manager's words into the thread, once per message_id. Raises Problem not_found or conflict (not active)."""
    row = _by_id(connection, identity)
    conversation.open_log(connection, row.customer)
    entry = f"rm:{message_id}"
    known = conversation.find(connection, row.customer, entry)
    if known is not None:
        if known["text"] != text:
            raise Problem("message_id_reused", field="message_id")
        return for_desk(row), [known]
    if row.state != "active":
        raise Problem("conflict", field="state")
    body = {"id": entry, "type": "text", "privacy": "personal", "origin": "manager", "text": text}
    return for_desk(row), conversation.append(connection, row.customer, [body])


def thread(connection: Connection, identity: str, after: int, limit: int, consent: bool) -> list[dict[str, Any]]:
    """The conversation for the manager: all of it with the customer's consent, otherwise from the request on."""
    row = _by_id(connection, identity)
    entries = conversation.after(connection, row.customer, after, limit)
    messages = [entry.body for entry in entries if entry.kind == "message"]
    return messages if consent else [message for message in messages if message["at"] >= row.requested_at]


def current(connection: Connection, customer: str) -> dict[str, Any]:
    """State as the customer sees it (schema Handoff)."""
    h = tables.handoffs
    row = connection.execute(select(h).where(h.c.customer == customer).order_by(h.c.n.desc()).limit(1)).first()
    return for_customer(row) if row else {"state": "none"}


def listing(connection: Connection, state: str | None, limit: int) -> list[dict[str, Any]]:
    """Hand-overs for the desk, oldest first; without a state the open ones."""
    h = tables.handoffs
    states = [state] if state else OPEN
    rows = connection.execute(select(h).where(h.c.state.in_(states)).order_by(h.c.n).limit(limit)).all()
    return [for_desk(row) for row in rows]


def customer_of(connection: Connection, identity: str) -> str:
    """Raises Problem not_found."""
    return str(_by_id(connection, identity).customer)


def of_customer(connection: Connection, customer: str) -> list[dict[str, Any]]:
    """All of a customer's hand-overs."""
    h = tables.handoffs
    return [for_desk(row) for row in connection.execute(select(h).where(h.c.customer == customer).order_by(h.c.n))]


def forget(connection: Connection, customer: str) -> None:
    """Delete a customer's hand-overs."""
    connection.execute(delete(tables.handoffs).where(tables.handoffs.c.customer == customer))


def for_customer(row: Row) -> dict[str, Any]:
    """Schema Handoff."""
    shown = for_desk(row)
    return {name: value for name, value in shown.items() if name not in ("customer", "note")}


def for_desk(row: Row) -> dict[str, Any]:
    """Schema HandoffForDesk."""
    names = ("id", "state", "reason", "note", "manager", "position", "customer", "requested_at")
    return {name: getattr(row, name) for name in names if getattr(row, name) is not None}


def _open(connection: Connection, customer: str) -> Row | None:
    h = tables.handoffs
    row: Row | None = connection.execute(
        select(h).where(h.c.customer == customer, h.c.state.in_(OPEN)).order_by(h.c.n.desc()).limit(1)
    ).first()
    return row


def _by_id(connection: Connection, identity: str) -> Row:
    row = connection.execute(select(tables.handoffs).where(tables.handoffs.c.id == identity)).first()
    if row is None:
        raise Problem("not_found")
    return row


def _log(connection: Connection, row: Row) -> None:
    body = {"id": f"handoff:{secrets.token_hex(8)}", "handoff": for_customer(row)}
    conversation.append(connection, row.customer, [body], kind="handoff")
