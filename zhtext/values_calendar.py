"""Calendar arithmetic shared by dates and periods: an Atom is one mention with its past and future readings."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from zhtext.values_numbers import read

Span = tuple[date, date]
SOON = 92
"""Days ahead within which a day without a year may be the coming one (12 月 5 日到期)."""
DAY = timedelta(days=1)

CN = "零〇一二三四五六七八九"
_TENS_ONES = "[一二三四五六七八九]"
YEAR = (
    rf"(?:\d{{4}}|\d{{3}}|0\d|[{CN}]{{4}}|[零〇九][{CN}]|[一二][零一二三四五六七八九]|[{CN}]{{3}}"
    rf"|两千(?:[零一二三四五六七八九]{{1,2}})?)"
)
MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
DAYNUM = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十{_TENS_ONES}?|廿{_TENS_ONES}?|十{_TENS_ONES}?|{_TENS_ONES})"
RELATIVE_YEAR = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "上一年": -1, "今年": 0, "本年": 0, "明年": 1}
RELATIVE_YEAR |= {"下一年": 1, "来年": 1, "后年": 2}
RELATIVE = "|".join(sorted(RELATIVE_YEAR, key=len, reverse=True))


@dataclass(frozen=True)
class Atom:
    """One calendar mention: half-open position, TIMEX, grain and its readings as half-open day spans.

    Without a year there are two readings, the last one begun before the reference and the next one; `year`,
    `month`, `day` are what was said, for filling in what the other half of a range leaves out.
    """

    start: int
    end: int
    timex: str
    grain: str
    readings: tuple[Span, ...]
    year: int | None = None
    month: int | None = None
    day: int | None = None
    reason: str = ""

    @property
    def valid(self) -> bool:
        return bool(self.readings)

    def pick(self, reference: date) -> Span:
        """The likelier reading: the last one begun; for a day the next one where that is nearer and soon."""
        if self.grain == "day" and len(self.readings) == 2:
            back, ahead = (abs((span[0] - reference).days) for span in self.readings)
            return self.readings[1] if ahead < back and ahead <= SOON else self.readings[0]
        return self.readings[0]


def number(text: str) -> int:
    """The figure of digits or Chinese numerals that a date pattern matched."""
    text = text.strip()
    if text.isdigit():
        return int(text)
    found = read(text, 0)
    return int(found.value) if found else 0


def year_number(text: str) -> int:
    """The year meant: 08 → 2008, 九八 → 1998, 两千零四 → 2004, 三六七 → 367."""
    text = text.strip()
    if text.startswith("两千"):
        return 2000 + (number(text[2:].lstrip("零")) if len(text) > 2 and text[2:] != "零" else 0)
    digits = text if text.isdigit() else "".join(str(CN.replace("〇", "").find(c)) for c in text.replace("〇", "零"))
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year


def day_span(year: int, month: int, day: int) -> Span | None:
    """That day, or None where the calendar has no such day."""
    try:
        first = date(year, month, day)
        return first, first + DAY
    except (ValueError, OverflowError):
        return None


def month_span(year: int, month: int, count: int = 1) -> Span | None:
    """`count` months from that month on; month may run past 12 or below 1."""
    try:
        return add_months(date(year, 1, 1), month - 1), add_months(date(year, 1, 1), month - 1 + count)
    except (ValueError, OverflowError):
        return None


def year_span(year: int, count: int = 1) -> Span | None:
    return month_span(year, 1, 12 * count)


def week_start(day: date) -> date:
    return day - timedelta(days=day.weekday())


def add_months(day: date, months: int) -> date:
    """Months later (or earlier), the day held back to the month's last (31 January + 1 → 28 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def yearly(make: Callable[[int], Span | None], reference: date) -> tuple[Span, ...]:
    """Past and future reading of something that comes once a year: past begins before the reference."""
    past = next((s for y in range(9) if (s := make(reference.year - y)) and s[0] < reference), None)
    future = next((s for y in range(9) if (s := make(reference.year + y)) and s[0] >= reference), None)
    return tuple(span for span in (past, future) if span)


def monthly(day: int, reference: date) -> tuple[Span, ...]:
    """Past and future reading of a day of the month; months too short for it are passed over."""
    found: list[Span] = []
    for step in (-1, 1):
        for months in range(0, 12 * step, step):
            first = add_months(reference.replace(day=1), months)
            span = day_span(first.year, first.month, day)
            if span and ((span[0] < reference) if step < 0 else (span[0] >= reference)):
                found.append(span)
                break
    return tuple(found)


def shift(day: date, unit: str, count: float) -> date:
    """`count` days, weeks, months, quarters or years later; halves of years and months are allowed."""
    if unit in ("D", "W"):
        return day + timedelta(days=round(count * (7 if unit == "W" else 1)))
    months = count * {"Y": 12, "Q": 3, "M": 1}[unit]
    whole = int(months)
    return add_months(day, whole) + timedelta(days=round((months - whole) * 30))


UNITS = {"年": "Y", "季度": "Q", "季": "Q", "月": "M", "周": "W", "星期": "W", "礼拜": "W", "天": "D", "日": "D"}
UNIT = r"(?:个?\s*(?P<unit>季度|月|星期|礼拜|周|年|天|交易日|工作日)|(?P<unit2>日))"


def unit_of(found: re.Match[str]) -> str:
    word = found["unit"] or found["unit2"]
    return "D" if word in ("交易日", "工作日") else UNITS[word]
