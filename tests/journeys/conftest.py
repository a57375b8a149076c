"""A demo bank for the tests of journeys: built once, copied for every test that writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from journeys_bank import AS_OF

from journeys.store import Journal
from journeys.store.migrate import migrate as migrate_journeys
from wealth.demo.build import Parameters, build
from wealth.store import Store, open_store
from wealth.store.migrate import migrate


@pytest.fixture(scope="session")
def bank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo bank of AS_OF with 120 random customers, journeys' tables included. Not to be written to."""
    path = tmp_path_factory.mktemp("journeys") / "bank.db"
    migrate(f"sqlite:///{path}")
    migrate_journeys(f"sqlite:///{path}")
    store = open_store(f"sqlite:///{path}")
    build(store, Parameters(120, AS_OF, 1849), lambda line: None)
    with store.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.engine.dispose()
    return path


@pytest.fixture
def store(bank_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy to write to."""
    shutil.copy(bank_file, tmp_path / "bank.db")
    opened = open_store(f"sqlite:///{tmp_path}/bank.db")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)
