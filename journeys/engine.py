"""The engine: one step takes new events in, lets timers and the daily scan fire, and keeps what follows from them.

Everything that follows from a batch of events is written in one transaction with the cursor: after a crash the batch
is done again as a whole, or was done.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import delete, func, select

from journeys import looks, outbox
from journeys.datafile import FOLDER
from journeys.errors import DataFault
from journeys.leads import book
from journeys.leads.kinds import LeadKind, lead_rules
from journeys.mot import fire
from journeys.mot.rules import Rule, read
from journeys.outreach import sending
from journeys.outreach.group import templates
from journeys.outreach.settings import settings
from journeys.store import Journal, schema
from journeys.store.journal import cursor, get, insert_new, move_cursor, put
from journeys.tags import compute
from journeys.tags.facts import facts
from journeys.tags.holdings import holdings
from wealth.clock import SHANGHAI
from wealth.rules.guard import Guard

logger = logging.getLogger(__name__)

BATCH = 1000
_CURSOR = "events.worked"
_SCAN = "scan.day"


@dataclass(frozen=True)
class Effects:
    """What follows from looking at some frames."""

    moments: list[fire.Row] = field(default_factory=list)
    leads: list[fire.Row] = field(default_factory=list)


class Engine:
    """One per process. deliver and post are how messages reach the app, and leads the bank's planning system."""

    def __init__(self, journal: Journal, guard: Guard, deliver: sending.Deliver, post: outbox.Post) -> None:
        self.journal, self.guard = journal, guard
        self.deliver, self.post = deliver, post
        group = {name: one.rule for name, one in templates().items()}
        faults: list[DataFault] = []
        self.rules: Mapping[str, Rule] = {**read(FOLDER / "mot", faults), **group}
        for fault in faults:
            # One typing error must not silence all the others; `make test` and the tests of the rules refuse it.
            logger.error("rule left out: %s", fault)
        self.kinds: Mapping[str, LeadKind] = lead_rules().kinds

    def step(self, now: datetime) -> Counter[str]:
        """Everything that is due at `now`; returns counts of what was done, empty when there was nothing to do."""
        done: Counter[str] = Counter()
        done["events"] = self.take_events(now)
        done["timers"] = self.take_timers(now)
        done["scanned"] = self.scan(now)
        done.update(sending.queue_messages(self.journal, self.guard, self.rules, now))
        done.update(sending.deliver_messages(self.journal, self.guard, self.rules, self.deliver, now))
        delivered, failed = outbox.deliver(self.journal, self.post, now)
        done.update(outbox=delivered, outbox_failed=failed)
        return +done

    # events -----------------------------------------------------------------------------------------------------
    def take_events(self, now: datetime) -> int:
        """Work on the next batch of events; returns how many there were."""
        table = schema.events
        with self.journal.read() as connection:
            after = cursor(connection, _CURSOR)
            query = select(table).where(table.c.seq > after).order_by(table.c.seq).limit(BATCH)
            events = connection.execute(query).all()
        if not events:
            return 0
        fresh = [event for event in events if not event.late]
        customers = sorted({event.customer for event in events if event.customer})
        found = facts(self.journal.store, now, customers)
        changed = compute.changes(self.journal, found, customers)
        sending.record_effects(self.journal, events)
        effects, waiting = self._look_at(fresh, found, now)
        fired = _event_ids(effects)
        timed = {row["seq"] for row in waiting}
        with self.journal.write() as connection:
            if cursor(connection, _CURSOR) != after:
                return 0  # another worker was faster
            compute.write(connection, changed, now)
            self._keep(connection, effects, now)
            insert_new(connection, schema.timers, waiting)
            rows = [{"seq": event.seq, "outcome": _outcome(event, fired, timed), "at": now} for event in events]
            connection.execute(schema.handled.insert(), rows)
            move_cursor(connection, _CURSOR, events[-1].seq)
        return len(events)

    def _look_at(
        self, events: Sequence[Any], found: pl.DataFrame, now: datetime
    ) -> tuple[Effects, list[dict[str, Any]]]:
        effects, waiting = Effects(), []
        everyone: pl.DataFrame | None = None
        for kind in dict.fromkeys(event.kind for event in events):
            mot = [rule for rule in self.rules.values() if rule.trigger.on == kind]
            leads = [one for one in self.kinds.values() if one.trigger.on == kind]
            if not mot and not leads:
                continue
            listening: list[Rule | LeadKind] = [*mot, *leads]
            for each in listening:
                if each.trigger.after is not None:
                    waiting += [
                        {"rule": each.id, "seq": event.seq, "due_at": event.occurred_at + each.trigger.after}
                        for event in events
                        if event.kind == kind
                    ]
            people = found
            if any(event.customer is None for event in events if event.kind == kind):
                everyone = facts(self.journal.store, now) if everyone is None else everyone
                people = everyone
            frame = looks.by_event(self.journal, people, events, kind, now)
            self._fire(
                [rule for rule in mot if rule.trigger.after is None],
                [one for one in leads if one.trigger.after is None],
                frame,
                effects,
                now,
            )
        return effects, waiting

    def _fire(
        self, mot: Iterable[Rule], leads: Iterable[LeadKind], frame: pl.DataFrame, effects: Effects, now: datetime
    ) -> None:
        effects.moments.extend(fire.moments(self.journal, mot, frame, now))
        effects.leads.extend(book.candidates(leads, frame, now))

    def _keep(self, connection: Any, effects: Effects, now: datetime) -> None:
        mot = {name: rule.trigger for name, rule in self.rules.items()}
        kinds = {name: kind.trigger for name, kind in self.kinds.items()}
        moments = fire.rested(connection, mot, effects.moments, schema.moments, "rule", "at", now)
        leads = fire.rested(connection, kinds, effects.leads, schema.leads, "kind", "created_at", now)
        fire.keep(connection, moments)
        book.keep(connection, leads, now)

    # timers -----------------------------------------------------------------------------------------------------
    def take_timers(self, now: datetime) -> int:
        """Rules whose waiting time is over and that nothing has answered meanwhile; returns how many were due."""
        timers, table = schema.timers, schema.events
        with self.journal.read() as connection:
            query = (
                select(timers.c.rule, table)
                .join(table, table.c.seq == timers.c.seq)
                .where(timers.c.due_at <= now)
                .order_by(timers.c.due_at, timers.c.seq)
                .limit(BATCH)
            )
            due = connection.execute(query).all()
            # Events still to be worked on may hold the answer that a timer waits for.
            behind = connection.execute(select(func.max(table.c.seq))).scalar() or 0
            if not due or behind > cursor(connection, _CURSOR):
                return 0
            open_ones = [row for row in due if not self._answered(connection, row)]
        effects = Effects()
        customers = sorted({row.customer for row in open_ones if row.customer})
        found = facts(self.journal.store, now, customers) if customers else None
        for name in dict.fromkeys(row.rule for row in open_ones):
            if found is None:
                break
            events = [row for row in open_ones if row.rule == name]
            frame = looks.by_event(self.journal, found, events, events[0].kind, now)
            mot = [self.rules[name]] if name in self.rules else []
            leads = [self.kinds[name]] if name in self.kinds else []
            self._fire(mot, leads, frame, effects, now)
        with self.journal.write() as connection:
            taken = [(row.rule, row.seq) for row in due]
            left = 0
            for rule, seq in taken:
                mine = (timers.c.rule == rule) & (timers.c.seq == seq)
                left += connection.execute(delete(timers).where(mine)).rowcount
            if left == len(taken):
                self._keep(connection, effects, now)
            else:
                connection.rollback()
                return 0
        return len(due)

    def _answered(self, connection: Any, row: Any) -> bool:
        either = self.rules[row.rule].trigger if row.rule in self.rules else None
        one = either or (self.kinds[row.rule].trigger if row.rule in self.kinds else None)
        if one is None or one.after is None:
            return True
        table = schema.events
        query = select(table.c.seq).where(
            table.c.customer == row.customer,
            table.c.kind.in_(list(one.unless)),
            table.c.occurred_at >= row.occurred_at,
            table.c.occurred_at <= row.occurred_at + one.after,
        )
        if row.product is not None:
            query = query.where((table.c.product == row.product) | table.c.product.is_(None))
        return connection.execute(query.limit(1)).first() is not None

    # daily ------------------------------------------------------------------------------------------------------
    def scan(self, now: datetime) -> int:
        """Once a day: all tags, and the rules over customers and holdings; returns how many customers, 0 if done."""
        local = now.astimezone(SHANGHAI)
        today = local.date()
        if local.time() < settings().scan_at:
            return 0
        with self.journal.read() as connection:
            if (get(connection, _SCAN) or "") >= today.isoformat():
                return 0
        held = holdings(self.journal.store, now)
        found = compute.refresh(self.journal, now, held=held)
        effects = Effects()
        frames_by_name: dict[str, Callable[[], pl.DataFrame]] = {
            "daily": lambda: looks.daily(self.journal, found, now),
            "holding": lambda: looks.by_holding(self.journal, found, now, held),
        }
        for name, frame in frames_by_name.items():
            mot = [rule for rule in self.rules.values() if rule.trigger.on == name]
            leads = [one for one in self.kinds.values() if one.trigger.on == name]
            if mot or leads:
                self._fire(mot, leads, frame(), effects, now)
        with self.journal.write() as connection:
            if (get(connection, _SCAN) or "") >= today.isoformat():
                return 0
            compute.expire_manual(connection, today)
            book.expire(connection, now)
            self._keep(connection, effects, now)
            put(connection, _SCAN, today.isoformat())
        return max(len(found), 1)


def _event_ids(effects: Effects) -> set[str]:
    """Events that something fired on."""
    from_moments = {row["context"].get("event_id") for row in effects.moments}
    from_leads = {row["event_id"] for row in effects.leads if row.get("event_id")}
    return {one for one in from_moments | from_leads if one}


def _outcome(event: Any, fired: set[str], timed: set[int]) -> str:
    if event.late:
        return "late"
    if event.event_id in fired:
        return "fired"
    return "waiting" if event.seq in timed else "counted"


def until_quiet(engine: Engine, now: datetime, most: int = 200) -> Counter[str]:
    """Steps at one moment until nothing more is due."""
    total: Counter[str] = Counter()
    for _ in range(most):
        done = engine.step(now)
        if not done:
            break
        total.update(done)
    return total
