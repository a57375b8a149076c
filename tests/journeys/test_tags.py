"""Facts and tags: the set-wise figures equal wealth's one-by-one ones, and a tag says since when and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from journeys_bank import MORNING
from sqlalchemy import select

from journeys.errors import DataFault
from journeys.events.intake import intake
from journeys.store import Journal
from journeys.tags import compute
from journeys.tags.definitions import definitions, read
from journeys.tags.facts import facts
from wealth.advice.alerts import owned
from wealth.advice.stage import stage_of
from wealth.advice.suitability import standing
from wealth.positions import portfolio
from wealth.store import Store, schema
from wealth.store.writes import set_consent

# The snapshot of positions counts for the day it was made on.
EVENING = MORNING.replace(hour=21)


@pytest.fixture(scope="module")
def everyone(bank_file: Path) -> Iterator[tuple[Store, dict[str, dict[str, Any]]]]:
    from wealth.store import open_store

    store = open_store(f"sqlite:///{bank_file}")
    yield store, {row["customer"]: row for row in facts(store, EVENING).to_dicts()}
    store.engine.dispose()


def test_facts_equal_the_ledger(everyone: tuple[Store, dict[str, dict[str, Any]]]) -> None:
    store, found = everyone
    with store.read() as connection:
        customers = connection.execute(select(schema.customers.c.id)).scalars().all()
    assert set(found) == set(customers)
    stages = set()
    for customer in customers:
        row, held, stands = found[customer], portfolio(store, customer, EVENING), standing(store, customer, EVENING)
        assert row["aum"] == held.total, customer
        assert row["stage"] == stage_of(held).id, customer
        stages.add(row["stage"])
        assert row["assessment"] == stands.state
        assert row["rating"] == (stands.level or 0)
        assert row["age"] == stands.age
        consents = store.consents(customer)
        assert row["push_ok"] == consents.get("push", False)
        assert row["personalised"] == consents.get("personalised", False)
        if held.total:
            for name in ("cash", "fixed", "equity", "alternative", "protection"):
                assert row[f"share_{name}"] == pytest.approx(float(held.by_class[name] / held.total), abs=1e-9), name
        assert row["gain"] == sum((one.unrealised for one in held.holdings), Decimal(0))
        due = {lot.date: lot.amount for one in owned(held) for part in one.holdings for lot in part.maturities}
        today = EVENING.date()
        soon = [day for day in due if today < day <= today + timedelta(days=30)]
        assert row["maturing_days"] == ((min(soon) - today).days if soon else None), customer
    assert stages == {"start", "simple", "single", "better"}


def test_some_customers_are_the_same_as_among_all(everyone: tuple[Store, dict[str, dict[str, Any]]]) -> None:
    store, found = everyone
    some = ["demo-04", "demo-06", "demo-12", "demo-19"]
    assert {row["customer"]: row for row in facts(store, EVENING, some).to_dicts()} == {key: found[key] for key in some}


def test_a_tag_says_since_when_and_why(journal: Journal) -> None:
    compute.refresh(journal, MORNING)
    held = {one.tag: one for one in compute.tags_of(journal, ["demo-12"])["demo-12"]}
    assert held["maturing"].title == "即将到期：一天内"
    assert held["maturing"].why.startswith("三十天内到期 ")
    views = [
        {
            "event_id": f"v-{number}",
            "kind": "product_viewed",
            "customer": "demo-12",
            "product": "LC003",
            "occurred_at": (MORNING + timedelta(days=1, minutes=number)).isoformat(),
        }
        for number in range(3)
    ]
    tomorrow = MORNING + timedelta(days=1, minutes=10)
    intake(journal, views, tomorrow)
    compute.refresh(journal, tomorrow, ["demo-12"])
    after = {one.tag: one for one in compute.tags_of(journal, ["demo-12"])["demo-12"]}
    assert (after["browsing"].since, after["browsing"].why) == (tomorrow.date(), "七天看了 3 次产品")
    assert after["stage"].since == MORNING.date(), "unchanged tags keep their day"
    later = tomorrow + timedelta(days=20)
    compute.refresh(journal, later, ["demo-12"])
    assert "browsing" not in {one.tag for one in compute.tags_of(journal, ["demo-12"])["demo-12"]}


def test_a_withdrawn_consent_is_a_tag_at_once(journal: Journal) -> None:
    set_consent(journal.store, "demo-04", "push", False, MORNING)
    compute.refresh(journal, MORNING, ["demo-04"])
    assert "opt_out" in {one.tag for one in compute.tags_of(journal, ["demo-04"])["demo-04"]}
    assert "demo-04" in compute.customers_with(journal, {"opt_out": ["push"]})


def test_every_tag_has_words_for_each_value(everyone: tuple[Store, dict[str, dict[str, Any]]]) -> None:
    store, _ = everyone
    for row in compute.computed(facts(store, EVENING)).to_dicts():
        tag = definitions().tags[row["tag"]]
        assert not tag.values or row["value"] in tag.values, row
        assert row["why"] and "{" not in row["why"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("value: colour", "第 4 行：条件看不懂：colour"),
        ("value: stage", "第 5 行：条件的结果应是“是”或“否”：aum + 1"),
    ],
)
def test_a_fault_in_a_tag_names_its_line(tmp_path: Path, line: str, fault: str) -> None:
    path = tmp_path / "tags.yml"
    path.write_text(f"tags:\n  odd:\n    name: 怪\n    {line}\n    when: aum + 1\n    why: 无\n", encoding="utf-8")
    with pytest.raises(DataFault) as caught:
        read(path)
    assert fault in str(caught.value)
