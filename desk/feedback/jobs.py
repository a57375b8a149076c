"""The checks of approved suggestions, one at a time: queued → running → done with a patch, or failed with a reason.

What was under way when the desk died is queued again. Each run has a number; one that was overtaken writes nothing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from desk.feedback import inbox
from desk.feedback.gate import Failed, Gate, Stopped
from desk.feedback.proposal import Change, Refused, Suggestion, change
from desk.feedback.settings import FeedbackSettings
from desk.feedback.tables import jobs, suggestions
from desk.store import DeskStore
from desk.wording import data

logger = logging.getLogger(__name__)
_DATA = data("feedback")
_ATTEMPTS = int(_DATA["check"]["attempts"])
_LOOK_SECONDS = 1.0


class Jobs:
    """The one worker of this desk. closing: whether the desk is being shut down."""

    def __init__(self, store: DeskStore, settings: FeedbackSettings, closing: Callable[[], bool]) -> None:
        self._store = store
        self._settings = settings
        self._closing = closing

    def recover(self) -> None:
        """Queue again what a desk that died was at; what died too often has failed. Only before the first step."""
        with self._store.read() as connection:
            left = connection.execute(select(jobs).where(jobs.c.state == "running")).all()
        for row in left:
            if row.attempts >= _ATTEMPTS:
                self._fail(row, _DATA["outcomes"]["restarted"].format(count=row.attempts))
            else:
                self._put(row, state="queued", step="queued")
        for old in self._settings.folder.glob("check-*"):
            shutil.rmtree(old, ignore_errors=True)

    def step(self) -> bool:
        """Do the oldest check that waits; False if there is none. Raises StoreUnavailable."""
        row = self._claim()
        if row is None:
            return False
        try:
            self._run(row)
        except Stopped:
            if self._closing():
                # Not its fault: the next desk begins it anew.
                self._put(row, state="queued", step="queued", attempts=row.attempts - 1)
        except Refused as error:
            self._fail(row, str(error), "open")
        except Failed as error:
            self._fail(row, str(error), "suggested" if error.again else "open")
        except Exception as error:
            logger.error("feedback check %s failed: %s", row.id, type(error).__name__)
            self._fail(row, _DATA["outcomes"]["crashed"].format(reason=type(error).__name__))
        return True

    def _claim(self) -> Row | None:
        with self._store.write() as connection:
            waiting = select(jobs).where(jobs.c.state == "queued").order_by(jobs.c.id).limit(1)
            row = connection.execute(waiting).first()
            if row is None:
                return None
            values = {"state": "running", "run": row.run + 1, "attempts": row.attempts + 1, "step_at": time.time()}
            mine = (jobs.c.id == row.id) & (jobs.c.state == "queued") & (jobs.c.run == row.run)
            if not connection.execute(update(jobs).where(mine).values(**values)).rowcount:
                return None
            return connection.execute(select(jobs).where(jobs.c.id == row.id)).one()

    def _run(self, row: Row) -> None:
        with self._store.read() as connection:
            body = connection.execute(select(suggestions.c.body).where(suggestions.c.id == row.suggestion_id)).scalar()
        suggestion = Suggestion.of(body or {})
        # Made anew: between approval and now somebody may have worked on data/.
        wanted = change(self._settings.root, suggestion, row.group_id)
        gate = Gate(self._settings, self._watch(row))
        before, after = gate.judge(suggestion, wanted, row.group_id, lambda step: self._at(row, step))
        if change(self._settings.root, suggestion, row.group_id) != wanted:
            raise Failed("stale")
        digest = keep_patch(self._settings.folder, row.group_id, wanted)
        values = {"before": before, "after": after, "files": [wanted.name], "digest": digest, "reason": ""}
        self._put(row, state="done", step="done", **values)

    def _watch(self, row: Row) -> Callable[[], bool]:
        """Whether to stop: the desk closes, or this run is cancelled or overtaken (looked up once a second)."""
        looked = 0.0

        def stop() -> bool:
            nonlocal looked
            if self._closing():
                return True
            if time.monotonic() - looked < _LOOK_SECONDS:
                return False
            looked = time.monotonic()
            with self._store.read() as connection:
                return connection.execute(select(jobs.c.id).where(*_mine(row))).first() is None

        return stop

    def _at(self, row: Row, step: str) -> None:
        if not self._put(row, step=step, step_at=time.time()):
            raise Stopped

    def _fail(self, row: Row, reason: str, state: str = "suggested") -> None:
        with self._store.write() as connection:
            values = {"state": "failed", "step": "failed", "reason": reason}
            if connection.execute(update(jobs).where(*_mine(row)).values(**values)).rowcount:
                inbox.reopen(connection, row.group_id, state)

    def _put(self, row: Row, **values: Any) -> bool:
        with self._store.write() as connection:
            return bool(connection.execute(update(jobs).where(*_mine(row)).values(**values)).rowcount)


def _mine(row: Row) -> tuple[Any, ...]:
    return (jobs.c.id == row.id, jobs.c.run == row.run, jobs.c.state == "running")


def patch_file(folder: Path, group: int) -> Path:
    """Where the patch of a group lies."""
    return folder / f"{group}.patch"


def keep_patch(folder: Path, group: int, wanted: Change) -> str:
    """Write the patch, whole or not at all; returns its SHA-256."""
    content = wanted.patch.encode()
    file = patch_file(folder, group)
    part = file.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, file)
    return hashlib.sha256(content).hexdigest()
