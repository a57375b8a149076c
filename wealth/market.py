"""Market rows for commentary: indices, sectors, breadth, rates and gold, each with its source and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wealth.reply import Source
from wealth.store import MarketRow, MarketSeries, Store


@dataclass(frozen=True)
class Move:
    """A series' last value against the close before it. ratio: change/previous; None for rates and breadth."""

    series: MarketSeries
    row: MarketRow
    previous: MarketRow | None
    change: Decimal | None
    ratio: Decimal | None
    source: Source


def series(store: Store, kind: str | None = None) -> Sequence[MarketSeries]:
    """All series, or those of kind index|sector|breadth|rate|gold, by id."""
    raise NotImplementedError


def rows(store: Store, series_id: str, start: date, end: date, session: str = "close") -> Sequence[MarketRow]:
    """Values of one series, oldest first, end exclusive."""
    raise NotImplementedError


def snapshot(store: Store, at: datetime, session: str | None = None, kind: str | None = None) -> list[Move]:
    """The last known move of every series at a moment; session noon|close, None for whichever is the latest.

    Noon values count as known from 11:30, closes from 15:00.
    """
    raise NotImplementedError
