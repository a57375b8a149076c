"""When managers receive customers, and which appointments are free: data/desk/hours.yml over the public holidays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import chinese_calendar

from desk.wording import data
from wealth import calendar
from wealth.clock import SHANGHAI

_DAY = timedelta(days=1)
# Past the longest holidays, whatever the settings say.
_LOOKED_AHEAD = 60


def is_working_day(day: date) -> bool:
    """A working day of the bank: make-up weekends are, public holidays are not, its own exceptions count first."""
    rules = data("hours")["hours"]
    if day in rules["opened"]:
        return True
    if day in rules["closed"]:
        return False
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        # A year whose holidays are not published yet.
        return calendar.is_trading_day(day)


def is_open(now: datetime) -> bool:
    """Whether managers receive customers at this moment."""
    rules = data("hours")["hours"]
    local = now.astimezone(SHANGHAI)
    return is_working_day(local.date()) and _time(rules["open"]) <= local.time() < _time(rules["close"])


def receives_at(moment: datetime) -> bool:
    """Whether an appointment may be at this moment."""
    rules = data("hours")["appointments"]
    local = moment.astimezone(SHANGHAI)
    begin, end = (_time(text) for text in rules["lunch"])
    within = _time(rules["first"]) <= local.time() <= _time(rules["last"]) and not begin <= local.time() < end
    return within and is_working_day(local.date())


def slots(now: datetime, booked: Iterable[datetime]) -> list[datetime]:
    """Free appointments of the next working days, soonest first."""
    rules = data("hours")["appointments"]
    taken = Counter(moment.astimezone(SHANGHAI) for moment in booked)
    earliest = now.astimezone(SHANGHAI) + timedelta(minutes=rules["notice_minutes"])
    found: list[datetime] = []
    day, days = now.astimezone(SHANGHAI).date(), 0
    for _ in range(_LOOKED_AHEAD):
        if is_working_day(day):
            fitting = [at for at in _grid(day) if at >= earliest and taken[at] < rules["per_slot"]]
            found += fitting
            days += bool(fitting)
        if days >= rules["days"]:
            break
        day += _DAY
    return found[: rules["offered"]]


def _grid(day: date) -> list[datetime]:
    rules = data("hours")["appointments"]
    at = datetime.combine(day, _time(rules["first"]), SHANGHAI)
    last = datetime.combine(day, _time(rules["last"]), SHANGHAI)
    grid = []
    while at <= last:
        if receives_at(at):
            grid.append(at)
        at += timedelta(minutes=rules["minutes"])
    return grid


def _time(text: str) -> time:
    return time.fromisoformat(text)
