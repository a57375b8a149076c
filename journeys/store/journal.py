"""Journal: reads and serialised writes over the bank store's database for everything in journeys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from journeys.store import schema
from wealth.store import Store
from wealth.store import engine as database

# Writers of journeys queue on this key in PostgreSQL, so that a lower event number never commits after a higher one.
_LOCK = 77_190_041
_BEAT = "worker.beat"


class Journal:
    """One per process; safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading. Raises StoreUnavailable."""
        with self.store.read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that no other writer of journeys runs beside. Raises StoreUnavailable."""
        with database.translated(), self.store.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection


def cursor(connection: Connection, name: str) -> int:
    """How far a reader of a stream has come; 0 at the start."""
    table = schema.meta
    found = connection.execute(select(table.c.value).where(table.c.key == f"cursor.{name}")).scalar()
    return int(found or 0)


def move_cursor(connection: Connection, name: str, value: int) -> None:
    """Remember how far it has come, in the transaction that holds the effects."""
    put(connection, f"cursor.{name}", str(value))


def get(connection: Connection, key: str) -> str | None:
    """A remembered value."""
    found: str | None = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar()
    return found


def put(connection: Connection, key: str, value: str) -> None:
    """Remember a value."""
    table = schema.meta
    if not connection.execute(update(table).where(table.c.key == key).values(value=value)).rowcount:
        connection.execute(insert(table).values(key=key, value=value))


def beat(journal: Journal) -> None:
    """The worker is alive: the wall clock's moment, whatever time the bank plays. Raises StoreUnavailable."""
    with journal.write() as connection:
        put(connection, _BEAT, datetime.now(timezone.utc).isoformat())


def heartbeat(journal: Journal) -> datetime | None:
    """When the worker was last alive; None if it never ran. Raises StoreUnavailable."""
    with journal.read() as connection:
        found = get(connection, _BEAT)
    return None if found is None else datetime.fromisoformat(found)


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving out those whose key is there already."""
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])


def chunks(items: Iterable[Any], size: int = 500) -> Iterator[list[Any]]:
    """Lists of at most `size`, for IN (…)."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
