"""Answer, ask back, or say that it is not ours: the decision over one reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nlu.model import OUTSIDE

Decision = Literal["answer", "clarify", "refuse"]
Ranking = Sequence[tuple[str, float]]

_NO_QUESTION = frozenset({OUTSIDE, "chitchat"})
"""Readings nobody is asked about ("did you mean small talk?")."""


@dataclass(frozen=True)
class Thresholds:
    """Below `sure` the assistant asks back; also where the two likeliest readings lie closer than `margin`."""

    sure: float = 0.45
    margin: float = 0.2


def decide(ranking: Ranking, outside: float, thresholds: Thresholds, *, two_questions: bool = False) -> Decision:
    """`ranking` from likeliest down; `outside` as in nlu.model.Reading. Of two questions the surer is answered."""
    if not ranking:
        return "clarify"
    (best, confidence), second = ranking[0], ranking[1] if len(ranking) > 1 else ("", 0.0)
    if outside >= 0.5:
        return "refuse"
    if best == OUTSIDE or confidence < thresholds.sure:
        return "clarify"
    if two_questions or (best == "chitchat" and second[0] in _NO_QUESTION):
        return "answer"
    return "clarify" if confidence - second[1] < thresholds.margin else "answer"
