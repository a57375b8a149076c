"""A demo bank with journeys' tables and tags, built once and copied for every test that writes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from desk_client import AS_OF, MORNING, settings, sign_in
from fastapi import FastAPI
from starlette.datastructures import State
from starlette.testclient import TestClient

from desk.app import create_app, prepared
from desk.auth import accounts
from desk.services import Services
from journeys.store import Journal
from journeys.store.migrate import migrate as migrate_journeys
from journeys.tags.compute import refresh
from wealth.demo.build import Parameters, build
from wealth.store import open_store
from wealth.store.migrate import migrate


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> None:
    """argon2 is slow on purpose; what these tests are about is not how slow."""
    accounts._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def bank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo bank of AS_OF with 120 random customers and their tags. Not to be written to."""
    path = tmp_path_factory.mktemp("desk") / "bank.db"
    migrate(f"sqlite:///{path}")
    migrate_journeys(f"sqlite:///{path}")
    store = open_store(f"sqlite:///{path}")
    build(store, Parameters(120, AS_OF, 1849), lambda line: None)
    refresh(Journal(store), MORNING)
    with store.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.engine.dispose()
    return path


@pytest.fixture(scope="session")
def routes(bank_file: Path, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application with its routes: the slow part of making one."""
    folder = tmp_path_factory.mktemp("routes")
    shutil.copy(bank_file, folder / "bank.db")
    return create_app(settings(folder))


@pytest.fixture
def desk_app(routes: FastAPI, bank_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """A desk with stores and a bank of its own, on the morning of AS_OF."""
    monkeypatch.setenv("PEIBAN_NOW", MORNING.isoformat())
    monkeypatch.setenv("PEIBAN_AUDIT_KEY", "a-key-for-pseudonyms-in-these-tests")
    shutil.copy(bank_file, tmp_path / "bank.db")
    routes.state = State({"services": prepared(settings(tmp_path))})
    return routes


@pytest.fixture
def services(desk_app: FastAPI) -> Services:
    found: Services = desk_app.state.services
    return found


@pytest.fixture
def client(desk_app: FastAPI) -> Iterator[TestClient]:
    """A browser that nobody is signed in with."""
    with TestClient(desk_app) as opened:
        yield opened


@pytest.fixture
def browser(desk_app: FastAPI, client: TestClient) -> Callable[[str], TestClient]:
    """browser("jl01"): a browser of its own, signed in, which sends the CSRF token by itself."""

    def opened(account: str) -> TestClient:
        fresh = TestClient(desk_app)
        fresh.headers.update(sign_in(fresh, account))
        return fresh

    return opened
