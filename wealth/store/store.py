"""Store: reads of the bank's tables as dataclasses, and connections for those who write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any

from sqlalchemy import Table, desc, select
from sqlalchemy.engine import Connection, Engine

from wealth.clock import end_of
from wealth.errors import UnknownCustomer, UnknownProduct
from wealth.store import engine as database
from wealth.store import schema
from wealth.store.codec import product_from_row
from wealth.store.prices import PriceBook, known_day
from wealth.store.rows import (
    Account,
    AlertSetting,
    Article,
    Assessment,
    CatalogueEntry,
    Customer,
    Movement,
    NavRow,
    Product,
    Protection,
)


def open_store(url: str | None = None) -> Store:
    """A store over `url` (default `store_url()`). Opens no connection yet; reads raise StoreUnavailable."""
    return Store(database.create(url or database.store_url()))


class Store:
    """Thread-safe; one per process. Product rows and prices are cached and refreshed when a loader ran."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.prices = PriceBook(self)
        self._lock = Lock()
        self._products: tuple[str, dict[str, Product]] | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; database trouble becomes StoreUnavailable."""
        with database.translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in one transaction: all of it is kept, or nothing."""
        with database.translated(), self.engine.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Raises StoreUnavailable unless the tables are there and can be read."""
        self.version("products")

    def version(self, key: str) -> str:
        """A value of `meta`, "" if unset: "products" and "prices" change whenever a loader wrote such rows."""
        with self.read() as connection:
            found = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar()
        return found or ""

    # products -----------------------------------------------------------------------------------------------
    def products_by_code(self) -> Mapping[str, Product]:
        """All products; cached until a loader changes them. Do not write to it."""
        version = self.version("products")
        cached = self._products
        if cached is not None and cached[0] == version:
            return cached[1]
        with self._lock, self.read() as connection:
            weights: dict[str, dict[str, Decimal]] = {}
            for row in connection.execute(select(schema.product_classes).where(schema.product_classes.c.weight > 0)):
                weights.setdefault(row.product, {})[row.asset_class] = row.weight
            rows = connection.execute(select(schema.products).order_by(schema.products.c.code)).mappings()
            loaded = {row["code"]: product_from_row(row, weights.get(row["code"], {})) for row in rows}
        self._products = (version, loaded)
        return loaded

    def product(self, code: str) -> Product:
        """Raises UnknownProduct."""
        try:
            return self.products_by_code()[code]
        except KeyError:
            raise UnknownProduct(code) from None

    def products(self) -> Sequence[Product]:
        """All products by code, those no longer on sale included."""
        return tuple(self.products_by_code().values())

    def catalogue(self) -> Sequence[CatalogueEntry]:
        """Names and nicknames of all products, for matching."""
        return tuple(
            CatalogueEntry(code=found.code, name=found.name, aliases=found.aliases, on_sale=found.on_sale)
            for found in self.products()
        )

    def navs(self, code: str, start: date | None = None, end: date | None = None) -> Sequence[NavRow]:
        """Published prices, oldest first, from start up to, not including, end."""
        self.product(code)
        query = select(schema.navs).where(schema.navs.c.product == code).order_by(schema.navs.c.date)
        if start is not None:
            query = query.where(schema.navs.c.date >= start)
        if end is not None:
            query = query.where(schema.navs.c.date < end)
        return self._all(query, NavRow)

    def latest_nav(self, code: str, on: date | datetime) -> NavRow | None:
        """The last price known at `on` (a date: its whole day; a moment: what was published by then)."""
        self.product(code)
        query = (
            select(schema.navs)
            .where(schema.navs.c.product == code, schema.navs.c.date <= known_day(on))
            .order_by(desc(schema.navs.c.date))
            .limit(1)
        )
        found = self._all(query, NavRow)
        return found[0] if found else None

    # customers ----------------------------------------------------------------------------------------------
    def customer(self, customer: str) -> Customer:
        """Raises UnknownCustomer."""
        found = self._all(select(schema.customers).where(schema.customers.c.id == customer), Customer)
        if not found:
            raise UnknownCustomer(customer)
        return found[0]

    def accounts(self, customer: str) -> Sequence[Account]:
        """Settlement accounts, oldest first."""
        table = schema.accounts
        return self._of_customer(customer, table, Account, table.c.opened, table.c.id)

    def assessments(self, customer: str) -> Sequence[Assessment]:
        """Newest first, unconfirmed ones included."""
        table = schema.assessments
        return self._of_customer(customer, table, Assessment, desc(table.c.taken_at), desc(table.c.id))

    def protections(self, customer: str) -> Sequence[Protection]:
        """The policies the bank knows of."""
        table = schema.protections
        columns = [column for column in table.c if column.name != "id"]
        query = select(*columns).where(table.c.customer == customer).order_by(table.c.id)
        return self._checked(customer, self._all(query, Protection))

    def consents(self, customer: str) -> Mapping[str, bool]:
        """Purpose → granted, the latest decision of each; purposes: personalised, push, robot_memory, manager."""
        table = schema.consents
        query = (
            select(table.c.purpose, table.c.granted)
            .where(table.c.customer == customer)
            .order_by(table.c.at, table.c.id)
        )
        with self.read() as connection:
            decisions = {row.purpose: row.granted for row in connection.execute(query)}
        if not decisions:
            self.customer(customer)
        return decisions

    def alert_settings(self, customer: str) -> Sequence[AlertSetting]:
        """Active ones, oldest first."""
        table = schema.alert_settings
        query = select(table).where(table.c.customer == customer, table.c.active.is_(True)).order_by(table.c.id)
        with self.read() as connection:
            found = [
                AlertSetting(**{**row, "product": row["product"] or None})
                for row in connection.execute(query).mappings()
            ]
        return self._checked(customer, found)

    def movements(
        self,
        customer: str,
        start: date | None = None,
        end: date | None = None,
        *,
        product: str | None = None,
        status: str | None = "confirmed",
    ) -> Sequence[Movement]:
        """The ledger by trade date, oldest first, end exclusive; status None for all."""
        table = schema.movements
        query = select(table).where(table.c.customer == customer).order_by(table.c.trade_date, table.c.id)
        if start is not None:
            query = query.where(table.c.trade_date >= start)
        if end is not None:
            query = query.where(table.c.trade_date < end)
        if product is not None:
            query = query.where(table.c.product == product)
        if status is not None:
            query = query.where(table.c.status == status)
        return self._checked(customer, self._all(query, Movement))

    # articles -----------------------------------------------------------------------------------------------
    def articles(
        self, on: date, *, kind: str | None = None, topic: str | None = None, limit: int = 20
    ) -> Sequence[Article]:
        """Published on or before `on` (a moment: by then) and still valid, newest first."""
        table = schema.articles
        moment, day = (on, on.date()) if isinstance(on, datetime) else (end_of(on), on)
        query = (
            select(table)
            .where(table.c.published_at <= moment, (table.c.valid_until.is_(None)) | (table.c.valid_until >= day))
            .order_by(desc(table.c.published_at), table.c.id)
        )
        if kind is not None:
            query = query.where(table.c.kind == kind)
        if topic is None:
            query = query.limit(limit)
        found = self._all(query, Article)
        return [article for article in found if topic is None or topic in article.topics][:limit]

    # ------------------------------------------------------------------------------------------------------------
    def _all(self, query: Any, row_type: Any) -> list[Any]:
        with self.read() as connection:
            return [row_type(**row) for row in connection.execute(query).mappings()]

    def _of_customer(self, customer: str, table: Table, row_type: Any, *order: Any) -> list[Any]:
        query = select(table).where(table.c.customer == customer).order_by(*order)
        return self._checked(customer, self._all(query, row_type))

    def _checked(self, customer: str, found: list[Any]) -> list[Any]:
        """Nothing found is an answer for a known customer only."""
        if not found:
            self.customer(customer)
        return found
