"""Numbers as Chinese customers write them: 三万五, 十来万, 3.5w, 五分之一, 2^5, 七百 三十. Plain figures only.

`read` parses one number at a position, `scan` finds all. Approximate numbers carry low and high; the value is
the stated base (二十几万 → 200000). Spaces inside a number are allowed beside a Chinese numeral.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from zhtext import lexicon
from zhtext.values_numerals import DIGITS, NUMERAL, Number, whole

_POWER = re.compile(r"\s*\^\s*([+-]*)\s*(\d{1,3})(?!\d)")
_SLASH = re.compile(r"(?:(\d{1,9})\s+)?(\d{1,9})/(\d{1,9})(?![\d/])")
_DOZEN = re.compile(r"打(?![电开折算听工完底款动赏理破])")
_OVER = re.compile(r"\s*分\s*之\s*")
_AND = re.compile(r"\s*又\s*")
_MINUS = re.compile(r"负\s*|-(?=\s*[\d.])")
MEASURE = frozenset(
    "个只支笔份股手次年月日天周号期元块毛角分折成倍点双对打斤吨米里家位名人口本张条件台部座章节页段句项组批"
    "档级层楼种类款套间度秒时小星礼岁代届轮回场瓶杯碗袋箱包盒头匹辆架艘%‰"
)
_AFTER = frozenset("的不和或与跟到至这那还是吗呢吧了啊点分多左以")
_PUNCTUATION = frozenset(" ,.;:!?、。，；：！？()（）[]【】<>《》“”‘’\"'~-—…/\\|")


def scan(text: str, *, singles: bool = False) -> list[Number]:
    """All numbers in `text` (folded), left to right, without overlap; idioms such as 一定 are left out.

    A lone numeral counts only where it measures something (一只, not 一看), or everywhere with `singles`.
    """
    found: list[Number] = []
    blocked = not_numbers(text)
    at = 0
    while at < len(text):
        char = text[at]
        if not (char.isdigit() or char in NUMERAL or char in "几数半负-."):
            at += 1
            continue
        number = read(text, at)
        if number is None:
            at += 1
            continue
        run = range(number.start, number.end)
        if all(i in blocked for i in run) or not _stands(text, number, singles):
            at = number.start + 1 if number.numerals else number.end
            continue
        found.append(number)
        at = number.end
    return found


def read(text: str, at: int) -> Number | None:
    """The longest number that starts at `at`, with sign, fraction, power and 又 parts; None if there is none."""
    sign = _MINUS.match(text, at)
    if sign and sign.group().startswith("-") and at and _joins(text[at - 1]):
        return None
    begin = sign.end() if sign else at
    if begin and text[begin - 1].isascii() and text[begin - 1].isalpha() and text[begin : begin + 1].isdigit():
        return None
    if text.startswith("半百", begin):
        return Number(at, begin + 2, Decimal(50), numerals=True)
    first = _slash(text, begin) or whole(text, begin)
    if first is None:
        return None
    if _DOZEN.match(text, first.end):
        return replace(first.times(Decimal(12), first.end + 1), start=at)
    mixed = _AND.match(text, first.end)
    if mixed and (part := whole(text, mixed.end())):
        part = _fraction(text, part)
        if 0 < part.value < 1:
            first = replace(first, value=first.value + part.value, end=part.end)
    else:
        first = _fraction(text, first)
    first = _power(text, first)
    if sign:
        low, high = first.low, first.high
        first = replace(first, value=-first.value, low=-high if high else None, high=-low if low else None)
    return replace(first, start=at)


def _joins(before: str) -> bool:
    """Whether a hyphen after `before` joins (5-8, A-2) and is no minus sign."""
    return before in "-)%" or before in NUMERAL or (before.isascii() and before.isalnum())


def _fraction(text: str, number: Number) -> Number:
    over = _OVER.match(text, number.end)
    if not over or not number.value:
        return number
    top = read(text, over.end())
    if top is None:
        return number
    return replace(number, value=top.value / number.value, end=top.end, low=None, high=None)


def _slash(text: str, at: int) -> Number | None:
    found = _SLASH.match(text, at)
    if not found or int(found[3]) == 0 or (at and text[at - 1] in "/."):
        return None
    whole = Decimal(found[1] or 0) + Decimal(found[2]) / Decimal(found[3])
    return Number(at, found.end(), whole)


def _power(text: str, number: Number) -> Number:
    found = _POWER.match(text, number.end)
    if not found or abs(number.value) > 10**9:
        return number
    exponent = int(found[2]) * (-1 if found[1].count("-") % 2 else 1)
    try:
        # Binary floating point, as a calculator would: a power is never an amount of money.
        raised = Decimal(repr(float(number.value) ** exponent))
    except ArithmeticError:
        return number
    return replace(number, value=raised, end=found.end())


def _stands(text: str, number: Number, singles: bool) -> bool:
    """A single numeral counts only where it measures something; more than one always does."""
    after = text[number.end : number.end + 1]
    if number.start and text[number.start - 1].isascii() and text[number.start - 1].isalpha():
        return False
    if singles or not number.numerals or number.end - number.start > 1:
        return True
    char = text[number.start]
    if char in "十":
        return True
    if char in "两俩":
        return after in MEASURE if after else False
    if char in "一壹弌":
        if after == "点":
            return text[number.end + 1 : number.end + 2] in DIGITS
        return not after or after in MEASURE or after in _PUNCTUATION
    return not after or after in MEASURE or after in _PUNCTUATION or after in _AFTER


_NO_FIGURE = re.compile(r"https?://[!-~]+|\d{1,9}(?:\.\d{1,9}){2,}(?!\d)|\d{29,}")
"""Web addresses, version numbers and the like, and digits beyond any figure."""


@lru_cache(maxsize=1)
def _idioms() -> re.Pattern[str]:
    listed = sorted(lexicon.words("number_words.txt"), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, listed)))


def not_numbers(text: str) -> set[int]:
    """Positions inside web addresses and inside words whose numerals count nothing (一定, 队伍, 四川)."""
    taken: set[int] = set()
    for found in _NO_FIGURE.finditer(text):
        taken.update(range(found.start(), found.end()))
    for found in _idioms().finditer(text):
        taken.update(range(found.start(), found.end()))
    return taken
