"""Two questions in one message: the first is answered, the other is kept to be offered next."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nlu.model import OUTSIDE, Reading

_END = re.compile(r"[。！？!?；;\n]+|[,，](?=另外|还有|顺便|再问|还想问|再帮|以及)|(?:另外|顺便|对了|还想问一下)")
_AROUND = " ,，、"
_SURE = 0.7
_SHORTEST = 4
_MOST = 6
_NOT_OFFERED = frozenset({OUTSIDE, "chitchat", "inform", "affirm", "deny", "stop", "repeat", "ask_why", "navigate",
                          "speech_control", "human_handoff"})  # fmt: skip


def clauses(text: str) -> list[tuple[int, int]]:
    """The parts of a message that could be questions of their own, as (start, end exclusive), at most six."""
    ends = [(found.start(), found.end()) for found in _END.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    parts = (_bare(text, start, end) for start, end in zip(starts, [*(at for at, _ in ends), len(text)], strict=True))
    return [(start, end) for start, end in parts if end - start >= _SHORTEST][:_MOST]


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _AROUND:
        start += 1
    while start < end and text[end - 1] in _AROUND:
        end -= 1
    return start, end


def other_question(text: str, reading: Reading, read: Callable[[str], Reading]) -> dict[str, Any] | None:
    """The surest clause that asks something else than the whole message does, as `{text, start, end, intent, ranking}`.

    `start` and `end` point into the message as typed, so that what was said there is not taken for the first question.
    """
    parts = clauses(text)
    if len(parts) < 2:
        return None
    asked = reading.ranking[0][0]
    readings = [((start, end), read(text[start:end])) for start, end in parts]
    found = [
        (part, one)
        for part, one in readings
        if one.ranking[0][0] not in _NOT_OFFERED | {asked} and one.ranking[0][1] >= _SURE and one.outside < 0.5
    ]
    if not found or not any(one.ranking[0][0] == asked for _, one in readings):
        return None
    (start, end), one = max(found, key=lambda each: each[1].ranking[0][1])
    return {
        "text": text[start:end],
        "start": start,
        "end": end,
        "intent": one.ranking[0][0],
        "ranking": [{"name": name, "confidence": round(share, 4)} for name, share in one.ranking[:3]],
    }
