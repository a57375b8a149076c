"""Trading days of the mainland exchanges and T+n arithmetic.

chinesecalendar knows the published holidays; data/calendar/exceptions.yml adds and corrects. For years neither knows,
weekends alone count as closed and `is_certain` says so.
"""

from __future__ import annotations

from datetime import date, datetime, time


def is_trading_day(day: date) -> bool:
    """Exchanges are open: a weekday that is no public holiday (make-up working weekends stay closed)."""
    raise NotImplementedError


def is_certain(day: date) -> bool:
    """False where the year's holidays are not published yet and only weekends (and the law's fixed days) are known."""
    raise NotImplementedError


def previous_trading_day(day: date) -> date:
    """The last trading day before `day`."""
    raise NotImplementedError


def next_trading_day(day: date) -> date:
    """The first trading day after `day`."""
    raise NotImplementedError


def last_trading_day(day: date) -> date:
    """`day` itself if it is one, else the one before."""
    raise NotImplementedError


def add_trading_days(day: date, days: int) -> date:
    """T+n: the n-th trading day after `day` (n ≥ 0; n = 0 moves a closed day to the next open one)."""
    raise NotImplementedError


def order_day(moment: datetime, cutoff: time = time(15)) -> date:
    """T of an order: the same trading day before the cut-off, else the next one."""
    raise NotImplementedError


def trading_days(start: date, end: date) -> list[date]:
    """Trading days from start up to, not including, end."""
    raise NotImplementedError
