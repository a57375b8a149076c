"""Numbers of the business for whoever answers for them: own customers, a branch, or the bank."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from desk import numbers
from desk.auth.access import AnyService, require
from desk.auth.roles import Who
from desk.problems import Problem
from desk.services import Services
from desk.wording import data
from wealth import clock

router = APIRouter(tags=["numbers"])
Reader = Annotated[Who, Depends(require("numbers"))]
_LIMITS = data("limits")["numbers"]
_PARTS = ("series", *data("numbers")["tables"])


def wanted(
    who: Reader,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    channel: Literal["app", "robot"] | None = None,
    branch: Annotated[str | None, Query(max_length=40)] = None,
    by: Literal["week", "day"] = "week",
) -> numbers.Question:
    """The question, kept within the person's reach. Raises Problem 403 for another branch, 422 for odd days."""
    until = until or clock.now().date()
    since = since or until - timedelta(days=int(_LIMITS["default_days"]))
    if not timedelta(0) <= until - since <= timedelta(days=int(_LIMITS["most_days"])):
        raise Problem(422, "invalid", field="from")
    scope = who.scope("numbers")
    if scope != "all" and branch not in (None, who.branch):
        raise Problem(403, "not_allowed")
    return numbers.Question(
        since,
        until,
        by,
        branch=branch if scope == "all" else who.branch,
        manager=who.staff_id if scope == "own" else None,
        channel=channel,
    )


Wanted = Annotated[numbers.Question, Depends(wanted)]


@router.get("/numbers")
def show(question: Wanted, who: Reader, desk: AnyService) -> dict[str, Any]:
    """Series by week or day, totals, funnels, and the reached beside the control group."""
    found = _found(desk, question)
    tables = {name: numbers.rows(table) for name, table in found.items()}
    return {
        "from": question.since.isoformat(),
        "to": question.until.isoformat(),
        "by": question.by,
        "scope": who.scope("numbers"),
        "branch": question.branch,
        "channel": question.channel,
        "series": tables.pop("series"),
        "totals": numbers.totals(found),
        "funnel": {"outreach": tables.pop("outreach"), "leads": tables.pop("lead_kinds")},
        **tables,
    }


@router.get("/numbers.csv", response_class=Response)
def spreadsheet(
    question: Wanted,
    desk: AnyService,
    part: Annotated[Literal[_PARTS], Query()] = "series",  # type: ignore[valid-type]
) -> Response:
    """One of the tables; "series" is the one by week or day."""
    name = f"peiban-{part}-{question.since}-{question.until}.csv"
    return Response(
        numbers.csv(_found(desk, question)[part]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _found(desk: Services, question: numbers.Question) -> dict[str, Any]:
    return numbers.report(desk.journal, clock.now(), question)
