"""Percentages: 3.5%, 百分之三点五, 六个百分点, 三成五, 八五折, 30bp, 一半. The value is in percent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from zhtext.values_model import Value, general, plain
from zhtext.values_numbers import not_numbers, read, scan
from zhtext.values_numerals import NUMERAL, Number

_SIGN = re.compile(r"\s*%")
_POINTS = re.compile(r"\s*个?\s*百\s*分\s*点")
_LOOSE_POINTS = re.compile(r"个点(?!位|击|评|心|子|数)")
_BASIS = re.compile(r"\s*(?:个?基点|bps?(?![A-Za-z]))", re.IGNORECASE)
_TENTHS = re.compile(r"\s*成(?![立长为本交功分份员绩果就熟都人年])")
_FOLD = re.compile(r"\s*折(?![算价现旧返合])")
_OF = re.compile(r"(负\s*)?([百佰]|[千仟]|[百千]?万+|[百千]?亿)\s*分\s*之\s*")
_SCALE = {"佰": 10**2, "仟": 10**3, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_WHOLE_WORDS = re.compile(r"半成|对折|一半|百分百")
_WORD_VALUES = {"半成": Decimal(5), "对折": Decimal(50), "一半": Decimal(50), "百分百": Decimal(100)}


def find(text: str) -> Iterator[Value]:
    """Every percentage in folded `text`."""
    for number in scan(text):
        if found := _after(text, number):
            yield found
    for over in _OF.finditer(text):
        if over.start() and text[over.start() - 1] in NUMERAL:
            continue
        if found := _of(text, over):
            yield found
    blocked = not_numbers(text) if "%" in text else set()
    for word in _WHOLE_WORDS.finditer(text):
        if word.group() == "对折" and text[max(0, word.start() - 1) : word.start()] not in ("打", "是", "卖"):
            continue
        if word.start() not in blocked:
            yield _value(text, word.start(), word.end(), _WORD_VALUES[word.group()])


def _after(text: str, number: Number) -> Value | None:
    tail = text[number.end : number.end + 12]
    if found := _SIGN.match(tail) or _POINTS.match(tail):
        return _scaled(text, number, Decimal(1), number.end + found.end())
    if found := _LOOSE_POINTS.match(tail):
        return _scaled(text, number, Decimal(1), number.end + found.end())
    if found := _BASIS.match(tail):
        return _scaled(text, number, Decimal("0.01"), number.end + found.end())
    if found := _TENTHS.match(tail):
        end = number.end + found.end()
        rest = read(text, end + 1 if text[end : end + 1] == " " else end)
        if rest and rest.numerals and 0 < rest.value < 10 and rest.end - rest.start == 1:
            after = text[rest.end : rest.end + 1]
            if not after or not ("\u4e00" <= after <= "\u9fff"):
                return _value(text, number.start, rest.end, number.value * 10 + rest.value)
        return _scaled(text, number, Decimal(10), end)
    if found := _FOLD.match(tail):
        if text[number.start : number.end] in ("十", "拾"):
            return None
        spelled = number.end - number.start == 2 and number.numerals and number.value >= 10
        return _scaled(text, number, Decimal(1) if spelled else Decimal(10), number.end + found.end())
    return None


def _of(text: str, over: re.Match[str]) -> Value | None:
    if text[over.end() : over.end() + 1] == "百" and over[2] in "百佰":
        return _value(text, over.start(), over.end() + 1, Decimal(100))
    part = read(text, over.end())
    if part is None:
        return None
    base = Decimal(1)
    for char in over[2]:
        base *= _SCALE[char]
    factor = (-1 if over[1] else 1) * Decimal(100) / base
    start = over.start()
    return _scaled(text, part, factor, part.end, start)


def _scaled(text: str, number: Number, factor: Decimal, end: int, start: int | None = None) -> Value:
    moved = number.times(factor, end)
    begin = number.start if start is None else start
    return _value(text, begin, end, moved.value, moved.low, moved.high)


def _value(
    text: str, start: int, end: int, figure: Decimal, low: Decimal | None = None, high: Decimal | None = None
) -> Value:
    figure = Decimal(plain(figure))
    return Value(
        "percent",
        text[start:end],
        start,
        end,
        figure,
        low=low,
        high=high,
        type_name="percentage",
        resolution={"value": f"{general(figure)}%"},
    )
