"""Order days, fees by the book, and the lots that holding days are counted by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wealth.advice import terms
from wealth.advice.lots import lots
from wealth.clock import SHANGHAI
from wealth.demo.catalogue import demo_products
from wealth.store import Movement

TODAY = date(2026, 11, 20)  # a Friday
PRODUCTS = {one.product.code: one.product for one in demo_products(TODAY)}


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "placed", "confirmed"),
    [
        (at(14, 59), date(2026, 11, 20), date(2026, 11, 23)),
        (at(15, 0), date(2026, 11, 23), date(2026, 11, 24)),
        (at(10, 0, date(2026, 11, 21)), date(2026, 11, 23), date(2026, 11, 24)),
        (at(10, 0, date(2026, 9, 30)), date(2026, 9, 30), date(2026, 10, 8)),
    ],
)
def test_the_cut_off_and_holidays_decide_the_day(moment: datetime, placed: date, confirmed: date) -> None:
    dates = terms.purchase_dates(PRODUCTS["GP001A"], moment)
    assert (dates.placed, dates.confirmed) == (placed, confirmed)


def test_a_sale_of_shares_abroad_arrives_on_the_seventh_trading_day() -> None:
    dates = terms.redemption_dates(PRODUCTS["GP011A"], at(10))
    assert dates.arrives == date(2026, 12, 1)


def test_a_periodic_product_waits_for_its_open_day_and_that_is_a_trading_day() -> None:
    monthly = PRODUCTS["LC003"]  # opens 2026-12-20, a Sunday
    assert monthly.open_days[0] == date(2026, 12, 20)
    assert terms.purchase_dates(monthly, at(10)).placed == date(2026, 12, 21)
    assert terms.next_open_day(replace(monthly, open_days=()), TODAY) is None


@pytest.mark.parametrize(
    ("amount", "fee"),
    [("10000", "14.98"), ("1000000", "999.00"), ("5000000", "1000"), ("10", "0.01")],
)
def test_a_purchase_fee_is_inside_the_sum(amount: str, fee: str) -> None:
    """外扣法: 10,000 - 10,000 / 1.0015 = 14.98."""
    assert terms.purchase_fee_inside(PRODUCTS["GP001A"], Decimal(amount)) == Decimal(fee)


def test_c_shares_are_cheaper_for_months_and_dearer_for_years() -> None:
    a, c = PRODUCTS["ZQ001A"], PRODUCTS["ZQ001C"]
    amount = Decimal(10000)
    assert terms.cost_over(c, amount, 180) < terms.cost_over(a, amount, 180)
    assert terms.cost_over(c, amount, 1095) > terms.cost_over(a, amount, 1095)


def movement(number: int, kind: str, day: date, units: str) -> Movement:
    return Movement(
        id=number,
        ref=f"r{number}",
        customer="c",
        account="c-1",
        product="GP001A",
        kind=kind,
        status="confirmed",
        trade_date=day,
        confirm_date=day + timedelta(days=1),
        settle_date=None,
        units=Decimal(units),
        price=None,
        amount=Decimal(0),
        fee=Decimal(0),
        cash=Decimal(0),
        pair_ref=None,
        matures_on=None,
        note="",
    )


def test_the_oldest_units_are_sold_first() -> None:
    rows = [
        movement(1, "buy", date(2026, 1, 5), "100"),
        movement(2, "buy", date(2026, 3, 2), "50"),
        movement(3, "sell", date(2026, 6, 1), "-120"),
    ]
    left = lots(rows, PRODUCTS["GP001A"])
    assert [(lot.bought, lot.units) for lot in left] == [(date(2026, 3, 2), Decimal(30))]


def test_a_lock_runs_from_confirmation_and_binds_bought_units_only() -> None:
    locked = replace(PRODUCTS["GP001A"], lock_days=365)
    rows = [movement(1, "buy", date(2026, 1, 5), "100"), movement(2, "reinvest", date(2026, 7, 1), "3")]
    bought, paid = lots(rows, locked)
    assert bought.free_from == date(2027, 1, 6)
    assert paid.free_from == date(2026, 7, 2)


@given(
    st.lists(
        st.tuples(st.sampled_from(["buy", "reinvest", "sell"]), st.integers(0, 300), st.integers(1, 10_000)),
        max_size=40,
    )
)
def test_lots_always_add_up_to_the_units_held(moves: list[tuple[str, int, int]]) -> None:
    """Never selling more than there is, whatever the order of loading."""
    rows, held = [], 0
    for number, (kind, offset, units) in enumerate(sorted(moves, key=lambda move: (move[1], move[0] == "sell"))):
        units = min(units, held) if kind == "sell" else units
        held += -units if kind == "sell" else units
        rows.append(
            movement(number, kind, date(2025, 1, 1) + timedelta(days=offset), str(-units if kind == "sell" else units))
        )
    assert sum(lot.units for lot in lots(list(reversed(rows)), PRODUCTS["GP001A"])) == held
