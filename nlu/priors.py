"""Shifts a ranking by what the conversation and the customer make likely, only where readings are close."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

Ranking = tuple[tuple[str, float], ...]
Factors = Mapping[str, float]


@dataclass(frozen=True)
class Priors:
    """Factors by situation; see data/nlu_priors.yml, whose keys these are."""

    close: float = 0.0
    without_context: Factors = field(default_factory=dict)
    topic: Mapping[str, Factors] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def priors() -> Priors:
    """The table of data/nlu_priors.yml (`$PEIBAN_DATA` moves data); ValueError in Chinese if it cannot be used."""
    data = os.environ.get("PEIBAN_DATA")
    path = (Path(data) if data else Path(__file__).resolve().parent.parent / "data") / "nlu_priors.yml"
    try:
        return Priors(**yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, yaml.YAMLError) as problem:
        raise ValueError(f"{path.name} 读不了：{problem}") from problem


def shift(ranking: Ranking, factors: Factors, close: float) -> Ranking:
    """Multiply the shares of the readings within `close` of the first; the shares of the others stay as they are."""
    if not ranking or not factors:
        return ranking
    near = [(name, share) for name, share in ranking if ranking[0][1] - share < close]
    if len(near) < 2:
        return ranking
    mass = sum(share for _, share in near)
    weighed = [(name, share * float(factors.get(name, 1.0))) for name, share in near]
    total = sum(share for _, share in weighed) or 1.0
    shifted = {name: share * mass / total for name, share in weighed}
    return tuple(sorted(((name, shifted.get(name, share)) for name, share in ranking), key=lambda row: -row[1]))


def damp(ranking: Ranking, factors: Factors) -> Ranking:
    """Multiply shares whatever their rank, and make them sum to one again."""
    weighed = [(name, share * float(factors.get(name, 1.0))) for name, share in ranking]
    total = sum(share for _, share in weighed) or 1.0
    return tuple(sorted(((name, share / total) for name, share in weighed), key=lambda row: -row[1]))


def profile_factors(profile: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, float]:
    """The factors of a customer: `profile` is {stage, holds: [asset classes], market_day}, all optional."""
    chosen: list[Factors] = [
        (table.get("stage") or {}).get(str(profile.get("stage"))) or {},
        (table.get("market_day") or {}).get(str(profile.get("market_day"))) or {},
    ]
    holds = profile.get("holds")
    if isinstance(holds, (list, tuple)):
        chosen += [(table.get("holds") or {}).get(str(name)) or {} for name in holds]
        if not holds:
            chosen.append(table.get("holds_nothing") or {})
    product: dict[str, float] = {}
    for factors in chosen:
        for name, factor in factors.items():
            product[name] = product.get(name, 1.0) * float(factor)
    return product
