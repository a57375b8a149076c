"""kill -9 of the worker at random moments: afterwards everything is as in a run that nobody disturbed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from journeys_bank import MORNING

from journeys.day.crowd import crowd
from journeys.day.play import plan
from journeys.day.receiver import Receiver
from journeys.events.intake import intake
from journeys.store import Journal
from wealth.store import open_store

ROOT = Path(__file__).resolve().parents[2]
KEY = "a-key-for-tests-of-the-webhook-1234567"
_PHONE = """
import sys
from datetime import datetime
from pathlib import Path
from journeys import outbox, worker
from journeys.day.receiver import Receiver
from journeys.engine import Engine
from journeys.store import Journal
from wealth.rules.guard import Guard
from wealth.store import open_store
folder, url, start = Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])
calm = {"fails": 0, "forgets": 0, "hangs": 0}
phone = Receiver(folder / "phone.db", "k", calm, 1)
store = open_store(f"sqlite:///{folder / 'bank.db'}")
begun = worker.time.monotonic()
# Thirty times as fast, so that pauses after the receiver's failures are short.
clock = lambda: start + worker.timedelta(seconds=30 * (worker.time.monotonic() - begun))
post = outbox.webhook(url, "a-key-for-tests-of-the-webhook-1234567")
engine = Engine(Journal(store), Guard.load(store), lambda who, message: phone.phone(who, message, start), post)
print("ready", flush=True)
left = 1
while left:
    worker.Worker(engine, [], None, 0.05, clock).run(once=True)
    with store.read() as connection:
        left = connection.exec_driver_sql("SELECT COUNT(*) FROM journey_outbox WHERE state = 'pending'").scalar()
    worker.time.sleep(0.05)
"""


def run_day(folder: Path, bank_file: Path, kills: int, events: int, seed: int) -> dict[str, Any]:
    """One run over the same events, its worker killed `kills` times; what is there afterwards."""
    folder.mkdir()
    shutil.copy(bank_file, folder / "bank.db")
    store = open_store(f"sqlite:///{folder / 'bank.db'}")
    journal = Journal(store)
    people = [f"demo-{number:02d}" for number in range(1, 22)] + [f"c{number:07d}" for number in range(1, 121)]
    told = {**plan(), "active": 0.9, "bad": 0, "late": 0.05, "transfer_in": 1}
    told["actions"] = {**told["actions"], "handoff_requested": 1}
    start = MORNING - timedelta(hours=6)
    made = crowd(people, ["LC003", "LC001", "ZQ001A"], ["东湖演示支行"], told, start, MORNING - timedelta(hours=1))
    batch = [event for _, event in made.sends if "customer" in event][:events]
    for first in range(0, len(batch), 50):
        intake(journal, batch[first : first + 50], MORNING)
    store.engine.dispose()
    receiver = Receiver(folder / "receiver.db", KEY, {"fails": 0.15, "forgets": 0.1, "hangs": 0}, seed)
    arguments = [sys.executable, "-c", _PHONE, str(folder), receiver.url, MORNING.isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PEIBAN_AUDIT_KEY": "test"}
    rng = random.Random(seed)
    killed = 0
    while True:
        process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        if killed < kills:
            try:
                process.wait(timeout=rng.uniform(0.05, 1.5))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
                continue
        assert process.wait(timeout=120) == 0
        break
    receiver.close()
    return reckoning(folder, killed)


def reckoning(folder: Path, killed: int) -> dict[str, Any]:
    bank = sqlite3.connect(folder / "bank.db")
    ends, phone = sqlite3.connect(folder / "receiver.db"), sqlite3.connect(folder / "phone.db")

    def rows(database: sqlite3.Connection, query: str) -> list[Any]:
        return sorted(database.execute(query).fetchall())

    return {
        "killed": killed,
        "events": rows(bank, "SELECT event_id FROM journey_events"),
        "handled": rows(bank, "SELECT event_id, outcome FROM journey_handled JOIN journey_events USING (seq)"),
        "moments": rows(bank, "SELECT rule, customer, subject, state FROM journey_moments"),
        "tags": rows(bank, "SELECT customer, tag, value FROM journey_tags"),
        "leads": rows(bank, "SELECT id FROM journey_leads"),
        "at the receiver": rows(ends, "SELECT key FROM leads"),
        "messages": rows(phone, "SELECT customer, push_type, body FROM phone"),
        "audit": rows(bank, "SELECT kind, COUNT(*) FROM audit WHERE kind <> 'answer' GROUP BY kind"),
    }


def compare(bank_file: Path, tmp_path: Path, kills: int, events: int) -> None:
    calm = run_day(tmp_path / "calm", bank_file, 0, events, 1)
    rough = run_day(tmp_path / "rough", bank_file, kills, events, time.time_ns() % 10_000)
    assert rough.pop("killed") > 0 and calm.pop("killed") == 0
    assert len(calm["leads"]) > 5 and len(calm["messages"]) > 10
    assert calm["leads"] == calm["at the receiver"]
    for name, found in calm.items():
        assert rough[name] == found, name


# Its clock follows the wall, thirty times as fast, so a slow machine ends the two days at different moments.
@pytest.mark.soak
def test_nothing_lost_or_doubled(bank_file: Path, tmp_path: Path) -> None:
    compare(bank_file, tmp_path, kills=3, events=100)


@pytest.mark.soak
def test_nothing_lost_or_doubled_over_twenty_kills(bank_file: Path, tmp_path: Path) -> None:
    compare(bank_file, tmp_path, kills=20, events=3000)
