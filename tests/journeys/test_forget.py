"""A customer who asks to be forgotten: nothing about them is left in any table but the keyed audit."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from journeys_bank import MORNING
from runs import Run
from sqlalchemy import select

from journeys.events.intake import intake
from journeys.forget import finish, forget
from journeys.leads.results import Result, record
from journeys.store import Journal, schema
from wealth.store import schema as bank
from wealth.store.writes import set_consent

CUSTOMER, OTHER = "demo-04", "demo-03"


def at(minutes: int) -> str:
    return (MORNING + timedelta(minutes=minutes)).isoformat()


def day_of(customer: str) -> list[dict[str, Any]]:
    events = [
        ("transfer_out", None, {"amount": "200000.00", "to": "third_party"}),
        ("transfer_in", None, {"amount": "200000.00", "from": "other_bank"}),
        ("purchase_started", "LC003", {"amount": "30000.00"}),
        ("handoff_requested", None, {"reason": "asked"}),
    ]
    made = []
    for number, (kind, product, data) in enumerate(events):
        event = {"event_id": f"{customer}-{number}", "kind": kind, "customer": customer, "occurred_at": at(-1)}
        made.append({**event, "data": data, **({"product": product} if product else {})})
    return made


def left(journal: Journal, customer: str) -> dict[str, int]:
    """Rows that name the customer in any column of any table of journeys, by table."""
    found = {}
    with journal.read() as connection:
        for table in schema.metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            count = sum(customer in repr(row) for row in rows)
            if count:
                found[table.name] = count
    return found


@pytest.fixture
def run(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PEIBAN_AUDIT_KEY", "a-key-for-the-audit")
    run = Run(journal)
    for customer in (CUSTOMER, OTHER):
        set_consent(journal.store, customer, "push", True, MORNING - timedelta(days=1))
    run.at(MORNING)
    run.send(MORNING, *day_of(CUSTOMER), *day_of(OTHER))
    lead = next(one for one in run.office if one["customer"] == CUSTOMER)
    parts = {"活期": Decimal("1000.00")}
    assert record(journal, Result("r-1", lead["id"], "m401", "declined", "下月再说", allocation=parts), MORNING)
    return run


def test_nothing_is_left_but_the_keyed_audit(run: Run) -> None:
    before, others = left(run.journal, CUSTOMER), left(run.journal, OTHER)
    everything = ("events", "tags", "moments", "outreach", "leads", "results", "pauses", "outbox")
    assert before.keys() == {f"journey_{name}" for name in everything}
    forget(run.journal, CUSTOMER)
    assert left(run.journal, CUSTOMER) == {"journey_forgotten": 1}
    assert finish(run.journal) == 1 and finish(run.journal) == 0
    assert left(run.journal, CUSTOMER) == {}
    assert left(run.journal, OTHER) == others
    orphans = "SELECT COUNT(*) FROM {} WHERE seq NOT IN (SELECT seq FROM journey_events)"
    assert [run.rows(orphans.format(name)) for name in ("journey_timers", "journey_handled")] == [[(0,)], [(0,)]]
    subject = hmac.new(b"a-key-for-the-audit", CUSTOMER.encode(), hashlib.sha256).hexdigest()[:32]
    with run.journal.read() as connection:
        trail = connection.execute(select(bank.audit).where(bank.audit.c.subject == subject)).all()
    assert trail and CUSTOMER not in repr(trail)


def test_what_the_worker_was_in_the_middle_of_goes_too(run: Run) -> None:
    forget(run.journal, CUSTOMER)
    # Rows that a feed had read before, and a step that ends after.
    assert intake(run.journal, [{**day_of(CUSTOMER)[0], "event_id": "late-1"}], MORNING).used == 1
    run.at(MORNING)
    assert left(run.journal, CUSTOMER).keys() > {"journey_forgotten"}
    assert finish(run.journal) == 1
    assert left(run.journal, CUSTOMER) == {}


def test_who_comes_back_begins_anew(run: Run) -> None:
    forget(run.journal, CUSTOMER)
    finish(run.journal)
    again = {**day_of(CUSTOMER)[1], "event_id": "anew", "occurred_at": at(4)}
    assert run.send(MORNING + timedelta(minutes=5), again).used == 1
    assert {one["kind"] for one in run.office if one["customer"] == CUSTOMER} >= {"outside_money"}
    assert "journey_results" not in left(run.journal, CUSTOMER)
