"""A hand-off as a manager's page shows it, and who may see, read and take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk import people
from desk.auth.roles import Who
from desk.handoff.queue import WAITING, Row
from wealth.store import Customer

_SHOWN = (
    "id",
    "state",
    "reason",
    "note",
    "need",
    "slot",
    "customer",
    "requested_at",
    "position",
    "offered_to",
    "staff",
)


def view(row: Row, customer: Customer | None, waited: float, read_seq: int) -> dict[str, Any]:
    """H of the desk's contract. manager: the name of who has it; own_manager: the customer's own, by staff id."""
    unread = row.get("said_seq", 0) > read_seq and row["state"] == "active"
    return {
        **{name: row[name] for name in _SHOWN if name in row},
        "priority": row.get("priority", 0),
        "customer_name": people.masked(customer.name) if customer is not None else "",
        "branch": customer.branch if customer is not None else None,
        "own_manager": customer.manager if customer is not None else None,
        "manager": row.get("manager"),
        "waiting_seconds": max(0, int(waited)) if row["state"] in WAITING else 0,
        "unread": int(unread),
        "last_seq": row.get("last_seq", 0),
    }


def visible(who: Who, shown: Mapping[str, Any]) -> bool:
    """Whether a hand-off stands on the person's list: what they may read, and of their branch whoever nobody has."""
    if may_read(who, shown):
        return True
    unassigned = shown["state"] in WAITING and not shown.get("offered_to")
    return who.scope("handoffs") is not None and unassigned and bool(who.branch) and shown["branch"] == who.branch


def may_read(who: Who, shown: Mapping[str, Any]) -> bool:
    """Whether the person may read its conversation: theirs, offered to them, or of a customer in their reach."""
    if who.account in (shown.get("staff"), shown.get("offered_to")):
        return True
    return who.reaches("handoffs", branch=shown["branch"], manager=shown["own_manager"])
