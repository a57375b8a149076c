"""The crowd of a replayed day: what customers do, and the troubles on the way: twice, late, out of order, broken."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Event = dict[str, Any]
_INTENTS = ("asset_overview", "pnl_query", "product_recommend", "concept_qa", "market_commentary", "product_maturity")


@dataclass
class Crowd:
    """Events by the minute at which they are sent. expected: what the intake should count, by what we did."""

    sends: list[tuple[datetime, Event]] = field(default_factory=list)
    expected: Counter[str] = field(default_factory=Counter)
    withdrawals: list[tuple[datetime, str]] = field(default_factory=list)


def crowd(
    customers: Sequence[str],
    products: Sequence[str],
    branches: Sequence[str],
    plan: Mapping[str, Any],
    start: datetime,
    end: datetime,
) -> Crowd:
    """One day of these customers; the same seed gives the same day."""
    made = Crowd()
    rng = random.Random(plan["seed"])
    drawn = _Drawn(rng, products, branches, start, end)
    for customer in customers:
        if rng.random() < plan["withdraws"]:
            made.withdrawals.append((drawn.moment(), customer))
        if rng.random() < plan["active"]:
            for event in drawn.visit(customer, plan):
                _send(made, event, rng, plan, end)
    for session, hour, minute in (("noon", 11, 35), ("close", 15, 5)):
        at = start.replace(hour=hour, minute=minute)
        event = {"event_id": f"market-{session}", "kind": "market_report", "occurred_at": at.isoformat()}
        made.sends.append((at, {**event, "data": {"session": session}}))
        made.expected["used"] += 1
    made.sends.sort(key=lambda send: send[0])
    return made


class _Drawn:
    def __init__(
        self, rng: random.Random, products: Sequence[str], branches: Sequence[str], start: datetime, end: datetime
    ) -> None:
        self.rng, self.products, self.branches = rng, products, branches
        self.start, self.minutes = start, int((end - start).total_seconds() // 60) - 90
        self.number = 0

    def moment(self) -> datetime:
        return self.start + timedelta(minutes=self.rng.randrange(self.minutes), seconds=self.rng.randrange(60))

    def event(self, kind: str, customer: str, at: datetime, product: str | None = None, **data: Any) -> Event:
        self.number += 1
        made: Event = {
            "event_id": f"day-{self.number}",
            "kind": kind,
            "customer": customer,
            "occurred_at": at.isoformat(),
        }
        if product is not None:
            made["product"] = product
        return {**made, "data": data}

    def visit(self, customer: str, plan: Mapping[str, Any]) -> list[Event]:
        rng = self.rng
        at = self.moment()
        events = [self.event("session_started", customer, at, channel="app")]
        for kind, mean in plan["actions"].items():
            for _ in range(_poisson(rng, mean)):
                events += self._action(kind, customer, at + timedelta(seconds=rng.randrange(1200)), plan)
        product = rng.choice(self.products)
        if rng.random() < plan["purchase"]:
            begun = at + timedelta(minutes=5)
            amount = f"{rng.randrange(1, 200) * 1000}.00"
            events.append(self.event("purchase_started", customer, begun, product, amount=amount))
            if rng.random() < plan["completes"]:
                done = begun + timedelta(minutes=rng.randrange(1, 9))
                events.append(self.event("purchase_completed", customer, done, product, amount=amount))
        for kind, name, options in (
            ("transfer_in", "from", ("salary", "other_bank", "third_party")),
            ("transfer_out", "to", ("other_bank", "third_party", "own")),
        ):
            if rng.random() < plan[kind]:
                amount = f"{int(10 ** rng.uniform(3, 6))}.00"
                events.append(self.event(kind, customer, at, **{"amount": amount, name: rng.choice(options)}))
        if rng.random() < plan["assess"]:
            events.append(self.event("assessment_completed", customer, at, rating=f"C{rng.randrange(1, 6)}"))
        return events

    def _action(self, kind: str, customer: str, at: datetime, plan: Mapping[str, Any]) -> list[Event]:
        rng = self.rng
        if kind == "product_viewed":
            product = rng.choice(self.products)
            times = 3 if rng.random() < plan["again"] else 1
            return [
                self.event(kind, customer, at + timedelta(minutes=5 * n), product, seconds=rng.randrange(300))
                for n in range(times)
            ]
        bodies: dict[str, dict[str, Any]] = {
            "page_viewed": {"page": "wealth"},
            "article_read": {"article": "a1", "share": 0.9},
            "bill_viewed": {"period": "month"},
            "checkup_viewed": {"score": 70},
            "asked": {"intent": rng.choice(_INTENTS), "confidence": round(rng.uniform(0.3, 1), 3), "channel": "app"},
            "robot_visited": {"branch": rng.choice(self.branches)},
            "handoff_requested": {"reason": "asked"},
        }
        events = [self.event(kind, customer, at, **bodies[kind])]
        if kind == "asked" and rng.random() < plan["replied"]:
            said = {"skill": bodies["asked"]["intent"], "seconds": round(rng.uniform(0.1, 2), 3), "channel": "app"}
            events.append(self.event("answered", customer, at + timedelta(seconds=2), **said))
        return events


def _send(made: Crowd, event: Event, rng: random.Random, plan: Mapping[str, Any], end: datetime) -> None:
    at = datetime.fromisoformat(event["occurred_at"])
    if rng.random() < plan["late"]:
        event = {**event, "occurred_at": (at - timedelta(days=2)).isoformat()}
        made.expected["late"] += 1
    elif rng.random() < plan["bad"]:
        broken = rng.choice(
            (
                {"kind": "unheard_of"},
                {"customer": "nobody"},
                {"occurred_at": "yesterday"},
                {"event_id": "?" * 3},
                {"data": 7},
            )
        )
        event = {**event, **broken}
        made.expected["bad"] += 1
    else:
        made.expected["used"] += 1
    sent = min(at + timedelta(seconds=rng.randrange(60 * plan["shuffled_minutes"])), end)
    made.sends.append((sent, event))
    if rng.random() < plan["duplicated"]:
        again = min(sent + timedelta(minutes=rng.randrange(1, 60)), end)
        made.sends.append((again, event))
        is_bad = made.expected["bad"] and ("data" not in event or event["kind"] == "unheard_of" or not _fine(event))
        made.expected["bad" if is_bad else "duplicate"] += 1


def _fine(event: Event) -> bool:
    return (
        event["customer"] != "nobody"
        and event["occurred_at"] != "yesterday"
        and event["event_id"] != "???"
        and isinstance(event["data"], dict)
    )


def _poisson(rng: random.Random, mean: float) -> int:
    count, spent = 0, rng.expovariate(1.0)
    while spent < mean:
        count += 1
        spent += rng.expovariate(1.0)
    return count
