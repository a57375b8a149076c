"""The days of a selection of holdings added up: value, flow, profit and return of each, and rates over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from wealth import calendar, risk
from wealth.store.types import MONEY_DIGITS, unscaled
from wealth.tracks import Track


@dataclass(frozen=True)
class DailyProfit:
    """One day: profit and closing value in CNY, net money put in, and the day's return (None without capital)."""

    date: date
    profit: Decimal
    value: Decimal
    flow: Decimal
    rate: float | None


@dataclass(frozen=True)
class Days:
    """A selection's days added up, in cents. rates and capital are by day of the period, the rest as in Track."""

    value: np.ndarray
    flow: np.ndarray
    profit: np.ndarray
    rates: np.ndarray
    capital: np.ndarray

    @classmethod
    def of(cls, tracks: list[Track], size: int) -> Days:
        """Add up tracks of `size` days, the day before the period first."""
        zero = np.zeros(size, dtype=np.int64)
        value = sum((track.value for track in tracks), zero)
        flow = sum((track.flow for track in tracks), zero)
        gain = sum((track.profit for track in tracks), zero[1:])
        market = sum((track.market for track in tracks), zero[1:])
        opening = value[:-1].astype(float)
        # Prices work on the evening's capital, trading costs on what was there to trade with that day.
        traded = opening + market + np.maximum(flow[1:], 0)
        on_prices = np.divide(market, opening, out=np.zeros_like(opening), where=opening > 0)
        on_trades = np.divide(gain - market, traded, out=np.zeros_like(opening), where=traded > 0)
        return cls(
            value=value,
            flow=flow,
            profit=gain,
            rates=(1.0 + on_prices) * (1.0 + on_trades) - 1.0,
            capital=(opening > 0) | (traded > 0),
        )

    @property
    def had_capital(self) -> bool:
        """Whether there was any money at work on any day."""
        return bool(self.capital.any())

    def listed(self, first: date) -> list[DailyProfit]:
        """The days of a period that begins on this day."""
        start = first.toordinal()
        return [
            DailyProfit(
                date=date.fromordinal(start + index),
                profit=from_cents(gain),
                value=from_cents(self.value[index + 1]),
                flow=from_cents(self.flow[index + 1]),
                rate=float(self.rates[index]) if self.capital[index] else None,
            )
            for index, gain in enumerate(self.profit)
        ]

    def trading_day_returns(self, first: date) -> np.ndarray:
        """Returns from one trading day's close to the next, from the first day with capital on."""
        if not self.had_capital:
            return np.empty(0)
        line = np.concatenate([[1.0], np.cumprod(1.0 + self.rates)])
        start = first.toordinal() - 1
        begin = int(np.argmax(self.capital))
        later = range(begin + 1, len(line))
        closes = [begin, *(index for index in later if calendar.is_trading_day(date.fromordinal(start + index)))]
        closing = line[closes]
        closing = closing[: int(np.argmin(closing > 0))] if (closing <= 0).any() else closing
        return closing[1:] / closing[:-1] - 1.0

    def period_rate(self) -> float | None:
        """Money-weighted over the period itself (modified Dietz)."""
        length = len(self.profit)
        flows = [
            ((length - index) / length, float(self.flow[index])) for index in range(1, length + 1) if self.flow[index]
        ]
        return risk.modified_dietz(float(self.value[0]), float(self.value[-1]), flows)

    def xirr(self, first: date) -> float | None:
        """Money-weighted, a year, of a period that begins on this day."""
        start = first.toordinal() - 1
        amounts = -self.flow.astype(float)
        amounts[0] = -float(self.value[0])
        amounts[-1] += float(self.value[-1])
        used = np.flatnonzero(amounts)
        return risk.xirr([date.fromordinal(start + int(index)) for index in used], [amounts[i] / 100.0 for i in used])


def from_cents(amount: int | np.integer) -> Decimal:
    """Whole cents as CNY."""
    return unscaled(int(amount), MONEY_DIGITS)
