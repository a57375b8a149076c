"""Customers: search within reach, and the one-page picture of one. Every look at one leaves an audit row."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from desk import audit, people
from desk.auth.access import AnyService, customer_for, require
from desk.auth.roles import Who
from desk.picture import picture, tag
from desk.routes import bookings
from desk.routes.handoffs import Hands
from desk.routes.leads import dressed, plain
from desk.wording import data
from journeys.leads import listing
from journeys.tags.compute import customers_with, tags_of
from journeys.tags.facts import facts
from wealth import clock

router = APIRouter(tags=["customers"])
Reader = Annotated[Who, Depends(require("customers"))]
_LIMITS = data("limits")["lists"]


@router.get("/customers")
def find(
    who: Reader,
    desk: AnyService,
    q: Annotated[str, Query(max_length=40, pattern=r"^[^\x00-\x1f]*$")] = "",
    tag_wanted: Annotated[str, Query(alias="tag", max_length=80, pattern=r"^[^:]*(:[^:]*)?$")] = "",
    limit: Annotated[int, Query(ge=1, le=_LIMITS["most"])] = _LIMITS["default"],
) -> dict[str, Any]:
    """Customers by part of id or name; tag: a tag's id, or "id:value"."""
    only = None
    if tag_wanted:
        name, _, value = tag_wanted.partition(":")
        only = customers_with(desk.journal, {name: [value] if value else []})
    found = people.search(desk.bank.store, who, q.strip(), limit, only)
    ids = [one.id for one in found]
    tags = tags_of(desk.journal, ids)
    known = {row["customer"]: row for row in facts(desk.bank.store, clock.now(), ids).to_dicts()} if ids else {}
    with desk.store.write() as connection:
        # What was searched for may be a name: only that and how many were shown.
        audit.note(connection, "list", who.account, why="customers", count=len(found))
    return {
        "customers": [
            {
                "id": one.id,
                "name": people.masked(one.name),
                "branch": one.branch,
                "manager": one.manager,
                "level": one.level,
                "stage": known[one.id]["stage"] if one.id in known else None,
                "aum": str(known[one.id]["aum"]) if one.id in known else "0",
                "tags": [tag(held) for held in tags[one.id]],
            }
            for one in found
        ]
    }


@router.get("/customers/{identity}")
def page(identity: str, who: Reader, desk: AnyService, hands: Hands) -> dict[str, Any]:
    """The one-page picture. 404 for a customer who is neither within reach nor with this person now."""
    handoffs = hands.known(identity)
    with_me = any(who.account in (row.get("staff"), row.get("offered_to")) for row in handoffs)
    customer = desk.bank.store.customer(identity) if with_me else customer_for(desk, who, identity)
    now = clock.now()
    with desk.store.write() as connection:
        # Before the look, so that none goes unrecorded.
        audit.note(connection, "look", who.account, customer=customer.id, why="page")
    return {
        **picture(desk, customer, now),
        "leads": dressed(desk, listing.leads_of(desk.journal, customer.id), now),
        "results": [plain(one) for one in listing.results_of(desk.journal, customer.id)],
        "bookings": [bookings.shown(hands, row) for row in handoffs if row["state"] == "booked"],
        "handoffs": [hands.shown(row) for row in handoffs if row["state"] != "booked"],
    }
