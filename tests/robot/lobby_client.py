"""A running server with the robot channel, as a process to be started, asked and killed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class LobbyServer:
    """tests/robot/lobby_server.py as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "turns.jsonl"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> LobbyServer:
        environment = {
            **os.environ,
            "PEIBAN_MODE": "demo",
            "PEIBAN_VAR": str(self.folder),
            "PEIBAN_PORT": str(self.port),
            "PEIBAN_PAGE_URL": self.url,
            "PEIBAN_APP_STORE_URL": f"sqlite:///{self.folder}/app.db",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "RASA_TELEMETRY_ENABLED": "false",
            "TEST_TURN_LOG": str(self.log),
        }
        for name in ("PEIBAN_ROBOT_KEYS", "PEIBAN_ROBOT_KEY"):
            environment.pop(name, None)
        with (self.folder / "server.log").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).parent / "lobby_server.py")],
                env=environment,
                stdout=out,
                stderr=out,
            )
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "server.log").read_text()[-2000:])
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the test server did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    @property
    def key(self) -> str:
        """The demo device's key, as the robot on this machine would find it."""
        return "demo." + (self.folder / "demo-keys" / "peiban_robot_key").read_text()

    def turns(self) -> list[Any]:
        """[sender, text, metadata] of what reached the dialogue."""
        return [json.loads(line) for line in self.log.read_text().split("\n") if line] if self.log.exists() else []

    def call(
        self, method: str, path: str, body: Any = None, key: str | None = "", raw: bytes | None = None
    ) -> tuple[int, Any]:
        """(status, JSON or None). key: "" for the demo key, None for none."""
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["X-PeiBan-Device-Key"] = key or self.key
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                content = response.read()
                return response.status, json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            content = error.read()
            return error.code, json.loads(content) if content else None

    def say(self, text: str, visit: str, message_id: str, **kwargs: Any) -> tuple[int, Any]:
        body = {"message_id": message_id, "visit": visit, "text": text}
        return self.call("POST", "/webhooks/robot/messages", body, **kwargs)
