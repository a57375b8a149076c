"""A small replayed day: every count adds up, an independent checker finds nothing, and it does find what we break."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from journeys_bank import AS_OF

from benchmarks.day_checker import breaches
from journeys.day.play import Day, play
from journeys.day.report import figures, markdown


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return play(tmp_path_factory.mktemp("day"), 60, AS_OF, lambda line: None)


def test_counts_add_up_and_no_rule_is_broken(day: Day) -> None:
    found = figures(day)
    assert all(found["adds_up"].values()), found["adds_up"]
    assert found["taken"]["received"] > 150 and found["messages"]["delivered"] > 10
    assert list(breaches(day.folder)) == []
    assert "账要对上" in markdown(found, 1)


@pytest.mark.parametrize(
    ("end", "statement", "rule"),
    [
        ("receiver", "UPDATE phone SET at = '2026-11-20T22:00:00+08:00'", "quiet hours"),
        ("receiver", "UPDATE phone SET customer = 'demo-04'", "cap per week"),
        ("bank", "UPDATE consents SET granted = 0", "consent push"),
        ("receiver", "UPDATE phone SET body = replace(body, '不再给我推送', '')", "no opt-out"),
        (
            "receiver",
            'UPDATE phone SET body = replace(body, \'"offered": []\', \'"offered": ["GP001A"]\')',
            "offer above level",
        ),
        ("receiver", "DELETE FROM leads WHERE key = (SELECT MIN(key) FROM leads)", "lead not on both sides"),
        ("bank", "DELETE FROM journey_handled WHERE seq = 1", "events do not add up"),
        ("bank", "UPDATE journey_intakes SET bad = bad + 1 WHERE id = 1", "batches do not add up"),
        ("receiver", "DELETE FROM phone WHERE push_id = (SELECT MIN(push_id) FROM phone)", "message not on both sides"),
    ],
)
def test_the_checker_finds_what_is_broken(day: Day, tmp_path: Path, end: str, statement: str, rule: str) -> None:
    for name in ("bank.db", "receiver.db"):
        with sqlite3.connect(day.folder / name) as source, sqlite3.connect(tmp_path / name) as copy:
            source.backup(copy)
    with sqlite3.connect(tmp_path / f"{end}.db") as database:
        database.execute(statement)
    assert rule in {found for found, _ in breaches(tmp_path)}
