"""What a whole turn costs as the conversation grows: ours beside stock Rasa, same actions, same demo bank, one run.

    python -m benchmarks.turns [--messages 300] [--stock-utterances 300]

Stock is Rasa's usual pipeline (benchmarks/stock/config.yml), its own SQL tracker store and its own action endpoint.
It is trained on a sample of the same data and kept in var/bench: DIET on all of it takes over half an hour, and a
larger sample makes neither its parse nor its turn quicker. Each system runs in a process of its own, so that the
memory is its own. Prints milliseconds per turn in bands of the conversation, the ratio, and memory. Asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from server import settings as peiban_settings

ROOT = peiban_settings.ROOT
SAID = ("我有多少钱", "今年以来赚了多少", "那上个月呢", "什么是净值", "谢谢")
BANDS = ((1, 10), (11, 50), (51, 150), (151, 300))


def sample(source: Path, target: Path, utterances: int) -> None:
    """A seeded sample of the training text, spread over the intents as the whole is."""
    examples: list[tuple[str, str]] = []
    for path in sorted(source.rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            lines = [line[2:].strip() for line in block["examples"].splitlines() if line.startswith("- ")]
            examples += [(block["intent"], line) for line in lines]
    chosen: dict[str, list[str]] = {}
    for intent, text in random.Random(7).sample(examples, min(utterances, len(examples))):
        chosen.setdefault(intent, []).append(text)
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in chosen.items()
    ]
    target.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)
    (target / "nlu.yml").write_text(text, encoding="utf-8")


def stock_model(folder: Path, utterances: int) -> Path:
    """The peer's model, trained once per sample size."""
    path = folder / f"stock-{utterances}.tar.gz"
    if not path.exists():
        print(f"training the stock pipeline on {utterances} utterances …", flush=True)
        data = folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        sample(ROOT / "data" / "nlu", data, utterances)
        command = [
            sys.executable, "-m", "rasa", "train", "--config", "benchmarks/stock/config.yml", "--domain", "domain.yml",
            "--data", str(data), "data/rules", "data/stories", "--out", str(folder),
            "--fixed-model-name", path.name[:-7],
        ]  # fmt: skip
        with (folder / "stock-train.log").open("w") as log:
            subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=True)
    return path


async def converse(system: str, model: str, actions: str, folder: Path, messages: int) -> dict[str, Any]:
    """Hold one conversation in this process; milliseconds of each turn, and this process's memory in MB."""
    from rasa.core.agent import load_agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    # A name of its own for each run: the conversation must be new.
    database = str(folder / f"{system}-{os.getpid()}.db")
    store = {"type": "SQL" if system == "stock" else "server.tracker_store.WindowedTrackerStore", "db": database}
    endpoints = AvailableEndpoints(
        action=EndpointConfig(actions, selective_domain=True),
        tracker_store=EndpointConfig.from_dict({**store, "dialect": "sqlite"}),
    )
    agent = await load_agent(model_path=model, endpoints=endpoints)
    if system == "ours":
        from server.action_endpoint import SmallPosts, check_answers_compiled

        check_answers_compiled()
        agent.processor.action_endpoint = agent.action_endpoint = SmallPosts(agent.action_endpoint)
    await agent.parse_message("你好")
    spent, answered = [], 0
    for number in range(messages):
        channel = CollectingOutputChannel()
        metadata = {"channel": "app", "customer": "demo-04"}
        message = UserMessage(SAID[number % len(SAID)], channel, "app:demo-04", input_channel="app", metadata=metadata)
        started = time.perf_counter()
        await agent.handle_message(message)
        spent.append((time.perf_counter() - started) * 1000)
        answered += bool(channel.messages)
    if system == "ours":
        await agent.action_endpoint.close()
    return {"ms": spent, "answered": answered, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def action_server(folder: Path) -> Iterator[str]:
    """Our action server over a small demo bank, on a port of its own."""
    port = free_port()
    bank = f"sqlite:///{folder / 'bank.db'}"
    demo = [sys.executable, "-m", "wealth.demo", "--customers", "50", "--url", bank]
    subprocess.run(demo, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "PEIBAN_ACTIONS_PORT": str(port), "PEIBAN_STORE_URL": bank}
    process = subprocess.Popen(
        [sys.executable, "-m", "server.action_server"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        process.terminate()
        process.wait(20)


def report(results: dict[str, dict[str, Any]]) -> None:
    ours, stock = results["ours"], results["stock"]
    print(f"\n{'messages':>12} {'ours p50':>10} {'p95':>8} {'stock p50':>10} {'p95':>8} {'ours/stock':>11}")
    medians: dict[str, list[float]] = {"ours": [], "stock": []}
    for first, last in BANDS:
        cells = []
        for system in ("ours", "stock"):
            band = sorted(results[system]["ms"][first - 1 : last])
            if not band:
                return
            medians[system].append(statistics.median(band))
            cells += [medians[system][-1], band[int(len(band) * 0.95)]]
        print(
            f"{f'{first}–{last}':>12} {cells[0]:>10.1f} {cells[1]:>8.1f} {cells[2]:>10.1f} {cells[3]:>8.1f}"
            f" {cells[0] / cells[2]:>11.2f}"
        )
    for system in ("ours", "stock"):
        growth = medians[system][-1] / medians[system][0]
        print(f"{system}: last band / first band {growth:.2f}")
    print(f"memory of the worker: ours {ours['rss']:.0f} MB, stock {stock['rss']:.0f} MB")
    print(f"turns answered: ours {ours['answered']}, stock {stock['answered']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--stock-utterances", type=int, default=300)
    parser.add_argument("--worker", choices=["ours", "stock"], help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--actions", help=argparse.SUPPRESS)
    given = parser.parse_args()
    settings = peiban_settings.load()
    folder = settings.var / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    if given.worker:
        held = asyncio.run(converse(given.worker, given.model, given.actions, folder, given.messages))
        print("\n" + json.dumps(held))
        return 0
    from server.train import model_path, train

    if train(quiet=True):
        return 1
    models = {"ours": model_path(), "stock": stock_model(folder, given.stock_utterances)}
    results = {}
    with action_server(folder) as actions:
        for system, model in models.items():
            command = [sys.executable, "-W", "ignore", "-m", "benchmarks.turns", "--worker", system]
            command += ["--model", str(model), "--actions", actions, "--messages", str(given.messages)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                print(done.stderr[-2000:], file=sys.stderr)
                return 1
            results[system] = json.loads(done.stdout.strip().splitlines()[-1])
    report(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
