"""The stage ladder: where a customer stands and which single step comes next (data/checkup/stages.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from wealth.classes import CLASSES, DATA
from wealth.positions import Portfolio
from wealth.reply import QuickReply


@dataclass(frozen=True)
class Stage:
    """One rung. id: start|simple|single|better; rank from 0; next_step: what this rung's customer does first."""

    id: str
    rank: int
    name: str
    meaning: str
    next_step: QuickReply


@lru_cache(maxsize=1)
def _content() -> dict[str, Any]:
    return yaml.safe_load((DATA / "checkup" / "stages.yml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def ladder() -> tuple[Stage, ...]:
    """All rungs, the first one first."""
    return tuple(
        Stage(name, rank, words["name"], words["meaning"], QuickReply(**words["next"]))
        for rank, (name, words) in enumerate(_content()["stages"].items())
    )


def stage_of(portfolio: Portfolio) -> Stage:
    """The rung a portfolio stands on: the first whose condition holds, from the bottom up."""
    limits = _content()["measures"]
    start, simple, single, better = ladder()
    held = [holding for holding in portfolio.holdings if holding.value > 0]
    invested = [holding for holding in held if holding.product.asset_class != "protection"]
    if all(holding.product.kind in limits["deposit_kinds"] for holding in invested):
        return start
    if all(holding.product.risk <= limits["simple_risk"] for holding in invested):
        return simple
    least = portfolio.total * Decimal(str(limits["class_share"]))
    classes = [name for name in CLASSES if portfolio.by_class[name] >= least]
    return single if len(classes) < limits["few_classes"] else better
