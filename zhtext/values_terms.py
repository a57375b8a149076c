"""Small typed mentions: ordinals (第二个), ratings (R2, C3), settlement (T+1), lengths of time (三五年)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from zhtext.values_calendar import UNIT, unit_of
from zhtext.values_dates import count_before
from zhtext.values_model import Duration, Value, general
from zhtext.values_numbers import read

_RATING = re.compile(r"(?<![A-Za-z0-9])([RrCc])\s?([1-5])(?![A-Za-z0-9.%])")
_SETTLE = re.compile(r"(?<![A-Za-z0-9])[Tt]\s*\+\s*(\d{1,2})(?!\d)")
_ORDINAL = re.compile(r"第\s*(?=[\d零一二三四五六七八九十百千万两壹贰叁肆伍陆柒捌玖拾])")
_MEASURE = re.compile(r"[个只支款条项张名位次种家期]")
_NOT_ORDINAL = re.compile(r"(?:季度?|周|方|时间)")
_LENGTH = re.compile(UNIT)
_HALF_YEAR = re.compile(r"(?<![上下前后个大])半(?P<unit>年|个?月|天)")


def ordinals(text: str) -> Iterator[Value]:
    """第二个, 第三: the value is the figure, the span leaves the measure out."""
    for found in _ORDINAL.finditer(text):
        number = read(text, found.end())
        if number and number.value == int(number.value) and not _NOT_ORDINAL.match(text, number.end):
            figure = int(number.value)
            resolution = {"value": str(figure), "offset": str(figure), "relativeTo": "start"}
            yield Value(
                "ordinal",
                text[found.start() : number.end],
                found.start(),
                number.end,
                figure,
                type_name="ordinal",
                resolution=resolution,
            )


def ratings(text: str) -> Iterator[Value]:
    """R1–R5 of products, C1–C5 of customers."""
    for found in _RATING.finditer(text):
        level = f"{found[1].upper()}{found[2]}"
        yield Value("rating", found.group(), *found.span(), level, type_name="rating", resolution={"value": level})


def settlements(text: str) -> Iterator[Value]:
    """T+1: trading days after the order."""
    for found in _SETTLE.finditer(text):
        days = int(found[1])
        yield Value("term", found.group(), *found.span(), days, type_name="term", resolution={"value": f"T+{days}"})


def durations(text: str) -> Iterator[Value]:
    """三个月, 一年半, 三五年, 半年: a length, not a place in time."""
    for found in _LENGTH.finditer(text):
        counted = count_before(text, found.start())
        if counted is None:
            continue
        start, count = counted
        unit, end = unit_of(found), found.end()
        after = text[end : end + 1]
        if (found["unit2"] or found["unit"] == "月") and "个" not in found.group() and text[start] != "半":
            continue
        if found["unit"] == "年" and (text[start] == "0" or count >= 1000):
            continue
        figure = Decimal(str(count))
        if after == "半" and unit in "YMD":
            figure, end = figure + Decimal("0.5"), end + 1
        bounds = read(text, start)
        low = bounds.low if bounds and after != "半" else None
        high = bounds.high if bounds and after != "半" else None
        yield _duration(text, start, end, unit, figure, low, high)


def _duration(
    text: str, start: int, end: int, unit: str, figure: Decimal, low: Decimal | None, high: Decimal | None
) -> Value:
    per = {"Y": 365, "Q": 91, "M": 30, "W": 7, "D": 1}[unit]
    value = {
        "Y": Duration(years=figure),
        "Q": Duration(months=figure * 3),
        "M": Duration(months=figure),
        "W": Duration(days=figure * 7),
        "D": Duration(days=figure),
    }[unit]
    timex = f"P{general(figure * 3)}M" if unit == "Q" else f"P{general(figure)}{unit}"
    row = {"timex": timex, "type": "duration", "value": general(figure * per * 86400)}
    return Value(
        "duration",
        text[start:end],
        start,
        end,
        value,
        low=low,
        high=high,
        type_name="datetimeV2.duration",
        resolution={"values": [row]},
    )
