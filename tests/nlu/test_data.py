"""Lists in data/ that must agree: the places of a branch, and the buttons with what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlu.check import FORM, misread_buttons, read_buttons
from nlu.lexicon import entity_words
from nlu.understanding import Understander

DATA = Path(__file__).resolve().parents[2] / "data"
# Wordings whose title and text are no button.
NO_BUTTONS = {"market.sectors", "market.own"}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_a_place_has_one_id_everywhere():
    heard = {word.value for word in entity_words() if word.kind == "place"}
    entries = load(DATA / "knowledge" / "branch" / "places.yml")["entries"]
    told = {entry["id"] for entry in entries}
    guided = {entry["control"]["guide"] for entry in entries if "guide" in entry.get("control", {})}
    on_map = set(load(DATA / "robot" / "map.yml")["places"])
    assert heard <= told, "a place that is heard but nothing is told about"
    assert on_map <= heard, "a place on the map that nobody can ask for"
    assert guided == on_map, "a place that the robot is sent to and cannot find, or never is sent to"
    for entry in entries:
        if entry["id"] in on_map:
            assert entry["control"]["guide"] == entry["id"]


def buttons(node: Any, where: str) -> Iterator[tuple[str, str]]:
    """(where it stands, text) of everything with a title and a text."""
    if isinstance(node, dict):
        if isinstance(node.get("title"), str) and isinstance(node.get("text"), str) and where not in NO_BUTTONS:
            yield where, node["text"]
        for key, value in node.items():
            yield from buttons(value, f"{where}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from buttons(value, where)


def all_buttons() -> Iterator[tuple[str, str]]:
    for path in (*(DATA / "wording").glob("*.yml"), DATA / "checkup" / "stages.yml", *DATA.glob("journeys/**/*.yml")):
        yield from buttons(load(path), path.stem)
    for skill, text in load(DATA / "wording" / "dialogue.yml")["topics"].items():
        yield f"dialogue.topics.{skill}", text
    for path in DATA.glob("knowledge/*/*.yml"):
        content = load(path)
        default = (content.get("defaults") or {}).get("next")
        for entry in content["entries"]:
            if text := entry.get("next", default):
                yield f"{path.stem}.{entry['id']}", text


def test_every_button_has_a_meaning_written_down():
    known = {row["text"] for row in read_buttons()}
    missing = sorted({f"{where}: {text}" for where, text in all_buttons() if text not in known})
    assert not missing, "add these to tests/nlu/buttons.tsv, then run make nlu-check"


def test_each_meaning_is_an_intent_of_the_domain():
    intents = set(load(DATA.parent / "domain.yml")["intents"])
    for row in read_buttons():
        assert row["topic"] in intents | {"", FORM}, row
        assert (row["topic"] == FORM) != (bool(row["intent"]) and set(row["intent"].split("|")) <= intents), row


def test_a_misread_button_is_told(understander: Understander, monkeypatch: pytest.MonkeyPatch):
    rows = [
        {"text": "我有多少钱", "topic": "", "intent": "human_handoff", "name": ""},
        {"text": "我有多少钱", "topic": "", "intent": "asset_overview", "name": ""},
        {"text": "那上个月呢", "topic": "pnl_query", "intent": "pnl_query", "name": ""},
        {"text": "确认", "topic": "form", "intent": "", "name": ""},
    ]
    monkeypatch.setattr("nlu.check.read_buttons", lambda: rows)
    [told] = misread_buttons(understander)
    assert told.startswith("我有多少钱 → asset_overview") and "human_handoff" in told
