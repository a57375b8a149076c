"""Single days: 2 月 30 日, 昨日, 上周四, 2026-11-22, 12 号, 三天后. `atoms` finds them, each with its readings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from zhtext import lexicon
from zhtext.values_calendar import (
    DAY,
    DAYNUM,
    MONTH,
    RELATIVE,
    RELATIVE_YEAR,
    UNIT,
    YEAR,
    Atom,
    Span,
    add_months,
    day_span,
    monthly,
    number,
    shift,
    unit_of,
    week_start,
    year_number,
    yearly,
)
from zhtext.values_numbers import read

RELATIVE_DAY = {"大前天": -3, "大前日": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "昨儿": -1}
RELATIVE_DAY |= {"今天": 0, "今日": 0, "今儿": 0, "今晚": 0, "今早": 0, "明天": 1, "明日": 1, "明儿": 1, "明早": 1}
RELATIVE_DAY |= {"明晚": 1, "后天": 2, "后日": 2, "大后天": 3, "大后日": 3}
_DAYS = "|".join(sorted(RELATIVE_DAY, key=len, reverse=True))
_RELATIVE_DAY = re.compile(rf"({_DAYS})(?:的?({_DAYS}))?")
_LAST_YEARS_DAY = re.compile(rf"(?P<rel>{RELATIVE})的?(?:今天|今日)")
_WEEKDAYS = {char: at for at, char in enumerate("一二三四五六日", 1)} | {"天": 7}
_WEEK = re.compile(r"(每个?)?((?:上+|下+|本|这)(?:一?个)?)?(?:周|星期|礼拜)([一二三四五六日天])(?![报刊线级])")
_AND_WEEKDAY = r"(?:\s*,?\s*(?:周|星期|礼拜)[一二三四五六日天])?"
_FULL = re.compile(
    rf"(?:(?P<year>(?<!\d)(?:{YEAR}|\d\d))\s*年\s*(?:农历)?|(?P<rel>{RELATIVE})的?\s*)?"
    rf"(?:(?<![\d.])(?P<month>{MONTH})\s*月(?:份的?)?|(?P<this>本月|这个月|这月|上上个?月|上个?月|下个?月)的?)\s*"
    rf"(?:初(?P<lunar>[一二三四五六七八九十])|(?P<day>[3-9]\d|{DAYNUM})(?:\s*[日号]|(?![\d个万千百亿块元折成天年月周岁份支只笔%.])))"
    + _AND_WEEKDAY
)
_NUMERIC = re.compile(
    r"(?<![\d./])(?:(?P<y>\d{4})\s*([-/.])\s*(?P<m>\d{1,2})\s*\2\s*(?P<d>\d{1,2})"
    r"|(?P<ys>\d{4}) (?P<ms>\d\d) (?P<ds>\d\d)"
    r"|(?<!-)(?P<a>\d{1,2})(?P<sep>[-/])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{4}|\d\d))日?(?![\d/]|-\d{1,2}(?![\d/-])|\.\d)"
)
_COMPACT = re.compile(r"(?<![\d.A-Za-z])(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d.A-Za-z])")
_SLASH = re.compile(r"(?<![\d./])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/]|\.\d)")
_BARE = re.compile(
    rf"(?<![\d.近过最前后满每第T+]){DAYNUM}\s*(?:号(?![楼线店院机房仓码召桌窗柜])|日(?![年内均线游元圆币本前后息利平]))"
)
_AGO = re.compile(rf"{UNIT}(?:之|以)?(?P<side>前|后)(?![期置来半])")


def atoms(text: str, reference: date) -> Iterator[Atom]:
    """Every day mentioned in folded `text`; impossible ones have no reading and a reason."""
    blocked = [found.span() for found in _names().finditer(text)]
    for atom in _all(text, reference):
        if not any(start <= atom.start < end for start, end in blocked):
            yield atom


def _all(text: str, reference: date) -> Iterator[Atom]:
    for found in _FULL.finditer(text):
        yield _full(found, reference)
    for found in _NUMERIC.finditer(text):
        yield _numeric(found)
    for found in _COMPACT.finditer(text):
        yield definite(found.start(), found.end(), int(found[1]), int(found[2]), int(found[3]))
    for found in _SLASH.finditer(text):
        yield without_year(found.start(), found.end(), int(found["m"]), int(found["d"]), reference)
    for found in _BARE.finditer(text):
        day = number(re.sub(r"[日号\s]", "", found.group()))
        yield Atom(found.start(), found.end(), f"XXXX-XX-{day:02}", "day", monthly(day, reference), day=day)
    for found in _RELATIVE_DAY.finditer(text):
        if found[2]:
            yield Atom(*found.span(), "", "day", (), reason="两个相对的日子连在一起，说不清是哪天")
        else:
            yield known(*found.span(), reference + timedelta(days=RELATIVE_DAY[found[1]]))
    for found in _LAST_YEARS_DAY.finditer(text):
        years = RELATIVE_YEAR[found["rel"]]
        yield known(*found.span(), add_months(reference, 12 * years))
    for found in _WEEK.finditer(text):
        if not found[1]:
            yield _weekday(found, reference)
    yield from _ago(text, reference)


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, lexicon.words("date_names.txt"))))


def known(start: int, end: int, day: date) -> Atom:
    """An Atom of one definite day."""
    return Atom(start, end, day.isoformat(), "day", ((day, day + DAY),), day.year, day.month, day.day)


def definite(start: int, end: int, year: int, month: int, day: int) -> Atom:
    """An Atom of year, month and day, which may not exist."""
    span = day_span(year, month, day)
    reason = "" if span else f"{year} 年 {month} 月没有 {day} 日" if 1 <= month <= 12 else f"没有 {month} 月"
    timex = f"{year:04}-{month:02}-{day:02}"
    return Atom(start, end, timex, "day", (span,) if span else (), year, month, day, reason)


def without_year(start: int, end: int, month: int, day: int, reference: date) -> Atom:
    """An Atom of month and day: its last and next occurrence."""

    def occurs(year: int) -> Span | None:
        return day_span(year, month, day)

    readings = yearly(occurs, reference)
    reason = "" if readings else f"{month} 月没有 {day} 日"
    return Atom(start, end, f"XXXX-{month:02}-{day:02}", "day", readings, None, month, day, reason)


def _full(found: re.Match[str], reference: date) -> Atom:
    day = number(found["lunar"] or found["day"])
    year = _year(found, reference)
    if found["this"]:
        steps = {"上": -1, "下": 1}.get(found["this"][0], 0) * (2 if found["this"].startswith("上上") else 1)
        first = add_months(reference.replace(day=1), steps)
        offset = (year - reference.year) if year else 0
        return definite(*found.span(), first.year + offset, first.month, day)
    month = number(found["month"])
    if year:
        return definite(*found.span(), year, month, day)
    return without_year(*found.span(), month, day, reference)


def _year(found: re.Match[str], reference: date) -> int | None:
    if found["rel"]:
        return reference.year + RELATIVE_YEAR[found["rel"]]
    return year_number(found["year"]) if found["year"] else None


def _numeric(found: re.Match[str]) -> Atom:
    if found["y"] or found["ys"]:
        parts = [int(found[k] or found[f"{k}s"]) for k in "ymd"]
        return definite(*found.span(), parts[0], parts[1], parts[2])
    first, second, third = found["a"], found["b"], found["c"]
    if found["sep"] == "-" and len(third) == 2:
        return definite(*found.span(), year_number(first.zfill(2)), int(second), int(third))
    # Day first, as Recognizers-Text reads it; 5/25/2020 can only be month first.
    day, month = int(first), int(second)
    if month > 12 >= day:
        day, month = month, day
    return definite(*found.span(), year_number(third), month, day)


def _weekday(found: re.Match[str], reference: date) -> Atom:
    wanted = _WEEKDAYS[found[3]]
    lead = found[2] or ""
    if lead:
        weeks = lead.count("下") - lead.count("上")
        return known(*found.span(), week_start(reference) + timedelta(days=7 * weeks + wanted - 1))
    back = (reference.isoweekday() - wanted) % 7 or 7
    past = reference - timedelta(days=back)
    readings = ((past, past + DAY), (past + 7 * DAY, past + 8 * DAY))
    return Atom(*found.span(), f"XXXX-WXX-{wanted}", "day", readings)


def _ago(text: str, reference: date) -> Iterator[Atom]:
    """三天前, 5 年后, 半年前: counted from the reference."""
    for found in _AGO.finditer(text):
        counted = count_before(text, found.start())
        if counted is None:
            continue
        start, count = counted
        unit = unit_of(found)
        if unit == "Y" and (text[start] == "0" or count >= 1000):
            continue
        sign = 1 if found["side"] == "后" else -1
        try:
            yield known(start, found.end(), shift(reference, unit, sign * count))
        except (ValueError, OverflowError):
            yield Atom(start, found.end(), "", "day", (), reason="日期超出了日历的范围")


def count_before(text: str, end: int) -> tuple[int, float] | None:
    """The count that ends right before a unit of time: (its start, the figure); 几 counts 3, 半 0.5."""
    stop = end
    while stop and text[stop - 1] == " ":
        stop -= 1
    if text[stop - 1 : stop] == "半" and text[stop - 2 : stop - 1] not in ("上", "下", "前", "后", "个", "大"):
        return stop - 1, 0.5
    if text[stop - 1 : stop] == "几":
        return stop - 1, 3
    for start in range(max(0, stop - 6), stop):
        if start and (text[start - 1].isdigit() or text[start - 1] == "."):
            continue
        found = read(text, start)
        if found and found.end == stop and 0 < found.value < 10_000:
            return start, float(found.value)
    return None
