"""Positions, derived from the ledger: what a customer holds at a moment, at what cost and worth how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from wealth import ledger
from wealth.classes import CLASSES, UNKNOWN, VIEWS
from wealth.clock import SHANGHAI, end_of
from wealth.ledger import Running
from wealth.reply import Source
from wealth.store import Movement, Product, Store
from wealth.store.prices import EMPTY_LINE, known_day
from wealth.store.types import MONEY_DIGITS, PRICE_DIGITS, UNIT_DIGITS, unscaled
from wealth.valuation import Quotes, due_day, price_time, quotes, source_of, value_cents


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
    day, known = _day(on), known_day(on)
    cash = ledger.cash_products(store, customer)
    entries = ledger.read(store, customer, day)
    products = store.products_by_code()
    running = [position for position in ledger.fold(entries, cash) if position.units or include_closed]
    lines = store.prices.lines(
        position.product for position in running if products[position.product].valuation == "nav"
    )
    due = due_day(known).toordinal()
    found = []
    for position in running:
        product = products[position.product]
        deals = [(position.last_price_day, position.last_price)] if position.last_price_day else []
        found.append(
            _holding(position, product, quotes(product, lines.get(product.code, EMPTY_LINE), deals, known), day, due)
        )
    found.sort(key=lambda holding: (-holding.value, holding.product.code, holding.account))
    return found


def _holding(position: Running, product: Product, prices: Quotes, day: date, due: int) -> Holding:
    price, price_day, published = prices.last(day.toordinal())
    is_nav = product.valuation == "nav"
    if not is_nav:
        price_day = day.toordinal()
    value = value_cents(position.units, price)
    worth = unscaled(value, MONEY_DIGITS)
    cost = unscaled(position.cost, MONEY_DIGITS)
    on = date.fromordinal(price_day)
    return Holding(
        product=product,
        account=position.account,
        units=unscaled(position.units, UNIT_DIGITS),
        cost=cost,
        price=unscaled(price, PRICE_DIGITS),
        price_date=on,
        value=worth,
        unrealised=worth - cost,
        realised=unscaled(position.realised, MONEY_DIGITS),
        dividends=unscaled(position.dividends, MONEY_DIGITS),
        fees=unscaled(position.fees, MONEY_DIGITS),
        charges=unscaled(position.charges, MONEY_DIGITS),
        missing_price=is_nav and price_day < due,
        classes=_split(value, product),
        first_bought=date.fromordinal(position.first_day),
        last_traded=date.fromordinal(position.last_day),
        maturities=_maturities(position, product, price),
        source=source_of(product, on, published, position.last_id),
    )


def _split(cents: int, product: Product) -> dict[str, Decimal]:
    """A value by class; the greatest share takes what rounding leaves, so that the parts add up."""
    weights = product.look_through or {product.asset_class: Decimal(1)}
    parts = {name: int(cents * weight) for name, weight in weights.items() if weight}
    greatest = max(weights, key=lambda name: weights[name])
    parts[greatest] += cents - sum(parts.values())
    return {name: unscaled(part, MONEY_DIGITS) for name, part in parts.items()}


def _maturities(position: Running, product: Product, price: int) -> tuple[Maturity, ...]:
    if position.units <= 0:
        return ()
    due: dict[int, int] = {}
    for lot_day, units in position.lots:
        due[lot_day] = due.get(lot_day, 0) + units
    if not due and product.maturity_date is not None:
        due = {product.maturity_date.toordinal(): position.units}
    return tuple(
        Maturity(date.fromordinal(lot_day), unscaled(value_cents(units, price), MONEY_DIGITS))
        for lot_day, units in sorted(due.items())
    )


def portfolio(store: Store, customer: str, on: date | datetime) -> Portfolio:
    """Holdings with their totals. Same errors as holdings()."""
    held = holdings(store, customer, on)
    by_class = dict.fromkeys((*CLASSES, UNKNOWN), Decimal("0.00"))
    by_view = dict.fromkeys(VIEWS, Decimal("0.00"))
    for holding in held:
        by_view[holding.product.view] += holding.value
        for name, part in holding.classes.items():
            by_class[name] += part
    priced = [holding.price_date for holding in held if holding.product.valuation == "nav"]
    at = on if isinstance(on, datetime) else end_of(on)
    return Portfolio(
        customer=customer,
        at=at,
        holdings=tuple(held),
        pending=tuple(store.movements(customer, end=_day(on) + timedelta(days=1), status="pending")),
        total=sum((holding.value for holding in held), Decimal("0.00")),
        by_class=by_class,
        by_view=by_view,
        as_of=price_time(max(priced)) if priced else at,
        oldest_price=min(priced) if priced else None,
    )


def _day(on: date | datetime) -> date:
    return on.astimezone(SHANGHAI).date() if isinstance(on, datetime) else on
