"""The bank's allocation rules: data/allocation/weights.yml, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import yaml

from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.errors import BadSetting
from wealth.reply import Source

# Engine classes in the order of every vector of the optimiser; protection stands outside the allocation.
CLASSES = ("cash", "fixed", "equity", "alternative")
_FILE = DATA / "allocation" / "weights.yml"


@dataclass(frozen=True)
class Level:
    """Strategic weights of one risk level with their band, as fractions of the investable money."""

    weights: Mapping[str, Decimal]
    low: Mapping[str, Decimal]
    high: Mapping[str, Decimal]
    volatility_cap: float


@dataclass(frozen=True)
class Rules:
    """All of weights.yml, typed. covariance: of yearly class returns, in the order of CLASSES."""

    levels: Mapping[int, Level]
    covariance: np.ndarray
    product_cap: Decimal
    cap_lapses_below: Decimal
    uncapped_kinds: frozenset[str]
    least_trade: Decimal
    least_trade_share: Decimal
    dear_redemption: Decimal
    matures_within_days: int
    candidates_per_class: int
    longest_lock_days: Mapping[str, int]
    enough_in_mixed: Decimal
    not_for_plans: frozenset[str]
    source: Source


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules in force. Raises BadSetting naming what cannot be."""
    return parse(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def targets_of(level: int | None) -> Mapping[str, Decimal] | None:
    """Strategic weights of C1..C5 as class → fraction; None without a level."""
    return rules().levels[level].weights if level is not None else None


def parse(content: Mapping[str, Any]) -> Rules:
    """From the file's content; every level's weights must add up to one."""
    if list(content["classes"]) != list(CLASSES):
        raise BadSetting(f"weights.yml：classes 应依次是 {'、'.join(CLASSES)}")
    levels = {int(number): _level(int(number), row, content["bands"]) for number, row in content["levels"].items()}
    if sorted(levels) != [1, 2, 3, 4, 5]:
        raise BadSetting("weights.yml：要有 1 到 5 五个等级")
    spread = np.array([float(content["risk"]["volatility"][name]) for name in CLASSES])
    origin = content["source"]
    return Rules(
        levels=levels,
        covariance=np.outer(spread, spread) * np.array(content["risk"]["correlation"], dtype=float),
        product_cap=_exact(content["product_cap"]),
        cap_lapses_below=_exact(content["cap_lapses_below"]),
        uncapped_kinds=frozenset(content["uncapped_kinds"]),
        least_trade=_exact(content["least_trade"]),
        least_trade_share=_exact(content["least_trade_share"]),
        dear_redemption=_exact(content["dear_redemption"]),
        matures_within_days=int(content["matures_within_days"]),
        candidates_per_class=int(content["candidates_per_class"]),
        longest_lock_days={name: int(days) for name, days in content["longest_lock_days"].items()},
        enough_in_mixed=_exact(content["enough_in_mixed"]),
        not_for_plans=frozenset(content["not_for_plans"]),
        source=Source(origin["id"], origin["title"], _moment(origin["as_of"])),
    )


def _level(number: int, row: Mapping[str, Any], bands: Mapping[str, Any]) -> Level:
    weights = {name: _exact(row["weights"][name]) for name in CLASSES}
    if sum(weights.values()) != 1:
        raise BadSetting(f"weights.yml：C{number} 的比例加起来不是 1")
    width = {name: _exact({**bands, **row["band"]}[name]) for name in CLASSES}
    return Level(
        weights=weights,
        low={name: max(weights[name] - width[name], Decimal(0)) for name in CLASSES},
        high={name: min(weights[name] + width[name], Decimal(1)) for name in CLASSES},
        volatility_cap=float(row["volatility_cap"]),
    )


def _exact(value: Any) -> Decimal:
    return Decimal(str(value))


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)
