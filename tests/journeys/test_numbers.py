"""Numbers over a known stream: each query runs, counts are right, a branch sees its own, CSV is readable."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from journeys_bank import MORNING
from runs import Run

from journeys.numbers.compute import compute, export, numbers
from journeys.store import Journal


def test_numbers_of_a_known_day(journal: Journal, tmp_path: Path) -> None:
    run = Run(journal, MORNING)
    base = {"occurred_at": MORNING.isoformat()}
    asked = {"kind": "asked", "data": {"intent": "pnl_query", "confidence": 0.9}, **base}
    unsure = {"kind": "asked", "data": {"intent": "chitchat", "confidence": 0.2}, **base}
    answered = {"kind": "answered", "data": {"skill": "pnl_query", "seconds": 0.5}, **base}
    run.send(
        MORNING,
        {"event_id": "1", "customer": "demo-01", **asked},
        {"event_id": "2", "customer": "demo-01", **answered},
        {"event_id": "3", "customer": "demo-02", **unsure},
        {"event_id": "4", "customer": "demo-03", **asked},
        {"event_id": "5", "customer": "demo-03", **answered},
        {"event_id": "6", "customer": "demo-03", "kind": "handoff_requested", "data": {}, **base},
        {"event_id": "7", "kind": "robot_visited", "data": {"branch": "x"}, **base},
    )
    found = compute(journal, MORNING, MORNING.date() - timedelta(days=7))
    assert set(found) == set(numbers())
    assert found["mau"].rows() == [("2026-11", 3)]
    assert found["conversations"].rows() == [("2026-11-20", 3, 1, 1, 1)]
    assert found["fallback"].rows() == [("2026-11-20", 3, 1)]
    assert found["answer_time"].rows() == [("pnl_query", 2, 0.5, 0.5)]
    assert found["leads"]["leads"].sum() == 1
    assert found["control"]["customers"].sum() == 141
    (branch,) = run.rows("SELECT branch FROM customers WHERE id = 'demo-01'")[0]
    own = compute(journal, MORNING, MORNING.date(), branch=branch, names=["mau", "control"])
    assert set(own) == {"mau", "control"} and own["mau"]["customers"][0] <= 3
    paths = export(found, tmp_path)
    assert len(paths) == len(numbers())
    assert (tmp_path / "mau.csv").read_text("utf-8-sig").splitlines() == ["month,customers", "2026-11,3"]
