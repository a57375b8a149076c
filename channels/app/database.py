"""Connection to the app store, off the event loop: SQLite (WAL) for one machine, PostgreSQL for many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.schema import Table

from channels.app import migrations, tables

_BATCH = 200

P = ParamSpec("P")
T = TypeVar("T")


class StoreError(Exception):
    """The store can't be used; the message is one line for the person at the console."""


class Database:
    """Runs plain functions `f(connection, …)` in worker threads, each in one transaction.

    Writes to SQLite go through one thread: it has one writer anyway, and what has queued up while the disk was busy
    shares the next commit. PostgreSQL does the same of itself.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine()
        self._readers = ThreadPoolExecutor(4, "app-store-read")
        self._writers = ThreadPoolExecutor(1 if self.embedded else 8, "app-store-write")
        self._queue: SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]]] = SimpleQueue()
        self._create()

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in a read transaction."""

        def run() -> T:
            with self.engine.connect() as connection:
                return work(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in a write transaction; all of it or nothing is kept."""
        future: Future[T]
        if self.embedded:
            future = Future()
            self._queue.put((lambda connection: work(connection, *args, **kwargs), future))
            self._writers.submit(self._commit_queued)
        else:
            future = self._writers.submit(lambda: self.write_now(work, *args, **kwargs))
        # A caller who hangs up must not leave us unsure whether it was written.
        return await asyncio.shield(asyncio.wrap_future(future))

    def write_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same from a thread, for callers without an event loop."""
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            return work(connection, *args, **kwargs)

    def _commit_queued(self) -> None:
        """All that waits, each in its own savepoint, in one commit. One failing harms no other."""
        waiting: list[tuple[Callable[[Connection], Any], Future[Any]]] = []
        while len(waiting) < _BATCH:
            try:
                waiting.append(self._queue.get_nowait())
            except Empty:
                break
        if not waiting:
            return
        done: list[tuple[Future[Any], Any]] = []
        try:
            with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
                for work, future in waiting:
                    try:
                        with connection.begin_nested():
                            result = work(connection)
                    except Exception as error:
                        future.set_exception(error)
                    else:
                        done.append((future, result))
        except Exception as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
        else:
            for future, result in done:
                future.set_result(result)

    def close(self) -> None:
        """Finish what is queued and close the connections."""
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.engine.dispose()

    def _engine(self) -> Engine:
        if not self.embedded:
            return create_engine(self.url, future=True, pool_pre_ping=True, pool_size=12)
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            future=True,
            poolclass=QueuePool,
            pool_size=8,
            connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None},
        )

        @event.listens_for(engine, "connect")
        def _pragmas(raw: Any, _: Any) -> None:
            raw.execute("pragma journal_mode=wal")
            # Full: what we have acknowledged survives a power cut, not only a killed process.
            raw.execute("pragma synchronous=full")
            raw.execute("pragma foreign_keys=on")
            raw.execute("pragma secure_delete=on")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            # pysqlite would start a write as a read and fail on the upgrade; say at once what it will be.
            writing = connection.get_execution_options().get("writing")
            connection.exec_driver_sql("begin immediate" if writing else "begin")

        return engine

    def _create(self) -> None:
        def create(connection: Connection) -> None:
            tables.metadata.create_all(connection)
            found = connection.execute(select(tables.schema_info.c.version).with_for_update()).scalar()
            if found is None:
                connection.execute(insert(tables.schema_info).values(version=tables.VERSION))
            elif found > tables.VERSION:
                raise StoreError(f"App 数据库是版本 {found}，程序只认到版本 {tables.VERSION}：请换用新版程序")
            else:
                migrations.upgrade(connection, found)

        self.write_now(create)


def insert_once(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert unless a row with the same key is there; true when it was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    result = connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())
    return bool(result.rowcount)
