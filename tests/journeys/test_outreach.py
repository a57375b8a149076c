"""Speaking first within the rules: quiet hours, consent, caps, one message for several matters, until delivered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from journeys_bank import MORNING
from runs import Run
from sqlalchemy import text

from journeys.mot import fire
from journeys.mot.rules import rules
from journeys.outreach import sending
from journeys.store import Journal
from wealth.store.writes import set_consent


@pytest.fixture(autouse=True)
def nobody_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fire, "_held_out", lambda rule, customer: False)


def out(at: datetime, number: int = 1, amount: str = "60000.00", customer: str = "demo-04") -> dict[str, Any]:
    return {
        "event_id": f"out-{number}",
        "kind": "transfer_out",
        "customer": customer,
        "occurred_at": at.isoformat(),
        "data": {"amount": amount, "to": "third_party"},
    }


def viewed(at: datetime, number: int) -> dict[str, Any]:
    return {
        "event_id": f"view-{number}",
        "kind": "product_viewed",
        "customer": "demo-04",
        "product": "LC003",
        "occurred_at": at.isoformat(),
    }


def test_quiet_hours_wait_until_nine(journal: Journal) -> None:
    night = MORNING.replace(hour=22)
    run = Run(journal, MORNING)
    run.send(night, out(night))
    run.at(MORNING.replace(hour=8, minute=59) + timedelta(days=1))
    assert not run.phone
    run.at(MORNING.replace(hour=9) + timedelta(days=1))
    assert [customer for customer, _ in run.phone if customer == "demo-04"] == ["demo-04"]


def test_what_waited_too_long_is_not_told(journal: Journal) -> None:
    run = Run(journal, MORNING)
    night = MORNING.replace(hour=20, minute=59, second=59)
    set_consent(journal.store, "demo-04", "push", True, MORNING - timedelta(days=1))
    run.send(night + timedelta(hours=1), out(night))
    run.at(night + timedelta(hours=14))
    assert run.rows("SELECT state FROM journey_moments WHERE customer = 'demo-04' AND rule = 'large_out'") == [
        ("expired",)
    ]


def test_without_consent_nothing_goes_and_withdrawal_counts_at_once(journal: Journal) -> None:
    run = Run(journal, MORNING)
    set_consent(journal.store, "demo-04", "push", False, MORNING)
    run.send(MORNING, out(MORNING))
    assert run.rows("SELECT state, reason FROM journey_moments") == [("dropped", "no_consent")]
    set_consent(journal.store, "demo-03", "personalised", False, MORNING)
    event = {**out(MORNING, 2, customer="demo-03"), "kind": "transfer_in"}
    run.send(MORNING, {**event, "data": {"amount": "90000.00", "from": "other_bank"}})
    assert run.rows("SELECT reason FROM journey_moments WHERE customer = 'demo-03'") == [("personalised_off",)]
    assert not run.phone


def test_withdrawn_between_composing_and_delivery(journal: Journal) -> None:
    run = Run(journal, MORNING)
    calls = []

    def out_of_order(customer: str, message: Any) -> bool:
        calls.append(customer)
        raise ConnectionError

    run.engine.deliver = out_of_order
    run.send(MORNING, out(MORNING))
    assert calls, "tried, and kept for later"
    set_consent(journal.store, "demo-04", "push", False, MORNING)
    run.engine.deliver = run._deliver
    run.at(MORNING + timedelta(minutes=30))
    assert not run.phone
    assert run.rows("SELECT state, reason FROM journey_outreach") == [("refused", "no_consent")]


def test_caps_per_week_and_rule(journal: Journal) -> None:
    run = Run(journal, MORNING)
    for days, name in enumerate(["large_out", "large_out", "large_in", "salary_in", "assessment_done"]):
        now = MORNING + timedelta(days=days)
        matter = {"rule": name, "customer": "demo-04", "subject": str(days), "product": None, "outreach": None}
        context = {"context": {"event_id": "x", "amount": "1.00"}, "state": "waiting", "reason": ""}
        with journal.write() as connection:
            fire.keep(connection, [{**matter, **context, "at": now, "valid_until": now + timedelta(hours=3)}])
        sending.queue_messages(journal, run.engine.guard, rules(), now)
    assert run.rows("SELECT state, reason FROM journey_moments ORDER BY id") == [
        ("sent", ""),
        ("dropped", "kind_cap"),
        ("sent", ""),
        ("sent", ""),
        ("dropped", "weekly_cap"),
    ]


def test_several_matters_make_one_message_most_urgent_first(journal: Journal) -> None:
    run = Run(journal, MORNING)
    views = [viewed(MORNING - timedelta(minutes=minutes), minutes) for minutes in (1, 2, 3)]
    transfer = {**out(MORNING, 9), "kind": "transfer_in", "data": {"amount": "70000.00", "from": "third_party"}}
    run.send(MORNING, *views, transfer)
    assert len(run.phone) == 1
    message = run.phone[0][1]
    assert message["push_type"] == "advice"
    assert message["reply"]["sentences"][0] == "您有一笔 ¥70,000.00 到账了。"
    assert message["reply"]["sentences"][-1].startswith("另外，关于")
    assert message["reply"]["control"]["topic"]["skill"] == "asset_overview"
    assert message["reply"]["control"]["pending"]["skill"] == "asset_overview"
    assert [option["text"] for option in message["reply"]["quick_replies"]] == ["我有多少钱", "不再给我推送这类消息"]
    assert run.rows("SELECT rules FROM journey_outreach") == [('["large_in", "viewed_three_times"]',)]


def test_an_app_that_fails_gets_it_later_and_once(journal: Journal) -> None:
    run = Run(journal, MORNING)
    failures = iter([TimeoutError, ConnectionError])

    def deliver(customer: str, message: Any) -> bool:
        for failure in failures:
            raise failure
        return run._deliver(customer, message)

    run.engine.deliver = deliver
    run.send(MORNING, out(MORNING))
    for minutes in range(1, 10):
        run.at(MORNING + timedelta(minutes=minutes))
    assert len(run.phone) == 1
    assert run.rows("SELECT state, attempts FROM journey_outreach") == [("delivered", 3)]


def test_seen_answered_and_acted_on(journal: Journal) -> None:
    run = Run(journal, MORNING)
    run.send(MORNING, out(MORNING))
    push = run.phone[0][1]["push_id"]
    later = MORNING + timedelta(minutes=5)
    base = {"customer": "demo-04", "occurred_at": later.isoformat()}
    run.send(
        later,
        {"event_id": "s", "kind": "message_seen", "data": {"push_id": push}, **base},
        {"event_id": "a", "kind": "message_answered", "data": {"push_id": push}, **base},
        {"event_id": "b", "kind": "purchase_completed", "product": "LC003", "data": {"amount": "5000.00"}, **base},
        {"event_id": "x", "kind": "message_seen", "data": {"push_id": push}, **base, "customer": "demo-03"},
    )
    found = run.rows("SELECT seen_at, answered_at, acted_at, acted_amount FROM journey_outreach")[0]
    assert all(found) and found[3] == 500_000


def test_held_out_customers_hear_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fire, "_held_out", lambda rule, customer: rule.purpose.value == "push")
    run = Run(journal, MORNING)
    transfer = {**out(MORNING, 9), "kind": "transfer_in", "data": {"amount": "70000.00", "from": "third_party"}}
    run.send(MORNING, transfer)
    assert not run.phone
    assert run.rows("SELECT state FROM journey_moments") == [("held_out",)]


def test_a_late_event_is_counted_and_moves_nobody(journal: Journal) -> None:
    run = Run(journal, MORNING)
    report = run.send(MORNING, out(MORNING - timedelta(days=3)))
    assert report.late == 1 and not run.phone and not run.office
    assert run.rows("SELECT outcome FROM journey_handled") == [("late",)]


def test_a_clock_that_jumps_back_tells_nothing_twice(journal: Journal) -> None:
    run = Run(journal, MORNING)
    run.send(MORNING, out(MORNING))
    run.at(MORNING - timedelta(days=2))
    run.at(MORNING + timedelta(minutes=1))
    assert len(run.phone) == 1
    with journal.read() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM journey_moments")).scalar() == 1
