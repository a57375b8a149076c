"""The robot against the whole house: spoken questions, early answers without a trace, visits wiped from the store."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from robot.client import Client
from robot.settings import ROOT, Server

CLIPS = ROOT / "tests" / "fixtures" / "clips"


def robot_key(server: Any) -> str:
    return "demo." + (server.var / "demo-keys" / "peiban_robot_key").read_text().strip()


def ask_aloud(server: Any, clip: str, out: Path) -> tuple[int, dict[str, Any]]:
    environment = {**os.environ, "PEIBAN_SERVER_URL": server.url, "PEIBAN_ROBOT_KEY": robot_key(server)}
    done = subprocess.run(
        [sys.executable, "-m", "robot", "--wav", str(CLIPS / clip), "--out", str(out), "--json"],
        capture_output=True,
        text=True,
        timeout=90,
        env=environment | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def events(server: Any, visit: str = "%") -> int:
    with sqlite3.connect(f"file:{server.var / 'tracker.db'}?mode=ro", uri=True) as store:
        row = store.execute("select count(*) from events where sender_id like ?", (f"robot:demo:{visit}",)).fetchone()
    return int(row[0])


def test_a_spoken_question_is_answered_in_spoken_words(server: Any, tmp_path: Path) -> None:
    code, outcome = ask_aloud(server, "clip_02.wav", tmp_path / "a.wav")
    assert code == 0 and outcome["heard"] == "什么是七日年化"
    assert "七日年化" in "".join(outcome["spoken"]) and outcome["server"] == "ok"
    assert (tmp_path / "a.wav").stat().st_size > 30_000


def test_a_spoken_balance_question_ends_on_the_phone(server: Any, tmp_path: Path) -> None:
    code, outcome = ask_aloud(server, "clip_21.wav", tmp_path / "a.wav")
    assert code == 0 and outcome["heard"] == "你能查一下我的余额"
    assert any(message["type"] == "qr" for message in outcome["shown"])
    assert "元" not in "".join(outcome["spoken"])


@pytest.fixture
def client(server: Any) -> Any:
    made = Client(Server(url=server.url, answer=20), robot_key(server))
    made.start()
    deadline = time.monotonic() + 10
    while not made.connected and time.monotonic() < deadline:
        time.sleep(0.05)
    yield made
    made.stop()


def test_a_guess_that_is_not_used_leaves_no_event_and_one_that_is_becomes_the_turn(server: Any, client: Client) -> None:
    visit = f"vguess{time.time_ns()}"
    early = client.guess(visit, "什么是七日年化")
    assert early is not None and early.spoken
    assert events(server, visit) == 0
    # Other words in the end: a turn like any other.
    other = client.ask(visit, f"{visit}.1", "什么是净值")
    assert other.spoken != early.spoken
    before = events(server, visit)
    early = client.guess(visit, "什么是七日年化")
    assert early is not None and events(server, visit) == before
    said = client.ask(visit, f"{visit}.2", "什么是七日年化")
    assert said.spoken == early.spoken and events(server, visit) > before
    # What leaves effects is never guessed.
    assert client.guess(visit, "帮我取个号") is None
    assert client.guess(visit, "我要投诉") is None
    client.end_visit(visit)
    assert events(server, visit) == 0


def rows(server: Any) -> dict[str, int]:
    """How many rows each table of each store of the house holds."""
    found: dict[str, int] = {}
    for file in sorted(server.var.glob("*.db")):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as store:
            tables = [name for (name,) in store.execute("select name from sqlite_master where type='table'")]
            for table in tables:
                found[f"{file.name}:{table}"] = store.execute(f'select count(*) from "{table}"').fetchone()[0]
    return found


def test_a_guess_writes_no_row_anywhere_and_the_real_turn_its_trail(server: Any, client: Client) -> None:
    visit = f"vrows{time.time_ns()}"
    before = rows(server)
    assert any("audit" in name for name in before) and any("events" in name for name in before)
    words = [
        "什么是七日年化",
        "什么是净值",
        "今天市场怎么样",
        "介绍一下货币基金",
        "你是谁",
        "怎么买基金",
        "今天天气怎么样",
    ]
    guessed = [text for text in words if client.guess(visit, text) is not None]
    assert len(guessed) >= 4
    assert rows(server) == before
    client.ask(visit, f"{visit}.1", guessed[0])
    after = rows(server)
    grown = {name for name, count in after.items() if count > before[name]}
    assert any("audit" in name for name in grown) and any("events" in name for name in grown)
    client.end_visit(visit)


def test_personal_words_are_never_guessed(client: Client) -> None:
    assert client.guess(f"v{time.time_ns()}", "我有多少钱") is None
