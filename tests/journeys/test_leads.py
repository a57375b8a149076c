"""Leads: made once, routed, delivered over a real HTTP receiver whatever it does, and changed by managers' results."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from journeys_bank import MORNING
from runs import Run
from sqlalchemy import text

from journeys import outbox
from journeys.day.receiver import Receiver
from journeys.errors import BadResult, UnknownLead
from journeys.leads import book
from journeys.leads.listing import lead, leads
from journeys.leads.results import Result, last_contact, record
from journeys.store import Journal
from journeys.tags import compute

KEY = "a-key-for-tests-of-the-webhook-1234567"


def moved_in(number: int = 1, amount: str = "200000.00", customer: str = "demo-04", minutes: int = 0) -> dict[str, Any]:
    return {
        "event_id": f"in-{number}",
        "kind": "transfer_in",
        "customer": customer,
        "occurred_at": (MORNING + timedelta(minutes=minutes)).isoformat(),
        "data": {"amount": amount, "from": "other_bank"},
    }


def test_money_from_another_bank_is_a_lead(journal: Journal) -> None:
    run = Run(journal, MORNING)
    run.send(MORNING, moved_in())
    run.send(MORNING + timedelta(minutes=1), moved_in(2, minutes=1))
    (found,) = leads(journal, MORNING)
    assert (found["title"], found["customer"], found["value"]) == ("行外吸金", "demo-04", "200000.00")
    assert found["reason"] == "从他行转来 20.0 万元，九十天累计 20.0 万元"
    assert found["evidence"][0] == "刚到账 20.0 万元" and found["talk"] and found["branch"] and found["manager"]
    assert [one["id"] for one in run.office] == [found["id"]]
    assert lead(journal, found["id"])["results"] == []
    assert leads(journal, MORNING + timedelta(days=8)) == []


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"kind": "transfer_out", "data": {"amount": "600000.00", "to": "other_bank"}}, "keep_aum"),
        ({"kind": "handoff_requested", "data": {"reason": "asked"}}, "asked_for_person"),
        ({"kind": "purchase_started", "product": "LC003", "data": {"amount": "30000.00"}}, "broken_off"),
    ],
)
def test_every_kind_of_lead_comes_from_its_event(journal: Journal, event: dict[str, Any], kind: str) -> None:
    run = Run(journal, MORNING)
    run.send(MORNING, {"event_id": "e", "customer": "demo-04", "occurred_at": MORNING.isoformat(), **event})
    run.at(MORNING + timedelta(minutes=11))
    assert [one["kind"] for one in run.office] == [kind]
    assert all("{" not in line for line in [run.office[0]["reason"], *run.office[0]["evidence"]])


def test_potential_is_found_by_the_daily_scan(journal: Journal) -> None:
    run = Run(journal)
    run.at(MORNING)
    assert {one["kind"] for one in run.office} == {"complex_potential"}
    assert run.rows("SELECT COUNT(DISTINCT customer) = COUNT(*) FROM journey_leads") == [(1,)]


def test_a_busy_manager_passes_on_to_the_least_busy_colleague(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(journal, MORNING)
    rules = book.lead_rules()
    monkeypatch.setattr(book, "lead_rules", lambda: type(rules)(rules.kinds, rules.outcomes, 1, rules.said))
    with journal.store.write() as connection:
        connection.execute(text("UPDATE customers SET branch = '东湖演示支行', manager = 'm401'"))
        connection.execute(text("UPDATE customers SET manager = 'm402' WHERE id = 'demo-20'"))
    run.send(MORNING, *(moved_in(number, customer=f"demo-{number:02d}") for number in (2, 3, 4)))
    assert sorted(one["manager"] for one in run.office) in (["m401", "m402", "m401"], ["m401", "m401", "m402"])


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    made = Receiver(tmp_path / "ends.db", KEY, {"fails": 0.4, "forgets": 0.2, "hangs": 0}, seed=7)
    yield made
    made.close()


def test_an_unsteady_receiver_gets_each_lead_once(journal: Journal, receiver: Receiver, tmp_path: Path) -> None:
    run = Run(journal, MORNING)
    run.engine.post = outbox.webhook(receiver.url, KEY)
    for number in range(2, 19):
        run.send(MORNING, moved_in(number, customer=f"demo-{number:02d}"))
    for minutes in range(1, 60):
        run.at(MORNING + timedelta(minutes=11 * minutes))
    made = {row[0] for row in run.rows("SELECT id FROM journey_leads WHERE kind = 'outside_money'")}
    with sqlite3.connect(tmp_path / "ends.db") as ends:
        got = dict(ends.execute("SELECT key, got FROM leads").fetchall())
    assert len(made) > 8 and made <= set(got)
    assert max(got.values()) > 1, "some came twice under one key, and count once"
    assert {
        json.loads(body)["schema"]
        for (body,) in sqlite3.connect(tmp_path / "ends.db").execute("SELECT body FROM leads")
    } == {"peiban.lead/1"}


def test_a_wrong_signature_is_kept_until_the_key_is_right(journal: Journal, receiver: Receiver) -> None:
    run = Run(journal, MORNING)
    run.engine.post = outbox.webhook(receiver.url, "not-the-key")
    run.send(MORNING, moved_in())
    assert run.rows("SELECT state, error FROM journey_outbox") == [("pending", "HTTP 401")]


def test_given_up_and_sent_again(journal: Journal) -> None:
    run = Run(journal, MORNING)
    run.engine.post = lambda key, payload: outbox.Outcome(False, error="HTTP 503")
    run.send(MORNING, moved_in())
    now = MORNING
    for _ in range(outbox.ATTEMPTS):
        now += timedelta(minutes=11)
        run.at(now)
    (dead,) = outbox.dead_letters(journal)
    assert (dead["attempts"], dead["error"]) == (outbox.ATTEMPTS, "HTTP 503")
    run.engine.post = run._post
    run.at(now + timedelta(days=1))
    assert not [one for one in run.office if one["kind"] == "outside_money"]
    assert outbox.replay(journal, [dead["id"]], now) == 1
    assert outbox.replay(journal, [dead["id"]], now) == 0
    run.at(now + timedelta(days=1, minutes=1))
    assert [one["id"] for one in run.office if one["kind"] == "outside_money"] == [dead["key"]]


def test_pauses_grow_and_differ() -> None:
    longest = [max(outbox.pause(attempt) for _ in range(200)) for attempt in (1, 4, 20)]
    assert (
        longest[0] <= timedelta(seconds=2) < longest[1] <= timedelta(seconds=16) < longest[2] <= timedelta(minutes=10)
    )


def test_a_result_changes_tags_rules_and_what_is_said(journal: Journal) -> None:
    run = Run(journal, MORNING)
    run.send(MORNING, moved_in())
    (found,) = leads(journal, MORNING)
    assert last_contact(journal, "demo-04", MORNING) is None
    entered = Result(
        "r-1",
        found["id"],
        "m401",
        "declined",
        note="想先等年底再看，电话 13800138000",
        next_contact=date(2026, 12, 28),
        allocation={"固收": Decimal("120000.00")},
    )
    assert record(journal, entered, MORNING)
    assert not record(journal, entered, MORNING)
    with pytest.raises(BadResult, match="已经用于另一条"):
        record(journal, Result("r-1", found["id"], "m401", "bought"), MORNING)
    said = last_contact(journal, "demo-04", MORNING)
    assert said is not None and said.source.id == "result:r-1"
    assert said.sentences[0].startswith("上次您的客户经理在11月20日联系过您：想先等年底再看")
    assert "13800138000" not in said.sentences[0]
    assert said.sentences[1:] == ["客户经理在11月20日给您做过一份配置：固收 ¥120,000.00", "约好12月28日再联系。"]
    held = {one.tag: one for one in compute.tags_of(journal, ["demo-04"])["demo-04"]}
    assert held["declined"].until == date(2027, 2, 18)
    assert leads(journal, MORNING) == []
    later = MORNING + timedelta(days=4)
    started = {"event_id": "p", "kind": "purchase_started", "customer": "demo-04", "product": "LC003"}
    run.send(later, {**started, "occurred_at": later.isoformat()})
    run.at(later + timedelta(minutes=11))
    assert "broken_off" not in {one["kind"] for one in run.office}, "paused by the result"


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "eaten"},
        {"note": "长" * 501},
        {"manager": ""},
        {"result_id": ""},
        {"amount": Decimal("NaN")},
        {"allocation": {"固收": Decimal("1.001")}},
    ],
)
def test_a_bad_result_changes_nothing(journal: Journal, change: dict[str, Any]) -> None:
    run = Run(journal, MORNING)
    run.send(MORNING, moved_in())
    (found,) = leads(journal, MORNING)
    fields = {"result_id": "r", "lead": found["id"], "manager": "m401", "outcome": "contacted", **change}
    with pytest.raises(BadResult):
        record(journal, Result(**fields), MORNING)
    with pytest.raises(UnknownLead):
        record(journal, Result("r", "lead-none", "m401", "contacted"), MORNING)
    assert run.rows("SELECT COUNT(*) FROM journey_results") == [(0,)]
