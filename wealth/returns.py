"""Profit and return of a customer's holdings: by period, product, class and account.

Money adds up to the cent over products and over adjoining periods. A period runs from its start day up to, not
including, its end day: profit = closing value - opening value - money put in + money taken out, where opening is the
value at the close of the day before start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wealth.reply import Source
from wealth.request import Period
from wealth.store import Product, Store


@dataclass(frozen=True)
class Contribution:
    """One product's part of a profit; money in CNY.

    market: from price moves and income on what was held; the rest of amount is the cost of the customer's own trades.
    """

    product: Product
    account: str
    amount: Decimal
    market: Decimal
    opening: Decimal
    closing: Decimal
    inflow: Decimal
    outflow: Decimal
    dividends: Decimal
    fees: Decimal


@dataclass(frozen=True)
class DailyProfit:
    """One day: profit and closing value in CNY, net money put in, and the day's return (None without capital)."""

    date: date
    profit: Decimal
    value: Decimal
    flow: Decimal
    rate: float | None


@dataclass(frozen=True)
class Profit:
    """Profit of a selection over [start, end). Rates are fractions, None where undefined (no capital, too few days).

    xirr: money-weighted, a year, from 30 days up; period_rate: money-weighted over the period itself (modified Dietz);
    twr: time-weighted over the period; drawdown: greatest fall from a peak (negative or 0); volatility: standard
    deviation of trading-day returns × √242, from 20 trading days up. priced_until: the last day with a price in it.
    missing_prices: codes without the price of the last day due. by_product sums to amount.
    """

    customer: str
    start: date
    end: date
    amount: Decimal
    opening: Decimal
    closing: Decimal
    inflow: Decimal
    outflow: Decimal
    dividends: Decimal
    fees: Decimal
    period_rate: float | None
    xirr: float | None
    twr: float | None
    drawdown: float | None
    volatility: float | None
    by_product: Sequence[Contribution]
    priced_until: date | None
    missing_prices: Sequence[str]
    sources: Sequence[Source]


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


def profit(
    store: Store,
    customer: str,
    period: Period,
    *,
    product: str | None = None,
    asset_class: str | None = None,
    account: str | None = None,
    at: datetime | None = None,
) -> Profit:
    """P/L of all, one product, one main class or one account over a period.

    period.start None: since the first movement; end None or after `at`: up to what is priced at `at` (default now).
    Raises UnknownCustomer, UnknownProduct, StoreUnavailable; BadSetting for a period that is not valid.
    """
    raise NotImplementedError


def daily(
    store: Store,
    customer: str,
    period: Period,
    *,
    product: str | None = None,
    asset_class: str | None = None,
    account: str | None = None,
    at: datetime | None = None,
) -> list[DailyProfit]:
    """The same by calendar day (calendar and line charts); profits add up to profit().amount."""
    raise NotImplementedError


def contributions(store: Store, customer: str, period: Period, *, at: datetime | None = None) -> list[Contribution]:
    """Each product's part of the period's profit, greatest gain first, greatest loss last."""
    raise NotImplementedError


def performance(
    store: Store, code: str, start: date | None = None, end: date | None = None, *, at: datetime | None = None
) -> Performance | None:
    """A product's own return between two days (both included), None under two prices. Raises UnknownProduct."""
    raise NotImplementedError
