"""Typed values in what a customer says: `extract(text, reference)`, or lines on standard input as JSON:

    echo 近三个月赚了三万五 | python -m zhtext.values --ref 2026-11-22T10:00

Where readings overlap the longest wins. Shapes are in zhtext/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from zhtext import values_money, values_percent, values_ranges, values_terms
from zhtext.normalise import Traced, fold
from zhtext.values_model import Duration, Period, Value, general
from zhtext.values_numbers import scan

__all__ = ["KINDS", "Duration", "Period", "Value", "extract"]

KINDS = ("period", "date", "term", "rating", "percent", "currency", "ordinal", "duration", "code", "number")
"""What can be asked for, in the order that decides between two readings of the same length."""


def extract(text: str, reference: datetime, kinds: frozenset[str] | None = None) -> list[Value]:
    """The typed values in `text`, in reading order, with spans in `text`.

    `reference` is now, in the customer's zone. `kinds` limits the search (see KINDS); without it a bare figure
    that is clearly money is an amount, and one inside a name (沪深300) or a product code is not a number.
    """
    wanted = frozenset(KINDS) if kinds is None else kinds
    if unknown := wanted - set(KINDS):
        raise ValueError(f"不认识的类型：{'、'.join(sorted(unknown))}；可选：{'、'.join(KINDS)}")
    traced = _tight(fold(text))
    taken: list[Value] = []
    covered: set[int] = set()
    rank = {kind: at for at, kind in enumerate(KINDS)}
    candidates = sorted(
        _candidates(traced.text, reference, wanted),
        key=lambda value: (value.start - value.end, rank.get(value.type, rank["currency"]), value.start),
    )
    for value in candidates:
        span = range(value.start, value.end)
        if not covered.intersection(span):
            covered.update(span)
            taken.append(value)
    found: list[Value] = []
    for value in sorted(taken, key=lambda value: value.start):
        start, end = traced.span(value.start, value.end)
        found.append(value.moved(start, end, text[start:end]))
    return found


def _tight(traced: Traced) -> Traced:
    """At most three spaces in a row, so that no pattern can be slow; the positions stay."""
    if "    " not in traced.text:
        return traced
    keep = [at for at in range(len(traced.text)) if traced.text[max(0, at - 3) : at + 1] != "    "]
    text = "".join(traced.text[at] for at in keep)
    return Traced(text, tuple(traced.starts[at] for at in keep), tuple(traced.ends[at] for at in keep))


def _is_fraction(text: str) -> bool:
    """Whether 1/3 is a third and not the third of January: a proper fraction of a small number."""
    top, slash, bottom = text.partition("/")
    return bool(slash) and top.isdigit() and bottom.isdigit() and int(top) < int(bottom) <= 10


def _candidates(text: str, reference: datetime, wanted: frozenset[str]) -> Iterator[Value]:
    if wanted & {"date", "period"}:
        for value in values_ranges.find(text, reference.date()):
            if value.type in wanted and not ("number" in wanted and _is_fraction(value.text)):
                yield value
    if "percent" in wanted:
        yield from values_percent.find(text)
    if "currency" in wanted:
        yield from values_money.find(text)
    for kind, find in (
        ("ordinal", values_terms.ordinals),
        ("rating", values_terms.ratings),
        ("term", values_terms.settlements),
        ("duration", values_terms.durations),
        ("code", values_money.codes),
    ):
        if kind in wanted:
            yield from find(text)
    if "number" in wanted:
        yield from _figures(text, money="currency" in wanted)


def _figures(text: str, *, money: bool) -> Iterator[Value]:
    numbers = scan(text)
    if money:
        yield from values_money.ranges(text, numbers)
    for number in numbers:
        if money and values_money.is_name_number(text, number.start):
            continue
        kind = "amount" if money and values_money.is_bare_amount(text, number) else "number"
        yield Value(
            kind,
            text[number.start : number.end],
            number.start,
            number.end,
            number.value,
            low=number.low,
            high=number.high,
            currency="CNY" if kind == "amount" else None,
            type_name="number",
            resolution={"value": general(number.value)},
        )


def _reference(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"看不懂的时间：{given}；例：2026-11-22T10:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def _kinds(given: str) -> frozenset[str]:
    asked = frozenset(kind.strip() for kind in given.split(",") if kind.strip())
    if not asked or asked - set(KINDS):
        raise argparse.ArgumentTypeError(f"类型只能是：{'、'.join(KINDS)}")
    return asked


def main() -> None:
    """One JSON object per line of standard input: {"text": …, "values": […]}."""
    options = argparse.ArgumentParser(prog="python -m zhtext.values", description=__doc__)
    options.add_argument("--ref", type=_reference, help="“现在”，如 2026-11-22T10:00；默认为此刻（北京时间）")
    options.add_argument("--kinds", type=_kinds, help=f"只找这些类型，逗号分隔：{','.join(KINDS)}")
    asked = options.parse_args()
    reference = asked.ref or datetime.now(ZoneInfo("Asia/Shanghai"))
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        values = [value.to_dict() for value in extract(text, reference, asked.kinds)]
        print(json.dumps({"text": text, "values": values}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
