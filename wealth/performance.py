"""A product's own past between two days: return, drawdown, volatility."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from wealth import clock, risk
from wealth.reply import Source
from wealth.store import Store
from wealth.store.prices import known_day
from wealth.valuation import source_of


@dataclass(frozen=True)
class Performance:
    """A product's own past over [start, end], dividends reinvested; rates are fractions.

    annualised: only from a year up; volatility: × √242, from 20 returns up.
    """

    product: str
    start: date
    end: date
    total_return: float
    annualised: float | None
    drawdown: float
    volatility: float | None
    source: Source


def performance(
    store: Store, code: str, start: date | None = None, end: date | None = None, *, at: datetime | None = None
) -> Performance | None:
    """A product's own return between two days (both included), None under two prices. Raises UnknownProduct.

    A day's return is (price + dividend of the day) / price before - 1, as with dividends reinvested.
    """
    product = store.product(code)
    line = store.prices.lines([code])[code]
    known = known_day(at or clock.now())
    last = min(end, known) if end is not None else known
    low = int(np.searchsorted(line.days, start.toordinal())) if start is not None else 0
    high = int(np.searchsorted(line.days, last.toordinal(), side="right"))
    if high - low < 2:
        return None
    prices, dividends = line.prices[low:high].astype(float), line.dividends[low:high].astype(float)
    returns = (prices[1:] + dividends[1:]) / prices[:-1] - 1.0
    first_day, last_day = (date.fromordinal(int(line.days[index])) for index in (low, high - 1))
    total = risk.total_return(returns)
    return Performance(
        product=code,
        start=first_day,
        end=last_day,
        total_return=total,
        annualised=risk.annualised(total, (last_day - first_day).days),
        drawdown=risk.max_drawdown(returns),
        volatility=risk.volatility(returns),
        source=source_of(product, last_day, True, 0),
    )
