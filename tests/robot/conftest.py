"""One server for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lobby_client import LobbyServer


@pytest.fixture(scope="session")
def lobby_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LobbyServer]:
    running = LobbyServer(tmp_path_factory.mktemp("lobby")).start()
    yield running
    running.stop()
