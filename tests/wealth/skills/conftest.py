"""A small bank for skill tests: demo products, hand-made prices and five customers whose figures can be reckoned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from channels import schema as messages
from channels.rendering.reply import messages as rendered
from wealth import calendar
from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build
from wealth.demo.catalogue import demo_products
from wealth.request import Request
from wealth.store import Store, open_store, schema
from wealth.store.codec import product_to_row
from wealth.store.migrate import migrate

if TYPE_CHECKING:
    from wealth.bank import Bank

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
FIRST = date(2025, 11, 3)
# Price on the first day, and what it gains each trading day; GP001A falls for the last ten days instead.
PRICES = {
    "XJ001": ("1.000000", "0.000060"),
    "LC001": ("1.000000", "0.000080"),
    "LC008": ("1.000000", "0.000070"),
    "ZQ001A": ("1.1000", "0.0002"),
    "HH001A": ("1.4000", "0.0005"),
    "GP001A": ("1.5000", "0.0010"),
    "LL001A": ("1.8000", "0.0010"),
}


class Books:
    """Writes customers and their movements; amounts in CNY, cash kept in HQ001."""

    def __init__(self, connection: Any, navs: dict[str, dict[date, Decimal]]) -> None:
        self.connection = connection
        self.navs = navs
        self.count = 0

    def customer(self, key: str, rating: str | None = None, **facts: Any) -> None:
        row = {
            "name": "测试客户",
            "birth_date": date(1986, 5, 1),
            "level": "金卡",
            "branch": "演示支行",
            "manager": None,
        }
        row |= {"since": FIRST, "monthly_income": None, "monthly_expense": None, "debts": None, "dependents": None}
        self.connection.execute(insert(schema.customers).values(**{**row, "id": key, "is_demo": True, **_exact(facts)}))
        self.connection.execute(
            insert(schema.accounts).values(
                id=f"{key}-1", customer=key, cash_product="HQ001", last4="0001", opened=FIRST
            )
        )
        if rating:
            self.connection.execute(
                insert(schema.assessments).values(
                    customer=key,
                    taken_at=NOW - timedelta(days=60),
                    score=50,
                    rating=rating,
                    confirmed_at=NOW - timedelta(days=60),
                    horizon_months=36,
                    answers={},
                    questionnaire="test",
                )
            )

    def move(self, key: str, kind: str, on: date, product: str = "HQ001", **given: Any) -> None:
        self.count += 1
        row = {"ref": f"r{self.count}", "account": f"{key}-1", "status": "confirmed", "confirm_date": on, "fee": 0}
        row |= {"settle_date": on, "units": 0, "price": None, "pair_ref": None, "matures_on": None, "note": ""}
        values = {**row, "customer": key, "product": product, "kind": kind, "trade_date": on, **given}
        for name in ("units", "amount", "fee", "cash"):
            values[name] = Decimal(str(values[name]))
        self.connection.execute(insert(schema.movements).values(**values))

    def cash(self, key: str, amount: int, on: date = FIRST) -> None:
        kind = "cash_in" if amount > 0 else "cash_out"
        self.move(key, kind, on, amount=abs(amount), cash=amount)

    def interest(self, key: str, amount: str, on: date) -> None:
        self.move(key, "interest", on, amount=amount, cash=amount)

    def buy(self, key: str, product: str, amount: int, on: date = FIRST, **given: Any) -> None:
        price = self.navs[product][on] if product in self.navs else Decimal(1)
        units = (Decimal(amount) / price).quantize(Decimal("0.01"))
        self.move(key, "buy", on, product, units=units, price=price, amount=amount, cash=-amount, **given)

    def sell(self, key: str, product: str, units: str, on: date, fee: str = "0") -> None:
        price = self.navs[product][on]
        amount = (Decimal(units) * price).quantize(Decimal("0.01"))
        cash = amount - Decimal(fee)
        self.move(key, "sell", on, product, units=f"-{units}", price=price, amount=amount, fee=fee, cash=cash)


def _exact(facts: dict[str, Any]) -> dict[str, Any]:
    """Money as Decimal; a number of people stays a number."""
    return {name: value if name == "dependents" else Decimal(value) for name, value in facts.items()}


def _prices() -> dict[str, dict[date, Decimal]]:
    days = calendar.trading_days(FIRST, TODAY)
    found: dict[str, dict[date, Decimal]] = {}
    for code, (base, step) in PRICES.items():
        line, price = {}, Decimal(base)
        for index, on in enumerate(days):
            falling = code == "GP001A" and index >= len(days) - 10
            line[on] = price
            price += -10 * Decimal(step) if falling else Decimal(step)
        found[code] = line
    return found


def _customers(books: Books) -> None:
    books.customer("t-empty")
    books.customer("t-saver", monthly_income=8000, monthly_expense=4000)
    books.cash("t-saver", 50_000)
    books.interest("t-saver", "6.30", date(2026, 9, 21))
    books.customer("t-mixed", "C3", monthly_income=20000, monthly_expense=8000, dependents=1, debts=0)
    books.cash("t-mixed", 400_000)
    for product, amount in (("XJ001", 50_000), ("LC001", 100_000), ("ZQ001A", 80_000), ("HH001A", 60_000)):
        books.buy("t-mixed", product, amount)
    books.buy("t-mixed", "GP001A", 40_000, date(2026, 3, 2))
    books.buy("t-mixed", "LL001A", 20_000, date(2026, 3, 2))
    books.sell("t-mixed", "GP001A", "10000.00", date(2026, 10, 15), fee="50.00")
    books.cash("t-mixed", -5_000, date(2026, 10, 20))
    books.move("t-mixed", "buy", TODAY, "LC001", status="pending", confirm_date=None, amount=3000, cash=-3000)
    books.customer("t-bold", "C2", monthly_income=9000, monthly_expense=5000)
    books.cash("t-bold", 100_000)
    books.buy("t-bold", "GP001A", 90_000)
    books.customer("t-unsure", monthly_expense=3000)
    books.cash("t-unsure", 120_000)
    books.buy("t-unsure", "LC001", 60_000)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The small bank's store, as at 2026-11-20 10:00."""
    path: Path = tmp_path_factory.mktemp("skills") / "bank.db"
    url = f"sqlite:///{path}"
    migrate(url)
    made = open_store(url)
    navs = _prices()
    with made.write() as connection:
        for demo in demo_products(TODAY):
            product = demo.product
            connection.execute(insert(schema.products).values(**product_to_row(product)))
            weights = [
                {"product": product.code, "asset_class": name, "weight": weight}
                for name, weight in product.look_through.items()
            ]
            connection.execute(insert(schema.product_classes), weights)
        rows = [{"product": code, "date": on, "nav": nav} for code, line in navs.items() for on, nav in line.items()]
        connection.execute(insert(schema.navs), rows)
        _customers(Books(connection, navs))
    yield made
    made.engine.dispose()


@pytest.fixture(scope="session")
def bank(store: Store) -> Bank:
    return SimpleNamespace(store=store)  # type: ignore[return-value]


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo bank as at TODAY: its personas and fifteen generated customers."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'bank.db'}"
    migrate(url)
    made = open_store(url)
    build(made, Parameters(customers=15, as_of=TODAY, seed=1849), lambda line: None)
    yield made
    made.engine.dispose()


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEIBAN_NOW", NOW.isoformat())


@pytest.fixture
def ask(bank: Bank) -> Any:
    """ask(skill module, text, customer, **request fields) → Reply, checked against the channels' schema."""

    def asked(skill: Any, text: str = "", customer: str | None = "t-mixed", channel: str = "app", **fields: Any) -> Any:
        request = Request(customer=customer, channel=channel, text=text, now=fields.pop("now", NOW), **fields)  # type: ignore[arg-type]
        reply = skill.answer(bank, request)
        assert reply.sentences and reply.spoken
        for message in rendered(reply.to_dict(), "m-1"):
            messages.check(message)
        return reply

    return asked
