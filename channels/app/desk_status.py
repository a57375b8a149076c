"""What the managers' desk says about itself: open, busy or closed, how long to wait, which appointments are free.

The desk reports every few seconds. Each process keeps the last report in memory, so that a turn costs no query for it;
the store carries it to other replicas and over a restart.
"""

from __future__ import annotations

import json
import time
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from channels.app import tables
from channels.app.database import Database, insert_once

STALE_SECONDS = 60.0
_SILENT = {"state": "closed", "free": 0, "waiting": 0, "minutes": 0}


class DeskStatus:
    """The last report. Without any, the bank works the hand-overs by itself over /internal/handoffs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._status: dict[str, Any] | None = None
        self._at = 0.0

    async def report(self, status: dict[str, Any]) -> None:
        """The desk's report of this moment."""
        at = time.time()
        await self._database.write(_put, json.dumps(status, ensure_ascii=False), at)
        self._status, self._at = status, at

    async def refresh(self) -> None:
        """Take over what another replica was told, or what was known before a restart."""
        found = await self._database.read(_get)
        if found is not None and found[1] > self._at:
            self._status, self._at = json.loads(found[0]), found[1]

    def now(self) -> dict[str, Any] | None:
        """The state for a turn's metadata; a desk that fell silent is closed. None where no desk ever reported."""
        if self._status is None:
            return None
        status = dict(self._status)
        if time.time() - self._at > STALE_SECONDS:
            status.update(_SILENT)
        return status


def _put(connection: Connection, status: str, at: float) -> None:
    d = tables.desk_status
    values = {"status": status, "at": at}
    if not insert_once(connection, d, id=1, **values):
        connection.execute(update(d).where(d.c.id == 1).values(**values))


def _get(connection: Connection) -> tuple[str, float] | None:
    row = connection.execute(select(tables.desk_status)).first()
    return (row.status, row.at) if row is not None else None
