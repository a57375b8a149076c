"""Trading days of the mainland exchanges and T+n arithmetic.

chinesecalendar knows the published holidays; data/calendar/exceptions.yml adds and corrects. For years neither knows,
weekends and the days fixed by law count as closed, and `is_certain` says so.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
import yaml

from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.errors import BadSetting

_DAY = timedelta(days=1)


@lru_cache(maxsize=1)
def _exceptions() -> tuple[frozenset[date], frozenset[date], frozenset[date]]:
    """(closed, open, provisional) days of the exceptions file."""
    path = DATA / "calendar" / "exceptions.yml"
    with path.open(encoding="utf-8") as file:
        content = yaml.safe_load(file) or {}
    provisional = [day for days in (content.get("provisional") or {}).values() for day in days]
    found = (content.get("closed") or [], content.get("open") or [], provisional)
    for days in found:
        for day in days:
            if not isinstance(day, date):
                raise BadSetting(f"{path.name}：{day} 不是日期，应写成 2027-02-05")
    closed, opened, later = (frozenset(days) for days in found)
    return closed, opened, later


@lru_cache(maxsize=16384)
def is_trading_day(day: date) -> bool:
    """Exchanges are open: a weekday that is no public holiday (make-up working weekends stay closed)."""
    closed, opened, provisional = _exceptions()
    if day in opened:
        return True
    if day in closed or day.weekday() >= 5:
        return False
    try:
        return not chinese_calendar.is_holiday(day)
    except NotImplementedError:
        return day not in provisional


def is_certain(day: date) -> bool:
    """False where the year's holidays are not published yet: weekends and the days fixed by law are all we know."""
    try:
        chinese_calendar.is_holiday(day)
    except NotImplementedError:
        return False
    return True


def previous_trading_day(day: date) -> date:
    """The last trading day before `day`."""
    return last_trading_day(day - _DAY)


def next_trading_day(day: date) -> date:
    """The first trading day after `day`."""
    day += _DAY
    while not is_trading_day(day):
        day += _DAY
    return day


def last_trading_day(day: date) -> date:
    """`day` itself if it is one, else the one before."""
    while not is_trading_day(day):
        day -= _DAY
    return day


def add_trading_days(day: date, days: int) -> date:
    """T+n: the n-th trading day after `day` (n ≥ 0; n = 0 moves a closed day to the next open one).

    Raises ValueError for a negative n.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    if days == 0 and not is_trading_day(day):
        return next_trading_day(day)
    for _ in range(days):
        day = next_trading_day(day)
    return day


def order_day(moment: datetime, cutoff: time = time(15)) -> date:
    """T of an order: the same trading day before the cut-off, else the next one."""
    moment = moment.astimezone(SHANGHAI)
    if is_trading_day(moment.date()) and moment.time() < cutoff:
        return moment.date()
    return next_trading_day(moment.date())


def trading_days(start: date, end: date) -> list[date]:
    """Trading days from start up to, not including, end."""
    return [
        day
        for day in (date.fromordinal(ordinal) for ordinal in range(start.toordinal(), end.toordinal()))
        if is_trading_day(day)
    ]
