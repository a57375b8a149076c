"""金额、百分比、日期和时间段怎么写给人看。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from wealth.format import day, money, percent, period_name, period_title, round_money, signed_money, signed_percent
from wealth.request import Period

TODAY = date(2026, 11, 20)


def period(start: date | None, end: date | None, name: str = "2026-XX") -> Period:
    return Period(name, start, end)


@pytest.mark.parametrize(
    ("value", "plain", "signed"),
    [
        ("12345.67", "¥12,345.67", "+¥12,345.67"),
        ("-3.1", "-¥3.10", "-¥3.10"),
        ("0", "¥0.00", "¥0.00"),
        ("-0.004", "¥0.00", "¥0.00"),
        ("0.005", "¥0.01", "+¥0.01"),
        ("1234567890123.45", "¥1,234,567,890,123.45", "+¥1,234,567,890,123.45"),
    ],
)
def test_money(value: str, plain: str, signed: str) -> None:
    assert (money(Decimal(value)), signed_money(Decimal(value))) == (plain, signed)


def test_suggestions_have_no_cents() -> None:
    assert round_money(Decimal("12300.49")) == "¥12,300"


@pytest.mark.parametrize(
    ("value", "plain", "signed"),
    [(0.0345, "3.45%", "+3.45%"), (-0.002, "-0.20%", "-0.20%"), (0.0, "0.00%", "0.00%"), (-0.000001, "0.00%", "0.00%")],
)
def test_percent(value: float, plain: str, signed: str) -> None:
    assert (percent(value), signed_percent(value)) == (plain, signed)


def test_a_day_names_its_year_only_where_it_is_another() -> None:
    assert (day(date(2026, 3, 1), TODAY), day(date(2025, 3, 1), TODAY)) == ("3月1日", "2025年3月1日")


@pytest.mark.parametrize(
    ("start", "end", "name", "title"),
    [
        (date(2026, 11, 19), date(2026, 11, 20), "昨天", "昨天"),
        (date(2026, 11, 20), date(2026, 11, 21), "今天", "今天"),
        (date(2026, 11, 1), date(2026, 12, 1), "本月", "2026年11月"),
        (date(2026, 10, 1), date(2026, 11, 1), "上个月", "2026年10月"),
        (date(2026, 3, 1), date(2026, 4, 1), "3月", "2026年3月"),
        (date(2025, 12, 1), date(2026, 1, 1), "去年12月", "2025年12月"),
        (date(2026, 7, 1), date(2026, 10, 1), "三季度", "2026年三季度"),
        (date(2025, 1, 1), date(2026, 1, 1), "去年", "2025年"),
        (date(2024, 1, 1), date(2025, 1, 1), "2024年", "2024年"),
        (date(2026, 1, 1), None, "今年以来", "2026年"),
        (date(2026, 1, 1), date(2026, 11, 21), "今年以来", "今年以来"),
        (date(2026, 2, 5), date(2026, 2, 9), "2月5日到2月8日", "2月5日到2月8日"),
        (date(2026, 11, 5), None, "11月5日到11月20日", "11月5日到11月20日"),
        (None, None, "到目前为止", "到目前为止"),
    ],
)
def test_periods(start: date | None, end: date | None, name: str, title: str) -> None:
    assert period_name(period(start, end), TODAY) == name
    assert period_title(period(start, end), TODAY) == title


def test_a_period_said_in_chinese_keeps_its_name() -> None:
    assert period_name(period(date(2026, 8, 20), None, "近三个月"), TODAY) == "近三个月"
