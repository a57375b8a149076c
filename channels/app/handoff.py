"""Hand-over to a person: requested → queued → active → ended, or booked for later; one thread for both sides.

Plain functions over a connection. The desk works through the signed HTTP endpoints (/internal/handoffs). Every step can
be repeated: what is already so changes nothing and is not told again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, case, delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from channels import wording
from channels.app import conversation, tables
from channels.app.clock import stamp
from channels.problems import Problem

Handoff = dict[str, Any]

OPEN = ("requested", "queued", "active")
_WAITING = ("requested", "queued")
# From which state each can be reached. A running conversation goes back to the queue only when that is said (`from`).
_REACHED_FROM = {
    "requested": ("requested", "booked"),
    "queued": ("requested", "queued"),
    "active": OPEN,
    "booked": (*_WAITING, "booked"),
    "ended": (*OPEN, "booked", "ended"),
}
_FOR_DESK = (
    *("id", "state", "reason", "note", "manager", "position", "customer", "requested_at"),
    *("priority", "offered_to", "staff", "slot", "need", "said_seq", "ended_at"),
)
_FOR_CUSTOMER = ("id", "state", "reason", "manager", "position", "requested_at", "slot", "need")
_H = tables.handoffs


def request(connection: Connection, customer: str, reason: str, note: str | None = None) -> tuple[Handoff, bool]:
    """Ask for a person; the open request if there is one, which a graver reason moves up. Returns it and whether it
    is new."""
    last_seq = conversation.open_log(connection, customer)
    row = _open(connection, customer)
    priority = priority_of(reason)
    if row is not None:
        if priority > row.priority:
            connection.execute(update(_H).where(_H.c.id == row.id).values(priority=priority, reason=reason))
            row = _by_id(connection, row.id)
        return for_desk(row), False
    row = _insert(connection, customer, last_seq, state="requested", reason=reason, note=note, priority=priority)
    return for_desk(row), True


def book(connection: Connection, customer: str, slot: str, need: str, **more: Any) -> tuple[Handoff, bool]:
    """An appointment: the customer's one is moved, whoever waits gets one instead. Returns it and whether it changed.

    more: note, staff and manager of who will come. Raises Problem conflict while a manager has the conversation.
    """
    last_seq = conversation.open_log(connection, customer)
    row = _open(connection, customer)
    if row is not None and row.state == "active":
        raise Problem("conflict", field="state")
    row = row or _booked(connection, customer)
    values = {"state": "booked", "slot": slot, "need": need, "priority": priority_of("booked"), **more}
    if row is None:
        return for_desk(_insert(connection, customer, last_seq, reason="booking", **values)), True
    return _changed(connection, row, {**values, "position": None, "offered_to": None})


def move(connection: Connection, identity: str, state: str, changes: Mapping[str, Any]) -> tuple[Handoff, bool]:
    """The desk moves it on. Returns it and whether anything changed.

    changes: manager, staff, position, offered_to, priority, slot, need, summary, and `from`, the state it must be in.
    Raises Problem not_found, taken (another manager has it) or conflict (it can't get there from where it is).
    """
    row = _by_id(connection, identity)
    conversation.open_log(connection, row.customer)
    # Read again under the lock of the log: two managers may have clicked at once.
    row = _by_id(connection, identity)
    expected = changes.get("from")
    if expected is not None and row.state != expected:
        raise Problem("taken" if row.state == "active" else "conflict", field="state")
    if state == "active" and row.state == "active" and not _same_person(row, changes):
        raise Problem("taken", field="state")
    released = state == "queued" and row.state == "active" and expected == "active"
    if row.state not in _REACHED_FROM[state] and not released:
        raise Problem("taken" if row.state == "active" else "conflict", field="state")
    if row.state == "ended":
        return for_desk(row), False
    if state == "requested" and row.state == "booked" and _open(connection, row.customer) is not None:
        raise Problem("conflict", field="state")
    return _changed(connection, row, _values(row, state, changes))


def end(connection: Connection, customer: str) -> Handoff | None:
    """The customer goes back to the assistant. None when there was nothing open."""
    row = _open(connection, customer)
    return move(connection, row.id, "ended", {})[0] if row is not None else None


def cancel(connection: Connection, customer: str) -> Handoff | None:
    """The customer does not want the appointment. None when there was none."""
    row = _booked(connection, customer)
    return move(connection, row.id, "ended", {})[0] if row is not None else None


def said(connection: Connection, customer: str, message_id: str) -> None:
    """Note that the customer said something to the manager."""
    e = tables.entries
    place = select(e.c.seq).where(e.c.customer == customer, e.c.entry_id == message_id).scalar_subquery()
    connection.execute(update(_H).where(_H.c.customer == customer, _H.c.state == "active").values(said_seq=place))


def current(connection: Connection, customer: str) -> Handoff:
    """State as the customer sees it (schema Handoff): what is open, else what is booked, else the last one."""
    row = latest(connection, customer)
    return for_customer(row) if row is not None else {"state": "none"}


def latest(connection: Connection, customer: str) -> Row | None:
    """The hand-over that counts now; None for a customer who never asked for a person."""
    order = case((_H.c.state.in_(OPEN), 0), (_H.c.state == "booked", 1), else_=2)
    row: Row | None = connection.execute(
        select(_H).where(_H.c.customer == customer).order_by(order, _H.c.n.desc()).limit(1)
    ).first()
    return row


def listing(connection: Connection, state: str | None, limit: int) -> list[Handoff]:
    """Hand-overs for the desk, the most urgent and then the oldest first; without a state the open and booked ones.

    last_seq is the newest entry of the customer's log: one query tells the desk where something is new.
    """
    c = tables.conversations
    states = [state] if state else [*OPEN, "booked"]
    joined = _H.outerjoin(c, c.c.customer == _H.c.customer)
    rows = connection.execute(
        select(_H, c.c.last_seq)
        .select_from(joined)
        .where(_H.c.state.in_(states))
        .order_by(_H.c.priority.desc(), _H.c.n)
        .limit(limit)
    ).all()
    return [{**for_desk(row), "last_seq": row.last_seq or 0} for row in rows]


def by_id(connection: Connection, identity: str) -> Handoff:
    """One hand-over (schema HandoffForDesk). Raises Problem not_found."""
    row = _by_id(connection, identity)
    return {**for_desk(row), "last_seq": conversation.head(connection, row.customer).seq}


def of_customer(connection: Connection, customer: str) -> list[Handoff]:
    """All of a customer's hand-overs."""
    return [for_desk(row) for row in connection.execute(select(_H).where(_H.c.customer == customer).order_by(_H.c.n))]


def forget(connection: Connection, customer: str) -> None:
    """Delete a customer's hand-overs."""
    connection.execute(delete(_H).where(_H.c.customer == customer))


def for_customer(row: Row) -> Handoff:
    """Schema Handoff."""
    return {name: getattr(row, name) for name in _FOR_CUSTOMER if getattr(row, name) is not None}


def for_desk(row: Row) -> Handoff:
    """Schema HandoffForDesk."""
    return {name: getattr(row, name) for name in _FOR_DESK if getattr(row, name) is not None}


def priority_of(reason: str) -> int:
    """How urgent a reason is (data/channels/app.yml, handoff.priority)."""
    known = wording.load("app")["handoff"]["priority"]
    return int(known.get(reason, known["default"]))


def _values(row: Row, state: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Columns after a move: what the state rules, then what the desk said."""
    values: dict[str, Any] = {"state": state, "position": None, "offered_to": None}
    if state == "queued":
        values |= {"offered_to": row.offered_to, "staff": None, "manager": None}
        allowed: tuple[str, ...] = ("position", "offered_to", "priority")
        values["position"] = row.position
    elif state == "requested":
        values |= {"requested_at": stamp()} if row.state == "booked" else {}
        allowed = ("offered_to", "priority")
    elif state == "booked":
        allowed = ("slot", "need", "staff", "manager")
    elif state == "ended":
        values["ended_at"] = stamp()
        allowed = ("summary",)
    else:
        allowed = ("staff", "manager")
    return values | {name: changes[name] for name in allowed if name in changes}


def _changed(connection: Connection, row: Row, values: Mapping[str, Any]) -> tuple[Handoff, bool]:
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not differing:
        return for_desk(row), False
    connection.execute(update(_H).where(_H.c.id == row.id).values(**differing))
    after = _by_id(connection, row.id)
    if for_customer(after) != for_customer(row):
        _log(connection, after)
    return for_desk(after), True


def _same_person(row: Row, changes: Mapping[str, Any]) -> bool:
    if row.staff is not None or changes.get("staff") is not None:
        return bool(row.staff == changes.get("staff"))
    return changes.get("manager") in (None, row.manager)


def _insert(connection: Connection, customer: str, said_seq: int, **values: Any) -> Row:
    identity = secrets.token_urlsafe(12)
    connection.execute(
        insert(_H).values(id=identity, customer=customer, requested_at=stamp(), said_seq=said_seq, **values)
    )
    row = _by_id(connection, identity)
    _log(connection, row)
    return row


def _open(connection: Connection, customer: str) -> Row | None:
    return _newest(connection, customer, OPEN)


def _booked(connection: Connection, customer: str) -> Row | None:
    return _newest(connection, customer, ("booked",))


def _newest(connection: Connection, customer: str, states: tuple[str, ...]) -> Row | None:
    mine = and_(_H.c.customer == customer, _H.c.state.in_(states))
    row: Row | None = connection.execute(select(_H).where(mine).order_by(_H.c.n.desc()).limit(1)).first()
    return row


def _by_id(connection: Connection, identity: str) -> Row:
    row = connection.execute(select(_H).where(_H.c.id == identity)).first()
    if row is None:
        raise Problem("not_found")
    return row


def _log(connection: Connection, row: Row) -> None:
    body = {"id": f"handoff:{secrets.token_hex(8)}", "handoff": for_customer(row)}
    conversation.append(connection, row.customer, [body], kind="handoff")
