"""The check-up score: measures in, points per dimension, score, label and confidence out (data/checkup/score.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

import yaml

from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.reply import Source

# Measure → value; None or absent where the bank does not know.
Measures = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Dimension:
    """One dimension's result. most is the full mark, known the part of it that could be judged."""

    id: str
    name: str
    points: Decimal
    known: Decimal
    most: Decimal


@dataclass(frozen=True)
class Score:
    """total 0..100 (whole), raw: before the cap; confidence 0..1. points: by measure, only those that are known."""

    total: int
    raw: int
    label: str
    confidence: Decimal
    confidence_label: str
    dimensions: Sequence[Dimension]
    points: Mapping[str, Decimal]

    @property
    def capped(self) -> bool:
        """Whether a product above the level holds the score down."""
        return self.total < self.raw


@lru_cache(maxsize=1)
def formula() -> dict[str, Any]:
    """score.yml as it stands."""
    return yaml.safe_load((DATA / "checkup" / "score.yml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def formula_source() -> Source:
    """The formula itself as a source."""
    origin = formula()["source"]
    return Source(origin["id"], origin["title"], datetime.combine(origin["as_of"], time(0), SHANGHAI))


def score(measures: Measures, *, doubts: Sequence[str] = ()) -> Score:
    """Points for what is known, scaled to 100. doubts: keys of `confidence` that lower trust, not points."""
    content = formula()
    dimensions, points = [], {}
    for key, dimension in content["dimensions"].items():
        got = known = Decimal(0)
        for name, rule in dimension["measures"].items():
            value = measures.get(name)
            if value is None:
                continue
            points[name] = _on_curve(value, rule["points"])
            got += points[name]
            known += Decimal(rule["max"])
        dimensions.append(Dimension(key, dimension["name"], got, known, Decimal(dimension["max"])))
    known = sum((one.known for one in dimensions), Decimal(0))
    most = sum((one.most for one in dimensions), Decimal(0))
    got = sum((one.points for one in dimensions), Decimal(0))
    raw = int((got * 100 / known).quantize(Decimal(1), ROUND_HALF_UP)) if known else 0
    above = (measures.get("above_level_share") or Decimal(0)) > 0
    total = min(raw, int(content["cap_above_level"])) if above else raw
    confidence = known / most
    for doubt in doubts:
        confidence *= Decimal(str(content["confidence"][doubt]))
    return Score(
        total=total,
        raw=raw,
        label=_label(Decimal(total), content["labels"]),
        confidence=confidence,
        confidence_label=_label(confidence, content["confidence"]["labels"]),
        dimensions=dimensions,
        points=points,
    )


def _on_curve(value: Decimal, knots: Sequence[Sequence[float]]) -> Decimal:
    """Linear between the knots, flat outside them."""
    line = [(Decimal(str(x)), Decimal(str(y))) for x, y in knots]
    if value <= line[0][0]:
        return line[0][1]
    for (left, low), (right, high) in pairwise(line):
        if value <= right:
            return low + (high - low) * (value - left) / (right - left)
    return line[-1][1]


def _label(value: Decimal, labels: Sequence[Sequence[Any]]) -> str:
    return next(str(name) for least, name in labels if value >= Decimal(str(least)))
