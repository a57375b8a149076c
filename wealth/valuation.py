"""What a number of units was worth on each day: exact integer arithmetic over whole price lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np

from wealth import calendar
from wealth.clock import SHANGHAI
from wealth.ledger import ONE
from wealth.reply import Source
from wealth.store import Product
from wealth.store.prices import PriceLine

_SPLIT = 10_000


def value_cents(units: Any, prices: Any) -> Any:
    """units (1e-4) × prices (1e-6) in cents, half up; works on integers and on int64 arrays.

    The units are split so that nothing overflows 64 bits up to 9 × 10^9 units at a price of 1,000 CNY.
    """
    whole, rest = units // _SPLIT, units % _SPLIT
    high = whole * prices
    low = (high % _SPLIT) * _SPLIT + rest * prices
    return high // _SPLIT + (low + _SPLIT * _SPLIT // 2) // (_SPLIT * _SPLIT)


@dataclass(frozen=True)
class Quotes:
    """A product's usable prices: published ones up to the known day, before them those the ledger dealt at."""

    days: np.ndarray
    prices: np.ndarray
    published: int  # how many of them, counted from the end, are published ones

    def on(self, days: np.ndarray) -> np.ndarray:
        """The price that stood on each day (ordinals): the last one on or before it; the first one before any."""
        found = np.searchsorted(self.days, days, side="right") - 1
        return self.prices[np.maximum(found, 0)]

    def last(self, day: int) -> tuple[int, int, bool]:
        """(price, its day, published?) on a day."""
        index = max(int(np.searchsorted(self.days, day, side="right")) - 1, 0)
        return int(self.prices[index]), int(self.days[index]), index >= len(self.days) - self.published


def quotes(product: Product, line: PriceLine, deals: list[tuple[int, int]], known: date) -> Quotes:
    """Prices to value a product by; deals: (day, price) of its own movements, oldest first."""
    if product.valuation != "nav":
        first = deals[0][0] if deals else 1
        return Quotes(np.array([first]), np.array([ONE], dtype=np.int64), 0)
    end = int(np.searchsorted(line.days, known.toordinal(), side="right"))
    days, prices = line.days[:end], line.prices[:end]
    before = [deal for deal in deals if not end or deal[0] < days[0]]
    if before:
        dealt = np.array(before, dtype=np.int64)
        days, prices = np.concatenate([dealt[:, 0], days]), np.concatenate([dealt[:, 1], prices])
    elif not end:
        days, prices = np.array([1]), np.array([ONE], dtype=np.int64)
    return Quotes(days, prices, end)


def due_day(known: date) -> date:
    """The trading day whose prices should be there once those of `known` are."""
    return calendar.last_trading_day(known)


def price_time(day: date) -> datetime:
    """When a day's closing price stands."""
    return datetime.combine(day, time(15), SHANGHAI)


def source_of(product: Product, day: date, published: bool, movement: int) -> Source:
    """The row that a holding's value rests on: a published price, or the ledger where there is none."""
    if product.valuation == "nav" and published:
        return Source(f"nav:{product.code}:{day.isoformat()}", f"{product.name} 净值", price_time(day))
    title = "已交保费" if product.valuation == "premium" else "交易流水"
    return Source(f"movement:{movement}", f"{product.name} {title}", price_time(day))
