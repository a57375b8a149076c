"""Writing loaded rows so that loading the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.engine import Connection

from wealth.loaders.csvfile import Report

CHUNK = 500


def upsert(
    connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]], report: Report
) -> bool:
    """Insert new rows, update those that differ, leave the rest; True if anything changed.

    keys: the columns that tell rows apart; the first one narrows the search for existing rows.
    """
    before = report.added + report.changed
    # The same key twice in one file: the later line is the correction.
    by_key = {tuple(row[name] for name in keys): row for row in rows}
    listed = list(by_key.items())
    for start in range(0, len(listed), CHUNK):
        part = listed[start : start + CHUNK]
        existing = _existing(connection, table, keys, [row for _, row in part])
        fresh = []
        for key, row in part:
            old = existing.get(key)
            if old is None:
                fresh.append(dict(row))
            elif any(old[name] != value for name, value in row.items()):
                match = [table.c[name] == value for name, value in zip(keys, key, strict=True)]
                connection.execute(update(table).where(*match).values(**row))
                report.changed += 1
            else:
                report.same += 1
        if fresh:
            connection.execute(insert(table), fresh)
            report.added += len(fresh)
    return report.added + report.changed > before


def _existing(
    connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    match = [table.c[keys[0]].in_({row[keys[0]] for row in rows})]
    for name in keys[1:]:
        # Dates sort, so a window is enough to keep the search small.
        values = [row[name] for row in rows]
        match += [table.c[name] >= min(values), table.c[name] <= max(values)]
    found = connection.execute(select(table).where(*match)).mappings()
    return {tuple(row[name] for name in keys): dict(row) for row in found}
