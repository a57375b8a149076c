"""Building the demo bank in a store: catalogue, prices, market, people and their ledger, in one go or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from wealth import ledger
from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.demo import people, personas
from wealth.demo.catalogue import read
from wealth.demo.columns import KINDS, STATUS
from wealth.demo.prices import generator, market_rows
from wealth.demo.trading import Trading
from wealth.demo.world import World
from wealth.errors import BadSetting
from wealth.store import Store, bulk, schema
from wealth.store.codec import product_to_row

BATCH = 20_000
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Parameters:
    """What the demo bank depends on; the same parameters make the same bank."""

    customers: int
    as_of: date
    seed: int

    def stamp(self) -> str:
        """Parameters and a digest of the demo's data and code, kept in `meta` to tell whether a bank is up to date."""
        digest = hashlib.sha256()
        for path in sorted([*(DATA / "demo").glob("*.yml"), *Path(__file__).parent.glob("*.py")]):
            digest.update(path.read_bytes())
        made = {"customers": self.customers, "as_of": self.as_of.isoformat(), "seed": self.seed}
        return json.dumps({**made, "digest": digest.hexdigest()[:16]}, sort_keys=True)


def is_current(store: Store, parameters: Parameters) -> bool:
    """The store holds exactly this demo bank already."""
    return store.version("demo") == parameters.stamp()


def build(store: Store, parameters: Parameters, progress: Progress) -> None:
    """Replace whatever demo bank the store holds.

    Raises BadSetting if the store holds customers that are not demo ones, StoreUnavailable.
    """
    world = World.build(parameters.seed, parameters.as_of)
    with store.write() as connection:
        _clear(connection)
        progress(f"产品 {len(world.products)} 个，交易日 {len(world.days)} 天")
        _catalogue(connection, world)
        _prices(connection, world)
        series, rows = market_rows(parameters.seed, world.days, world.factors)
        bulk.append_rows(connection, schema.market_series, series)
        bulk.append_rows(connection, schema.market_rows, rows)
        _articles(connection, world)
        progress("净值、行情、资讯已写入")
        writer = _Writer(connection, world)
        writer.personas()
        for first in range(1, parameters.customers + 1, BATCH):
            size = min(BATCH, parameters.customers - first + 1)
            writer.batch(first, size, everyday=parameters.customers <= people.BIG_BATCH)
            progress(f"客户 {first + size - 1:,} / {parameters.customers:,}，流水 {writer.movements:,} 条")
        stamp = parameters.stamp()
        values = {"demo": stamp, "products": stamp, "prices": stamp}
        connection.execute(insert(schema.meta), [{"key": key, "value": value} for key, value in values.items()])


def _clear(connection: Connection) -> None:
    real = select(schema.customers.c.id).where(schema.customers.c.is_demo.is_(False)).limit(1)
    if connection.execute(real).first() is not None:
        raise BadSetting("这个数据库里有真实客户，不能写入演示银行")
    for table in reversed(schema.metadata.sorted_tables):
        if table is not schema.audit:
            connection.execute(delete(table))


def _catalogue(connection: Connection, world: World) -> None:
    products = [one.product for one in world.products]
    bulk.append_rows(connection, schema.products, map(product_to_row, products))
    bulk.append_rows(
        connection,
        schema.product_classes,
        (
            {"product": product.code, "asset_class": name, "weight": weight}
            for product in products
            for name, weight in product.look_through.items()
        ),
    )


def _prices(connection: Connection, world: World) -> None:
    """Published prices; a product with a gap lacks its last ones."""
    for one in world.products:
        prices = world.prices.get(one.product.code)
        if prices is None:
            continue
        count = len(prices.navs) - one.nav_gap
        days = [day.isoformat() for day in world.days[prices.first : prices.first + count]]
        columns: dict[str, list[Any]] = {
            "product": [one.product.code] * count,
            "date": days,
            "nav": prices.navs[:count].tolist(),
            "acc_nav": (prices.navs + np.cumsum(prices.dividends))[:count].tolist(),
            "dividend": [paid or None for paid in prices.dividends[:count].tolist()],
        }
        if prices.yields is not None:
            gains = np.diff(prices.navs, prepend=prices.navs[0])[:count]
            # 万份收益: what ten thousand units earned since the price before.
            columns["income_10k"] = (gains * 10_000).tolist()
            columns["yield_7d"] = np.round(prices.yields[:count] * 1e8).astype(np.int64).tolist()
        bulk.append(connection, schema.navs, columns)


def _articles(connection: Connection, world: World) -> None:
    content = read("articles.yml")
    rows = []
    for article in content["articles"]:
        day = world.as_of - timedelta(days=article["ago"])
        rows.append(
            {
                **{name: article[name] for name in ("id", "kind", "title", "summary", "body", "topics")},
                "source": content["source"],
                "author": content["author"],
                "published_at": datetime.combine(day, time(9), SHANGHAI),
                "valid_until": day + timedelta(days=article["valid"]) if "valid" in article else None,
                "products": [],
                "url": None,
            }
        )
    bulk.append_rows(connection, schema.articles, rows)


class _Writer:
    """Writes people batch by batch and counts their movements."""

    def __init__(self, connection: Connection, world: World) -> None:
        self.connection = connection
        self.world = world
        self.movements = 0
        self.codes = [one.product.code for one in world.products]

    def personas(self) -> None:
        """The fixed demo customers."""
        made = personas.trade(self.world)
        self._rows(personas.rows(self.world))
        self._ledger(made.trading, made.account_ids, made.customer_ids)

    def batch(self, first: int, size: int, *, everyday: bool) -> None:
        """Random customers number first … first + size - 1."""
        rng = generator(self.world.seed, f"people {first}")
        drawn = people.draw(rng, first, size)
        trading = people.trade(self.world, rng, drawn, everyday=everyday)
        self._rows(people.customer_rows(self.world, rng, drawn))
        ids = drawn.ids()
        held = self._ledger(trading, [f"a{key[1:]}" for key in ids], ids)
        bulk.append_rows(self.connection, schema.alert_settings, people.alert_rows(self.world, rng, drawn, held))

    def _rows(self, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        for name, listed in rows.items():
            bulk.append_rows(self.connection, schema.metadata.tables[name], listed)

    def _ledger(self, trading: Trading, accounts: list[str], customers: list[str]) -> dict[int, int]:
        """Write movements and the positions they add up to; returns a priced product that each customer holds."""
        columns = trading.columns.sorted()
        size = len(columns["customer"])
        begin = self.movements + 1
        self.movements += size
        iso = _IsoDays(columns)
        owner = columns["customer"].tolist()
        code = [self.codes[index] for index in columns["product"].tolist()]
        refs = [f"D{number:010d}" for number in range(begin, begin + size)]
        bulk.append(
            self.connection,
            schema.movements,
            {
                # No ids: PostgreSQL's sequence would not know of them and hand them out again.
                "ref": refs,
                "customer": [customers[index] for index in owner],
                "account": [accounts[index] for index in owner],
                "product": code,
                "kind": [KINDS[index] for index in columns["kind"].tolist()],
                "status": [STATUS[index] for index in columns["status"].tolist()],
                "trade_date": iso(columns["trade_date"]),
                "confirm_date": iso(columns["confirm_date"]),
                "settle_date": iso(columns["settle_date"]),
                "units": columns["units"].tolist(),
                "price": [price or None for price in columns["price"].tolist()],
                "amount": columns["amount"].tolist(),
                "fee": columns["fee"].tolist(),
                "cash": columns["cash"].tolist(),
                "pair_ref": _pair_refs(columns["pair"], refs),
                "matures_on": iso(columns["matures_on"]),
                "note": [""] * size,
            },
        )
        return self._positions(columns, accounts, customers)

    def _positions(self, columns: dict[str, np.ndarray], accounts: list[str], customers: list[str]) -> dict[int, int]:
        rows: list[tuple[str, str, str, int, int]] = []
        held: dict[int, int] = {}
        for owner, entries in _entries(columns):
            for position in ledger.fold(entries, {str(owner): str(self.world.cash)}):
                product = int(position.product)
                if not position.units:
                    continue
                rows.append((accounts[owner], self.codes[product], customers[owner], position.units, position.cost))
                if self.world.products[product].product.valuation == "nav":
                    held[owner] = product
        if rows:
            names = ("account", "product", "customer", "units", "cost")
            filled = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
            bulk.append(
                self.connection, schema.positions, {**filled, "as_of": [self.world.as_of.isoformat()] * len(rows)}
            )
        return held


def _entries(columns: dict[str, np.ndarray]) -> Iterator[tuple[int, list[ledger.Entry]]]:
    """Each account's confirmed entries; account and product are their numbers as text."""
    names = (
        "customer",
        "product",
        "kind",
        "status",
        "trade_date",
        "units",
        "price",
        "amount",
        "fee",
        "cash",
        "matures_on",
    )
    current, entries = -1, list[ledger.Entry]()
    for owner, product, kind, status, *rest in zip(*(columns[name].tolist() for name in names), strict=True):
        if owner != current:
            if entries:
                yield current, entries
            current, entries = owner, []
        if not status:
            entries.append(ledger.Entry(0, str(owner), str(product), KINDS[kind], *rest))
    if entries:
        yield current, entries


def _pair_refs(pair: np.ndarray, refs: list[str]) -> list[str | None]:
    """For each half of a conversion the reference of the other half."""
    halves: dict[int, list[int]] = {}
    for row in np.flatnonzero(pair).tolist():
        halves.setdefault(int(pair[row]), []).append(row)
    found: list[str | None] = [None] * len(refs)
    for one, other in halves.values():
        found[one], found[other] = refs[other], refs[one]
    return found


class _IsoDays:
    """Ordinals to ISO dates by table, 0 to None."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        days = np.unique(
            np.concatenate([columns[name] for name in ("trade_date", "confirm_date", "settle_date", "matures_on")])
        )
        self._table = {int(day): date.fromordinal(int(day)).isoformat() if day else None for day in days}

    def __call__(self, days: np.ndarray) -> list[str | None]:
        return [self._table[day] for day in days.tolist()]
