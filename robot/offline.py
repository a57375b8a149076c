"""Answers that need no server: fixed questions by sound (data/robot/offline.yml), an honest sentence for the rest."""

from __future__ import annotations

from functools import lru_cache

from robot import wording
from robot.client import Answer, ServerUnavailable
from zhtext import sound
from zhtext.normalise import normalise


def answer(text: str, trouble: ServerUnavailable | None = None) -> Answer:
    """The robot's own answer; for a question it does not know, what is wrong and what it can do meanwhile."""
    heard = sound.code(normalise(text))
    for words, spoken, control in _table():
        if any(word in heard for word in words):
            return _answer(list(spoken), dict(control))
    slow = trouble is not None and trouble.reason in ("slow", "busy")
    return _answer([wording.say("sorry_slow" if slow else "offline")], {})


def known(text: str) -> bool:
    """Whether the robot can answer this by itself."""
    heard = sound.code(normalise(text))
    return any(word in heard for words, _, _ in _table() for word in words)


def _answer(spoken: list[str], control: dict[str, object]) -> Answer:
    shown = [
        {"id": f"local.{number}", "type": "text", "privacy": "public", "text": text}
        for number, text in enumerate(spoken)
    ]
    return Answer(spoken, shown, control=control)


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, object], ...]], ...]:
    return tuple(
        (
            tuple(sound.code(word) for word in entry["words"]),
            tuple(entry["say"]),
            tuple((entry.get("control") or {}).items()),
        )
        for entry in wording.table("offline.yml")["answers"]
    )
