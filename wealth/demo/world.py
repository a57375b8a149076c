"""World: the demo bank's products, days and prices for one seed and day, and the small sums that trades need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from wealth import calendar
from wealth.demo.catalogue import DemoProduct, demo_products
from wealth.demo.prices import DemoPrices, factor_returns, history, product_prices
from wealth.ledger import ONE
from wealth.store import FeeTier
from wealth.store.types import MONEY_DIGITS, scaled

CENTS_A_BIP = 10_000


@dataclass(frozen=True)
class World:
    """Everything that customers can trade. Days are indices into `days`; products are indices into `products`."""

    seed: int
    as_of: date
    days: list[date]
    products: list[DemoProduct]
    factors: dict[str, np.ndarray]
    prices: dict[str, DemoPrices]

    @classmethod
    def build(cls, seed: int, as_of: date) -> World:
        """The same world for the same seed and day."""
        days, products = history(as_of), demo_products(as_of)
        factors = factor_returns(seed, len(days))
        return cls(seed, as_of, days, products, factors, product_prices(seed, days, products, factors))

    @cached_property
    def ordinals(self) -> np.ndarray:
        """The history's days and a month of trading days after it, as ordinals."""
        later, day = [], self.as_of
        for _ in range(30):
            day = calendar.next_trading_day(day)
            later.append(day)
        return np.array([day.toordinal() for day in (*self.days, *later)])

    @cached_property
    def number(self) -> dict[str, int]:
        """Product code → index."""
        return {one.product.code: index for index, one in enumerate(self.products)}

    @cached_property
    def cash(self) -> int:
        """The settlement account's own product."""
        return next(index for index, one in enumerate(self.products) if one.product.kind == "demand_deposit")

    @property
    def last(self) -> int:
        """Index of the last day on which orders are confirmed: the day before `as_of`."""
        return len(self.days) - 2

    def window(self, product: int) -> tuple[int, int]:
        """First and last day on which the product could be dealt in; first > last if on none."""
        one = self.products[product]
        prices = self.prices.get(one.product.code)
        if one.product.valuation == "nav":
            if prices is None:
                return 1, 0
            return prices.first, min(prices.first + len(prices.navs) - 1, self.last - one.nav_gap)
        launch = one.product.launch_date.toordinal()
        return int(np.searchsorted(self.ordinals[: len(self.days)], launch)), self.last

    def price(self, product: int, days: np.ndarray) -> np.ndarray:
        """Prices on days (indices) within the product's window, in millionths."""
        prices = self.prices.get(self.products[product].product.code)
        if prices is None:
            return np.full(len(days), ONE, dtype=np.int64)
        return prices.navs[days - prices.first]

    def units(self, product: int, cents: np.ndarray, price: np.ndarray) -> np.ndarray:
        """Units (1e-4) that money buys, rounded half up to the product's unit digits."""
        step = 10 ** (4 - self.products[product].unit_digits)
        return (2 * cents * 100 * ONE // step + price) // (2 * price) * step

    def settle(self, product: int, days: np.ndarray, *, selling: bool) -> tuple[np.ndarray, np.ndarray]:
        """Confirm and settle days (ordinals) of orders on these days."""
        terms = self.products[product].product
        confirm = self.ordinals[days + terms.confirm_days]
        return confirm, self.ordinals[days + terms.arrival_days] if selling else confirm


def tier_fee(tiers: Sequence[FeeTier], amounts: np.ndarray, keys: np.ndarray, *, inside: bool) -> np.ndarray:
    """Fees in cents on amounts in cents; keys decide the step (amount in cents, or holding days).

    inside: the fee is part of the amount (外扣法 for purchases: fee = amount - amount / (1 + rate)), else on top.
    """
    fees = np.zeros(len(amounts), dtype=np.int64)
    scale = 10**MONEY_DIGITS if inside else 1
    for tier in tiers:
        covered = keys >= int(tier.start * scale)
        if tier.end is not None:
            covered &= keys < int(tier.end * scale)
        if tier.fixed is not None:
            fees[covered] = scaled(tier.fixed, MONEY_DIGITS)
        elif tier.rate:
            bips = int(tier.rate * CENTS_A_BIP * 100)
            base = amounts[covered]
            whole = CENTS_A_BIP * 100
            fees[covered] = base - half_up(base * whole, whole + bips) if inside else half_up(base * bips, whole)
    return fees


def half_up(numerator: Any, denominator: Any) -> Any:
    """Rounded quotient of non-negative integers."""
    return (2 * numerator + denominator) // (2 * denominator)
