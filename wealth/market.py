"""Market rows for commentary: indices, sectors, breadth, rates and gold, each with its source and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from wealth.clock import SHANGHAI
from wealth.reply import Source
from wealth.store import MarketRow, MarketSeries, Store, schema

KNOWN_FROM = {"noon": time(11, 30), "close": time(15)}
# Moves of these are told in points, not per cent.
_POINTS = frozenset({"rate", "breadth"})


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
    table = schema.market_series
    query = select(table).order_by(table.c.id)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    with store.read() as connection:
        return [MarketSeries(**row) for row in connection.execute(query).mappings()]


def rows(store: Store, series_id: str, start: date, end: date, session: str = "close") -> Sequence[MarketRow]:
    """Values of one series, oldest first, end exclusive."""
    table = schema.market_rows
    query = (
        select(table)
        .where(table.c.series == series_id, table.c.session == session, table.c.date >= start, table.c.date < end)
        .order_by(table.c.date)
    )
    with store.read() as connection:
        return [MarketRow(**row) for row in connection.execute(query).mappings()]


def snapshot(store: Store, at: datetime, session: str | None = None, kind: str | None = None) -> list[Move]:
    """The last known move of every series at a moment, by series id; session noon|close, None for whichever is latest.

    Noon values count as known from 11:30, closes from 15:00. A series that fell silent over 30 days ago is left out.
    """
    moment = at.astimezone(SHANGHAI)
    table = schema.market_rows
    recent = select(table).where(table.c.date <= moment.date(), table.c.date > moment.date() - timedelta(days=30))
    if kind is not None:
        ids = select(schema.market_series.c.id).where(schema.market_series.c.kind == kind)
        recent = recent.where(table.c.series.in_(ids))
    with store.read() as connection:
        found = [MarketRow(**row) for row in connection.execute(recent).mappings()]
    by_series: dict[str, list[MarketRow]] = {}
    for row in sorted(found, key=market_time):
        if market_time(row) <= moment:
            by_series.setdefault(row.series, []).append(row)
    moves = []
    for one in series(store, kind):
        known = by_series.get(one.id, [])
        last = next((row for row in reversed(known) if session in (None, row.session)), None)
        if last is not None:
            moves.append(_move(one, last, known))
    return moves


def latest_day(store: Store) -> date | None:
    """The last day that any series has a value for; None for an empty store."""
    with store.read() as connection:
        return connection.execute(select(func.max(schema.market_rows.c.date))).scalar()


def market_time(row: MarketRow) -> datetime:
    """From when a value is known."""
    return datetime.combine(row.date, KNOWN_FROM[row.session], SHANGHAI)


def _move(one: MarketSeries, last: MarketRow, known: list[MarketRow]) -> Move:
    earlier = [row for row in known if row.session == "close" and row.date < last.date]
    previous = earlier[-1] if earlier else None
    change = last.value - previous.value if previous else None
    ratio = None
    if previous and change is not None and previous.value and one.kind not in _POINTS:
        ratio = change / previous.value
    source = Source(f"market:{one.id}:{last.date.isoformat()}:{last.session}", one.title, market_time(last))
    return Move(series=one, row=last, previous=previous, change=change, ratio=ratio, source=source)
