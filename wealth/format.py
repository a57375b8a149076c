"""How figures are written for people: money, percentages, days and stretches of days, in Chinese."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from wealth import clock
from wealth.request import Period

_DAY = timedelta(days=1)
_QUARTERS = "一二三四"


def money(amount: Decimal) -> str:
    """¥12,345.67; -¥3.10. Always to the cent, half up."""
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{'-' if cents < 0 else ''}¥{abs(cents):,.2f}"


def signed_money(amount: Decimal) -> str:
    """+¥36.20, -¥3.10, ¥0.00: for gains and losses."""
    return f"+{money(amount)}" if amount.quantize(Decimal("0.01"), ROUND_HALF_UP) > 0 else money(amount)


def round_money(amount: Decimal) -> str:
    """¥12,300 without cents: for suggestions, where cents would feign precision."""
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return f"{'-' if whole < 0 else ''}¥{abs(whole):,}"


def percent(fraction: Decimal | float, digits: int = 2) -> str:
    """A fraction as per cent: 0.0345 → 3.45%. Never -0.00%."""
    share = (Decimal(str(fraction)) * 100).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{share if share else abs(share):f}%"


def signed_percent(fraction: Decimal | float, digits: int = 2) -> str:
    """+3.45%, -0.20%, 0.00%."""
    shown = percent(fraction, digits)
    return f"+{shown}" if not shown.startswith("-") and any(digit in shown for digit in "123456789") else shown


def figure(value: Decimal | float, digits: int = 2) -> str:
    """A plain decimal string for chart data."""
    return f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def tone(amount: Decimal | float) -> str:
    """The tone of a gain or loss: up, down or flat."""
    if amount > 0:
        return "up"
    return "down" if amount < 0 else "flat"


def day(on: date, today: date | None = None) -> str:
    """11月20日, with its year where that is not this one."""
    today = today or clock.now().date()
    written = f"{on.month}月{on.day}日"
    return written if on.year == today.year else f"{on.year}年{written}"


def period_name(period: Period, today: date | None = None) -> str:
    """What to call a period: its own Chinese name, or one made from its days (昨天, 上个月, 三季度, 今年以来 …)."""
    today = today or clock.now().date()
    if any("一" <= char <= "鿿" for char in period.name):
        return period.name
    start, end = period.start, period.end
    if start is None:
        return "到目前为止"
    if end is None or end > today:
        end = end or today + _DAY
        if start == date(today.year, 1, 1):
            return "今年以来"
    if end - start == _DAY:
        return {today: "今天", today - _DAY: "昨天"}.get(start) or day(start, today)
    return _calendar_name(start, end, today) or f"{day(start, today)}到{day(min(end - _DAY, today), today)}"


def period_title(period: Period, today: date | None = None) -> str:
    """The same to print on a bill that is read later: 2026年10月, 2026年三季度, 2026年, or from day to day."""
    today = today or clock.now().date()
    start, end = period.start, period.end
    if start is None:
        return period_name(period, today)
    if start.day == 1 and end is not None and end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        if months == 1:
            return f"{start.year}年{start.month}月"
        if months == 3 and start.month % 3 == 1:
            return f"{start.year}年{_QUARTERS[start.month // 3]}季度"
        if months == 12 and start.month == 1:
            return f"{start.year}年"
    if end is None and start == date(today.year, 1, 1):
        return f"{start.year}年"
    return period_name(period, today)


def _calendar_name(start: date, end: date, today: date) -> str | None:
    """The name of a whole month, quarter or year; None for any other stretch."""
    if start.day != 1:
        return None
    months = (end.year - start.year) * 12 + end.month - start.month if end.day == 1 else 0
    year = "" if start.year == today.year else "去年" if start.year == today.year - 1 else f"{start.year}年"
    if months == 1:
        if (start.year, start.month) == (today.year, today.month):
            return "本月"
        if end == today.replace(day=1):
            return "上个月"
        return f"{year}{start.month}月"
    if months == 3 and start.month % 3 == 1:
        return f"{year}{_QUARTERS[start.month // 3]}季度"
    if months == 12 and start.month == 1:
        return year or "今年"
    return None
