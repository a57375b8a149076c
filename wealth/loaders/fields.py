"""Turning a cell's text into a typed value, or saying in Chinese why not. Each takes (column, text)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from wealth.clock import SHANGHAI
from wealth.loaders.csvfile import EMPTY, BadField

Parser = Callable[[str, str], Any]

_EARLIEST, _LATEST = date(1980, 1, 1), date(2200, 1, 1)
_BIGGEST = Decimal(10) ** 12
# No exponents: 1e999999999 is no honest figure and takes Decimal minutes.
_NUMBER = re.compile(r"[+-]?\d[\d,]{0,20}(\.\d{1,20})?")


def text(longest: int) -> Parser:
    """Not empty, at most so long."""

    def parse(column: str, cell: str) -> str:
        if not cell:
            raise BadField(f"“{column}”不能空着")
        if len(cell) > longest:
            raise BadField(f"“{column}”太长（最多 {longest} 个字）")
        return cell

    return parse


def decimal(digits: int, *, least: Decimal | None = Decimal(0)) -> Parser:
    """A number with at most so many decimals, not under `least`."""

    def parse(column: str, cell: str) -> Decimal:
        if not _NUMBER.fullmatch(cell):
            raise BadField(f"“{column}”不是可用的数字：{cell[:40]}")
        value = Decimal(cell.replace(",", ""))
        if abs(value) >= _BIGGEST:
            raise BadField(f"“{column}”太大：{cell[:40]}")
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > digits:
            raise BadField(f"“{column}”小数超过 {digits} 位：{cell}")
        if least is not None and value < least:
            raise BadField(f"“{column}”不能小于 {least}：{cell}")
        return value

    return parse


def positive(digits: int) -> Parser:
    """A number above 0."""
    number = decimal(digits)

    def parse(column: str, cell: str) -> Decimal:
        value: Decimal = number(column, cell)
        if not value:
            raise BadField(f"“{column}”应大于 0")
        return value

    return parse


def integer(column: str, cell: str) -> int:
    """A whole number from 0."""
    if not re.fullmatch(r"\d{1,9}", cell):
        raise BadField(f"“{column}”应是整数：{cell[:40]}")
    return int(cell)


def day(column: str, cell: str) -> date:
    """2026-11-20, 2026/11/20 or 20261120."""
    found = re.fullmatch(r"(\d{4})[-/]?(\d{1,2})[-/]?(\d{1,2})", cell)
    try:
        value = date(*map(int, found.groups())) if found else None
    except ValueError:
        value = None
    if value is None or not _EARLIEST <= value < _LATEST:
        raise BadField(f"“{column}”不是日期：{cell[:40]}（应像 2026-11-20）")
    return value


def moment(column: str, cell: str) -> datetime:
    """A date with or without a time; Shanghai unless it names a zone."""
    try:
        value = datetime.fromisoformat(cell)
    except ValueError:
        raise BadField(f"“{column}”不是时间：{cell[:40]}（应像 2026-11-20 09:00）") from None
    return value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value


def clock_time(column: str, cell: str) -> str:
    """15:00."""
    try:
        return time.fromisoformat(cell).isoformat("minutes")
    except ValueError:
        raise BadField(f"“{column}”不是钟点：{cell[:40]}（应像 15:00）") from None


def choice(options: Collection[str]) -> Parser:
    """One of the words."""

    def parse(column: str, cell: str) -> str:
        if cell not in options:
            raise BadField(f"“{column}”应是其中之一：{'、'.join(sorted(options))}；实际是：{cell[:40]}")
        return cell

    return parse


def yes_no(column: str, cell: str) -> bool:
    """是/否, 1/0, true/false."""
    word = cell.lower()
    if word in ("是", "1", "true", "y"):
        return True
    if word in ("否", "0", "false", "n"):
        return False
    raise BadField(f"“{column}”应填 是 或 否：{cell[:40]}")


def words(column: str, cell: str) -> list[str]:
    """Several words, parted by | or 、."""
    return [word.strip() for word in re.split(r"[|、]", cell) if word.strip()]


def json_value(column: str, cell: str) -> Any:
    """JSON."""
    try:
        return json.loads(cell)
    except ValueError:
        raise BadField(f"“{column}”不是 JSON：{cell[:40]}") from None


def optional(parser: Parser, default: Any = None) -> Parser:
    """The default for an empty cell (also nan, --)."""

    def parse(column: str, cell: str) -> Any:
        if cell.lower() in EMPTY:
            return default() if callable(default) else default
        return parser(column, cell)

    return parse
