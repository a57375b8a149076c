"""The servers that benchmarks.app_load plays customers against, each a process over a folder of its own.

Ours is the server of `make serve` with Rasa's REST channel registered beside the app channel; stock is `rasa run` with
Rasa's own tracker store and way to the actions. Model, actions and demo bank are the same for all.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
_STOCK_ENDPOINTS = {
    "action_endpoint": {"url": "${PEIBAN_ACTIONS_URL}"},
    "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": "${STOCK_TRACKER_DB}"},
}


class Servers:
    """Starts what is asked for; ends it all. engine is rasa, or none for a channel that is answered at once."""

    def __init__(self, folder: Path, engine: str, customers: int) -> None:
        self._folder = folder
        self._engine = engine
        self._customers = customers
        self.secret = uuid.uuid4().hex * 2
        self.url = ""
        self.stock_url = ""
        # Name → process, of those whose memory counts as ours.
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._others: list[subprocess.Popen[bytes]] = []
        self._env = {**os.environ, "PEIBAN_APP_STORE_URL": f"sqlite:///{folder / 'app.db'}"}

    def start(self, stock: bool) -> None:
        """Raises RuntimeError when something does not come up."""
        port, actions_port = _free_port(), _free_port()
        self._env |= {
            "PEIBAN_PORT": str(port),
            "PEIBAN_ACTIONS_PORT": str(actions_port),
            "PEIBAN_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
            "PEIBAN_STORE_URL": f"sqlite:///{self._folder / 'bank.db'}",
            "PEIBAN_CHANNEL_DATA": str(self._without_limits()),
            "PEIBAN_TRACKER_DB": str(self._folder / "tracker.db"),
            "STOCK_TRACKER_DB": str(self._folder / "stock.db"),
            "PEIBAN_JWT_SECRET": self.secret,
            "RASA_TELEMETRY_ENABLED": "false",
            "CUDA_VISIBLE_DEVICES": "-1",
        }
        self.url = f"http://127.0.0.1:{port}"
        if self._engine == "rasa":
            bank = ["-m", "wealth.demo", "--customers", str(self._customers), "--url", self._env["PEIBAN_STORE_URL"]]
            subprocess.run([sys.executable, *bank], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            self.processes["actions"] = self._run("actions", "-m", "server.action_server")
        self.processes["server"] = self._run("server", "-m", "benchmarks.load_servers", str(port), self._engine)
        self._await(self.url, self.processes["server"], "server")
        if stock and self._engine == "rasa":
            self._start_stock()

    def stop(self) -> None:
        """End every process and wait for it."""
        for process in (*self.processes.values(), *self._others):
            process.terminate()
        for process in (*self.processes.values(), *self._others):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            if process.poll() is None:
                process.kill()

    def memory(self) -> dict[str, float]:
        """Resident megabytes by process."""
        page = os.sysconf("SC_PAGE_SIZE") / 1e6
        return {
            name: int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * page
            for name, process in self.processes.items()
        }

    def complaints(self) -> list[str]:
        """What our processes logged as errors, each line once."""
        logs = ((self._folder / f"{name}.log").read_text(errors="replace") for name in self.processes)
        return sorted({line[line.find("ERROR") :] for log in logs for line in log.splitlines() if "ERROR" in line})

    def customers(self, count: int) -> list[str]:
        """Ids of customers of the demo bank."""
        if self._engine == "none":
            return [f"c{number:07d}" for number in range(1, count + 1)]
        from sqlalchemy import create_engine, text

        engine = create_engine(self._env["PEIBAN_STORE_URL"], future=True)
        with engine.connect() as connection:
            ids = connection.execute(text("select id from customers order by id limit :count"), {"count": count})
            return [str(row.id) for row in ids]

    def _start_stock(self) -> None:
        port = _free_port()
        endpoints, credentials = self._folder / "stock-endpoints.yml", self._folder / "stock-credentials.yml"
        endpoints.write_text(yaml.safe_dump(_STOCK_ENDPOINTS), encoding="utf-8")
        credentials.write_text("rest:\n", encoding="utf-8")
        self._others.append(
            self._run(
                "stock", "-m", "rasa", "run", "--model", str(model()), "--endpoints", str(endpoints),
                "--credentials", str(credentials), "--port", str(port), "--interface", "127.0.0.1",
            )
        )  # fmt: skip
        self.stock_url = f"http://127.0.0.1:{port}"
        self._await(self.stock_url, self._others[0], "stock")

    def _run(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-W", "ignore", *command], env=self._env, cwd=ROOT, stdout=log, stderr=log
            )

    def _await(self, url: str, process: subprocess.Popen[bytes], name: str) -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(url + "/webhooks/rest/", timeout=5):
                return
            time.sleep(0.3)
        raise RuntimeError((self._folder / f"{name}.log").read_text(errors="replace")[-2000:])

    def _without_limits(self) -> Path:
        """The channels' data with limits out of the way: here one address plays two hundred customers."""
        folder = self._folder / "channels"
        shutil.copytree(ROOT / "data" / "channels", folder)
        rules: dict[str, Any] = yaml.safe_load((folder / "app.yml").read_text(encoding="utf-8"))
        for rule in rules["limits"].values():
            if isinstance(rule, dict):
                rule["requests"] = 10_000_000
        (folder / "app.yml").write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
        return folder


def model() -> Path:
    """The model of the current data, else the newest there is. Raises FileNotFoundError without any."""
    from server.train import model_path

    exact = model_path()
    found = [exact] if exact.exists() else sorted((ROOT / "models").glob("*.tar.gz"), key=os.path.getmtime)
    if not found:
        raise FileNotFoundError("models/*.tar.gz")
    return found[-1]


def serve(port: int, engine: str) -> None:
    """Both channels in one server, over one engine."""
    from rasa.core.channels import channel as rasa_channel
    from rasa.core.channels.rest import RestInput
    from sanic import Sanic

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    if engine == "rasa":
        from server.rasa_server import create_app

        app = create_app(str(model()))
        rasa_channel.register([RestInput()], app, "/webhooks/")
    else:
        from rasa.core.channels.channel import UserMessage

        from channels.app.channel import AppChannel

        class Engine:
            async def handle_message(self, message: UserMessage) -> None:
                await message.output_channel.send_response(message.sender_id, {"text": "收到"})

            def is_ready(self) -> bool:
                return True

        app = Sanic("app_load", configure_logging=False)
        rasa_channel.register([AppChannel.from_settings(), RestInput()], app, "/webhooks/")
        app.ctx.agent = Engine()
    app.run(host="127.0.0.1", port=port, access_log=False, motd=False)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
