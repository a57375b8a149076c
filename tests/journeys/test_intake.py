"""Batches of events: each lands once, bad ones are named with their place and reason, counts add up."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeys_bank import MORNING
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from journeys.errors import BadBatch, DataFault
from journeys.events.intake import Report, intake
from journeys.events.kinds import read
from journeys.store import Journal, schema
from journeys.store.migrate import migrate


def viewed(number: int, **changes: Any) -> dict[str, Any]:
    event = {
        "event_id": f"e-{number}",
        "kind": "product_viewed",
        "customer": "demo-04",
        "product": "LC003",
        "occurred_at": (MORNING - timedelta(minutes=number)).isoformat(),
        "data": {"seconds": 12},
    }
    return {name: value for name, value in {**event, **changes}.items() if value is not ...}


def stored(journal: Journal) -> int:
    with journal.read() as connection:
        return connection.execute(select(func.count()).select_from(schema.events)).scalar_one()


def adds_up(report: Report) -> bool:
    parts = report.used + report.late + report.duplicate + report.bad
    return report.received == parts and report.bad == len(report.faults)


def test_good_ones_land_and_bad_ones_are_named(journal: Journal) -> None:
    batch = [
        viewed(1),
        viewed(2, kind="teleported"),
        viewed(3, product=...),
        viewed(4, customer="nobody-1"),
        viewed(5, occurred_at="2026-11-20T09:00:00"),
        viewed(6, occurred_at=(MORNING + timedelta(hours=2)).isoformat()),
        viewed(7, data={"seconds": -1}),
        viewed(8, data={"colour": "red"}),
        viewed(9, data={"seconds": "12"}),
        "not an event",
        viewed(11, extra=1),
        viewed(12, occurred_at=(MORNING - timedelta(days=2)).isoformat()),
        viewed(1),
        viewed(1, product="LC001"),
    ]
    report = intake(journal, batch, MORNING)
    assert adds_up(report)
    assert (report.used, report.late, report.duplicate, report.bad) == (1, 1, 1, 11)
    reasons = {fault.index: fault.reason for fault in report.faults}
    assert reasons == {
        1: "没有“teleported”这种事件",
        2: "缺少 product",
        3: "没有这位客户",
        4: "发生时间要写成带时区的 ISO 8601，例如 2026-11-20T10:00:00+08:00",
        5: "发生时间在将来，请检查对方的时钟",
        6: "“seconds”超出允许的范围",
        7: "“colour”不在这种事件的内容里",
        8: "“seconds”的类型不对",
        9: "应该是一个 JSON 对象",
        10: "“extra”不在这种事件的内容里",
        13: "编号已经用于另一件事",
    }
    assert stored(journal) == 2


def test_twice_and_out_of_order_is_once(journal: Journal) -> None:
    batch = [viewed(number) for number in range(300)]
    random.Random(1).shuffle(batch)
    first = intake(journal, batch, MORNING)
    second = intake(journal, list(reversed(batch)), MORNING)
    assert (first.used, second.used, second.duplicate) == (300, 0, 300)
    assert stored(journal) == 300


_BATCHES = {
    "broken": b"{",
    "deep": "[" * 100_000,
    "object": {"events": 3},
    "number": 7,
    "nothing": None,
    "too many": [viewed(1)] * 2001,
    "too large": b" " * 3_000_000,
}


@pytest.mark.parametrize("batch", _BATCHES.values(), ids=_BATCHES)
def test_a_batch_that_is_none_keeps_nothing(journal: Journal, batch: Any) -> None:
    with pytest.raises(BadBatch):
        intake(journal, batch, MORNING)
    assert stored(journal) == 0


def test_events_are_never_changed(journal: Journal) -> None:
    intake(journal, json.dumps({"events": [viewed(1)]}).encode(), MORNING)
    with pytest.raises(DBAPIError, match="append-only"), journal.store.engine.begin() as connection:
        connection.execute(update(schema.events).values(kind="rated"))


_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_field = st.sampled_from(["event_id", "kind", "customer", "product", "occurred_at", "data"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(_field, _junk, max_size=6) | _junk, max_size=6))
def test_whatever_comes_in_is_counted(journal: Journal, batch: list[Any]) -> None:
    good = viewed(random.randrange(500_000))
    report = intake(journal, [*batch, good], MORNING)
    assert adds_up(report)
    assert report.used + report.duplicate + report.late >= 1


def test_a_fault_in_the_kinds_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "events.yml"
    path.write_text(
        "late_after_hours: 1\nfuture_minutes: 1\noldest_days: 1\nbatch: {events: 1, bytes: 1}\n"
        "types: {text: {type: string}}\nreasons: {}\nbatch_reasons: {}\n"
        "kinds:\n  odd:\n    title: 怪\n    who: customer\n    fields:\n      colour: {type: paint}\n",
        encoding="utf-8",
    )
    with pytest.raises(DataFault, match=r"events.yml 第 13 行：没有 paint 这种类型"):
        read(path)


def test_tables_are_made_once_and_a_newer_database_is_refused(journal: Journal, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bank.db"
    migrate(url)
    migrate(url)
    with journal.write() as connection:
        connection.execute(update(schema.meta).where(schema.meta.c.key == "version").values(value="99"))
    with pytest.raises(DataFault, match="先升级程序"):
        migrate(url)
