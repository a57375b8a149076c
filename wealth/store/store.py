"""Store: reads of the bank's tables as dataclasses, and connections for those who write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy.engine import Connection, Engine

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


def store_url() -> str:
    """PEIBAN_STORE_URL, or the embedded SQLite file var/peiban.db."""
    raise NotImplementedError


def open_store(url: str | None = None) -> Store:
    """A store over `url` (default `store_url()`). Opens no connection yet; reads raise StoreUnavailable."""
    raise NotImplementedError


class Store:
    """Thread-safe; one per process. Product rows and prices are cached and refreshed when a loader ran."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; database trouble becomes StoreUnavailable."""
        raise NotImplementedError
        yield

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in one transaction: all of it is kept, or nothing."""
        raise NotImplementedError
        yield

    def ping(self) -> None:
        """Raises StoreUnavailable unless the tables are there and can be read."""
        raise NotImplementedError

    # products -----------------------------------------------------------------------------------------------
    def product(self, code: str) -> Product:
        """Raises UnknownProduct."""
        raise NotImplementedError

    def products(self) -> Sequence[Product]:
        """All products by code, those no longer on sale included."""
        raise NotImplementedError

    def catalogue(self) -> Sequence[CatalogueEntry]:
        """Names and nicknames of all products, for matching."""
        raise NotImplementedError

    def navs(self, code: str, start: date | None = None, end: date | None = None) -> Sequence[NavRow]:
        """Published prices, oldest first, from start up to, not including, end."""
        raise NotImplementedError

    def latest_nav(self, code: str, on: date | datetime) -> NavRow | None:
        """The last price known at `on` (a date: its whole day; a moment: what was published by then)."""
        raise NotImplementedError

    # customers ----------------------------------------------------------------------------------------------
    def customer(self, customer: str) -> Customer:
        """Raises UnknownCustomer."""
        raise NotImplementedError

    def accounts(self, customer: str) -> Sequence[Account]:
        raise NotImplementedError

    def assessments(self, customer: str) -> Sequence[Assessment]:
        """Newest first, unconfirmed ones included."""
        raise NotImplementedError

    def protections(self, customer: str) -> Sequence[Protection]:
        raise NotImplementedError

    def consents(self, customer: str) -> Mapping[str, bool]:
        """Purpose → granted, the latest decision of each; purposes: personalised, push, robot_memory, manager."""
        raise NotImplementedError

    def alert_settings(self, customer: str) -> Sequence[AlertSetting]:
        """Active ones, oldest first."""
        raise NotImplementedError

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
        raise NotImplementedError

    # articles -----------------------------------------------------------------------------------------------
    def articles(
        self, on: date, *, kind: str | None = None, topic: str | None = None, limit: int = 20
    ) -> Sequence[Article]:
        """Published on or before `on` and still valid, newest first."""
        raise NotImplementedError
