"""Start and kill a real server process, and talk to it as a phone or as the bank would."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import requests
import yaml

from channels import signing

ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "PEIBAN_JWT_SECRET": "J7f" * 16,
    "PEIBAN_SERVICE_KEY": "S8g" * 16,
    "PEIBAN_BANK_EVENTS_KEY": "B9h" * 16,
}
PATIENCE = 20.0


class Server:
    """One server process over a folder; start it again after kill to see what was kept."""

    def __init__(self, folder: Path, rules: dict[str, Any] | None = None, **env: str) -> None:
        self.folder = folder
        data = folder / "channels"
        shutil.copytree(ROOT / "data" / "channels", data)
        content = yaml.safe_load((data / "app.yml").read_text(encoding="utf-8"))
        # Tests run at night too, and from one address.
        content["quiet_hours"] = {"start": "00:00", "end": "00:00"}
        for name, values in (rules or {}).items():
            content[name] = {**content[name], **values}
        (data / "app.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        self.turn_log = folder / "turns.log"
        self.not_ready = folder / "loading"
        self.env = {
            **os.environ,
            **KEYS,
            "PYTHONPATH": str(ROOT),
            "PEIBAN_MODE": "demo",
            "PEIBAN_VAR": str(folder / "var"),
            "PEIBAN_APP_STORE_URL": f"sqlite:///{folder / 'app.db'}",
            "PEIBAN_CHANNEL_DATA": str(data),
            "PEIBAN_TRUSTED_PROXIES": "1",
            "TEST_TURN_LOG": str(self.turn_log),
            "TEST_NOT_READY": str(self.not_ready),
            **env,
        }
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        command = [sys.executable, str(ROOT / "tests" / "channels" / "app_server.py"), "--port", str(self.port)]
        log = (self.folder / "server.log").open("a")
        self.process = subprocess.Popen(command, env=self.env, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.strip().isdigit(), (self.folder / "server.log").read_text()
        self.port = int(line)
        wait_for(self._up)
        return self

    def _up(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(self.url + "/demo/customers", timeout=5).status_code == 200
        return False

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def turns(self) -> list[list[Any]]:
        """What reached the assistant: [sender, text, metadata]."""
        if not self.turn_log.exists():
            return []
        return [json.loads(line) for line in self.turn_log.read_text(encoding="utf-8").split("\n")[:-1]]

    def errors(self) -> str:
        return (self.folder / "server.log").read_text()


def wait_for(condition: Any) -> Any:
    """Poll until true; fails after a while."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError("did not happen in time")


def token(customer: str, **claims: Any) -> str:
    now = int(time.time())
    body = {
        "sub": customer,
        "aud": "peiban-app",
        "iss": "peiban-demo-bank",
        "iat": now,
        "exp": now + 600,
        "jti": uuid.uuid4().hex,
        **claims,
    }
    return jwt.encode(body, KEYS["PEIBAN_JWT_SECRET"], algorithm="HS256")


class Phone:
    """A customer's device; each has an address of its own."""

    def __init__(self, server: Server, customer: str | None = None, **claims: Any) -> None:
        self.server = server
        self.customer = customer or "c" + uuid.uuid4().hex[:12]
        self.token = token(self.customer, **claims)
        number = uuid.uuid4().int
        self.headers = {
            "Authorization": f"Bearer {self.token}",
            "X-Forwarded-For": f"10.{number % 250}.{number // 250 % 250}.{number // 62500 % 250}",
        }

    def request(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", 60)
        headers = {**self.headers, **kwargs.pop("headers", {})}
        return requests.request(method, f"{self.server.url}/webhooks/app{path}", headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> requests.Response:
        return self.request("POST", path, json=body, **kwargs)

    def say(self, text: str, message_id: str | None = None) -> dict[str, Any]:
        answer = self.post("/messages", {"message_id": message_id or uuid.uuid4().hex, "text": text})
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def history(self, **params: Any) -> dict[str, Any]:
        answer = self.get("/history", params={"limit": 100, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()

    @contextlib.contextmanager
    def stream(self, cursor: str | None = None) -> Iterator[Events]:
        headers = {"Last-Event-ID": cursor} if cursor else {}
        answer = self.get("/stream", headers=headers, stream=True, timeout=30)
        assert answer.status_code == 200, answer.text
        events = Events(answer)
        try:
            yield events
        finally:
            events.close()


class Events:
    """Server-sent events as they come: (event, data, id)."""

    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer
        self._queue: queue.Queue[tuple[str, Any, str | None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def next(self, *wanted: str) -> tuple[str, Any, str | None]:
        """The next event of one of these names; None as name: the stream's end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            event = self._queue.get(timeout=max(0.1, deadline - time.monotonic()))
            if event is None:
                return ("end", None, None)
            if not wanted or event[0] in wanted:
                return event

    def messages(self, count: int) -> list[tuple[str, Any, str | None]]:
        return [self.next("message") for _ in range(count)]

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._answer.raw._fp.fp.raw._sock.shutdown(2)
        self._answer.close()

    def _read(self) -> None:
        event: dict[str, str] = {}
        with contextlib.suppress(Exception):
            for line in self._answer.iter_lines(chunk_size=1):
                text = line.decode("utf-8")
                if text:
                    name, _, value = text.partition(": ")
                    event[name] = value
                elif "event" in event:
                    self._queue.put((event["event"], json.loads(event["data"]), event.get("id")))
                    event = {}
        self._queue.put(None)


def signed(server: Server, key: str, method: str, path: str, body: Any = None, **kwargs: Any) -> requests.Response:
    """A call by the bank's systems; path is whole or below /webhooks/app, with its query."""
    target = path if path.startswith("/webhooks/") else f"/webhooks/app{path}"
    content = b"" if body is None else json.dumps(body).encode()
    headers = {**signing.headers(KEYS.get(key, key), method, target, content), "Content-Type": "application/json"}
    headers.update(kwargs.pop("headers", {}))
    return requests.request(method, server.url + target, data=content, headers=headers, timeout=30, **kwargs)
