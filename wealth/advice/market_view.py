"""The market as a question needs it: the moves of a day or a period, and what they did to one customer's holdings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from wealth import calendar, market
from wealth.advice.terms import today_of
from wealth.classes import DATA
from wealth.clock import end_of
from wealth.market import Move
from wealth.reply import Source
from wealth.request import Period
from wealth.returns import Contribution, Profit, profit
from wealth.store import MarketSeries, Store
from wealth.store.prices import known_day

_DAY = timedelta(days=1)


@lru_cache(maxsize=1)
def settings() -> Mapping[str, Any]:
    """data/wealth/market.yml."""
    with (DATA / "wealth" / "market.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


@dataclass(frozen=True)
class Subject:
    """A part of the market that was asked about: its series, the articles' topics, the products' theme and class."""

    name: str
    series: Sequence[str]
    topics: Sequence[str]
    theme: str | None
    asset_class: str


@dataclass(frozen=True)
class Change:
    """A series over a stretch of days. start: the close it is measured from. change in the series' unit; ratio None
    for what is told in points."""

    series: MarketSeries
    start: date
    end: date
    value: Decimal
    change: Decimal
    ratio: Decimal | None
    source: Source


@dataclass(frozen=True)
class Effect:
    """What a day did to the holdings. day: the last whole day whose prices are out; parts: greatest gain first."""

    day: date
    profit: Profit
    parts: Sequence[Contribution]


def subject_of(text: str, asset_class: str | None) -> Subject | None:
    """The subject whose word is in the text, else that of a class followed up on."""
    rows = settings()["subjects"]
    found = next((row for row in rows if any(word in text for word in row["words"])), None)
    if found is None and asset_class is not None:
        name = settings()["class_subject"].get(asset_class)
        found = next((row for row in rows if row["name"] == name), None)
    if found is None:
        return None
    return Subject(found["name"], found["series"], found["topics"], found.get("theme"), found["class"])


def session_of(text: str) -> str | None:
    """noon or close where one was named."""
    sessions: Mapping[str, Sequence[str]] = settings()["sessions"]
    return next((name for name, words in sessions.items() if any(word in text for word in words)), None)


def asks(text: str, what: str) -> bool:
    """what: enter (may I buy now, outlook) or cause (why did it move)."""
    return any(word in text for word in settings()[what])


def moves(store: Store, at: datetime, session: str | None) -> list[Move]:
    """The last day's moves of all series, newest day only: a series that has not reported is left out."""
    found = market.snapshot(store, at, session)
    last = max((move.row.date for move in found), default=None)
    return [move for move in found if move.row.date == last]


def over(store: Store, period: Period, at: datetime) -> list[Change]:
    """Every series over a period, from the close before its start to its last close. Empty where nothing is known."""
    today = today_of(at)
    last = min((period.end or today + _DAY) - _DAY, today)
    first = period.start or last
    closing = {move.series.id: move for move in market.snapshot(store, min(end_of(last), at), "close")}
    opening = {move.series.id: move for move in market.snapshot(store, end_of(first - _DAY), "close")}
    found = []
    for name, close in closing.items():
        before = opening.get(name)
        if before is None or close.row.date < first:
            continue
        change = close.row.value - before.row.value
        ratio = change / before.row.value if close.ratio is not None and before.row.value else None
        found.append(
            Change(close.series, before.row.date, close.row.date, close.row.value, change, ratio, close.source)
        )
    return found


def effect(store: Store, customer: str, day: date, at: datetime) -> Effect | None:
    """What `day`, or the last day before it whose prices are out, did to the customer. None without any holdings."""
    last = calendar.last_trading_day(min(day, known_day(at)))
    found = profit(store, customer, Period(last.isoformat(), last, last + _DAY), at=at)
    parts = [part for part in found.by_product if part.amount]
    if not found.by_product or not (found.opening or found.closing):
        return None
    return Effect(last, found, parts)
