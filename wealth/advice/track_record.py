"""A product's own past over a few standard windows, each with its days; never without them (rule 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wealth.performance import Performance, performance
from wealth.store import NavRow, Product, Store
from wealth.store.prices import known_day

# name → days; the shortest allowed window is a month.
WINDOWS = (("month", 30), ("quarter", 91), ("year", 365), ("three_years", 1095))
_LEAST_DAYS = 28
# A cash product's seven-day yield means nothing before it has run for seven days (rule 8).
YIELD_FROM_DAYS = 7


@dataclass(frozen=True)
class Window:
    """name: month|quarter|year|three_years|since_launch."""

    name: str
    performance: Performance


def windows(store: Store, product: Product, at: datetime) -> Sequence[Window]:
    """The windows that the product is old enough for, shortest first; empty for what has no published price."""
    if product.valuation != "nav":
        return ()
    last = store.latest_nav(product.code, at)
    if last is None:
        return ()
    found = []
    oldest = max(product.launch_date, _first_price(store, product) or product.launch_date)
    for name, days in WINDOWS:
        start = last.date - timedelta(days=days)
        if start < oldest:
            continue
        past = performance(store, product.code, start, last.date, at=at)
        if past is not None:
            found.append(Window(name, past))
    if not found or oldest == product.launch_date:
        past = performance(store, product.code, oldest, last.date, at=at)
        if past is not None and (past.end - past.start).days >= _LEAST_DAYS:
            found.append(Window("since_launch", past))
    return found


def latest(store: Store, product: Product, at: datetime) -> NavRow | None:
    """The last published price; None for what has none."""
    return store.latest_nav(product.code, at) if product.valuation == "nav" else None


def may_show_yield(product: Product, at: datetime) -> bool:
    """Old enough for a seven-day yield."""
    return (known_day(at) - product.launch_date).days >= YIELD_FROM_DAYS


def price_line(store: Store, product: Product, at: datetime, days: int = 365) -> Sequence[NavRow]:
    """Published prices of the last `days`, thinned to about one a week so that a chart stays light."""
    last = store.latest_nav(product.code, at)
    if last is None:
        return ()
    rows = store.navs(product.code, last.date - timedelta(days=days), last.date + timedelta(days=1))
    step = max(len(rows) // 60, 1)
    kept = list(rows[::step])
    return kept if not rows or kept[-1] is rows[-1] else [*kept, rows[-1]]


def _first_price(store: Store, product: Product) -> date | None:
    line = store.prices.lines([product.code])[product.code]
    return date.fromordinal(int(line.days[0])) if len(line.days) else None
