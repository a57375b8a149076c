"""PriceBook: published prices in memory as exact integers, for valuing many days and products at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import BigInteger, select, type_coerce

from wealth.classes import nav_published_at
from wealth.clock import SHANGHAI
from wealth.store import schema

if TYPE_CHECKING:
    from wealth.store.store import Store

# A product's three years take about 12 kB, so this is bounded at some 50 MB.
MOST_PRODUCTS = 4096


def known_day(on: date | datetime) -> date:
    """The last day whose prices count as published: the day itself for a date; before the evening, the day before."""
    if not isinstance(on, datetime):
        return on
    moment = on.astimezone(SHANGHAI)
    return moment.date() if moment.time() >= nav_published_at() else moment.date() - timedelta(days=1)


@dataclass(frozen=True)
class PriceLine:
    """One product's prices: `days` proleptic ordinals, ascending; `prices` and `dividends` in millionths of CNY."""

    days: np.ndarray
    prices: np.ndarray
    dividends: np.ndarray


EMPTY_LINE = PriceLine(*(np.empty(0, dtype=np.int64) for _ in range(3)))


class PriceBook:
    """Price lines by product, read when first asked for and dropped when a loader changed prices."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._version = ""
        self._lines: OrderedDict[str, PriceLine] = OrderedDict()

    def lines(self, codes: Iterable[str]) -> Mapping[str, PriceLine]:
        """A line for each code, empty where nothing was published."""
        wanted = set(codes)
        version = self._store.version("prices")
        with self._lock:
            if version != self._version:
                self._lines.clear()
                self._version = version
            missing = wanted - self._lines.keys()
            if missing:
                self._lines.update(self._fetch(sorted(missing)))
            found = {code: self._lines[code] for code in wanted}
            for code in wanted:
                self._lines.move_to_end(code)
            while len(self._lines) > MOST_PRODUCTS:
                self._lines.popitem(last=False)
            return found

    def _fetch(self, codes: list[str]) -> dict[str, PriceLine]:
        table = schema.navs
        # Raw integers: building a Decimal for each of 100,000 prices would cost a second.
        query = (
            select(
                table.c.product,
                table.c.date,
                type_coerce(table.c.nav, BigInteger),
                type_coerce(table.c.dividend, BigInteger),
            )
            .where(table.c.product.in_(codes))
            .order_by(table.c.product, table.c.date)
        )
        found: dict[str, list[tuple[int, int, int]]] = {}
        with self._store.read() as connection:
            for code, day, nav, dividend in connection.execute(query):
                found.setdefault(code, []).append((day.toordinal(), nav, dividend or 0))
        lines = dict.fromkeys(codes, EMPTY_LINE)
        for code, rows in found.items():
            lines[code] = PriceLine(*np.array(rows, dtype=np.int64).T.copy())
        return lines
