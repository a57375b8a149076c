"""One server for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from app_client import Phone, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("app")).start()
    yield running
    running.stop()
    assert "Traceback" not in running.errors(), running.errors()


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Gives up waiting early, may be killed, and is not ready while its flag file is there."""
    timing = {"answer_wait": 0.5, "stalled_client": 1, "heartbeat": 1}
    running = Server(tmp_path_factory.mktemp("impatient"), {"timing": timing}, TEST_SLOW_SECONDS="1.5").start()
    yield running
    running.stop()
    assert "Traceback" not in running.errors(), running.errors()


@pytest.fixture
def phone(server: Server) -> Phone:
    return Phone(server)
