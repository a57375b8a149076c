"""Playing the day: the clock runs in steps, events come in, the engine works, customers and managers react."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from journeys import outbox
from journeys.datafile import FOLDER
from journeys.day.crowd import Event, crowd
from journeys.day.receiver import Receiver
from journeys.engine import Engine, until_quiet
from journeys.events.intake import intake
from journeys.leads.listing import leads
from journeys.leads.results import Result, record
from journeys.store import Journal
from journeys.store.migrate import migrate as migrate_journeys
from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build
from wealth.rules.guard import Guard
from wealth.store import Store, open_store, schema
from wealth.store.migrate import migrate
from wealth.store.writes import set_consent

KEY = "replayed-day-key-of-thirty-two-bytes"


@dataclass
class Day:
    """What was put in: expected counts of events, and what customers and managers did."""

    folder: Path
    expected: Counter[str] = field(default_factory=Counter)
    results: int = 0
    worked: Counter[str] = field(default_factory=Counter)


def plan() -> dict[str, Any]:
    """data/journeys/day.yml."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "day.yml").read_text(encoding="utf-8"))
    return found


def prepare(folder: Path, customers: int, as_of: date) -> Store:
    """A bank of its own for the day, made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db*"):
        old.unlink()
    url = f"sqlite:///{folder / 'bank.db'}"
    migrate(url)
    migrate_journeys(url)
    store = open_store(url)
    build(store, Parameters(customers, as_of, 1849), lambda line: None)
    return store


def play(folder: Path, customers: int, as_of: date, progress: Callable[[str], None]) -> Day:
    """Play the whole day in `folder`. Raises WealthError."""
    told = plan()
    store = prepare(folder, customers, as_of)
    journal = Journal(store)
    receiver = Receiver(folder / "receiver.db", KEY, told["receiver"], told["seed"])
    try:
        return _Replay(store, journal, receiver, told, as_of, Day(folder)).run(progress)
    finally:
        receiver.close()
        store.engine.dispose()


class _Replay:
    def __init__(
        self, store: Store, journal: Journal, receiver: Receiver, told: Mapping[str, Any], as_of: date, day: Day
    ) -> None:
        self.store, self.journal, self.receiver, self.plan, self.day = store, journal, receiver, told, day
        self.start, self.end = (
            datetime.combine(as_of, time.fromisoformat(told[name]), SHANGHAI) for name in ("from", "to")
        )
        self.rng = random.Random(told["seed"] + 1)
        self.now = self.start
        self.reactions: list[tuple[datetime, Event]] = []
        post = outbox.webhook(receiver.url, KEY)
        self.engine = Engine(journal, Guard.load(store), self._deliver, post)

    def run(self, progress: Callable[[str], None]) -> Day:
        with self.store.read() as connection:
            people = connection.execute(select(schema.customers.c.id).order_by(schema.customers.c.id)).scalars().all()
            branches = connection.execute(select(schema.customers.c.branch).distinct()).scalars().all()
        products = [one.code for one in self.store.products() if one.on_sale]
        made = crowd(people, products, sorted(branches), self.plan, self.start, self.end)
        self.day.expected.update(made.expected)
        sends, withdrawals = made.sends, sorted(made.withdrawals)
        step = timedelta(minutes=self.plan["step_minutes"])
        while self.now <= self.end:
            while withdrawals and withdrawals[0][0] <= self.now:
                at, customer = withdrawals.pop(0)
                set_consent(self.store, customer, "push", False, at)
            due = [event for at, event in sends if at <= self.now]
            sends = [send for send in sends if send[0] > self.now]
            due += [event for at, event in self.reactions if at <= self.now]
            self.reactions = [one for one in self.reactions if one[0] > self.now]
            for first in range(0, len(due), 500):
                intake(self.journal, due[first : first + 500], self.now, source="day")
            self.day.worked.update(until_quiet(self.engine, self.now, most=20))
            if 9 <= self.now.hour < 18 and self.now.minute < self.plan["step_minutes"]:
                self._managers()
                progress(f"{self.now:%H:%M}  {dict(self.day.worked)}")
            self.now += step
        self._settle()
        return self.day

    def _settle(self) -> None:
        """What failed at the receiver is tried until it is through: the day's reckoning leaves nothing hanging."""
        left = [event for _, event in self.reactions]
        if left:
            self.now = self.end + timedelta(hours=1)
            intake(self.journal, left, self.now, source="day")
        for _ in range(40):
            self.now += timedelta(minutes=11)
            if not until_quiet(self.engine, self.now, most=20):
                break

    def _deliver(self, customer: str, message: Mapping[str, Any]) -> bool:
        self.receiver.phone(customer, message, self.now)
        push_id = message["push_id"]
        at = self.now
        for kind, share in (("message_seen", self.plan["seen"]), ("message_answered", self.plan["answered"])):
            if self.rng.random() >= share:
                break
            at += timedelta(minutes=self.rng.randrange(1, 60))
            self._react(kind, customer, at, f"{kind}-{push_id}", {"push_id": push_id})
        else:
            offered = message["reply"]["offered"]
            if offered and self.rng.random() < self.plan["buys"]:
                at += timedelta(minutes=5)
                self._react("purchase_completed", customer, at, f"bought-{push_id}", {"amount": "10000.00"}, offered[0])
        return True

    def _react(
        self, kind: str, customer: str, at: datetime, identity: str, data: Mapping[str, Any], product: str | None = None
    ) -> None:
        event: Event = {"event_id": identity, "kind": kind, "customer": customer, "occurred_at": at.isoformat()}
        if product is not None:
            event["product"] = product
        self.reactions.append((at, {**event, "data": dict(data)}))
        self.day.expected["used"] += 1

    def _managers(self) -> None:
        outcomes = self.plan["outcomes"]
        for lead in leads(self.journal, self.now, states=("open",), limit=10_000):
            if lead["manager"] is None or self.rng.random() >= self.plan["handles"]:
                continue
            outcome = self.rng.choices(list(outcomes), weights=list(outcomes.values()))[0]
            result = Result(
                f"r-{lead['id']}-{self.now:%H}", lead["id"], lead["manager"], outcome, note="聊了聊近期的打算。"
            )
            self.day.results += record(self.journal, result, self.now)
