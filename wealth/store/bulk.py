"""Bulk loading: whole columns into a table, past the ORM; executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Table, insert
from sqlalchemy.engine import Connection


def append(connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> int:
    """Append rows given as columns of raw database values (scaled integers, ISO dates); returns how many."""
    size = len(next(iter(columns.values())))
    if not size:
        return 0
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        cursor = connection.connection.cursor()
        cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", zip(*columns.values(), strict=True))
        return size
    frame = pl.DataFrame({name: list(values) for name, values in columns.items()}, strict=False)
    text = io.BytesIO()
    frame.write_csv(text, include_header=False, null_value="\\N", quote_style="necessary")
    text.seek(0)
    cursor = connection.connection.cursor()
    cursor.copy_expert(f"COPY {table.name} ({names}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", text)
    return size


def append_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], chunk: int = 20_000) -> int:
    """Append rows given as typed Python values (Decimal, date, datetime); returns how many."""
    listed = list(rows)
    for start in range(0, len(listed), chunk):
        connection.execute(insert(table), listed[start : start + chunk])
    return len(listed)
