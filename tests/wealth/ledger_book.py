"""Hand-made customers with a ledger of their own, written into a store for one test."""

from __future__ import annotations

import itertools
import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import insert

from wealth.store import Store, schema

CENT, UNIT = Decimal("0.01"), Decimal("0.01")
CASH = "HQ001"
_numbers = itertools.count(1)


def cents(value: Decimal) -> Decimal:
    """Half up to the cent."""
    return value.quantize(CENT, ROUND_HALF_UP)


@lru_cache(maxsize=64)
def _navs(store: Store, product: str) -> tuple[list[date], list[Decimal]]:
    rows = store.navs(product)
    return [row.date for row in rows], [row.nav for row in rows]


@dataclass
class Book:
    """One customer with one account; every method adds a movement that is right in itself."""

    store: Store
    rows: list[dict[str, Any]] = field(default_factory=list)
    units: dict[str, Decimal] = field(default_factory=dict)
    cash: Decimal = Decimal(0)
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def customer(self) -> str:
        return f"test-{self.number}"

    @property
    def account(self) -> str:
        return f"acc-{self.number}"

    def price(self, product: str, on: date) -> Decimal:
        """The published price that the trade gets."""
        days, navs = _navs(self.store, product)
        return navs[bisect_right(days, on) - 1]

    def move(self, kind: str, product: str, on: date, **values: Any) -> None:
        row = {
            "ref": f"T{self.number}-{len(self.rows):04d}",
            "customer": self.customer,
            "account": self.account,
            "product": product,
            "kind": kind,
            "status": "confirmed",
            "trade_date": on,
            "confirm_date": on,
            "settle_date": on,
            "units": Decimal(0),
            "price": None,
            "amount": Decimal(0),
            "fee": Decimal(0),
            "cash": Decimal(0),
            "pair_ref": None,
            "matures_on": None,
            "note": "",
        }
        row.update(values)
        self.rows.append(row)
        self.units[product] = self.units.get(product, Decimal(0)) + row["units"]
        self.cash += row["cash"]

    def cash_in(self, on: date, amount: Decimal) -> None:
        self.move("cash_in", CASH, on, amount=amount, cash=amount)

    def cash_out(self, on: date, amount: Decimal) -> None:
        self.move("cash_out", CASH, on, amount=amount, cash=-amount)

    def buy(self, product: str, on: date, amount: Decimal, fee: Decimal = Decimal(0)) -> None:
        price = self.price(product, on)
        units = ((amount - fee) / price).quantize(UNIT, ROUND_HALF_UP)
        self.move("buy", product, on, units=units, price=price, amount=amount, fee=fee, cash=-amount)

    def sell(self, product: str, on: date, units: Decimal, fee_rate: Decimal = Decimal(0)) -> None:
        price = self.price(product, on)
        amount = cents(units * price)
        fee = cents(amount * fee_rate)
        self.move("sell", product, on, units=-units, price=price, amount=amount, fee=fee, cash=amount - fee)

    def dividend(self, product: str, on: date, amount: Decimal) -> None:
        self.move("dividend", product, on, amount=amount, cash=amount)

    def reinvest(self, product: str, on: date, amount: Decimal) -> None:
        price = self.price(product, on)
        units = (amount / price).quantize(UNIT, ROUND_HALF_UP)
        self.move("reinvest", product, on, units=units, price=price, amount=amount)

    def fee(self, product: str, on: date, amount: Decimal) -> None:
        self.move("fee", product, on, amount=amount, cash=-amount)

    def convert(self, product: str, target: str, on: date, units: Decimal, fee_rate: Decimal) -> None:
        price, entered = self.price(product, on), self.price(target, on)
        amount = cents(units * price)
        fee = cents(amount * fee_rate)
        bought = ((amount - fee) / entered).quantize(UNIT, ROUND_HALF_UP)
        self.move("convert_out", product, on, units=-units, price=price, amount=amount, fee=fee)
        self.move("convert_in", target, on, units=bought, price=entered, amount=amount - fee)

    def transfer_in(self, product: str, on: date, units: Decimal) -> None:
        price = self.price(product, on)
        self.move("transfer_in", product, on, units=units, price=price, amount=cents(units * price))

    def transfer_out(self, product: str, on: date, units: Decimal) -> None:
        price = self.price(product, on)
        self.move("transfer_out", product, on, units=-units, price=price, amount=cents(units * price))

    def save(self, shuffle: int | None = None) -> str:
        """Write the customer; shuffle: a seed to load the movements in another order. Returns the customer's id."""
        rows = list(self.rows)
        if shuffle is not None:
            random.Random(shuffle).shuffle(rows)
        with self.store.write() as connection:
            connection.execute(
                insert(schema.customers).values(
                    id=self.customer, name="测试", level="普通", branch="测试", since=date(2020, 1, 1), is_demo=True
                )
            )
            connection.execute(
                insert(schema.accounts).values(
                    id=self.account, customer=self.customer, cash_product=CASH, last4="0000", opened=date(2020, 1, 1)
                )
            )
            if rows:
                connection.execute(insert(schema.movements), rows)
        return self.customer
