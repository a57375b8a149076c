"""Servers and phones for the browser tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import requests
import yaml
from playwright.sync_api import Page

from channels import signing

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "results" / "screens"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECRET = "K4w" * 16
SERVICE_KEY = "Q8d" * 16
PATIENCE = 20.0
INPUT = "想问小财什么"


def wait_for(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Poll until true. Raises AssertionError after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError("did not happen in time")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


class PageServer:
    """tests/e2e/page_server.py as a process over a folder, on one port; can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        data = folder / "channels"
        data.mkdir()
        for file in (ROOT / "data" / "channels").iterdir():
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            if file.stem == "app":
                # All tests come from one address and may run at night.
                for name in ("per_address", "failed_logins_per_address", "per_customer", "messages_per_customer"):
                    content["limits"][name] = {"requests": 100_000, "seconds": 60}
                content["quiet_hours"] = {"start": "00:00", "end": "00:00"}
            (data / file.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        self._env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PEIBAN_MODE": "demo",
            "PEIBAN_VAR": str(folder / "var"),
            "PEIBAN_APP_STORE_URL": f"sqlite:///{folder / 'app.db'}",
            "PEIBAN_CHANNEL_DATA": str(data),
            "PEIBAN_JWT_SECRET": SECRET,
            "PEIBAN_SERVICE_KEY": SERVICE_KEY,
            "PEIBAN_JWT_SKEW_SECONDS": "0",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> PageServer:
        command = [sys.executable, "-m", "tests.e2e.page_server", "--port", str(self.port)]
        with (self.folder / "server.log").open("a") as log:
            self._process = subprocess.Popen(command, env=self._env, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for(lambda: answers(self.url + "/demo/customers"), 40)
        except AssertionError:
            raise AssertionError((self.folder / "server.log").read_text()[-2000:]) from None
        return self

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
            if self._process.poll() is None:
                self._process.kill()

    def token(self, customer: str, seconds: float = 600) -> str:
        now = time.time()
        claims = {"aud": "peiban-app", "iss": "peiban-demo-bank", "iat": now - 60, "exp": now + seconds}
        return jwt.encode({"sub": customer, "jti": uuid.uuid4().hex, **claims}, SECRET, algorithm="HS256")

    def log(self, customer: str) -> list[dict[str, Any]]:
        """Every message of the customer's conversation, as the server keeps it."""
        headers = {"Authorization": f"Bearer {self.token(customer)}"}
        messages: list[dict[str, Any]] = []
        before = ""
        while True:
            page = requests.get(
                f"{self.url}/webhooks/app/history?limit=100{before}", headers=headers, timeout=20
            ).json()
            messages = page["messages"] + messages
            if not page["has_more"]:
                return messages
            before = f"&before={page['messages'][0]['seq']}"

    def say(self, customer: str, texts: list[str]) -> None:
        """As another device of this customer would."""
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {self.token(customer)}"
            for text in texts:
                body = {"message_id": uuid.uuid4().hex, "text": text}
                answer = session.post(f"{self.url}/webhooks/app/messages", json=body, timeout=30)
                assert answer.status_code == 200, answer.text

    def desk(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A call by the bank's own systems below /webhooks/app/internal."""
        target = f"/webhooks/app/internal{path}"
        content = b"" if body is None else json.dumps(body).encode()
        headers = {**signing.headers(SERVICE_KEY, method, target, content), "Content-Type": "application/json"}
        answer = requests.request(method, self.url + target, data=content, headers=headers, timeout=20)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def enter(page: Page, server_url: str, rung: str) -> None:
    """Open the page and pick the demo customer of a rung."""
    page.goto(server_url)
    page.get_by_role("button").filter(has_text=rung).first.click()
    page.get_by_label(INPUT).wait_for()


def sign_in(page: Page, server: PageServer, customer: str, seconds: float = 600) -> None:
    """Open the page as a bank's app does; `freshToken` in the page gives the next token."""
    page.expose_function("freshToken", lambda: server.token(customer))
    page.goto(server.url)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_function("window.PeiBan")
    page.evaluate("token => PeiBan.open({token, getToken: () => window.freshToken()})", server.token(customer, seconds))
    page.get_by_label(INPUT).wait_for()


def say(page: Page, text: str) -> None:
    """Type and press Enter."""
    box = page.get_by_label(INPUT)
    box.fill(text)
    box.press("Enter")


def shoot(page: Page, name: str) -> None:
    """A screenshot for people to look at: results/screens/<name>.png."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", animations="disabled")
