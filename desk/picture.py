"""A customer's one-page picture: who they are, what they hold, how the check-up sees it, and what is open.

Money and shares are decimal strings; dates and times ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from desk.services import Services
from desk.wording import data, say
from journeys.leads import listing
from journeys.tags.compute import Held, tags_of
from wealth.advice.allocation_plan import shown
from wealth.advice.allocation_rules import CLASSES as ALLOCATED
from wealth.advice.checkup import Checkup, checkup
from wealth.classes import CLASSES, UNKNOWN, class_name
from wealth.clock import SHANGHAI
from wealth.format import day, figure, money
from wealth.positions import Portfolio
from wealth.skills.wealth_checkup_blocks import upgrade_list
from wealth.store import Customer


def picture(desk: Services, customer: Customer, now: datetime) -> dict[str, Any]:
    """Everything for one page. Raises StoreUnavailable."""
    found = checkup(desk.bank.store, customer.id, now)
    leads = listing.leads_of(desk.journal, customer.id)
    results = listing.results_of(desk.journal, customer.id)
    return {
        "customer": _person(found, desk.bank.store.consents(customer.id), now),
        "tags": [tag(one) for one in tags_of(desk.journal, [customer.id])[customer.id]],
        "checkup": _checkup(found),
        "drift": _drift(found),
        "overview": _overview(found.portfolio),
        "open_matters": list(_open_matters(found, leads, results, now)),
        "messages": [_times(one) for one in listing.messages(desk.journal, customer.id)],
    }


def tag(held: Held) -> dict[str, Any]:
    """A tag with its name, since when and why; until: set by a person for a time."""
    return {
        "tag": held.tag,
        "title": held.title,
        "value": held.value,
        "since": held.since.isoformat(),
        "why": held.why,
        "until": held.until and held.until.isoformat(),
    }


def _person(found: Checkup, consents: Any, now: datetime) -> dict[str, Any]:
    known, stands = found.customer, found.standing
    return {
        "id": known.id,
        "name": known.name,
        "branch": known.branch,
        "manager": known.manager,
        "level": known.level,
        "age": known.age(now.astimezone(SHANGHAI).date()),
        "since": known.since.isoformat(),
        "stage": {"id": found.stage.id, "name": found.stage.name, "meaning": found.stage.meaning},
        "risk": {
            "rating": stands.rating,
            "state": stands.state,
            "last_rating": stands.last_rating,
            "valid_until": stands.valid_until and stands.valid_until.isoformat(),
        },
        "consents": {name: consents.get(name, False) for name in ("personalised", "push", "manager")},
    }


def _checkup(found: Checkup) -> dict[str, Any]:
    score = found.score
    block = upgrade_list(found)
    items = block["items"] if block else []
    return {
        "score": score.total,
        "label": score.label,
        "confidence": figure(score.confidence),
        "confidence_label": score.confidence_label,
        "parts": [
            {
                "id": one.id,
                "name": one.name,
                "points": figure(one.points, 1),
                "known": figure(one.known, 1),
                "most": figure(one.most, 1),
            }
            for one in score.dimensions
        ],
        "upgrades": [
            {"key": one.key, "title": item["title"], "why": item.get("text", ""), "gain": one.gain}
            for one, item in zip(found.upgrades, items, strict=True)
        ],
    }


def _drift(found: Checkup) -> list[dict[str, Any]]:
    """The four classes against their bands, as fractions; nothing without a valid assessment or money to invest."""
    plan = found.plan
    if plan is None or not plan.base:
        return []
    now = shown(plan.before)
    return [
        {
            "class": name,
            "title": class_name(name),
            "weight": figure(now[name], 4),
            "target": figure(plan.target[name], 4),
            "low": figure(plan.low[name], 4),
            "high": figure(plan.high[name], 4),
            "outside": not plan.low[name] <= now[name] <= plan.high[name],
        }
        for name in ALLOCATED
    ]


def _overview(held: Portfolio) -> dict[str, Any]:
    def share(value: Decimal) -> str:
        return figure(value / held.total, 4) if held.total else "0"

    return {
        "total": figure(held.total),
        "as_of": held.as_of.isoformat(),
        "classes": [
            {
                "class": name,
                "title": class_name(name),
                "value": figure(held.by_class[name]),
                "share": share(held.by_class[name]),
            }
            for name in (*CLASSES, UNKNOWN)
            if held.by_class[name]
        ],
        "holdings": [
            {
                "code": one.product.code,
                "name": one.product.name,
                "risk": one.product.rating,
                "value": figure(one.value),
                "gain": figure(one.unrealised),
                "share": share(one.value),
            }
            for one in held.holdings
        ],
    }


def _open_matters(
    found: Checkup, leads: list[dict[str, Any]], results: list[dict[str, Any]], now: datetime
) -> Iterator[dict[str, Any]]:
    """What somebody should see to, the most urgent kinds first: {kind, title, on?}."""
    today = now.astimezone(SHANGHAI).date()
    soon = today + timedelta(days=int(data("limits")["open_matters"]["days"]))

    def matter(kind: str, on: date | None = None, **figures: str) -> dict[str, Any]:
        return {"kind": kind, "title": say(f"open_matters.{kind}", **figures), "on": on and on.isoformat()}

    for lead in leads:
        if lead["state"] in ("open", "contacted") and datetime.fromisoformat(lead["expires_at"]) > now:
            expires = datetime.fromisoformat(lead["expires_at"]).astimezone(SHANGHAI).date()
            yield matter("lead", expires, title=lead["title"])
    promised = min((one["next_contact"] for one in results[:1] if one["next_contact"]), default=None)
    if promised is not None and promised >= today:
        yield matter("next_contact", promised, day=day(promised, today))
    stands = found.standing
    if stands.state != "valid":
        yield matter(f"assessment_{stands.state}")
    elif stands.valid_until is not None and stands.valid_until <= soon:
        yield matter("assessment_soon", stands.valid_until, day=day(stands.valid_until, today))
    due: dict[date, tuple[Decimal, set[str]]] = {}
    for one in found.portfolio.holdings:
        for lot in one.maturities:
            if today < lot.date <= soon:
                amount, names = due.get(lot.date, (Decimal(0), set()))
                due[lot.date] = (amount + lot.amount, names | {one.product.name})
    for on, (amount, names) in sorted(due.items()):
        yield matter("maturing", on, day=day(on, today), amount=money(amount), names="、".join(sorted(names)))
    for order in found.portfolio.pending:
        yield matter("pending", order.trade_date, day=day(order.trade_date, today), amount=money(order.amount))


def _times(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
