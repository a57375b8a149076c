"""Measures over labelled readings: per-intent scores, confusions, calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True)
class Judged:
    """One labelled question and how it was read. `right`: the intents that count as right, the first is the label."""

    text: str
    right: tuple[str, ...]
    ranking: tuple[tuple[str, float], ...]
    decision: str = "answer"

    @property
    def best(self) -> str:
        return self.ranking[0][0]

    @property
    def hit(self) -> bool:
        return self.best in self.right


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean (F1) of one intent; `support` is how often it is the label."""

    precision: float
    recall: float
    f1: float
    support: int


def accuracy(rows: Sequence[Judged], top: int = 1) -> float:
    """The share whose first `top` readings hold a right one."""
    hits = sum(any(name in row.right for name, _ in row.ranking[:top]) for row in rows)
    return hits / len(rows) if rows else 0.0


def per_intent(rows: Sequence[Judged]) -> dict[str, Score]:
    """Scores by intent; where several readings are right, the one that was read counts as the label."""
    truth = [row.best if row.hit else row.right[0] for row in rows]
    read = Counter(row.best for row in rows)
    labelled = Counter(truth)
    hits = Counter(row.best for row in rows if row.hit)
    found = {}
    for intent in sorted({*labelled, *read}):
        precision = hits[intent] / read[intent] if read[intent] else 0.0
        recall = hits[intent] / labelled[intent] if labelled[intent] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        found[intent] = Score(precision, recall, f1, labelled[intent])
    return found


def confusions(rows: Sequence[Judged]) -> Counter[tuple[str, str]]:
    """How often a label (first) was read as something else (second)."""
    return Counter((row.right[0], row.best) for row in rows if not row.hit)


def reliability(rows: Sequence[Judged]) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, count) in ten equal bins of confidence, empty bins left out."""
    bins: dict[int, list[Judged]] = {}
    for row in rows:
        bins.setdefault(min(int(row.ranking[0][1] * BINS), BINS - 1), []).append(row)
    return [
        (sum(row.ranking[0][1] for row in own) / len(own), sum(row.hit for row in own) / len(own), len(own))
        for _, own in sorted(bins.items())
    ]


def calibration_error(rows: Sequence[Judged]) -> float:
    """Expected calibration error (Naeini et al. 2015): the bins' gap between confidence and share right, weighed."""
    return sum(abs(sure - right) * count for sure, right, count in reliability(rows)) / len(rows) if rows else 0.0
