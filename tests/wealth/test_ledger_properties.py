"""Whatever a customer does: units and cash are conserved, profit adds up, and the order of loading is irrelevant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import empyrical
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wealth.ledger_book import CASH, Book, cents
from wealth import calendar
from wealth.clock import SHANGHAI
from wealth.positions import holdings, portfolio
from wealth.request import Period
from wealth.returns import profit
from wealth.store import Store

PRODUCTS = ("GP001A", "ZQ001C", "XJ001", "HH002C")
DAYS = calendar.trading_days(date(2026, 7, 1), date(2026, 11, 14))
END = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 22, 0, tzinfo=SHANGHAI)
KINDS = ("buy", "buy", "sell", "dividend", "reinvest", "fee", "convert")
KINDS += ("transfer_in", "transfer_out", "cash_in", "cash_out")

actions = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(PRODUCTS),
        st.integers(0, len(DAYS) - 1),
        st.integers(1, 5_000_000),
        st.integers(1, 100),
    ),
    min_size=1,
    max_size=25,
)
slow = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def book_of(store: Store, chosen: list[tuple[str, str, int, int, int]]) -> Book:
    """A ledger that plays the actions in date order, leaving out what the customer could not do."""
    book = Book(store)
    book.cash_in(DAYS[0], Decimal("1000000.01"))
    for kind, product, index, amount_cents, share in sorted(chosen, key=lambda action: action[2]):
        on, amount = DAYS[index], Decimal(amount_cents) / 100
        held = book.units.get(product, Decimal(0))
        part = (held * share / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        rate = Decimal(share) / 10_000
        if kind == "buy" and amount <= book.cash and amount > 1:
            book.buy(product, on, amount, cents(amount * rate))
        elif kind == "sell" and part > 0:
            book.sell(product, on, part, rate)
        elif kind == "dividend" and held:
            book.dividend(product, on, amount)
        elif kind == "reinvest" and held and amount > 1:
            book.reinvest(product, on, amount)
        elif kind == "fee" and amount / 100 <= book.cash:
            book.fee(product if held else CASH, on, cents(amount / 100))
        elif kind == "convert" and part > 1 and product != PRODUCTS[0]:
            book.convert(product, PRODUCTS[0], on, part, rate)
        elif kind == "transfer_in":
            book.transfer_in(product, on, amount)
        elif kind == "transfer_out" and part > 0:
            book.transfer_out(product, on, part)
        elif kind == "cash_in":
            book.cash_in(on, amount)
        elif kind == "cash_out" and amount <= book.cash:
            book.cash_out(on, amount)
    return book


def outside_money(book: Book, start: date, end: date) -> Decimal:
    """Net money and securities that came from outside in [start, end), straight from the rows."""
    signs = {"cash_in": 1, "transfer_in": 1, "cash_out": -1, "transfer_out": -1}
    return sum(
        (signs.get(row["kind"], 0) * row["amount"] for row in book.rows if start <= row["trade_date"] < end), Decimal(0)
    )


def worth(book: Book, on: date) -> Decimal:
    """Value of everything on a day, by plain Decimal sums."""
    units: dict[str, Decimal] = {}
    cash = Decimal(0)
    for row in book.rows:
        if row["trade_date"] <= on:
            units[row["product"]] = units.get(row["product"], Decimal(0)) + row["units"]
            cash += row["cash"]
    return cash + sum(
        (cents(held * book.price(product, on)) for product, held in units.items() if product != CASH), Decimal(0)
    )


@slow
@given(chosen=actions)
def test_units_and_cash_are_conserved(bank_store: Store, chosen: list) -> None:
    book = book_of(bank_store, chosen)
    held = {holding.product.code: holding.units for holding in holdings(bank_store, book.save(), END)}
    expected = {code: units for code, units in book.units.items() if units and code != CASH}
    if book.cash:
        expected[CASH] = book.cash
    assert held == expected


@slow
@given(chosen=actions, cut=st.integers(1, len(DAYS) - 1))
def test_profit_adds_up_over_periods_products_and_ways_of_counting(bank_store: Store, chosen: list, cut: int) -> None:
    book = book_of(bank_store, chosen)
    customer = book.save()
    begin, middle, end = DAYS[0], DAYS[cut], END + timedelta(days=1)
    whole = profit(bank_store, customer, Period("全部", begin, end), at=AT)
    parts = [
        profit(bank_store, customer, Period("段", start, stop), at=AT)
        for start, stop in ((begin, middle), (middle, end))
    ]
    assert whole.amount == sum(part.amount for part in parts)
    assert whole.amount == sum(part.amount for part in whole.by_product)
    assert whole.amount == worth(book, END) - outside_money(book, begin, end)
    assert parts[0].closing == parts[1].opening == worth(book, middle - timedelta(days=1))
    assert whole.amount == sum(day.profit for day in whole.daily())
    assert whole.amount == sum(holding.profit for holding in holdings(bank_store, customer, END, include_closed=True))
    for part in whole.by_product:
        alone = profit(bank_store, customer, Period("全部", begin, end), product=part.product.code, at=AT)
        assert alone.amount == part.amount
    classes = {part.product.asset_class for part in whole.by_product}
    by_class = [
        profit(bank_store, customer, Period("全部", begin, end), asset_class=name, at=AT).amount for name in classes
    ]
    assert whole.amount == sum(by_class)


@slow
@given(chosen=actions, seed=st.integers(0, 1000))
def test_order_of_loading_is_irrelevant(bank_store: Store, chosen: list, seed: int) -> None:
    first, second = book_of(bank_store, chosen), book_of(bank_store, chosen)

    def figures(customer: str) -> list[tuple]:
        return [
            (held.product.code, held.units, held.cost, held.realised, held.dividends, held.value, held.charges)
            for held in holdings(bank_store, customer, END, include_closed=True)
        ]

    assert figures(first.save()) == figures(second.save(shuffle=seed))


@slow
@given(chosen=actions)
def test_parts_of_a_portfolio_sum_to_its_total(bank_store: Store, chosen: list) -> None:
    found = portfolio(bank_store, book_of(bank_store, chosen).save(), END)
    assert found.total == sum(found.by_class.values()) == sum(found.by_view.values())
    for holding in found.holdings:
        assert sum(holding.classes.values()) == holding.value
        assert holding.unrealised == holding.value - holding.cost


@slow
@given(chosen=actions)
def test_rates_agree_with_an_independent_library(bank_store: Store, chosen: list) -> None:
    book = book_of(bank_store, chosen)
    end = END + timedelta(days=1)
    found = profit(bank_store, book.save(), Period("全部", DAYS[0], end), at=AT)
    rates, closes, value = [], [], Decimal(0)
    day = DAYS[0]
    while day < end:
        rates.append(_day_rate(book, day, value))
        closes.append(calendar.is_trading_day(day))
        value = worth(book, day)
        day += timedelta(days=1)
    series = np.array(rates)
    assert found.twr == pytest.approx(empyrical.cum_returns_final(series), abs=1e-9)
    assert found.drawdown == pytest.approx(empyrical.max_drawdown(series), abs=1e-9)
    index = np.concatenate([[1.0], np.cumprod(1 + series)])[[True, *closes]]
    between = index[1:] / index[:-1] - 1
    expected = empyrical.annual_volatility(between, annualization=242)
    assert found.volatility == pytest.approx(expected, abs=1e-9)
    if found.xirr is not None:
        assert _net_present_value(book, found.xirr, found.closing) == pytest.approx(0, abs=0.01)


def _day_rate(book: Book, day: date, opening: Decimal) -> float:
    """Price return on the evening's holdings, then trading costs on what was there to trade with."""
    today = [row for row in book.rows if row["trade_date"] == day]
    before = Book(book.store, rows=[row for row in book.rows if row["trade_date"] < day])
    income = sum((row["amount"] for row in today if row["kind"] in ("dividend", "reinvest")), Decimal(0))
    market = worth(before, day) - opening + income
    flow = outside_money(book, day, day + timedelta(days=1))
    total = worth(book, day) - opening - flow
    base = opening + market + max(flow, Decimal(0))
    on_prices = float(market / opening) if opening > 0 else 0.0
    on_trades = float((total - market) / base) if base > 0 else 0.0
    return (1 + on_prices) * (1 + on_trades) - 1


def _net_present_value(book: Book, rate: float, closing: Decimal) -> float:
    """Discounted at the found rate, what went in equals what came out."""
    start = book.rows[0]["trade_date"]
    flows: dict[date, Decimal] = {END: closing}
    for row in book.rows:
        amount = outside_money(Book(book.store, rows=[row]), row["trade_date"], END)
        flows[row["trade_date"]] = flows.get(row["trade_date"], Decimal(0)) - amount
    return sum(float(amount) * (1 + rate) ** (-(on - start).days / 365) for on, amount in flows.items())
