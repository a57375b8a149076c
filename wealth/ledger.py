"""One customer's confirmed movements as exact integers, and the running positions they add up to.

Cost is the moving average (移动加权平均): a sale takes its share of the cost with it, and the last unit takes the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from wealth.store import Store, schema

CENTS_TO_UNITS = 100  # cents (1e-2) to units (1e-4) at a price of 1
ONE = 1_000_000  # a price of 1 in millionths

# Kinds whose money is income of the product they stand on.
INCOME = frozenset({"dividend", "reinvest", "interest"})
# Kinds that bring units in, and that take units out.
ENTRIES = frozenset({"buy", "convert_in", "transfer_in"})
EXITS = frozenset({"sell", "maturity", "convert_out", "transfer_out"})


class Entry(NamedTuple):
    """One confirmed movement: days as ordinals, units in 1e-4, price in 1e-6, money in cents."""

    id: int
    account: str
    product: str
    kind: str
    day: int
    units: int
    price: int | None
    amount: int
    fee: int
    cash: int
    matures: int | None


def read(store: Store, customer: str, until: date) -> list[Entry]:
    """Confirmed movements up to and including `until`, in the order they count. Raises StoreUnavailable."""
    query = _confirmed(until).where(schema.movements.c.customer == customer)
    with store.read() as connection:
        return _entries(connection.execute(query).all())


def stream(connection: Connection, until: date) -> Iterator[tuple[str, list[Entry]]]:
    """(customer, entries) of everyone in turn, without holding all of them in memory."""
    table = schema.movements
    query = _confirmed(until).add_columns(table.c.customer).order_by(table.c.customer)
    rows = connection.execution_options(stream_results=True).execute(query)
    for customer, found in groupby(rows, key=lambda row: row.customer):
        yield customer, _entries(list(found))


def _confirmed(until: date) -> Select:
    table = schema.movements
    raw = [
        type_coerce(column, BigInteger)
        for column in (table.c.units, table.c.price, table.c.amount, table.c.fee, table.c.cash)
    ]
    return select(
        table.c.id,
        table.c.account,
        table.c.product,
        table.c.kind,
        table.c.trade_date,
        *raw,
        table.c.matures_on,
        table.c.ref,
    ).where(table.c.status == "confirmed", table.c.trade_date <= until)


def _entries(found: list[Any]) -> list[Entry]:
    # Same-day order: money and units come in before they go out, so that the order of loading does not matter.
    found.sort(key=lambda row: (row.trade_date, _RANK.get(row.kind, 1), row.ref))
    return [
        Entry._make((*row[:4], row[4].toordinal(), *row[5:10], row[10].toordinal() if row[10] else None))
        for row in found
    ]


_RANK = {kind: 0 for kind in ("cash_in", "transfer_in", "interest")} | {
    kind: 2 for kind in ("sell", "maturity", "convert_out", "transfer_out", "fee", "cash_out")
}


@dataclass
class Running:
    """A product under an account as the ledger adds up; money in cents, units in 1e-4."""

    product: str
    account: str
    units: int = 0
    cost: int = 0
    realised: int = 0
    dividends: int = 0
    fees: int = 0
    charges: int = 0
    first_day: int = 0
    last_day: int = 0
    last_price: int = ONE
    last_price_day: int = 0
    last_id: int = 0
    lots: list[tuple[int, int]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Take one movement of this product in."""
        kind, amount, fee = entry.kind, entry.amount, entry.fee
        self._touch(entry)
        if entry.price:
            self.last_price, self.last_price_day = entry.price, entry.day
        if kind in EXITS:
            taken = self._cost_of(-entry.units)
            self.units += entry.units
            self.cost -= taken
            self.realised += amount - fee - taken
            self.fees += fee
            self._release(-entry.units, entry.day)
        elif kind in ENTRIES:
            self.units += entry.units
            self.cost += amount
            self.fees += fee
            if entry.matures:
                self.lots.append((entry.matures, entry.units))
        elif kind == "reinvest":
            self.units += entry.units
            self.cost += amount
            self.dividends += amount
        elif kind in INCOME:
            self.dividends += amount
        elif kind == "fee":
            self.fees += amount
            self.charges += amount

    def add_cash(self, entry: Entry) -> None:
        """Take a movement's effect on the settlement account in; `self` is that account's own position."""
        self._touch(entry)
        self.units += entry.cash * CENTS_TO_UNITS
        self.cost += entry.cash

    def _touch(self, entry: Entry) -> None:
        self.first_day = self.first_day or entry.day
        self.last_day = entry.day
        self.last_id = max(self.last_id, entry.id)

    def _cost_of(self, units: int) -> int:
        if units >= self.units:
            return self.cost
        return (2 * self.cost * units + self.units) // (2 * self.units)

    def _release(self, units: int, day: int) -> None:
        """First the lots that are due, then the oldest: what was redeemed no longer matures."""
        self.lots.sort()
        while units > 0 and self.lots:
            due, held = self.lots[0]
            taken = min(held, units)
            units -= taken
            if held > taken:
                self.lots[0] = (due, held - taken)
            else:
                self.lots.pop(0)


def fold(entries: Iterable[Entry], cash_products: dict[str, str]) -> list[Running]:
    """Positions after all entries. cash_products: account → the product its cash is held in."""
    positions: dict[tuple[str, str], Running] = {}

    def position(account: str, product: str) -> Running:
        key = (account, product)
        found = positions.get(key)
        if found is None:
            found = positions[key] = Running(product=product, account=account)
        return found

    for entry in entries:
        cash_product = cash_products[entry.account]
        if entry.cash:
            position(entry.account, cash_product).add_cash(entry)
        if entry.product != cash_product:
            position(entry.account, entry.product).add(entry)
        elif entry.kind in INCOME:
            position(entry.account, cash_product).dividends += entry.amount
        elif entry.kind == "fee":
            charged = position(entry.account, cash_product)
            charged.charges += entry.amount
            charged.fees += entry.amount
    return list(positions.values())


def cash_products(store: Store, customer: str) -> dict[str, str]:
    """Settlement account → its cash product. Raises UnknownCustomer."""
    return {account.id: account.cash_product for account in store.accounts(customer)}


def product_flow(entry: Entry) -> int:
    """Money put into (+) or taken out of (-) the product by this movement, in cents; fees paid count as put in."""
    if entry.kind == "reinvest":
        return 0
    if entry.kind in ("convert_in", "transfer_in"):
        return entry.amount
    if entry.kind == "convert_out":
        return entry.fee - entry.amount
    if entry.kind == "transfer_out":
        return -entry.amount
    return -entry.cash
