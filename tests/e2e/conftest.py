"""Chromium, the page over a played assistant (`bank`), the whole house (`server`); each starts when first asked for."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from page_client import CHROMIUM_ARGUMENTS, ROOT, PageServer, answers, free_port, wait_for
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from supervisor.xmlrpc import SupervisorTransport

BrowserPage = Callable[..., Page]


@pytest.fixture(scope="session")
def built_page() -> None:
    """The page in web/app/dist, built when its sources changed."""
    done = subprocess.run([sys.executable, "-m", "server.pages"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. PEIBAN_CHROMIUM names another."""
    path = os.environ.get("PEIBAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no chromium: apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_phone(chromium: Browser) -> Iterator[BrowserPage]:
    """Make a phone (a browser of its own): open_phone(width=390, height=844, **Playwright's context options).

    Any error in a page fails the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(width: int = 390, height: int = 844, **options: Any) -> Page:
        settings: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "device_scale_factor": 2}
        context = chromium.new_context(viewport={"width": width, "height": height}, **{**settings, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        # Refused loads and eval show up here as text only.
        page.on(
            "console",
            lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None,
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def bank(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    """The page and the real app channel; the assistant is played (tests/e2e/page_server.py)."""
    running = PageServer(tmp_path_factory.mktemp("page")).start()
    yield running
    running.stop()


class WholeHouse:
    """`make serve` as a process: url, var folder, and what it printed."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port, self.actions_port, self.desk_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.console = var / "console.txt"
        self.env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PEIBAN_MODE": "demo",
            "PEIBAN_PORT": str(self.port),
            "PEIBAN_ACTIONS_PORT": str(self.actions_port),
            "PEIBAN_DESK_PORT": str(self.desk_port),
            "PEIBAN_VAR": str(var),
        }

    def start(self, seconds: float = 180) -> WholeHouse:
        """Start and wait for /health. Raises AssertionError with the console's end."""
        with self.console.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.serve"], cwd=ROOT, env=self.env, stdout=out, stderr=subprocess.STDOUT
            )

        def ready() -> bool:
            assert self.process.poll() is None, self.console.read_text()[-2000:]
            return answers(self.url + "/health")

        try:
            wait_for(ready, seconds)
        except AssertionError:
            self.stop()
            raise AssertionError(self.console.read_text()[-2000:]) from None
        return self

    def pid(self, part: str) -> int:
        """Process id of a part (actions, rasa), as its supervisor knows it; 0 while it is down."""
        transport = SupervisorTransport(None, None, f"unix://{self.var / 'supervisor.sock'}")
        proxy: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        return int(proxy.supervisor.getProcessInfo(part)["pid"])

    def stop(self) -> None:
        """As Ctrl-C: the supervisor ends every child."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeHouse]:
    """The whole house on free ports with its own data folder, once per session; pages and model are shared.

    What `make test` has built before is not built again; on its own the first start trains, which takes minutes.
    """
    for step in ("server.pages", "server.train"):
        done = subprocess.run([sys.executable, "-m", step], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    house = WholeHouse(tmp_path_factory.mktemp("house")).start()
    yield house
    house.stop()
