"""Leads: today's list, one lead with its history, and the result that a manager enters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConstrainedStr, Field

from desk import audit, people
from desk.auth.access import AnyService, require
from desk.auth.roles import SCOPES, Scope, Who
from desk.problems import Problem
from desk.services import Services
from desk.wording import data
from journeys.leads import listing
from journeys.leads.kinds import lead_rules
from journeys.leads.results import MOST_NOTE, Result, record
from journeys.tags.compute import tags_of
from wealth import clock

router = APIRouter(tags=["leads"])
Reader = Annotated[Who, Depends(require("leads"))]
State = Literal["open", "contacted", "won", "lost", "expired"]
_LIMITS = data("limits")["lists"]
Limit = Annotated[int, Query(ge=1, le=_LIMITS["most"])]


class PartName(ConstrainedStr):
    """What part of an allocation is called."""

    min_length = 1
    max_length = 40


class Entry(BaseModel):
    """A result. result_id: made by the page, so that sending twice enters once. Money in CNY."""

    result_id: str = Field(min_length=1, max_length=64)
    outcome: str = Field(min_length=1, max_length=24)
    note: str = Field("", max_length=MOST_NOTE)
    next_contact: date | None = None
    amount: Decimal | None = Field(None, ge=0, lt=10**12)
    allocation: dict[PartName, Decimal] = {}


@router.get("/leads")
def today(
    who: Reader,
    desk: AnyService,
    state: State | None = None,
    scope: Scope | None = None,
    limit: Limit = _LIMITS["default"],
) -> dict[str, Any]:
    """Leads within reach, most urgent first; without a state those still to be worked on."""
    wanted = narrowed(who, "leads", scope)
    now = clock.now()
    found = listing.leads(
        desk.journal,
        now,
        branch=who.branch if wanted == "branch" else None,
        manager=who.staff_id if wanted == "own" else None,
        states=(state,) if state else ("open", "contacted"),
        limit=limit,
    )
    with desk.store.write() as connection:
        audit.note(connection, "list", who.account, why="leads", count=len(found))
    return {"leads": dressed(desk, found, now)}


@router.get("/leads/outcomes")
def outcomes(who: Reader) -> dict[str, Any]:
    """What a manager may enter, in the order of leads.yml."""
    return {"outcomes": [{"id": name, "title": one.title} for name, one in lead_rules().outcomes.items()]}


@router.get("/leads/{identity}")
def one(identity: str, who: Reader, desk: AnyService) -> dict[str, Any]:
    """A lead with evidence, suggested talk and what was entered so far."""
    found = reached(desk, who, identity)
    with desk.store.write() as connection:
        audit.note(connection, "look", who.account, customer=found["customer"], why="lead", lead=identity)
    return dressed(desk, [found], clock.now())[0]


@router.post("/leads/{identity}/results")
def enter(identity: str, given: Entry, who: Reader, desk: AnyService) -> dict[str, Any]:
    """Keep a result; the same one twice is once. Returns the lead as it stands then."""
    found = reached(desk, who, identity)
    now = clock.now()
    if given.next_contact is not None and given.next_contact < now.date():
        raise Problem(422, "invalid", field="next_contact")
    new = record(
        desk.journal,
        Result(
            result_id=given.result_id,
            lead=identity,
            manager=(who.staff_id or who.account)[:20],
            outcome=given.outcome,
            note=given.note.strip(),
            next_contact=given.next_contact,
            allocation={str(name): part for name, part in given.allocation.items()},
            amount=given.amount,
        ),
        now,
    )
    if new:
        with desk.store.write() as connection:
            audit.note(
                connection, "lead_result", who.account, customer=found["customer"], why=given.outcome, lead=identity
            )
        desk.hub.publish("lead", {"id": identity}, partial(reaches, found))
    return dressed(desk, [reached(desk, who, identity)], now)[0]


def narrowed(who: Who, permission: str, wanted: Scope | None) -> Scope:
    """The scope asked for, if the person's reaches that far; else Problem 403. Without one, all they have."""
    most = who.scope(permission)
    assert most is not None  # require() has seen to it
    if wanted is None:
        return most
    if SCOPES.index(wanted) > SCOPES.index(most) or (wanted == "own" and not who.staff_id):
        raise Problem(403, "not_allowed")
    return wanted


def reaches(lead: dict[str, Any], who: Who) -> bool:
    """Whether a lead is within the person's reach."""
    return who.reaches("leads", branch=lead["branch"], manager=lead["manager"])


def reached(desk: Services, who: Who, identity: str) -> dict[str, Any]:
    """One lead with its results. Raises Problem 404, the same whether it is another's or nobody's."""
    found = listing.lead(desk.journal, identity)
    if not reaches(found, who):
        raise Problem(404, "not_found")
    return found


def dressed(desk: Services, leads: Iterable[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Leads as the page shows them: with the customer's masked name, stage, and the time left."""
    leads = list(leads)
    ids = sorted({lead["customer"] for lead in leads})
    known, tags = people.customers(desk.bank.store, ids), tags_of(desk.journal, ids)
    stages = {customer: tag.title for customer, held in tags.items() for tag in held if tag.tag == "stage"}
    shown = []
    for lead in leads:
        left = datetime.fromisoformat(lead["expires_at"]) - now
        customer = known.get(lead["customer"])
        shown.append(
            {
                **lead,
                "customer_name": people.masked(customer.name) if customer else "",
                "stage": stages.get(lead["customer"], "").partition("：")[2],
                "expires_in_hours": max(round(left.total_seconds() / 3600, 1), 0.0),
                **({"results": [plain(entry) for entry in lead["results"]]} if "results" in lead else {}),
            }
        )
    return shown


def plain(entry: dict[str, Any]) -> dict[str, Any]:
    """A result for JSON: money as decimal strings, and what the outcome is called."""
    outcome = lead_rules().outcomes.get(entry["outcome"])
    return {
        **entry,
        "title": outcome.title if outcome else entry["outcome"],
        "amount": None if entry["amount"] is None else str(entry["amount"]),
        "next_contact": entry["next_contact"] and entry["next_contact"].isoformat(),
        "at": entry["at"].isoformat(),
    }
