"""What an extractor finds: one frozen Value per mention. Topic files build it; `zhtext.values` sorts it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Period:
    """A stretch of days, `end` exclusive; None is open (成立以来 has no start of its own).

    grain: day, week, month, quarter, year, or custom.
    """

    name: str
    start: date | None
    end: date | None
    grain: str

    def to_dict(self) -> dict[str, str | None]:
        return {
            "name": self.name,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "grain": self.grain,
        }


@dataclass(frozen=True)
class Duration:
    """A length of time in calendar parts; each may be a fraction (三年半 is 3.5 years)."""

    years: Decimal = Decimal(0)
    months: Decimal = Decimal(0)
    days: Decimal = Decimal(0)

    def to_dict(self) -> dict[str, str]:
        parts = {"years": self.years, "months": self.months, "days": self.days}
        return {name: plain(amount) for name, amount in parts.items() if amount}


@dataclass(frozen=True)
class Value:
    """One typed mention. `start`/`end` (exclusive) are positions in the text given to the extractor.

    value: Decimal for amount, number and percent (3.5 % is Decimal("3.5")), int for ordinal and term (days),
    date, Period, Duration, str for rating and code. `low`/`high` bound an approximate figure; `value` is then
    the stated base. `valid` false: cannot be (2 月 30 日), see `reason`. `future`: begins after the reference.
    """

    type: str
    text: str
    start: int
    end: int
    value: Any
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str | None = None
    valid: bool = True
    future: bool = False
    reason: str = ""
    type_name: str = ""
    resolution: Mapping[str, Any] = field(default_factory=dict)

    def moved(self, start: int, end: int, text: str) -> Value:
        """The same value with its span in another text."""
        return replace(self, start=start, end=end, text=text)

    def entity(self) -> dict[str, Any]:
        """The `value` of a Rasa entity (docs/architecture.md): JSON only, money as decimal strings."""
        shown = _json(self.value)
        body: dict[str, Any] = dict(shown) if isinstance(shown, dict) else {"value": shown}
        if self.low is not None and self.high is not None:
            body["low"], body["high"] = plain(self.low), plain(self.high)
        if self.currency:
            body["currency"] = self.currency
        if self.type in ("period", "date"):
            body["valid"], body["future"] = self.valid, self.future
        if self.reason:
            body["reason"] = self.reason
        return body

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that `python -m zhtext.values` prints; shapes are in zhtext/README.md."""
        body: dict[str, Any] = {
            "type": self.type,
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "end_inclusive": self.end - 1,
            "value": _json(self.value),
        }
        if self.low is not None and self.high is not None:
            body["low"], body["high"] = plain(self.low), plain(self.high)
        if self.currency:
            body["currency"] = self.currency
        if self.type in ("period", "date"):
            body["valid"], body["future"] = self.valid, self.future
        if self.reason:
            body["reason"] = self.reason
        body["type_name"] = self.type_name
        body["resolution"] = dict(self.resolution)
        return body


def plain(figure: Decimal) -> str:
    """A Decimal without exponent or trailing zeros: 35000, 0.5."""
    shown = format(figure, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def general(figure: Decimal) -> str:
    """The figure at 15 significant digits, as Recognizers-Text prints it (C# "G15"): 1.232E+15, 0.2."""
    return format(float(figure), ".15g").upper()


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Period, Duration)):
        return value.to_dict()
    return value
