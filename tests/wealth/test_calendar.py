"""Trading days, T+n and the cut-off."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from wealth import calendar
from wealth.clock import SHANGHAI


def test_weekends_and_holidays_are_closed_and_make_up_weekends_too() -> None:
    assert calendar.is_trading_day(date(2026, 11, 20))
    assert not calendar.is_trading_day(date(2026, 11, 21))
    assert not calendar.is_trading_day(date(2026, 10, 1))
    # A working Saturday before the National Day holiday: offices work, exchanges do not.
    assert not calendar.is_trading_day(date(2025, 9, 28))


def test_t_plus_n_skips_a_long_holiday() -> None:
    assert calendar.add_trading_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert calendar.add_trading_days(date(2026, 11, 20), 0) == date(2026, 11, 20)
    assert calendar.add_trading_days(date(2026, 11, 21), 0) == date(2026, 11, 23)
    assert calendar.add_trading_days(date(2026, 11, 20), 3) == date(2026, 11, 25)
    with pytest.raises(ValueError):
        calendar.add_trading_days(date(2026, 11, 20), -1)


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(14, 59, date(2026, 11, 20)), (15, 0, date(2026, 11, 23)), (23, 0, date(2026, 11, 23))],
)
def test_orders_from_the_cut_off_on_belong_to_the_next_day(hour: int, minute: int, expected: date) -> None:
    assert calendar.order_day(datetime(2026, 11, 20, hour, minute, tzinfo=SHANGHAI)) == expected


def test_an_own_cut_off_counts() -> None:
    assert calendar.order_day(datetime(2026, 11, 20, 15, 30, tzinfo=SHANGHAI), time(17)) == date(2026, 11, 20)


def test_years_without_published_holidays_say_so() -> None:
    assert calendar.is_certain(date(2026, 12, 31))
    assert not calendar.is_certain(date(2027, 3, 1))
    assert not calendar.is_trading_day(date(2027, 2, 5)), "the law fixes New Year's Eve of the lunar year"
    assert calendar.is_trading_day(date(2040, 3, 1))


def test_trading_days_run_up_to_the_end_exclusive() -> None:
    days = calendar.trading_days(date(2026, 9, 28), date(2026, 10, 10))
    assert days == [date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 9)]
    assert calendar.last_trading_day(date(2026, 10, 7)) == date(2026, 9, 30)
    assert calendar.previous_trading_day(date(2026, 10, 8)) == date(2026, 9, 30)
