"""A small demo bank for every test under tests/wealth, built once per run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build
from wealth.store import Store, open_store
from wealth.store.migrate import migrate

AS_OF = date(2026, 11, 20)
# The evening of that Friday: all of its prices are out.
EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the demo bank of AS_OF and 60 random customers."""
    url = f"sqlite:///{tmp_path_factory.mktemp('bank')}/demo.db"
    migrate(url)
    build(open_store(url), Parameters(60, AS_OF, 1849), lambda line: None)
    return url


@pytest.fixture(scope="session")
def bank_store(demo_url: str) -> Store:
    """The demo bank, shared: tests that write use customers of their own."""
    return open_store(demo_url)


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[Store]:
    """A store with tables and no rows."""
    url = f"sqlite:///{tmp_path}/bank.db"
    migrate(url)
    store = open_store(url)
    yield store
    store.engine.dispose()
