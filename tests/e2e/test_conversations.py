"""Whole conversations on both channels against the whole house: tests/e2e/conversations/*.yml, in customers' words."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

pytestmark = pytest.mark.e2e
FOLDER = Path(__file__).parent / "conversations"
Say = Callable[[str], dict[str, Any]]


def conversations(name: str) -> list[Any]:
    entries = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return [pytest.param(entry, id=entry["name"]) for entry in entries]


def words(node: Any) -> str:
    """Everything in an answer that a person could read, as one text."""
    if isinstance(node, Mapping):
        return "\n".join(words(value) for value in node.values())
    if isinstance(node, str):
        return node
    return "\n".join(words(value) for value in node) if isinstance(node, Sequence) else ""


def check(turn: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    messages = answer["messages"]
    said = f"「{turn['say']}」→ {words(messages)[:400]}"
    assert messages, said
    text, types = words(messages), {message["type"] for message in messages}
    for expected in turn.get("shows", []):
        assert expected in text, said
    for expected in turn.get("types", []):
        assert expected in types, said
    for expected in turn.get("spoken", []):
        assert expected in words(answer["spoken"]), said
    for unwanted in turn.get("lacks", []):
        assert unwanted not in words(answer), said
    assert not types & set(turn.get("lacks_types", [])), said
    # Whatever was asked: nothing failed inside, and no English leaked out.
    assert "没能处理好" not in text and "Error" not in text, said


def token(server: Any, customer: str) -> str:
    """As `make token CUSTOMER=…` prints it: any customer of the demo bank, not only those of the picker."""
    command = [sys.executable, "-m", "channels.app.token", "--customer", customer]
    return subprocess.run(command, env=server.env, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("conversation", conversations("app"))
def test_in_the_app(server: Any, conversation: Mapping[str, Any]) -> None:
    customer = conversation["customer"]
    headers = {"Authorization": f"Bearer {token(server, customer)}"}
    for turn in conversation["turns"]:
        body = {"message_id": uuid.uuid4().hex, "text": turn["say"]}
        answer = requests.post(f"{server.url}/webhooks/app/messages", json=body, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        check(turn, answer.json())


@pytest.mark.parametrize("conversation", conversations("robot"))
def test_at_the_robot(server: Any, conversation: Mapping[str, Any]) -> None:
    secret = (server.var / "demo-keys" / "peiban_robot_key").read_text().strip()
    headers = {"X-PeiBan-Device-Key": f"demo.{secret}"}
    visit = uuid.uuid4().hex[:12]
    for turn in conversation["turns"]:
        body = {"message_id": uuid.uuid4().hex, "visit": visit, "text": turn["say"]}
        answer = requests.post(f"{server.url}/webhooks/robot/messages", json=body, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        check(turn, answer.json())
    assert requests.delete(f"{server.url}/webhooks/robot/visits/{visit}", headers=headers, timeout=20).ok
