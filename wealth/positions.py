"""Positions, derived from the ledger: what a customer holds at a moment, at what cost and worth how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wealth.reply import Source
from wealth.store import Movement, Product, Store


@dataclass(frozen=True)
class Maturity:
    """Money that comes free on a day: principal in CNY."""

    date: date
    amount: Decimal


@dataclass(frozen=True)
class Holding:
    """One product held under one account.

    cost: moving-average cost of the units held (移动加权平均), purchase fees included. price/price_date: the last
    price known; for a product never priced, that of its last movement. value: units × price, half up to the cent.
    unrealised = value - cost; realised: sales minus their cost and fees; dividends: cash and reinvested dividends and
    interest; fees: every fee paid; charges: those of them outside cost and realised (account fees).
    missing_price: the price of the last day that should be published by now is not there.
    classes: value by engine class, looked through, "unknown" for the undisclosed share; sums to value.
    """

    product: Product
    account: str
    units: Decimal
    cost: Decimal
    price: Decimal
    price_date: date
    value: Decimal
    unrealised: Decimal
    realised: Decimal
    dividends: Decimal
    fees: Decimal
    charges: Decimal
    missing_price: bool
    classes: Mapping[str, Decimal]
    first_bought: date
    last_traded: date
    maturities: Sequence[Maturity]
    source: Source

    @property
    def profit(self) -> Decimal:
        """All ever earned on it: unrealised + realised + dividends - charges."""
        return self.unrealised + self.realised + self.dividends - self.charges

    @property
    def return_on_cost(self) -> Decimal | None:
        """unrealised / cost (持有收益率), None without cost."""
        return self.unrealised / self.cost if self.cost else None


@dataclass(frozen=True)
class Portfolio:
    """All holdings of a customer at a moment.

    by_class: looked through, all five classes and "unknown". by_view: liquid|steady|growth|protection by product.
    pending: orders not confirmed yet (not in total). as_of: the latest price day used; oldest_price: the earliest.
    """

    customer: str
    at: datetime
    holdings: Sequence[Holding]
    pending: Sequence[Movement]
    total: Decimal
    by_class: Mapping[str, Decimal]
    by_view: Mapping[str, Decimal]
    as_of: datetime
    oldest_price: date | None

    @property
    def missing_prices(self) -> Sequence[Holding]:
        return [holding for holding in self.holdings if holding.missing_price]


def holdings(store: Store, customer: str, on: date | datetime, *, include_closed: bool = False) -> list[Holding]:
    """What the customer holds at `on`, greatest value first.

    `on` a date: with all prices of that day; a moment: with what was published by then. include_closed also lists
    what was sold entirely (units 0, for its realised gain). Raises UnknownCustomer, StoreUnavailable.
    """
    raise NotImplementedError


def portfolio(store: Store, customer: str, on: date | datetime) -> Portfolio:
    """Holdings with their totals. Same errors as holdings()."""
    raise NotImplementedError
