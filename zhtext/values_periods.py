"""Stretches of days: 2026 年, 上上个月, 去年三季度, 上半年, 近三个月, 月底, 九十年代. `atoms` finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from zhtext.values_calendar import (
    DAY,
    MONTH,
    RELATIVE,
    RELATIVE_YEAR,
    UNIT,
    YEAR,
    Atom,
    Span,
    add_months,
    month_span,
    number,
    shift,
    unit_of,
    week_start,
    year_number,
    year_span,
    yearly,
)
from zhtext.values_dates import count_before
from zhtext.values_numbers import read

_SHORT_YEAR = rf"\d\d(?=\s*年\s*(?:{MONTH}\s*月|[上下前后]半年|第?[一二三四1-4]季|Q))"
_YEAR_PART = rf"(?:(?P<year>(?<!\d)(?:{YEAR}|{_SHORT_YEAR}))\s*年度?的?\s*|(?P<rel>{RELATIVE})的?\s*)"
_BOUGHT_YEAR = r"\d\d(?=年(?:买|入|开|成立|发行|上市|那会|的时候))"
_YEAR = re.compile(
    rf"(?:(?<![近过最前后满整每])|(?=\d{{4}}))(?:(?<!\d)(?P<year>{YEAR}|{_BOUGHT_YEAR})\s*年(?:度)?|(?P<rel>{RELATIVE}))"
    r"(?![前后以之]?半年|化|期|线|报|利率|底|末|初[一-十]?)"
)
_MONTH = re.compile(rf"{_YEAR_PART}?(?<![\d.])(?P<month>{MONTH})\s*月(?:份)?(?![\d度])")
_QUARTER = re.compile(rf"{_YEAR_PART}?(?:第?(?P<q>[一二三四1-4])\s*季度?|[Qq](?P<q2>[1-4])(?!\w))(?!报)")
_THREE = re.compile(rf"{_YEAR_PART}?前(?P<q>[二两三23])(?:个)?季度")
_HALF = re.compile(rf"{_YEAR_PART}?(?P<half>[上下前后])半年")
_HALF_MONTH = re.compile(
    rf"(?:(?P<month>{MONTH})\s*月(?:份)?|(?P<rel>本月|这个月|上个?月|下个?月))?的?(?P<half>[上下])半月"
)
_THIRD = re.compile(
    rf"(?:(?P<month>{MONTH})\s*月(?:份)?|(?P<rel>本月|这个月|上个?月|下个?月|月))?(?P<part>上旬|中旬|下旬|底|末|初)"
)
_YEAR_EDGE = re.compile(
    rf"(?:(?P<year>(?<!\d){YEAR})\s*年|(?P<rel>{RELATIVE})|(?P<bare>年))(?P<part>底|末|初)(?!至今|到现在|[一二三四五六七八九十])"
)
_SEASON = re.compile(rf"{_YEAR_PART}?(?P<season>[春夏秋冬])[天季]")
_SEASONS = {"春": ("SP", 3), "夏": ("SU", 6), "秋": ("FA", 9), "冬": ("WI", 12)}
_DECADE = re.compile(
    r"(?:(?P<century>\d{1,2}|二?十[一二三四五六七八九]?)世纪|(?P<rel>[上本])个?世纪)?(?P<decade>\d0|[一二三四五六七八九]十)年代"
)
_RELATIVE_UNIT = re.compile(
    r"(?P<lead>上+|下+|本|这|当|前)(?P<one>一?个|一)?(?P<unit>季度|月|星期|礼拜|周|年度)(?P<end>末)?(?![一二三四五六日天]|年化)"
)
_WEEK_OF_MONTH = re.compile(
    rf"{_YEAR_PART}?(?P<month>{MONTH})\s*月(?:份)?的?第(?P<week>[一二三四1-4])(?:个)?(?:周|星期|礼拜)"
)
_YEAR_MONTH = re.compile(r"(?<![\d./-])(?P<year>(?:19|20)\d\d)[-/](?P<month>1[0-2]|0?[1-9])(?P<rel>)(?![\d/.-]|\s*月)")
_EDGE_OF_YEAR = re.compile(rf"{_YEAR_PART}(?P<side>前|最后|后)\s*(?=[\d一二两三四五六七八九十])")
_WEEKEND = re.compile(r"(?<![上下本这个])周末")
_NTH_MONTH = re.compile(rf"{_YEAR_PART}第(?P<month>{MONTH})个月")
_ROLLING = re.compile(UNIT)
_LONGEST = {"Y": 99, "Q": 99, "M": 600, "W": 999, "D": 9999}
_BACK = ("最近这", "最近", "过去的", "过去", "之前", "以往", "近", "前", "上", "这")
_AHEAD = ("未来的", "未来", "接下来", "今后", "往后", "之后", "后", "下")
_RECENT = re.compile(r"最近|近期|近来|这段时间|这阵子|前段时间")
_TO_DATE = re.compile(r"年初(?:以来|至今|到现在)|开年(?:以来|至今|到现在)|年内")


def atoms(text: str, reference: date) -> Iterator[Atom]:
    """Every stretch longer than a day in folded `text`."""
    for found in _YEAR.finditer(text):
        yield _year(found, reference)
    for found in _MONTH.finditer(text):
        yield _monthlike(found, reference, number(found["month"]))
    for found in _NTH_MONTH.finditer(text):
        yield _monthlike(found, reference, number(found["month"]))
    for found in _YEAR_MONTH.finditer(text):
        yield _monthlike(found, reference, number(found["month"]))
    yield from _edges(text, reference)
    for found in _WEEKEND.finditer(text):
        first = week_start(reference) + 5 * DAY
        iso = first.isocalendar()
        yield _atom(found, f"{iso[0]}-W{iso[1]:02}-WE", "custom", (first, first + 2 * DAY))
    for found in _QUARTER.finditer(text):
        yield _part(found, reference, 3 * number(found["q"] or found["q2"]) - 2, 3, "quarter")
    for found in _THREE.finditer(text):
        yield _part(found, reference, 1, 9 if found["q"] in "三3" else 6, "custom")
    for found in _HALF.finditer(text):
        yield _part(found, reference, 1 if found["half"] in "上前" else 7, 6, "custom")
    for found in _SEASON.finditer(text):
        yield _season(found, reference)
    for found in _DECADE.finditer(text):
        yield _decade(found, reference)
    for found in _RELATIVE_UNIT.finditer(text):
        yield _relative(found, reference)
    for found in _WEEK_OF_MONTH.finditer(text):
        yield _week_of_month(found, reference)
    for found in (*_THIRD.finditer(text), *_HALF_MONTH.finditer(text)):
        if found.groupdict().get("month") or found["rel"] or found.re is _HALF_MONTH:
            yield _month_part(found, reference)
    for found in _YEAR_EDGE.finditer(text):
        yield _year_edge(found, reference)
    yield from _rolling(text, reference)
    for found in _RECENT.finditer(text):
        span = (add_months(reference, -1), reference + DAY)
        yield Atom(*found.span(), reference.isoformat(), "recent", (span,))
    for found in _TO_DATE.finditer(text):
        yield Atom(
            *found.span(), str(reference.year), "to_date", ((reference.replace(month=1, day=1), reference + DAY),)
        )


def _said_year(found: re.Match[str], reference: date) -> int | None:
    if found["rel"]:
        return reference.year + RELATIVE_YEAR[found["rel"]]
    return year_number(found["year"]) if found["year"] else None


def _atom(
    found: re.Match[str],
    timex: str,
    grain: str,
    span: Span | None,
    year: int | None = None,
    month: int | None = None,
) -> Atom:
    reason = "" if span else "日期超出了日历的范围"
    return Atom(*found.span(), timex, grain, (span,) if span else (), year, month, reason=reason)


def _year(found: re.Match[str], reference: date) -> Atom:
    year = _said_year(found, reference) or 0
    return _atom(found, f"{year:04}", "year", year_span(year), year=year)


def _monthlike(found: re.Match[str], reference: date, month: int) -> Atom:
    year = _said_year(found, reference)
    if year:
        return _atom(found, f"{year:04}-{month:02}", "month", month_span(year, month), year=year, month=month)
    readings = yearly(lambda y: month_span(y, month), reference)
    return Atom(*found.span(), f"XXXX-{month:02}", "month", readings, None, month)


def _edges(text: str, reference: date) -> Iterator[Atom]:
    """去年的前 10 天, 2021 年最后四个月: counted from an edge of a year; weeks are whole ones."""
    for found in _EDGE_OF_YEAR.finditer(text):
        figure = read(text, found.end())
        size = _ROLLING.match(text, figure.end) if figure else None
        span = year_span(_said_year(found, reference) or 0)
        if not figure or not size or not span or not 0 < figure.value <= 366 or figure.value % 1:
            continue
        unit, count = unit_of(size), int(figure.value)
        first, last = span
        if unit == "W":
            first, last = first + timedelta(days=-first.weekday() % 7), last - timedelta(days=last.weekday())
        if found["side"] == "前":
            last = shift(first, unit, count)
        else:
            first = shift(last, unit, -count)
        yield Atom(found.start(), size.end(), f"({first},{last},P{count}{unit})", "custom", ((first, last),))


def _part(found: re.Match[str], reference: date, month: int, count: int, grain: str) -> Atom:
    """A quarter or half: of the year said, else of this year (the last one if it has not begun)."""
    said = _said_year(found, reference)
    year = said or reference.year
    span = month_span(year, month, count)
    if span and not said and span[0] > reference:
        span = month_span(year - 1, month, count)
        year -= 1
    timex = f"({span[0]},{span[1]},P{count}M)" if span else ""
    return _atom(found, timex, grain, span, year=year, month=month)


def _season(found: re.Match[str], reference: date) -> Atom:
    code, month = _SEASONS[found["season"]]
    year = _said_year(found, reference)
    if year:
        return _atom(found, f"{year}-{code}", "season", month_span(year, month, 3), year=year)
    return Atom(*found.span(), code, "season", yearly(lambda y: month_span(y, month, 3), reference))


def _decade(found: re.Match[str], reference: date) -> Atom:
    decade = number(found["decade"])
    if found["century"] or found["rel"]:
        century = number(found["century"]) - 1 if found["century"] else reference.year // 100
        first = (century - (found["rel"] == "上")) * 100 + decade
        span = year_span(first, 10)
        return _atom(found, f"({span[0]},{span[1]},P10Y)" if span else "", "custom", span, year=first)
    past = reference.year // 100 * 100 + decade
    past -= 100 if past >= reference.year else 0
    spans = tuple(s for s in (year_span(past, 10), year_span(past + 100, 10)) if s)
    timex = f"(XX{decade:02}-01-01,XX{(decade + 10) % 100:02}-01-01,P10Y)"
    return Atom(*found.span(), timex, "custom", spans)


def _relative(found: re.Match[str], reference: date) -> Atom:
    lead, unit = found["lead"], found["unit"]
    step = lead.count("下") - lead.count("上") - (lead == "前")
    if found["end"] and unit not in ("周", "月"):
        return Atom(*found.span(), "", "custom", ())
    if unit in ("周", "星期", "礼拜"):
        first = week_start(reference) + timedelta(days=7 * step)
        iso = first.isocalendar()
        if found["end"]:
            return _atom(found, f"{iso[0]}-W{iso[1]:02}-WE", "custom", (first + 5 * DAY, first + 7 * DAY))
        return _atom(found, f"{iso[0]}-W{iso[1]:02}", "week", (first, first + 7 * DAY))
    if unit == "年度":
        return _atom(found, str(reference.year + step), "year", year_span(reference.year + step))
    if unit == "季度":
        month = (reference.month - 1) // 3 * 3 + 1 + 3 * step
        span = month_span(reference.year, month, 3)
        return _atom(found, f"({span[0]},{span[1]},P3M)" if span else "", "quarter", span)
    span = month_span(reference.year, reference.month + step)
    if found["end"] and span:
        span = (span[0] + 20 * DAY, span[1])
        return _atom(found, f"({span[0]},{span[1]},P{(span[1] - span[0]).days}D)", "custom", span)
    return _atom(found, f"{span[0]:%Y-%m}" if span else "", "month", span)


def _week_of_month(found: re.Match[str], reference: date) -> Atom:
    month, week = number(found["month"]), number(found["week"])

    def occurs(year: int) -> Span:
        first = date(year, month, 1)
        monday = first + timedelta(days=-first.weekday() % 7 + 7 * (week - 1))
        return monday, monday + 7 * DAY

    year = _said_year(found, reference)
    if year:
        return _atom(found, f"{year}-{month:02}-W{week:02}", "week", occurs(year), year=year)
    return Atom(*found.span(), f"XXXX-{month:02}-W{week:02}", "week", yearly(occurs, reference))


def _month_part(found: re.Match[str], reference: date) -> Atom:
    """上旬, 中旬, 下旬, 月初 (the first ten days), 月底 (from the 21st), 上半月, 下半月."""
    part = found.groupdict().get("part") or found["half"]
    if found["rel"] or not found["month"]:
        step = {"上": -1, "下": 1}.get((found["rel"] or " ")[0], 0)
        months: tuple[Span, ...] = tuple(filter(None, [month_span(reference.year, reference.month + step)]))
    else:
        wanted = number(found["month"])
        months = yearly(lambda y: month_span(y, wanted), reference)
    cut = {"上旬": (0, 10), "初": (0, 10), "中旬": (10, 20), "下旬": (20, 31), "底": (20, 31), "末": (20, 31)}
    low, high = (cut | {"上": (0, 15), "下": (15, 31)})[part]
    spans = tuple((first + low * DAY, min(first + high * DAY, last)) for first, last in months)
    timex = f"({spans[0][0]},{spans[0][1]},P{(spans[0][1] - spans[0][0]).days}D)" if spans else ""
    return Atom(*found.span(), timex, "custom", spans)


def _year_edge(found: re.Match[str], reference: date) -> Atom:
    """年初 is January, 年底 December."""
    year = _said_year(found, reference) or reference.year
    month = 1 if found["part"] == "初" else 12
    return _atom(found, f"{year:04}-{month:02}", "custom", month_span(year, month), year=year, month=month)


def _rolling(text: str, reference: date) -> Iterator[Atom]:
    """近三个月 ends with today; 未来两天 begins tomorrow."""
    for found in _ROLLING.finditer(text):
        counted = count_before(text, found.start())
        if counted is None:
            continue
        start, count = counted
        head = text[:start].rstrip()
        unit, end = unit_of(found), found.end()
        if unit == "Y" and text[end : end + 1] == "半":
            count, end = count + 0.5, end + 1
        back = next((lead for lead in _BACK if head.endswith(lead)), None)
        ahead = None if back else next((lead for lead in _AHEAD if head.endswith(lead)), None)
        lead = back or ahead
        if lead is None or text[end : end + 1] == "季" or count > _LONGEST[unit]:
            continue
        begin = len(head) - len(lead)
        size = f"P{count:g}{unit if unit != 'Q' else 'M'}" if unit != "Q" else f"P{3 * count:g}M"
        try:
            if back:
                first = shift(reference, unit, -count)
                yield Atom(begin, end, f"({first},{reference},{size})", "rolling", ((first, reference + DAY),))
            else:
                last = shift(reference + DAY, unit, count)
                yield Atom(begin, end, f"({reference + DAY},{last},{size})", "ahead", ((reference + DAY, last),))
        except (ValueError, OverflowError):
            yield Atom(begin, end, "", "custom", (), reason="日期超出了日历的范围")
