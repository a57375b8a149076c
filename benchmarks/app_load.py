"""The app channel under load: open streams and a mixed conversation, beside Rasa's own REST channel on the same engine.

python -m benchmarks.app_load [--minutes 0.5] [--streams 200] [--workers 16] [--engine rasa|none]
Engine rasa is the trained model with its actions; none answers at once, so that only the channels are measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [
    "你好",
    "我有多少钱",
    "今年以来赚了多少",
    "那上个月呢",
    "帮我做个财富体检",
    "推荐点稳健的",
    "什么是七日年化",
    "怎么赎回",
    "今天行情怎么样",
    "谢谢",
]


@dataclass
class Tally:
    """What one phase measured; times in milliseconds."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def row(self, name: str) -> str:
        cut = statistics.quantiles(self.times, n=100) if len(self.times) > 1 else [0.0] * 99
        rate = len(self.times) / self.seconds if self.seconds else 0.0
        return (
            f"{name:<24}{len(self.times):>8}{rate:>10.1f}{cut[49]:>9.1f}{cut[94]:>9.1f}{cut[98]:>9.1f}"
            f"{len(self.errors):>8}"
        )


HEADER = f"{'':<24}{'turns':>8}{'turns/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'errors':>8}"


def serve(port: int, engine: str) -> None:
    """Both channels in one server, over one engine."""
    from rasa.core.channels import channel as rasa_channel
    from rasa.core.channels.rest import RestInput
    from sanic import Sanic

    if engine == "rasa":
        from rasa.model import get_latest_model

        from server.rasa_server import create_app

        app = create_app(str(get_latest_model(str(ROOT / "models"))))
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


def environment(folder: Path, port: int) -> dict[str, str]:
    """Limits out of the way: here one address plays two hundred customers."""
    rules = yaml.safe_load((ROOT / "data" / "channels" / "app.yml").read_text(encoding="utf-8"))
    for rule in rules["limits"].values():
        if isinstance(rule, dict):
            rule["requests"] = 10_000_000
    shutil.copytree(ROOT / "data" / "channels", folder / "channels")
    (folder / "channels" / "app.yml").write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    return {
        **os.environ,
        "PEIBAN_PORT": str(port),
        "PEIBAN_CHANNEL_DATA": str(folder / "channels"),
        "PEIBAN_APP_STORE_URL": f"sqlite:///{folder / 'app.db'}",
        "PEIBAN_TRACKER_DB": str(folder / "tracker.db"),
        "PEIBAN_JWT_SECRET": uuid.uuid4().hex * 2,
    }


class Load:
    """Plays customers against one server."""

    def __init__(self, base: str, customers: list[str], tokens: dict[str, str], workers: int) -> None:
        self._base = base
        self._customers = customers
        self._tokens = tokens
        self._workers = workers
        self._sent: dict[str, float] = {}
        self.delivery = Tally()
        self.gaps = 0

    async def stream(self, session: aiohttp.ClientSession, customer: str, ready: asyncio.Semaphore) -> None:
        """One phone: reads its stream and checks that nothing is missing."""
        headers = {"Authorization": f"Bearer {self._tokens[customer]}"}
        last = 0
        async with session.get(f"{self._base}/webhooks/app/stream", headers=headers) as answer:
            async for line in answer.content:
                if line.startswith(b"event: ready"):
                    ready.release()
                elif line.startswith(b"data: ") and b'"type"' in line:
                    message = json.loads(line[6:])
                    self.gaps += message["seq"] != last + 1
                    last = message["seq"]
                    sent = self._sent.pop(message.get("reply_to", ""), None)
                    if sent is not None:
                        self.delivery.times.append((time.perf_counter() - sent) * 1000)

    async def phase(self, session: aiohttp.ClientSession, seconds: float, turn: Any) -> Tally:
        """Closed loop: each worker sends the next turn when it has its answer."""
        tally = Tally()
        started = time.perf_counter()

        async def worker(number: int) -> None:
            chance = random.Random(number)
            # A customer says one thing at a time, so workers share none.
            mine = self._customers[number :: self._workers]
            while time.perf_counter() - started < seconds:
                began = time.perf_counter()
                try:
                    await turn(session, chance.choice(mine), chance)
                except (aiohttp.ClientError, asyncio.TimeoutError, AssertionError) as error:
                    tally.errors.append(repr(error))
                else:
                    tally.times.append((time.perf_counter() - began) * 1000)

        await asyncio.gather(*(worker(number) for number in range(self._workers)))
        tally.seconds = time.perf_counter() - started
        return tally

    async def app_turn(self, session: aiohttp.ClientSession, customer: str, chance: random.Random) -> None:
        """A message; now and then also a page of history and a read mark, as a phone does."""
        headers = {"Authorization": f"Bearer {self._tokens[customer]}"}
        message_id = uuid.uuid4().hex
        self._sent[message_id] = time.perf_counter()
        body = {"message_id": message_id, "text": chance.choice(TEXTS)}
        async with session.post(f"{self._base}/webhooks/app/messages", json=body, headers=headers) as answer:
            content = await answer.json()
            assert answer.status == 200 and content["messages"], (answer.status, content.get("code"))
        if chance.random() < 0.1:
            async with session.get(f"{self._base}/webhooks/app/history", headers=headers) as answer:
                assert answer.status == 200
                page = await answer.json()
            async with session.post(
                f"{self._base}/webhooks/app/read", json={"seq": page["seq"]}, headers=headers
            ) as answer:
                assert answer.status == 200

    async def rest_turn(self, session: aiohttp.ClientSession, customer: str, chance: random.Random) -> None:
        """The same through Rasa's own channel."""
        body = {
            "sender": f"rest:{customer}",
            "message": chance.choice(TEXTS),
            "metadata": {"channel": "app", "customer": customer, "personalised": True},
        }
        async with session.post(f"{self._base}/webhooks/rest/webhook", json=body) as answer:
            assert answer.status == 200 and await answer.json(), answer.status


def memory(process: int) -> float:
    """Resident megabytes of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure(arguments: argparse.Namespace, port: int, process: int, secret: str) -> int:
    os.environ["PEIBAN_JWT_SECRET"] = secret
    from channels.app.settings import AppSettings
    from channels.app.token import issue

    base = f"http://127.0.0.1:{port}"
    settings = AppSettings.from_env()
    customers = [f"demo-{number:02d}" for number in range(1, arguments.streams + 1)]
    tokens = {customer: issue(settings, customer, 86_400)[0] for customer in customers}
    load = Load(base, customers, tokens, arguments.workers)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=30)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        await wait_until_up(session, base)
        ready = asyncio.Semaphore(0)
        streams = [asyncio.create_task(load.stream(session, customer, ready)) for customer in customers]
        for _ in customers:
            await asyncio.wait_for(ready.acquire(), 60)
        await load.phase(session, 2, load.app_turn)
        load.delivery.times.clear()
        before = memory(process)
        app = await load.phase(session, arguments.minutes * 30, load.app_turn)
        await asyncio.sleep(1)
        after = memory(process)
        for stream in streams:
            stream.cancel()
        ended = await asyncio.gather(*streams, return_exceptions=True)
        await load.phase(session, 2, load.rest_turn)
        rest = await load.phase(session, arguments.minutes * 30, load.rest_turn)
    load.delivery.seconds = app.seconds
    print(HEADER)
    print(app.row(f"app, {arguments.streams} streams"))
    print(load.delivery.row("  seen on the stream"))
    print(rest.row("Rasa REST, no streams"))
    ratio = (len(app.times) / app.seconds) / (len(rest.times) / rest.seconds)
    broken = [error for error in ended if not isinstance(error, asyncio.CancelledError)]
    print(f"app / REST turns per second: {ratio:.2f}; gaps on streams: {load.gaps}; streams broken: {len(broken)}")
    print(f"server memory: {before:.0f} MB before, {after:.0f} MB after {len(app.times)} turns")
    for error in sorted(set(app.errors + rest.errors))[:5]:
        print("error:", error)
    return 1 if app.errors or rest.errors or load.gaps or broken else 0


async def wait_until_up(session: aiohttp.ClientSession, base: str) -> None:
    for _ in range(240):
        try:
            async with session.get(f"{base}/webhooks/rest/") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.5)
    raise SystemExit("服务没有启动,请看上面的输出")


def main() -> int:
    parser = argparse.ArgumentParser(description="App 渠道压力测试,与 Rasa 自带 REST 渠道同场对比")
    parser.add_argument("--minutes", type=float, default=0.5, help="总时长(分钟),两个渠道各一半")
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--workers", type=int, default=16, help="同时在问的客户数")
    parser.add_argument("--engine", choices=["rasa", "none"], default="rasa")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.engine)
        return 0
    if arguments.engine == "rasa" and not list((ROOT / "models").glob("*.tar.gz")):
        print("没有训练好的模型:请先运行 make train,或用 --engine none 只测渠道", file=sys.stderr)
        return 2
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder), port)
        actions = None
        if arguments.engine == "rasa":
            with socket.create_server(("127.0.0.1", 0)) as probe:
                env["PEIBAN_ACTIONS_PORT"] = str(probe.getsockname()[1])
            env["PEIBAN_ACTIONS_URL"] = f"http://127.0.0.1:{env['PEIBAN_ACTIONS_PORT']}/webhook"
            actions = subprocess.Popen([sys.executable, "-m", "server.action_server"], env=env, cwd=ROOT)
        command = [sys.executable, "-m", "benchmarks.app_load", "--serve", str(port), "--engine", arguments.engine]
        server = subprocess.Popen(command, env=env, cwd=ROOT)
        try:
            return asyncio.run(measure(arguments, port, server.pid, env["PEIBAN_JWT_SECRET"]))
        finally:
            for process in (server, actions):
                if process is not None:
                    process.terminate()
                    process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
