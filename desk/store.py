"""The desk's store: SQLite beside the desk, or PostgreSQL. Plain functions take a connection; this gives them one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection

from desk import tables
from wealth.store import engine as database


class DeskStore:
    """Thread-safe; one per process. Trouble with the database raises StoreUnavailable."""

    def __init__(self, url: str) -> None:
        database.ensure_folder(url)
        self.engine = database.create(url)

    def create(self) -> None:
        """Make the tables that are not there yet, those of all parts of the desk that are imported by now."""
        with self.write() as connection:
            tables.metadata.create_all(connection)
            _append_only(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with database.translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in one transaction: all of it is kept, or nothing. On SQLite one writer at a time."""
        with database.translated(), self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def _append_only(connection: Connection) -> None:
    """What was audited stays: the database itself refuses to change or delete it."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS desk_audit_no_{verb.lower()} BEFORE {verb} ON desk_audit "
                "BEGIN SELECT RAISE(ABORT, 'desk_audit is append-only'); END"
            )
        return
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION desk_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
    )
    connection.exec_driver_sql("DROP TRIGGER IF EXISTS desk_audit_no_change ON desk_audit")
    connection.exec_driver_sql(
        "CREATE TRIGGER desk_audit_no_change BEFORE UPDATE OR DELETE ON desk_audit "
        "FOR EACH ROW EXECUTE FUNCTION desk_append_only()"
    )
