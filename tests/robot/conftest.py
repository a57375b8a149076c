"""One server for the tests that leave it as they found it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lobby_client import LobbyServer
from lobby_stage import Stage

from robot.client import Client
from robot.settings import Speaking, load
from robot.tts import WorkerVoice


@pytest.fixture(scope="session")
def lobby_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LobbyServer]:
    running = LobbyServer(tmp_path_factory.mktemp("lobby")).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def voices() -> Iterator[dict[str, WorkerVoice]]:
    """Visitors' voices, other than the robot's."""
    found = {
        name: WorkerVoice(Speaking(voice=f"sit/cmn-latn-pinyin+{name}", rate=rate))
        for name, rate in (("f5", 180.0), ("m7", 180.0))
    }
    yield found
    for voice in found.values():
        voice.close()


@pytest.fixture
def stage(lobby_server: LobbyServer, voices: dict[str, WorkerVoice], tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Makes lobbies with a robot connected to the test server."""
    made: list[tuple[Stage, Client]] = []

    def make(**changes: object) -> Stage:
        settings = load(env={"PEIBAN_SERVER_URL": lobby_server.url, "PEIBAN_ROBOT_KEY": lobby_server.key})
        # Shorter than in a branch: nobody need watch twenty seconds of nothing ten times.
        settings = replace(settings, visit=replace(settings.visit, alone=6.0))
        client = Client(settings.server, settings.key)
        client.start()
        deadline = time.monotonic() + 10
        while not client.connected and time.monotonic() < deadline:
            time.sleep(0.02)
        assert client.connected
        made.append((Stage(settings, client, tmp_path, voices, **changes), client))  # type: ignore[arg-type]
        return made[-1][0]

    yield make
    for stage_made, client in made:
        stage_made.close()
        client.stop()
