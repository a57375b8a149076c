"""Amounts of money: 三块五, 1000万元, $20, 人民币 50 元, 5000~10000, and bare figures that are clearly money.

A bare figure is money when it is spelled with 万/千/百/w/k, or follows a money verb (投5000), and measures
nothing else. Index levels and product codes are not money: see `is_name_number` and `codes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from zhtext import lexicon
from zhtext.values_model import Value, general
from zhtext.values_numbers import MEASURE, read, scan
from zhtext.values_numerals import NUMERAL, Number

_RANGE = re.compile(r"\s*(?:到|至|~|--?|—+|–)\s*")
_CODE = re.compile(r"(?<![\d.A-Za-z])(?<!\d,)(\d{6})(?![\d%A-Za-z]|[.,]\d)")
_NOT_CHANGE = re.compile(r"[蛋石肉布地板牌表儿面]")
_MONEY_BEFORE = re.compile(
    r"(?:买|投|存|转|取|亏|赚|花|提|充|赎回?|卖|拿|入金?|有|共|资金|本金|金额|余额|收益|追加|加仓|补|剩|给)"
    r"(?:入|了|个|进|出|掉|到|过|我|大?概|差不多|约|是|为|至少|最多|不?到|一共|将?近)*\s*$"
)


@dataclass(frozen=True)
class _Money:
    iso: str
    unit: str
    cents: tuple[tuple[str, int], ...]


@lru_cache(maxsize=1)
def _rules() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, _Money], frozenset[str]]:
    after: dict[str, _Money] = {}
    before: dict[str, _Money] = {}
    loose: set[str] = set()
    for row in lexicon.table("currencies.yml")["currencies"]:
        cents = tuple(dict(row.get("cents", {})).items())
        money = _Money(row["iso"], row["unit"], cents)
        after.update(dict.fromkeys([*row.get("forms", ()), *row.get("loose", ())], money))
        before.update(dict.fromkeys(row.get("signs", ()), money))
        loose.update(row.get("loose", ()))
    return _any(after), _any(before), {**before, **after}, frozenset(loose)


def _any(forms: dict[str, _Money]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def find(text: str) -> Iterator[Value]:
    """Amounts with a currency in folded `text`, and bare currency names (value None)."""
    after, before, table, loose = _rules()
    used: set[int] = set()
    numbers = scan(text, singles=True)
    for number in numbers:
        if number.start in used:
            continue
        start, money = number.start, None
        lead = re.search(rf"(?:{before.pattern})\s*$", text[max(0, start - 8) : start])
        if lead and not _counted(text, start - len(lead.group())):
            money = table[lead.group().strip()]
            start -= len(lead.group())
        tail = re.compile(r"\s*").match(text, number.end)
        unit = after.match(text, tail.end() if tail else number.end)
        end, figure = number.end, number.value
        if unit and not (unit.group() in loose and not _is_change(text, number, unit.end())):
            money, end = money or table[unit.group()], unit.end()
            if table[unit.group()].iso != (money.iso if money else ""):
                money = table[unit.group()] if table[unit.group()].iso != "CNY" else money
            figure, end = _cents(text, figure, end, money, numbers, used)
        elif money is None:
            minor = re.compile(r"毛钱?|角(?![度色落])|分钱").match(text, number.end)
            if not minor:
                continue
            money, end = table["元"], minor.end()
            figure = figure / (100 if minor.group().startswith("分") else 10)
        if money:
            used.update(range(start, end))
            yield _amount(text, start, end, figure, number, money)
    for name in after.finditer(text):
        if not used.intersection(range(name.start(), name.end())) and len(name.group()) > 1:
            money = table[name.group()]
            if name.group() in ("元整", "元钱", "块钱") or name.group().isascii():
                continue
            yield Value(
                "currency",
                name.group(),
                name.start(),
                name.end(),
                None,
                currency=money.iso,
                type_name="currency",
                resolution={"isoCurrency": money.iso, "unit": money.unit, "value": None},
            )


def _counted(text: str, at: int) -> bool:
    """Whether the currency before `at` belongs to a figure of its own: 4 人民币 5 美元."""
    return bool(at) and (text[at - 1].isdigit() or text[at - 1] in NUMERAL)


def _is_change(text: str, number: Number, end: int) -> bool:
    """Whether 块 (or 刀) after the number is money: not 一块买, not 三块蛋糕."""
    after = text[end : end + 1]
    if _NOT_CHANGE.match(after):
        return False
    if text[number.start : number.end] in ("一", "两"):
        return not after or not "\u4e00" <= after <= "\u9fff" or after in "五二三四六七八九零一钱的多"
    return True


def _cents(
    text: str, figure: Decimal, end: int, money: _Money | None, numbers: list[Number], used: set[int]
) -> tuple[Decimal, int]:
    """What follows the unit: 五元三毛, 两美元又三美分, 三块五."""
    start = end + 1 if text[end : end + 1] in ("又", "零") else end
    rest = next((n for n in numbers if n.start == start), None)
    if rest is None and text[start : start + 1]:
        rest = read(text, start)
    if rest is None or money is None or not 0 < rest.value < 100:
        return figure, end
    for form, per in sorted(money.cents, key=lambda cent: -len(cent[0])):
        if text.startswith(form, rest.end):
            used.update(range(rest.start, rest.end))
            return _cents(text, figure + rest.value / per, rest.end + len(form), money, numbers, used)
    after = text[rest.end : rest.end + 1]
    if text[end - 1] == "块" and rest.numerals and rest.value < 10 and after not in MEASURE:
        used.update(range(rest.start, rest.end))
        return figure + rest.value / 10, rest.end
    return figure, end


def _amount(text: str, start: int, end: int, figure: Decimal, number: Number, money: _Money) -> Value:
    resolution: dict[str, Any] = {"value": general(figure), "unit": money.unit}
    if money.iso:
        resolution["isoCurrency"] = money.iso
    return Value(
        "amount",
        text[start:end],
        start,
        end,
        figure,
        low=number.low,
        high=number.high,
        currency=money.iso or "USD",
        type_name="currency",
        resolution=resolution,
    )


def is_bare_amount(text: str, number: Number) -> bool:
    """Whether a figure without a unit is money (see the top of this file)."""
    if number.value <= 0 or is_name_number(text, number.start):
        return False
    after = text[number.end : number.end + 2].strip()
    if after[:1] and (after[0] in MEASURE or after.startswith(("多少", "股", "亿", "基点"))):
        return False
    digits = text[number.start : number.end]
    if digits.isdigit() and (len(digits) >= 9 or (len(digits) == 6 and not digits.endswith("000"))):
        return False
    if number.scaled and number.value >= 100:
        return True
    return number.value >= 1 and bool(_MONEY_BEFORE.search(text[max(0, number.start - 10) : number.start]))


def ranges(text: str, numbers: list[Number]) -> Iterator[Value]:
    """5000~10000, 三到五万, 1-2万: an amount with low and high (the first takes the second's unit)."""
    _, _, table, _ = _rules()
    for first, second in pairwise(numbers):
        joint = _RANGE.fullmatch(text[first.end : second.start])
        if not joint or is_name_number(text, first.start):
            continue
        low, high = first.value, second.value
        if low < high and low < 100 <= high and second.scaled:
            head = text[second.start : second.end]
            for char, factor in (("亿", 10**8), ("万", 10**4), ("w", 10**4), ("W", 10**4), ("k", 1000)):
                if head.endswith(char):
                    low = low * factor
                    break
        tail = re.compile(r"\s*(?:元|块钱?|人民币)").match(text, second.end)
        after = text[second.end : second.end + 1]
        if not tail and after and (after in MEASURE or after in "年月日天号点"):
            continue
        if 0 < low < high and (tail or high >= 1000 or second.scaled):
            if not tail and 1900 <= low <= 2100 and 1900 <= high <= 2100:
                continue
            end = tail.end() if tail else second.end
            yield Value(
                "amount",
                text[first.start : end],
                first.start,
                end,
                low,
                low=low,
                high=high,
                currency=table["元"].iso,
                type_name="numberrange",
                resolution={"value": f"[{general(low)},{general(high)}]"},
            )


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    listed = sorted(lexicon.words("number_names.txt"), key=len, reverse=True)
    return re.compile("(?:" + "|".join(map(re.escape, listed)) + r")\s*$")


def is_name_number(text: str, start: int) -> bool:
    """Whether the figure at `start` is part of a name: 沪深300, 易方达中证1000."""
    return bool(_names().search(text[max(0, start - 8) : start]))


def codes(text: str) -> Iterator[Value]:
    """Six digits alone are a product code, unless they are a round sum or carry a unit of money."""
    after, _, _, _ = _rules()
    for found in _CODE.finditer(text):
        digits = found[1]
        tail = text[found.end() :].lstrip()
        if (digits.endswith("000") and digits[0] != "0") or after.match(tail) or tail[:1] in ("万", "份", "股"):
            continue
        yield Value("code", digits, *found.span(), digits, type_name="code", resolution={"value": digits})
