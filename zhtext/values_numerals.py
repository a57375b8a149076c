"""One unsigned number, token by token: 三万五, 十来万, 3.5w, 7 万 5 千 4 百, 两千万点五. See values_numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

DIGITS = {c: i for i, cs in enumerate(("零〇", "一壹弌", "二贰弍两俩", "三叁弎", "四肆", "五伍")) for c in cs}
DIGITS |= {c: i for i, cs in enumerate(("六陆", "七柒", "八捌", "九玖"), 6) for c in cs}
SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
BIG = {"万": 10**4, "亿": 10**8, "兆": 10**12}
TENS = {"廿": 20, "卅": 30}
LATIN = {"k": 10**3, "K": 10**3, "w": 10**4, "W": 10**4, "M": 10**6}
NUMERAL = frozenset(DIGITS) | frozenset(SMALL) | frozenset(BIG) | frozenset(TENS)

ARABIC = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
_EXPONENT = re.compile(r"[eE][+-]?\d{1,3}(?![\dA-Za-z])")
_MORE = re.compile(r"\s*(?:多(?![少久半长大远样种])|余(?!额)|来(?=[万亿千百个块天年岁元人只支份月]))")
_POINT = re.compile(
    r"\s*点\s*([零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖](?:\s?[零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖])*)"
)
# 40 万一年 is two figures, though 四万一 is one.
_OWN_MEASURE = frozenset("年月天周个只次笔支种")
_NOT_BEFORE_SEVERAL = frozenset("指函系位人次份倍基多少额")


@dataclass(frozen=True)
class Number:
    """One number in a text: half-open span, exact value, bounds when approximate."""

    start: int
    end: int
    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    numerals: bool = False
    scaled: bool = False

    def times(self, factor: Decimal, end: int) -> Number:
        """The number multiplied, reaching to `end`."""
        low = self.low * factor if self.low is not None else None
        high = self.high * factor if self.high is not None else None
        return replace(self, value=self.value * factor, low=low, high=high, end=end)


class _Sum:
    """Low and high ends of a number being read, section by section (below each of 万, 亿, 兆)."""

    def __init__(self) -> None:
        self.total = (Decimal(0), Decimal(0))
        self.section = (Decimal(0), Decimal(0))
        self.current: tuple[Decimal, Decimal] | None = None
        self.last_small = 0
        self.last_big = 0
        self.last_unit = 0

    def small(self, unit: int) -> bool:
        if self.last_small and unit >= self.last_small:
            return False
        low, high = self.current if self.current is not None else (Decimal(1), Decimal(1))
        if low == 0 and high == 0:
            low = high = Decimal(1)
        self.section = (self.section[0] + low * unit, self.section[1] + high * unit)
        self.current, self.last_small, self.last_unit = None, unit, unit
        return True

    def big(self, unit: int) -> bool:
        low, high = self.current or (Decimal(0), Decimal(0))
        part = (self.section[0] + low, self.section[1] + high)
        if part[1] == 0:
            if self.total[1] == 0:
                return False
            self.total = (self.total[0] * unit, self.total[1] * unit)
        elif self.last_big and unit > self.last_big:
            self.total = ((self.total[0] + part[0]) * unit, (self.total[1] + part[1]) * unit)
        else:
            self.total = (self.total[0] + part[0] * unit, self.total[1] + part[1] * unit)
        self.section, self.current, self.last_small = (Decimal(0), Decimal(0)), None, 0
        self.last_big = self.last_unit = unit
        return True

    def close(self, after_zero: bool) -> tuple[Decimal, Decimal]:
        low, high = self.current or (Decimal(0), Decimal(0))
        if self.last_unit >= 100 and not after_zero and high < 10:
            # 三万五 is 35,000: a lone digit after a unit counts tenths of it.
            scale = Decimal(self.last_unit) / 10
            low, high = low * scale, high * scale
        return self.total[0] + self.section[0] + low, self.total[1] + self.section[1] + high


class _Reader:
    """Reads one unsigned number token by token; each token method says whether the number goes on."""

    def __init__(self, text: str, start: int) -> None:
        self.text, self.start, self.at, self.end = text, start, start, start
        self.sum = _Sum()
        self.numerals = self.fuzzy = self.zero = False
        self.units = 0

    def number(self) -> Number | None:
        while self.at < len(self.text):
            found = self._next(self.text[self.at])
            if isinstance(found, Number):
                return found
            if not found:
                break
        if self.end == self.start:
            return None
        low, high = self.sum.close(self.zero)
        number = Number(self.start, self.end, low, numerals=self.numerals, scaled=self.units > 0)
        if self.fuzzy and high != low:
            number = replace(number, low=low, high=high)
        return _decimals(self.text, number) if self.numerals or self.units else number

    def _next(self, char: str) -> bool | Number | None:
        counted = self.units and self.sum.current is None
        arabic_only = self.end != self.start and not self.units and not self.numerals
        if (counted or arabic_only) and (more := _MORE.match(self.text, self.at)):
            return self._more(more)
        if char == " ":
            return self._space()
        if char.isdigit() or char == ".":
            return self._arabic(char)
        if char in DIGITS:
            return self._digit(char)
        if char in "几数":
            return self._several(char)
        if char in TENS and self.sum.current is None:
            low, high = self.sum.section
            self.sum.section = (low + TENS[char], high + TENS[char])
            self.sum.last_small = self.sum.last_unit = 10
            return self._unit(numeral=True)
        if char in SMALL:
            alone = self.sum.current is None and self.sum.last_unit == 0 and not self.numerals
            if alone and char not in "十拾" and not _opens(self.text, self.at):
                return False
            return self.sum.small(SMALL[char]) and self._unit(numeral=True)
        return char in BIG and self.sum.big(BIG[char]) and self._unit(numeral=False)

    def _unit(self, *, numeral: bool) -> bool:
        self.numerals = self.numerals or numeral
        self.units, self.zero = self.units + 1, False
        return self._advance()

    def _advance(self) -> bool:
        self.at += 1
        self.end = self.at
        return True

    def _space(self) -> bool:
        """Spaces go on only between tokens of which one is a Chinese numeral."""
        step = self.at
        while step < len(self.text) and self.text[step] == " ":
            step += 1
        after = self.text[step : step + 1]
        self.at = step
        if self.end == self.start or not after:
            return False
        if after in NUMERAL:
            return True
        return self.text[self.end - 1] in NUMERAL and (after.isdigit() or after == "几")

    def _arabic(self, char: str) -> bool | Number:
        token = ARABIC.match(self.text, self.at)
        if not token or self.sum.current is not None or (char == "." and self.end != self.start):
            return False
        figure = Decimal(token.group().replace(",", ""))
        if not self.units and (exponent := _EXPONENT.match(self.text, token.end())):
            return Number(self.start, exponent.end(), Decimal(f"{figure}{exponent.group()}"))
        self.sum.current, self.at, self.end = (figure, figure), token.end(), token.end()
        self.zero = self.zero or figure >= 10
        suffix = self.text[self.at : self.at + 1]
        if suffix in LATIN and not _ascii_word(self.text[self.at + 1 : self.at + 2]):
            factor = LATIN[suffix]
            self.sum.current = (figure * factor, figure * factor)
            return Number(self.start, self.at + 1, self.sum.close(True)[0], scaled=True)
        return True

    def _digit(self, char: str) -> bool | Number | None:
        digit, after = Decimal(DIGITS[char]), self.text[self.at + 1 : self.at + 2]
        if self.sum.current is not None:
            low = self.sum.current[0]
            pair = digit == low + 1 or (low, digit) == (3, 5)
            if self.numerals and not self.zero and 0 < low < 9 and pair and _approximates(self.text, self.at + 1):
                self.sum.current, self.fuzzy = (low, digit), True
                return self._advance()
            return False if self.units or not self.numerals else _digit_string(self.text, self.start)
        first = self.end == self.start
        self.numerals = True
        if digit == 0:
            self.zero = True
            follows = self.text[self.at + 1 : self.at + 3].strip()[:1]
            if not first and follows not in NUMERAL and follows != "几" and not after.isdigit():
                return False
        elif self.sum.last_unit >= 1000 and not self.sum.last_small and after in _OWN_MEASURE:
            return False
        if digit or first:
            self.sum.current = (digit, digit)
        self._advance()
        if digit == 0 and not self.units and after in DIGITS:
            return _digit_string(self.text, self.start)
        return True

    def _several(self, char: str) -> bool:
        """几 and 数: 几十万, 数千, 十几, 二十几万."""
        after = self.text[self.at + 1 : self.at + 2]
        if self.end == self.start:
            before = self.text[self.at - 1 : self.at] if self.at else ""
            if (after not in SMALL and after not in BIG) or (char == "数" and before in _NOT_BEFORE_SEVERAL):
                return False
            self.sum.current = (Decimal(2), Decimal(9))
        elif char == "几" and self.sum.current is None and (self.sum.last_unit == 10 or self.zero):
            self.sum.current = (Decimal(0), Decimal(9))
        else:
            return False
        self.fuzzy = self.zero = True
        return self._advance()

    def _more(self, more: re.Match[str]) -> Number:
        """十多万, 500余万, 十来块, 四百多: the base and about one more step of its last unit."""
        arabic = self.sum.current
        low, _ = self.sum.close(True)
        step = Decimal(self.sum.last_unit or 1)
        if arabic is not None or self.sum.last_unit == 0:
            digits = str(int(low))
            step = Decimal(10) ** (len(digits) - len(digits.rstrip("0")))
        around = more.group().strip() == "来"
        lower, upper = (low - step / 10, low + step / 5) if around else (low, low + step)
        scaled = self.sum.last_unit > 0
        number = Number(self.start, self.end, low, lower, upper, numerals=self.numerals, scaled=scaled)
        at = more.end()
        while at < len(self.text) and self.text[at] in "万亿千百":
            unit = BIG.get(self.text[at]) or SMALL[self.text[at]]
            at += 1
            number = replace(number.times(Decimal(unit), at), scaled=True)
        return number


def whole(text: str, at: int) -> Number | None:
    """The unsigned number that starts at `at`: figures, numerals and units, with its decimals."""
    return _Reader(text, at).number()


def _decimals(text: str, number: Number) -> Number:
    """点 and its digits, then 万/亿: 三点五万."""
    found = _POINT.match(text, number.end)
    if not found or text[found.end() : found.end() + 1] in ("十", "拾", "百", "千", "刻") or number.low is not None:
        return number
    digits = "".join(str(DIGITS[c]) for c in found[1] if c != " ")
    number = replace(number, value=number.value + Decimal(f"0.{digits}"), end=found.end())
    at = number.end
    while at < len(text) and text[at] in BIG:
        number = replace(number.times(Decimal(BIG[text[at]]), at + 1), scaled=True)
        at += 1
    return number


def _digit_string(text: str, start: int) -> Number | None:
    """二零零四, 三八: digits one by one; 两 is never one of them."""
    at = start
    while at < len(text) and text[at] in DIGITS and text[at] not in "两俩":
        at += 1
    if at - start < 2:
        return Number(start, start + 1, Decimal(DIGITS[text[start]]), numerals=True)
    figure = Decimal("".join(str(DIGITS[c]) for c in text[start:at]))
    return _decimals(text, Number(start, at, figure, numerals=True))


def _ascii_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _approximates(text: str, at: int) -> bool:
    """Whether two neighbouring digits (三四, 三五) before `at` mean a range: a unit or measure follows."""
    after = text[at : at + 1]
    return bool(after) and (after in SMALL or after in BIG or after in "个只支笔份次年月天周块元成岁倍")


def _opens(text: str, at: int) -> bool:
    """Whether 百 or 千 may begin a number: 百三 does, 百分之 and a lone 百 do not."""
    after = text[at + 1 : at + 2]
    return after in DIGITS and text[at + 2 : at + 3] not in NUMERAL and text[at] in "百千"
