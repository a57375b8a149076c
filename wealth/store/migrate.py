"""Bring a database to the newest tables: `python -m wealth.store.migrate [--url …]`; safe to repeat."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from wealth.errors import WealthError
from wealth.store import engine as database


def config(connection: Connection) -> Config:
    """Alembic's settings for the store, on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def migrate(url: str | None = None) -> None:
    """Create or upgrade the tables. Raises StoreUnavailable, BadSetting."""
    url = url or database.store_url()
    engine = database.create(url)
    database.ensure_folder(url)
    with database.translated(), engine.begin() as connection:
        command.upgrade(config(connection), "head")
    engine.dispose()


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 if the tables are in step."""
    parser = argparse.ArgumentParser(prog="python -m wealth.store.migrate", description="建立或升级数据表")
    parser.add_argument("--url", help="数据库地址（默认 PEIBAN_STORE_URL，或 var/peiban.db）")
    options = parser.parse_args(arguments)
    try:
        migrate(options.url)
    except WealthError as trouble:
        print(f"数据表没有建好：{trouble}", file=sys.stderr)
        return 1
    print("数据表已是最新。")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
