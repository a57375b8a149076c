"""Bring the tables of journeys in step: `python -m journeys.store.migrate [--url …]`; safe to repeat."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.engine import Connection

from journeys.errors import DataFault
from journeys.store import schema
from wealth.errors import WealthError
from wealth.store import engine as database

_APPEND_ONLY = ("journey_events", "journey_results")


def migrate(url: str | None = None) -> None:
    """Create or upgrade the tables. Raises StoreUnavailable, BadSetting; DataFault for a newer database."""
    url = url or database.store_url()
    database.ensure_folder(url)
    engine = database.create(url)
    try:
        with database.translated(), engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()


def upgrade(connection: Connection) -> None:
    """Run the steps that this database lacks."""
    found = _version(connection)
    if found > schema.VERSION:
        raise DataFault(f"触达数据表是版本 {found}，程序只认识到版本 {schema.VERSION}：请先升级程序")
    for number in range(found, schema.VERSION):
        STEPS[number](connection)
    if found == schema.VERSION:
        return
    table = schema.meta
    if not connection.execute(update(table).where(table.c.key == "version").values(value=str(schema.VERSION))).rowcount:
        connection.execute(insert(table).values(key="version", value=str(schema.VERSION)))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(schema.meta.name):
        return 0
    found = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == "version")).scalar()
    return int(found or 0)


def _first(connection: Connection) -> None:
    schema.metadata.create_all(connection)
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION journey_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
        )
    for name in _APPEND_ONLY:
        body = (
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION journey_append_only()"
        )
        connection.exec_driver_sql(f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {body}")


def _second(connection: Connection) -> None:
    schema.forgotten.create(connection, checkfirst=True)


# One step a version, in order; never changed once released.
STEPS: Sequence[Callable[[Connection], None]] = (_first, _second)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if the tables are in step."""
    parser = argparse.ArgumentParser(
        prog="python -m journeys.store.migrate", description="建立或升级触达与线索的数据表"
    )
    parser.add_argument("--url", help="数据库地址（默认 PEIBAN_STORE_URL，或 var/peiban.db）")
    options = parser.parse_args(arguments)
    try:
        migrate(options.url)
    except WealthError as trouble:
        print(f"数据表没有建好：{trouble}", file=sys.stderr)
        return 1
    print("触达与线索的数据表已是最新。")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
