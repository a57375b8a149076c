"""The table of faults: what was on the screen and what came out of the loudspeaker, from records of both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robot.audio import FRAME_SECONDS
from robot.settings import ROOT

FILE = ROOT / "results" / "robot_faults.md"
_HEAD = "| fault | notice, and captions without sound | face | light | heard |\n|---|---|---|---|---|\n"
_LIGHTS = {"ok": "green", "offline": "amber"}


@dataclass
class Record:
    """Every state of the screen and every moment with sound, both with their times, in order."""

    shown: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    loud: list[float] = field(default_factory=list)

    def captions(self, since: float) -> list[tuple[str, bool]]:
        """The sentences begun since then, each with whether it was to be heard."""
        begun: list[tuple[float, str]] = []
        last = ""
        for at, state in self.shown:
            if state["said"] and state["said"] != last and at >= since:
                begun.append((at, state["said"]))
            last = state["said"]
        ends = [*(at for at, _ in begun[1:]), float("inf")]
        return [(text, self._sounded(at, end)) for (at, text), end in zip(begun, ends, strict=True)]

    def _sounded(self, begin: float, end: float) -> bool:
        # A caption appears in the step that gives its first sound.
        first = bisect_left(self.loud, begin - FRAME_SECONDS)
        return first < len(self.loud) and self.loud[first] < end - FRAME_SECONDS

    def during(self, since: float) -> list[dict[str, Any]]:
        """What was on the screen then and after."""
        before = [state for at, state in self.shown if at < since]
        return before[-1:] + [state for at, state in self.shown if at >= since]


class FaultTable:
    """Rows in the order in which they were seen."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def add(self, fault: str, record: Record, since: float) -> str:
        """A row from what was shown and heard since the fault; the row."""
        states = record.during(since)
        captions = record.captions(since)
        silent = [text for text, sounded in captions if not sounded]
        cells = [
            fault,
            _list([state["notice"] for state in states] + silent),
            _list(state["face"] for state in states),
            _list(_LIGHTS[state["light"]] for state in states),
            "".join(text for text, sounded in captions if sounded) or "nothing",
        ]
        self.rows.append(f"| {' | '.join(cells)} |")
        return self.rows[-1]

    def write(self, file: Path = FILE) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_HEAD + "\n".join(self.rows) + "\n", encoding="utf-8")


def _list(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(text for text in found if text)) or "–"
