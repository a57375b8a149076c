"""A day worked through by a clock of steps, so that two runs of it are the same whatever the machine is busy with.

`python stepped.py folder receiver-url kill-at` goes on where the last run in the folder ended and kills itself with
SIGKILL instead of its kill-at-th commit (0: never). Events of a step come in, all is worked on, the clock moves.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from journeys import outbox
from journeys.day.receiver import Receiver
from journeys.engine import Engine, until_quiet
from journeys.events.intake import intake
from journeys.store import Journal
from wealth.rules.guard import Guard
from wealth.store import open_store

KEY = "a-key-for-tests-of-the-webhook-1234567"
STEP = timedelta(minutes=10)
_CALM = {"fails": 0, "forgets": 0, "hangs": 0}


def work(folder: Path, url: str, kill_at: int = 0) -> None:
    """Until the day is over and nothing waits to be sent."""
    told = json.loads((folder / "day.json").read_text())
    now, end = Clock(folder).now(), datetime.fromisoformat(told["end"])
    store = open_store(f"sqlite:///{folder / 'bank.db'}")
    if kill_at:
        _die_at(store.engine, kill_at)
    journal = Journal(store)
    phone = Receiver(folder / "phone.db", "k", _CALM, 1)
    engine = Engine(
        journal, Guard.load(store), lambda who, message: phone.phone(who, message, now), outbox.webhook(url, KEY)
    )
    while now <= end or _waiting(journal):
        due = [one for one in told["sends"] if now - STEP < datetime.fromisoformat(one["at"]) <= now]
        for first in range(0, len(due), 200):
            intake(journal, [one["event"] for one in due[first : first + 200]], now)
        until_quiet(engine, now)
        now += STEP
        Clock(folder).set(now)
    phone.close()
    store.engine.dispose()


class Clock:
    """The moment that is being worked on, in a file that is whole at any time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"

    def now(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text())

    def set(self, moment: datetime) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(moment.isoformat())
        fresh.replace(self._file)


def _waiting(journal: Journal) -> int:
    with journal.read() as connection:
        return connection.exec_driver_sql("SELECT COUNT(*) FROM journey_outbox WHERE state = 'pending'").scalar() or 0


def _die_at(engine: Any, commits: int) -> None:
    left = commits

    @event.listens_for(engine, "commit")
    def count(connection: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
