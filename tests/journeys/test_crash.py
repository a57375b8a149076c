"""kill -9 of the worker in the middle of a day: afterwards everything is as in a run that nobody disturbed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from journeys_bank import MORNING
from stepped import KEY, Clock, work

from journeys.day.crowd import crowd
from journeys.day.play import plan
from journeys.day.receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]
START = MORNING - timedelta(hours=1)


def day(folder: Path, bank_file: Path, people: int, hours: int) -> Path:
    """A folder with a bank and what will happen in it; the same for the same numbers."""
    folder.mkdir()
    shutil.copy(bank_file, folder / "bank.db")
    customers = [f"demo-{number:02d}" for number in range(1, 22)] + [f"c{number:07d}" for number in range(1, 121)]
    told = {**plan(), "active": 0.9, "bad": 0, "late": 0.05, "transfer_in": 1}
    told["actions"] = {**told["actions"], "handoff_requested": 1}
    end = START + timedelta(hours=hours)
    # The crowd leaves the day's last hour and a half in peace.
    made = crowd(customers[:people], ["LC003", "LC001", "ZQ001A"], ["东湖演示支行"], told, START, end)
    sends = [{"at": at.isoformat(), "event": event} for at, event in made.sends if START < at <= end]
    (folder / "day.json").write_text(json.dumps({"end": end.isoformat(), "sends": sends}))
    Clock(folder).set(START)
    return folder


def disturbed(folder: Path, kills: int, seed: int) -> int:
    """Work through the day, killed `kills` times at a commit that chance chooses; returns how often it died."""
    rng = random.Random(seed)
    receiver = Receiver(folder / "receiver.db", KEY, {"fails": 0.15, "forgets": 0.1, "hangs": 0}, seed)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    died = 0
    try:
        while True:
            kill_at = rng.randrange(1, 150) if died < kills else 0
            command = [sys.executable, str(Path(__file__).with_name("stepped.py")), str(folder), receiver.url]
            code = subprocess.run([*command, str(kill_at)], env=environment, check=False, timeout=600).returncode
            if code == 0:
                return died
            assert code == -signal.SIGKILL
            died += 1
    finally:
        receiver.close()


def calm(folder: Path) -> None:
    receiver = Receiver(folder / "receiver.db", KEY, {"fails": 0, "forgets": 0, "hangs": 0}, 1)
    work(folder, receiver.url)
    receiver.close()


def reckoning(folder: Path) -> dict[str, Any]:
    bank = sqlite3.connect(folder / "bank.db")
    ends, phone = sqlite3.connect(folder / "receiver.db"), sqlite3.connect(folder / "phone.db")

    def rows(database: sqlite3.Connection, query: str) -> list[Any]:
        return sorted(database.execute(query).fetchall(), key=repr)

    return {
        "events": rows(bank, "SELECT event_id, kind, customer, late FROM journey_events"),
        "handled": rows(bank, "SELECT event_id, outcome FROM journey_handled JOIN journey_events USING (seq)"),
        "moments": rows(bank, "SELECT rule, customer, subject, state, reason, outreach FROM journey_moments"),
        "timers": rows(bank, "SELECT rule, event_id FROM journey_timers JOIN journey_events USING (seq)"),
        "tags": rows(bank, "SELECT customer, tag, value, since, why FROM journey_tags"),
        "leads": rows(bank, "SELECT id, kind, customer, manager, value, reason, state FROM journey_leads"),
        "at the receiver": rows(ends, "SELECT key FROM leads"),
        "messages": rows(phone, "SELECT push_id, customer, push_type, body FROM phone"),
        "sent": rows(bank, "SELECT push_id, state FROM journey_outreach"),
        # The guard writes "answer" when it looks at a message; who is killed after that looks again.
        "audit": rows(bank, "SELECT kind, subject, decision, details FROM audit WHERE kind <> 'answer'"),
    }


def compare(bank_file: Path, tmp_path: Path, *, kills: int, people: int, hours: int, seed: int) -> None:
    undisturbed = day(tmp_path / "calm", bank_file, people, hours)
    calm(undisturbed)
    rough = day(tmp_path / "rough", bank_file, people, hours)
    assert disturbed(rough, kills, seed) == kills
    expected, found = reckoning(undisturbed), reckoning(rough)
    assert len(expected["leads"]) > 5 and len(expected["messages"]) > 10
    assert [key for (key,) in expected["at the receiver"]] == sorted(row[0] for row in expected["leads"])
    for name, rows in expected.items():
        assert found[name] == rows, name


@pytest.fixture(autouse=True)
def audit_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEIBAN_AUDIT_KEY", "one-for-both-runs")


def test_nothing_lost_or_doubled(bank_file: Path, tmp_path: Path) -> None:
    compare(bank_file, tmp_path, kills=3, people=30, hours=3, seed=datetime.now().microsecond)


@pytest.mark.soak
def test_nothing_lost_or_doubled_over_twenty_kills(bank_file: Path, tmp_path: Path) -> None:
    compare(bank_file, tmp_path, kills=20, people=141, hours=9, seed=datetime.now().microsecond)
