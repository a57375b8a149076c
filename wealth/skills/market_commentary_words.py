"""Market figures in words: levels with their unit, moves in per cent or in points."""

from __future__ import annotations

from decimal import Decimal

from wealth.format import percent, signed_percent
from wealth.market import Move
from wealth.store import MarketSeries
from wealth.wording import say

_CENT = Decimal("0.01")


def level_text(series: MarketSeries, value: Decimal) -> str:
    """4,899.41 点, 3.27%, 984.78 元/克."""
    if series.unit == "%":
        return f"{value:.2f}%"
    return f"{value:,.2f} {series.unit}"


def change_text(move: Move) -> str:
    """+0.37%, or for a rate +0.02 个百分点."""
    if move.ratio is not None:
        return signed_percent(move.ratio)
    return points_text(move.change)


def points_text(change: Decimal | None) -> str:
    """+0.02 个百分点; 持平 where it rounds to nothing."""
    shown = (change or Decimal(0)).quantize(_CENT)
    return say("market.points", change=f"{shown:+.2f}") if shown else say("market.no_change")


def sentence_of(move: Move) -> str:
    """A series and its move: 演示大盘指数跌 0.21%，在 4,899.41 点."""
    level = level_text(move.series, move.row.value)
    change = (move.change or Decimal(0)) if move.ratio is not None else (move.change or Decimal(0)).quantize(_CENT)
    direction = "up" if change > 0 else "down" if change < 0 else "flat"
    size = percent(abs(move.ratio)) if move.ratio is not None else say("market.size", change=f"{abs(change):.2f}")
    return say(f"market.move.{direction}", title=move.series.title, size=size, level=level)
