"""Opening the database: SQLite in WAL mode or PostgreSQL, and its troubles turned into StoreUnavailable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from wealth.errors import BadSetting, StoreUnavailable

DEFAULT_URL = "sqlite:///var/peiban.db"


def store_url() -> str:
    """PEIBAN_STORE_URL, or the embedded SQLite file var/peiban.db."""
    return os.environ.get("PEIBAN_STORE_URL") or DEFAULT_URL


def create(url: str) -> Engine:
    """An engine for the store. Opens no connection yet. Raises BadSetting for a URL that is none."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadSetting("数据库地址无法识别，应像 sqlite:///var/peiban.db 或 postgresql://…") from None
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, future=True)
    if not parsed.database or parsed.database == ":memory:":
        raise BadSetting("数据库地址需要写明文件，例如 sqlite:///var/peiban.db")
    engine = create_engine(
        url, poolclass=QueuePool, connect_args={"check_same_thread": False, "timeout": 10}, future=True
    )
    event.listen(engine, "connect", _sqlite_settings)
    return engine


def ensure_folder(url: str) -> None:
    """Make the folder of an embedded database file, so that it can be created there."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)


def _sqlite_settings(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


@contextmanager
def translated() -> Iterator[None]:
    """Database trouble inside becomes StoreUnavailable; a broken constraint stays what it is."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as trouble:
        raise StoreUnavailable(type(trouble).__name__) from trouble
