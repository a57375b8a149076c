"""What thousands of customers did: their choices turned into movements, product by product, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wealth.demo.columns import KIND, STATUS, Columns
from wealth.demo.world import World, tier_fee
from wealth.valuation import value_cents

PENDING, CANCELLED = STATUS.index("pending"), STATUS.index("cancelled")


@dataclass(frozen=True)
class Choices:
    """Which customer put how much (cents) into which product; one row per choice."""

    customer: np.ndarray
    product: np.ndarray
    amount: np.ndarray


class Trading:
    """Collects the movements of one batch of customers; reinvesting: who has dividends reinvested, one per customer."""

    def __init__(self, world: World, rng: np.random.Generator, reinvesting: np.ndarray) -> None:
        self.world = world
        self.rng = rng
        self.columns = Columns()
        self._reinvesting = reinvesting

    def invest(self, choices: Choices) -> None:
        """Everything that follows from the choices: purchases, income, sales, maturities, odd orders."""
        for product in np.unique(choices.product):
            mine = choices.product == product
            customer, amount = choices.customer[mine], choices.amount[mine]
            terms = self.world.products[product].product
            if terms.kind == "insurance":
                self._premiums(int(product), customer, amount)
            elif terms.kind == "time_deposit":
                self._deposits(int(product), customer, amount)
            elif terms.maturity_date is not None:
                self.closed(int(product), customer, amount)
            else:
                self._open(int(product), customer, amount)

    def _random_days(self, size: int, low: int, high: int) -> np.ndarray:
        return self.rng.integers(low, high + 1, size)

    def buy(
        self,
        product: int,
        customer: np.ndarray,
        amount: np.ndarray,
        days: np.ndarray,
        kind: str = "buy",
        matures: int | np.ndarray = 0,
    ) -> np.ndarray:
        """Purchases on days (indices); returns the units bought."""
        world = self.world
        terms = world.products[product].product
        fee = tier_fee(terms.purchase_fees, amount, amount, inside=True) if kind == "buy" else np.zeros_like(amount)
        price = world.price(product, days)
        units = world.units(product, amount - fee, price)
        confirm, _ = world.settle(product, days, selling=False)
        if kind == "transfer_in":
            amount = value_cents(units, price)
        self.columns.add(
            customer=customer,
            product=product,
            kind=KIND[kind],
            trade_date=world.ordinals[days],
            confirm_date=confirm,
            settle_date=confirm,
            units=units,
            price=price,
            amount=amount,
            fee=fee,
            cash=-amount if kind == "buy" else 0,
            matures_on=matures,
        )
        return units

    def _premiums(self, product: int, customer: np.ndarray, amount: np.ndarray) -> None:
        begin, end = self.world.window(product)
        self.buy(product, customer, amount, self._random_days(len(customer), max(begin, end - 500), end))

    def _deposits(self, product: int, customer: np.ndarray, amount: np.ndarray) -> None:
        world = self.world
        terms = world.products[product].product
        begin, end = world.window(product)
        days = self._random_days(len(customer), begin, end)
        due = world.ordinals[days] + (terms.term_days or 0)
        self.buy(product, customer, amount, days, matures=due)
        self.repay(product, customer, amount * 100, world.ordinals[days], due)

    def repay(self, product: int, customer: np.ndarray, units: np.ndarray, begun: np.ndarray, due: np.ndarray) -> None:
        """Principal and simple interest (Actual/365) of par products that have matured."""
        terms = self.world.products[product].product
        done = due < self.world.as_of.toordinal()
        customer, units, begun, due = customer[done], units[done], begun[done], due[done]
        principal = units // 100
        bips = int((terms.rate or 0) * 1_000_000)
        interest = principal * (due - begun) * bips // 365_000_000
        days = {"trade_date": due, "confirm_date": due, "settle_date": due}
        paid = {"customer": customer, "product": product, **days}
        self.columns.add(**paid, kind=KIND["maturity"], units=-units, price=1_000_000, amount=principal, cash=principal)
        self.columns.add(**paid, kind=KIND["interest"], amount=interest, cash=interest)

    def closed(self, product: int, customer: np.ndarray, amount: np.ndarray) -> None:
        """Subscribed at launch, held to the end."""
        world = self.world
        terms = world.products[product].product
        begin, end = world.window(product)
        if begin > end or terms.maturity_date is None:
            self.order(product, customer, amount)
            return
        days = np.full(len(customer), begin)
        due = np.full(len(customer), terms.maturity_date.toordinal())
        units = self.buy(product, customer, amount, days, matures=due)
        if terms.valuation != "nav":
            self.repay(product, customer, units, world.ordinals[days], due)
        elif terms.maturity_date < world.as_of:
            last = np.full(len(customer), end)
            self.exit(product, customer, units, last, days, kind="maturity")

    def exit(
        self,
        product: int,
        customer: np.ndarray,
        units: np.ndarray,
        days: np.ndarray,
        bought: np.ndarray,
        kind: str = "sell",
    ) -> None:
        world = self.world
        terms = world.products[product].product
        price = world.price(product, days)
        amount = value_cents(units, price)
        held = world.ordinals[days] - world.ordinals[bought]
        fee = tier_fee(terms.redemption_fees, amount, held, inside=False)
        if kind == "maturity":
            fee = np.zeros_like(fee)
        confirm, settle = world.settle(product, days, selling=True)
        self.columns.add(
            customer=customer,
            product=product,
            kind=KIND[kind],
            trade_date=world.ordinals[days],
            confirm_date=confirm,
            settle_date=settle,
            units=-units,
            price=price,
            amount=amount,
            fee=fee,
            cash=amount - fee,
        )

    def _open(self, product: int, customer: np.ndarray, amount: np.ndarray) -> None:
        """Bought on one or two days, perhaps partly sold or converted, with dividends in between."""
        world, rng = self.world, self.rng
        begin, end = world.window(product)
        if begin >= end - 1:
            self.buy(product, customer, amount, np.full(len(customer), end))
            return
        size = len(customer)
        terms = world.products[product].product
        first = self._random_days(size, begin, end - 1)
        moved_in = (rng.random(size) < 0.01) & (terms.kind == "fund")
        units = np.zeros(size, dtype=np.int64)
        for chosen, kind in ((moved_in, "transfer_in"), (~moved_in, "buy")):
            units[chosen] = self.buy(product, customer[chosen], amount[chosen], first[chosen], kind)
        more = np.flatnonzero(rng.random(size) < 0.3)
        second = np.full(size, len(world.days))
        second[more] = rng.integers(first[more] + 1, end + 1)
        added = np.zeros(size, dtype=np.int64)
        added[more] = self.buy(product, customer[more], amount[more], second[more])
        sold_day, sold = self._sales(product, customer, units, first)
        self.dividends(product, customer, [(first, units), (second, added), (sold_day, -sold)])

    def _sales(
        self, product: int, customer: np.ndarray, units: np.ndarray, first: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Sales of part of the first purchase after its lock; returns (day or beyond the end, units) of each."""
        world, rng = self.world, self.rng
        one = world.products[product]
        _, end = world.window(product)
        ready = np.searchsorted(world.ordinals, world.ordinals[first] + max(one.product.lock_days, 1))
        chosen = np.flatnonzero((rng.random(len(units)) < 0.22) & (ready < end))
        days = np.full(len(units), len(world.days))
        days[chosen] = rng.integers(ready[chosen], end + 1)
        # A product that pays dividends keeps some units, so that reinvested ones stay simple.
        share = rng.choice([25, 50, 75] if one.dividends else [25, 50, 100], len(units))
        step = 10 ** (4 - one.unit_digits)
        sold = np.zeros(len(units), dtype=np.int64)
        sold[chosen] = units[chosen] * share[chosen] // 100 // step * step
        target = self._target(product)
        converted = (rng.random(len(units)) < 0.12) & (target is not None)
        sale = chosen[~converted[chosen] & (sold[chosen] > 0)]
        self.exit(product, customer[sale], sold[sale], days[sale], first[sale])
        turn = chosen[converted[chosen] & (sold[chosen] > 0)]
        if target is not None:
            self.convert(product, target, customer[turn], sold[turn], days[turn], first[turn])
        return days, sold

    def _target(self, product: int) -> int | None:
        """A plain bond fund of the same house to convert into."""
        mine = self.world.products[product].product
        if mine.kind != "fund":
            return None
        for index, one in enumerate(self.world.products):
            other = one.product
            plain = other.kind == "fund" and other.asset_class == "fixed" and not one.dividends and other.risk == 2
            if plain and other.issuer == mine.issuer and index != product:
                return index
        return None

    def convert(
        self, product: int, target: int, customer: np.ndarray, units: np.ndarray, days: np.ndarray, bought: np.ndarray
    ) -> np.ndarray:
        """Out of one fund into another at the day's prices, less the fee of the first; returns the units entered."""
        world = self.world
        price = world.price(product, days)
        amount = value_cents(units, price)
        held = world.ordinals[days] - world.ordinals[bought]
        fee = tier_fee(world.products[product].product.redemption_fees, amount, held, inside=False)
        confirm, _ = world.settle(product, days, selling=False)
        shared = {
            "customer": customer,
            "trade_date": world.ordinals[days],
            "confirm_date": confirm,
            "settle_date": confirm,
            "pair": self.columns.pairs(len(customer)),
        }
        self.columns.add(
            **shared, product=product, kind=KIND["convert_out"], units=-units, price=price, amount=amount, fee=fee
        )
        entered = world.price(target, days)
        units_in = world.units(target, amount - fee, entered)
        self.columns.add(
            **shared,
            product=target,
            kind=KIND["convert_in"],
            units=units_in,
            price=entered,
            amount=amount - fee,
        )
        return units_in

    def dividends(self, product: int, customer: np.ndarray, changes: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Dividends on what was held the evening before each ex-day; some customers reinvest them."""
        world = self.world
        prices = world.prices.get(world.products[product].product.code)
        if prices is None or not prices.dividends.any():
            return
        extra = np.zeros(len(customer), dtype=np.int64)
        reinvests = self._reinvesting[customer]
        for offset in np.flatnonzero(prices.dividends):
            day = int(offset) + prices.first
            if day > world.last:
                continue
            held = extra + sum(np.where(days < day, units, 0) for days, units in changes)
            amount = value_cents(held, prices.dividends[offset])
            price = np.full(len(customer), prices.navs[offset])
            got = world.units(product, amount, price) * reinvests
            extra += got
            confirm = world.ordinals[day + 1]
            paid = {
                "product": product,
                "trade_date": world.ordinals[day],
                "confirm_date": confirm,
                "settle_date": confirm,
            }
            some = amount > 0
            cash, again = some & ~reinvests, some & reinvests
            self.columns.add(
                **paid, customer=customer[cash], kind=KIND["dividend"], amount=amount[cash], cash=amount[cash]
            )
            self.columns.add(
                **paid,
                customer=customer[again],
                kind=KIND["reinvest"],
                units=got[again],
                price=price[again],
                amount=amount[again],
            )

    def order(self, product: int, customer: np.ndarray, amount: np.ndarray, status: int = PENDING) -> None:
        """Purchase orders of the last day that are not confirmed, or were cancelled: no units, no money moved."""
        confirm, _ = self.world.settle(product, np.full(len(customer), len(self.world.days) - 1), selling=False)
        self.columns.add(
            customer=customer,
            product=product,
            kind=KIND["buy"],
            status=status,
            trade_date=self.world.as_of.toordinal(),
            confirm_date=confirm if status == PENDING else 0,
            amount=amount,
        )

    def fund_accounts(self, size: int, idle: np.ndarray) -> None:
        """Money that arrives before the first purchase: all that purchases take, and what lies idle (cents)."""
        rows = self.columns.sorted()
        spent = -np.bincount(rows["customer"], np.minimum(rows["cash"], 0), size).astype(np.int64)
        first = np.full(size, self.world.ordinals[self.world.last - 120])
        np.minimum.at(first, rows["customer"], rows["trade_date"] - self.rng.integers(1, 15, len(rows["customer"])))
        amount = spent + idle
        self.cash("cash_in", np.flatnonzero(amount), first[amount > 0], amount[amount > 0])

    def cash(self, kind: str, customer: np.ndarray, days: np.ndarray | int, amount: np.ndarray) -> None:
        """cash_in, cash_out, interest or fee of the settlement account; days are ordinals."""
        out = kind in ("cash_out", "fee")
        self.columns.add(
            customer=customer,
            product=self.world.cash,
            kind=KIND[kind],
            trade_date=days,
            confirm_date=days,
            settle_date=days,
            amount=amount,
            cash=-amount if out else amount,
        )
