"""The app channel under load: open streams and a mixed conversation, beside two peers in the same run.

python -m benchmarks.app_load [--minutes 1.5] [--streams 200] [--workers 16] [--alone] [--engine rasa|none]

Peers are Rasa's REST channel on our own engine (what the channel itself costs) and stock `rasa run` with its REST
channel (what a bank would have without us): same model, same actions, same customers and sentences. They take turns in
slices of some seconds, so that a busy machine is busy for all. Engine none answers at once, for the channel alone.
Fails on any error, a gap on a stream, or memory that grows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.load_servers import Servers
from channels import wording

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
SLICE_S = 8.0
WARM_UP_SHARE = 0.2
"""Memory is judged after this share of the run: caches and conversations fill up first."""
GROWTH_ALLOWED = 0.03
"""Of a process's memory, from the trend over the judged part."""

Turn = Callable[[aiohttp.ClientSession, str, random.Random], Awaitable[float]]


@dataclass
class Tally:
    """What one party's slices measured; times in milliseconds."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Turns per second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def row(self, name: str) -> str:
        cut = statistics.quantiles(self.times, n=100) if len(self.times) > 1 else [0.0] * 99
        return (
            f"{name:<26}{len(self.times):>8}{self.rate:>10.1f}{cut[49]:>9.1f}{cut[94]:>9.1f}{cut[98]:>9.1f}"
            f"{len(self.errors):>8}"
        )


HEADER = f"{'':<26}{'turns':>8}{'turns/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'errors':>8}"


class Load:
    """Plays customers; workers share none, since a customer says one thing at a time."""

    def __init__(self, servers: Servers, tokens: dict[str, str], workers: int) -> None:
        self._servers = servers
        self._customers = list(tokens)
        self._tokens = tokens
        self._workers = workers
        self._sent: dict[str, float] = {}
        notices = wording.load("app")["messages"]
        self._sorry = {notices["failed"], notices["unsafe"]}
        self.delivery = Tally()
        self.gaps = 0

    async def stream(self, session: aiohttp.ClientSession, customer: str, ready: asyncio.Semaphore) -> None:
        """One phone: reads its stream and checks that nothing is missing."""
        headers = {"Authorization": f"Bearer {self._tokens[customer]}"}
        last = 0
        async with session.get(f"{self._servers.url}/webhooks/app/stream", headers=headers) as answer:
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

    async def slice(self, session: aiohttp.ClientSession, turn: Turn, tally: Tally, seconds: float) -> None:
        """Closed loop: each worker sends the next turn when it has its answer."""
        started = time.perf_counter()

        async def worker(number: int) -> None:
            chance = random.Random(number + len(tally.times))
            mine = self._customers[number :: self._workers]
            while time.perf_counter() - started < seconds:
                try:
                    tally.times.append(await turn(session, chance.choice(mine), chance) * 1000)
                except (aiohttp.ClientError, asyncio.TimeoutError, AssertionError) as error:
                    tally.errors.append(repr(error))

        await asyncio.gather(*(worker(number) for number in range(self._workers)))
        tally.seconds += time.perf_counter() - started

    async def app(self, session: aiohttp.ClientSession, customer: str, chance: random.Random) -> float:
        """A message; now and then, as a phone does, also a page of history and a read mark."""
        base, headers = f"{self._servers.url}/webhooks/app", {"Authorization": f"Bearer {self._tokens[customer]}"}
        message_id = uuid.uuid4().hex
        began = self._sent[message_id] = time.perf_counter()
        body = {"message_id": message_id, "text": chance.choice(TEXTS)}
        async with session.post(f"{base}/messages", json=body, headers=headers) as answer:
            content = await answer.json()
            spent = time.perf_counter() - began
            assert answer.status == 200 and content["messages"], (answer.status, content.get("code"))
            assert not self._sorry & {message.get("text") for message in content["messages"]}, content
        if chance.random() < 0.1:
            async with session.get(f"{base}/history", headers=headers) as answer:
                page = await answer.json()
                assert answer.status == 200, answer.status
            async with session.post(f"{base}/read", json={"seq": page["seq"]}, headers=headers) as answer:
                assert answer.status == 200, answer.status
        return spent

    def rest(self, url: str) -> Turn:
        """The same through Rasa's own channel at this address."""

        async def turn(session: aiohttp.ClientSession, customer: str, chance: random.Random) -> float:
            metadata = {"channel": "app", "customer": customer, "personalised": True}
            body = {"sender": f"rest:{customer}", "message": chance.choice(TEXTS), "metadata": metadata}
            began = time.perf_counter()
            async with session.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
                assert answer.status == 200 and await answer.json(), (answer.status, body["message"])
            return time.perf_counter() - began

        return turn


async def watch(servers: Servers, seen: dict[str, list[tuple[float, float]]]) -> None:
    """Note the memory of every process of ours: name → (second, megabytes)."""
    while True:
        for name, megabytes in servers.memory().items():
            seen.setdefault(name, []).append((time.monotonic(), megabytes))
        await asyncio.sleep(1)


def growth(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Over the judged part of a run: its minutes, the mean in MB, and how much the trend (least squares) rose in MB."""
    start = points[0][0] + WARM_UP_SHARE * (points[-1][0] - points[0][0])
    times, sizes = zip(*[point for point in points if point[0] >= start], strict=True)
    if len(times) < 2:
        return 0.0, sizes[0], 0.0
    slope, _ = statistics.linear_regression(times, sizes)
    span = times[-1] - times[0]
    return span / 60, statistics.fmean(sizes), slope * span


async def measure(arguments: argparse.Namespace, servers: Servers) -> int:
    os.environ["PEIBAN_JWT_SECRET"] = servers.secret
    from channels.app.settings import AppSettings
    from channels.app.token import issue

    settings = AppSettings.from_env()
    tokens = {customer: issue(settings, customer, 86_400)[0] for customer in servers.customers(arguments.streams)}
    load = Load(servers, tokens, arguments.workers)
    parties: dict[str, Turn] = {f"app, {len(tokens)} streams": load.app}
    if not arguments.alone:
        parties["REST on our engine"] = load.rest(servers.url)
        if servers.stock_url:
            parties["stock rasa run, REST"] = load.rest(servers.stock_url)
    tallies = {name: Tally() for name in parties}
    seen: dict[str, list[tuple[float, float]]] = {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=30)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        ready = asyncio.Semaphore(0)
        streams = [asyncio.create_task(load.stream(session, customer, ready)) for customer in tokens]
        for _ in streams:
            await asyncio.wait_for(ready.acquire(), 60)
        for turn in parties.values():
            await load.slice(session, turn, Tally(), 2)
        load.delivery.times.clear()
        watching = asyncio.create_task(watch(servers, seen))
        rounds = max(1, round(arguments.minutes * 60 / len(parties) / SLICE_S))
        for _ in range(rounds):
            for name, turn in parties.items():
                await load.slice(session, turn, tallies[name], arguments.minutes * 60 / len(parties) / rounds)
        await asyncio.sleep(1)
        for task in (watching, *streams):
            task.cancel()
        ended = await asyncio.gather(*streams, return_exceptions=True)
    broken = [error for error in ended if not isinstance(error, asyncio.CancelledError)]
    return report(servers, load, tallies, seen, len(broken))


def report(
    servers: Servers, load: Load, tallies: dict[str, Tally], seen: dict[str, list[tuple[float, float]]], broken: int
) -> int:
    """Print it all. Returns 1 on an error, a gap, a broken stream or memory that grows."""
    ours, *peers = tallies
    load.delivery.seconds = tallies[ours].seconds
    print(HEADER)
    print(tallies[ours].row(ours))
    print(load.delivery.row("  seen on the stream"))
    for name in peers:
        print(tallies[name].row(name))
    for name in peers:
        print(f"app / {name}, turns per second: {tallies[ours].rate / max(tallies[name].rate, 1e-9):.2f}")
    print(f"gaps on streams: {load.gaps}; streams broken: {broken}")
    grows = False
    for name, points in seen.items():
        minutes, mean, rise = growth(points)
        grows = grows or (minutes >= 5 and rise > GROWTH_ALLOWED * mean)
        print(f"memory of {name}: {mean:.0f} MB, trend {rise:+.1f} MB over the last {minutes:.1f} minutes")
    for line in servers.complaints()[:10]:
        print("log:", line[:300])
    errors = [error for tally in tallies.values() for error in tally.errors]
    for error in sorted(set(errors))[:5]:
        print("error:", error[:300])
    return 1 if errors or load.gaps or broken or grows else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="App 渠道压力测试，与 Rasa 自带 REST 渠道同场对比")
    parser.add_argument("--minutes", type=float, default=1.5, help="总时长（分钟），各方轮流")
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--workers", type=int, default=16, help="同时在问的客户数")
    parser.add_argument("--alone", action="store_true", help="只测 App 渠道，不做对比")
    parser.add_argument("--engine", choices=["rasa", "none"], default="rasa")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(Path(folder), arguments.engine, arguments.streams)
        try:
            servers.start(stock=not arguments.alone)
            return asyncio.run(measure(arguments, servers))
        except FileNotFoundError:
            print("没有训练好的模型：请先运行 make train，或用 --engine none 只测渠道", file=sys.stderr)
            return 2
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 2
        finally:
            servers.stop()


if __name__ == "__main__":
    sys.exit(main())
