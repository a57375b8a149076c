"""Appointments: those that the assistant made while nobody was free, and those that managers make."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from desk import audit
from desk.auth.access import AnyService, customer_for, require
from desk.auth.roles import Who
from desk.handoff import hours
from desk.handoff.dispatch import Dispatcher
from desk.problems import Problem
from desk.routes.handoffs import Hands, Identity, asked
from desk.wording import data
from wealth.clock import SHANGHAI

router = APIRouter(tags=["bookings"])

Booker = Annotated[Who, Depends(require("bookings"))]
Since = Annotated[datetime | None, Query(alias="from")]
Until = Annotated[datetime | None, Query(alias="to")]


class Booking(BaseModel):
    customer: str = Field(regex=r"^[A-Za-z0-9_-]{1,64}$")
    at: datetime
    topic: str = Field(min_length=1, max_length=200)
    note: str | None = Field(default=None, max_length=500)


@router.post("/bookings", status_code=201)
def book(given: Booking, who: Booker, hands: Hands, desk: AnyService) -> dict[str, Any]:
    """Make the customer's appointment, or move the one there is; the customer is told."""
    customer = customer_for(desk, who, given.customer, "bookings")
    at, now = _local(given.at), hands.now()
    # Compared before anything is reckoned with it: the last second of the year 9999 has no time in Shanghai.
    if not now < at <= now + timedelta(days=data("hours")["appointments"]["most_days"]) or not hours.receives_at(at):
        raise Problem(422, "bad_slot", field="at")
    more = {"note": given.note} if given.note else {}
    with asked():
        slot = at.astimezone(SHANGHAI).isoformat()
        row = hands.channel.book(customer.id, slot, given.topic, staff=who.account, manager=who.name, **more)
        with desk.store.write() as connection:
            audit.note(connection, "booking", who.account, customer=customer.id, why="booked", handoff=row["id"])
        hands.refresh()
    return shown(hands, row)


@router.get("/bookings")
def listed(who: Booker, hands: Hands, since: Since = None, until: Until = None) -> dict[str, Any]:
    """Appointments in my reach, soonest first."""
    with asked():
        rows = hands.channel.handoffs("booked")
    found = [shown(hands, row) for row in rows]
    mine = [one for one in found if _reaches(who, one) and _between(one["at"], since, until)]
    return {"bookings": sorted(mine, key=lambda one: str(one["at"]))}


@router.delete("/bookings/{identity}", status_code=204)
def cancel(identity: Identity, who: Booker, hands: Hands, desk: AnyService) -> Response:
    """The customer is told. 409 when it is no appointment any more."""
    with asked():
        row = hands.channel.handoff(identity)
        if not _reaches(who, shown(hands, row)):
            raise Problem(404, "not_found")
        if row["state"] != "booked":
            raise Problem(409, "handoff_over")
        hands.channel.move(identity, "ended", expected="booked", notice="cancelled")
        with desk.store.write() as connection:
            audit.note(connection, "booking", who.account, customer=row["customer"], why="cancelled", handoff=identity)
        hands.refresh()
    return Response(status_code=204)


def shown(hands: Dispatcher, row: dict[str, Any]) -> dict[str, Any]:
    """An appointment for a page."""
    found = hands.shown(row)
    return {
        **{name: found[name] for name in ("id", "customer", "customer_name", "branch", "manager", "own_manager")},
        "at": row.get("slot"),
        "topic": row.get("need", ""),
        "note": row.get("note"),
        "by": row.get("staff"),
    }


def _reaches(who: Who, one: dict[str, Any]) -> bool:
    return one["by"] == who.account or who.reaches("bookings", branch=one["branch"], manager=one["own_manager"])


def _between(at: str, since: datetime | None, until: datetime | None) -> bool:
    moment = datetime.fromisoformat(at)
    begin, end = (_local(one) if one is not None else None for one in (since, until))
    return (begin is None or moment >= begin) and (end is None or moment < end)


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment
