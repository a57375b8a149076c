"""Tracks: for each product under each account, value, flows and income on every day of a period, in exact cents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from wealth.ledger import CENTS_TO_UNITS, INCOME, Entry, product_flow
from wealth.store import Product
from wealth.store.prices import EMPTY_LINE, PriceLine
from wealth.valuation import Quotes, quotes, value_cents


@dataclass(frozen=True)
class Track:
    """One product under one account. Arrays hold one value per day of the grid; index 0 is the day before the period.

    value: closing value. flow: money put in less taken out. income: dividends and interest, fees: fees paid.
    carried: worth, at the day's price, of what was held the evening before, so that price moves and trades part.
    inflow and outflow are totals of the movements, not netted by day. All in cents.
    """

    product: Product
    account: str
    value: np.ndarray
    flow: np.ndarray
    income: np.ndarray
    fees: np.ndarray
    carried: np.ndarray
    inflow: int
    outflow: int
    quotes: Quotes

    @property
    def profit(self) -> np.ndarray:
        """Profit of each day of the period, in cents."""
        return np.diff(self.value) - self.flow[1:]

    @property
    def market(self) -> np.ndarray:
        """The part of each day's profit that prices and income made on what was held the evening before."""
        return self.carried[1:] - self.value[:-1] + self.income[1:]


class _Days:
    """Collects one product's movements by day of the grid."""

    def __init__(self, size: int) -> None:
        self.units = np.zeros(size, dtype=np.int64)
        self.flow = np.zeros(size, dtype=np.int64)
        self.income = np.zeros(size, dtype=np.int64)
        self.fees = np.zeros(size, dtype=np.int64)
        self.deals: list[tuple[int, int]] = []
        self.inflow = self.outflow = 0

    def flow_in(self, index: int, amount: int) -> None:
        self.flow[index] += amount
        if index > 0 and amount > 0:
            self.inflow += amount
        elif index > 0:
            self.outflow -= amount


def build(
    entries: list[Entry],
    cash_products: Mapping[str, str],
    products: Mapping[str, Product],
    lines: Mapping[str, PriceLine],
    *,
    first: date,
    last: date,
    known: date,
) -> list[Track]:
    """Tracks over the days first - 1 … last of all movements up to `last`; prices up to the known day."""
    start = first.toordinal() - 1
    size = last.toordinal() - start + 1
    by_key: dict[tuple[str, str], _Days] = {}

    def of(account: str, product: str) -> _Days:
        key = (account, product)
        if key not in by_key:
            by_key[key] = _Days(size)
        return by_key[key]

    for entry in entries:
        index = max(entry.day - start, 0)
        cash_product = cash_products[entry.account]
        own = entry.product == cash_product
        if entry.cash:
            cash = of(entry.account, cash_product)
            cash.units[index] += entry.cash * CENTS_TO_UNITS
            if not own or entry.kind in ("cash_in", "cash_out"):
                cash.flow_in(index, entry.cash)
        days = of(entry.account, entry.product)
        if not own:
            days.units[index] += entry.units
            days.flow_in(index, product_flow(entry))
            if entry.price:
                days.deals.append((entry.day, entry.price))
        if entry.kind in INCOME:
            days.income[index] += entry.amount
        days.fees[index] += entry.amount if entry.kind == "fee" else entry.fee
    grid = np.arange(start, start + size)
    return [
        _track(products[product], account, days, lines.get(product, EMPTY_LINE), grid, known)
        for (account, product), days in by_key.items()
    ]


def _track(product: Product, account: str, days: _Days, line: PriceLine, grid: np.ndarray, known: date) -> Track:
    units = np.cumsum(days.units)
    found = quotes(product, line, days.deals, known)
    prices = found.on(grid)
    carried = np.zeros_like(units)
    carried[1:] = value_cents(units[:-1], prices[1:])
    return Track(
        product=product,
        account=account,
        value=value_cents(units, prices),
        flow=days.flow,
        income=days.income,
        fees=days.fees,
        carried=carried,
        inflow=days.inflow,
        outflow=days.outflow,
        quotes=found,
    )
