"""The fixed demo customers of data/demo/personas.yml: their scripted moves turned into the same rows as everyone's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from wealth.clock import SHANGHAI, end_of
from wealth.demo.catalogue import read
from wealth.demo.columns import STATUS
from wealth.demo.trading import Trading
from wealth.demo.world import World
from wealth.errors import BadSetting
from wealth.store.types import MONEY_DIGITS, scaled

Row = dict[str, Any]
Change = tuple[np.ndarray, np.ndarray]


def personas() -> list[dict[str, Any]]:
    """The demo customers as written: id, name, stage, about, try, moves and so on."""
    return read("personas.yml")["personas"]


@dataclass(frozen=True)
class Batch:
    """The demo customers' movements; the number in `customer` is an index into account_ids and customer_ids."""

    trading: Trading
    account_ids: list[str]
    customer_ids: list[str]


def trade(world: World) -> Batch:
    """All personas' movements. An account is a "customer" of the columns, so that a second card is one more number."""
    owners = [(one, card) for one in personas() for card in range(1, _cards(one) + 1)]
    reinvesting = np.array([bool(one.get("reinvest")) for one, _ in owners])
    trading = Trading(world, np.random.default_rng(world.seed), reinvesting)
    for number, (one, card) in enumerate(owners):
        moves = [move for move in one["moves"] if move.get("account", 1) == card]
        try:
            _Script(world, trading, number).run(moves)
        except (KeyError, TypeError, ValueError, IndexError) as trouble:
            raise BadSetting(f"data/demo/personas.yml：{one['id']} 的流水写得不对（{trouble!r}）") from trouble
    return Batch(
        trading=trading,
        account_ids=[_account(one, card) for one, card in owners],
        customer_ids=[one["id"] for one, _ in owners],
    )


def _cards(one: Mapping[str, Any]) -> int:
    return max((move.get("account", 1) for move in one["moves"]), default=1)


def _account(one: Mapping[str, Any], card: int) -> str:
    return f"{one['id']}-{card}"


class _Script:
    """Plays one account's moves in order and keeps the units it needs to sell a share of them."""

    def __init__(self, world: World, trading: Trading, number: int) -> None:
        self.world = world
        self.trading = trading
        self.who = np.array([number])
        self.changes: dict[int, list[Change]] = {}

    def run(self, moves: list[dict[str, Any]]) -> None:
        for move in moves:
            getattr(self, f"_{move['do']}")(move)
        for product, changes in self.changes.items():
            self.trading.dividends(product, self.who, changes)

    def _day(self, move: Mapping[str, Any]) -> np.ndarray:
        return np.array([len(self.world.days) - 1 - max(int(move["ago"]), 1)])

    def _cents(self, move: Mapping[str, Any]) -> np.ndarray:
        return np.array([scaled(Decimal(str(move["amount"])), MONEY_DIGITS)])

    def _product(self, move: Mapping[str, Any], key: str = "product") -> int:
        return self.world.number[move[key]]

    def _remember(self, product: int, day: np.ndarray, units: np.ndarray) -> None:
        self.changes.setdefault(product, []).append((day, units))

    def _cash_in(self, move: Mapping[str, Any]) -> None:
        self.trading.cash("cash_in", self.who, self.world.ordinals[self._day(move)], self._cents(move))

    def _fee(self, move: Mapping[str, Any]) -> None:
        self.trading.cash("fee", self.who, self.world.ordinals[self._day(move)], self._cents(move))

    def _buy(self, move: Mapping[str, Any], kind: str = "buy") -> None:
        product = self._product(move)
        terms = self.world.products[product].product
        if terms.maturity_date is not None:
            self.trading.closed(product, self.who, self._cents(move))
            return
        day, matures = self._day(move), 0
        if terms.kind == "time_deposit":
            matures = int(self.world.ordinals[day][0]) + (terms.term_days or 0)
        units = self.trading.buy(product, self.who, self._cents(move), day, kind, matures)
        if terms.kind == "time_deposit":
            self.trading.repay(product, self.who, units, self.world.ordinals[day], np.array([matures]))
        self._remember(product, day, units)

    def _transfer_in(self, move: Mapping[str, Any]) -> None:
        self._buy(move, "transfer_in")

    def _buy_many(self, move: Mapping[str, Any]) -> None:
        """Different products with prices, evenly spaced over the time."""
        usable = [
            one.product.code
            for one in self.world.products
            if one.product.valuation == "nav"
            and one.product.maturity_date is None
            and one.product.risk <= move["max_risk"]
            and self.world.window(self.world.number[one.product.code])[0] == 0
        ]
        count = move["count"]
        spread = np.linspace(0, len(usable) - 1, count).astype(int)
        agos = np.linspace(move["from_ago"], move["to_ago"], count).astype(int)
        for number, ago in zip(spread, agos, strict=True):
            self._buy({"product": usable[number], "ago": int(ago), "amount": move["amount"]})

    def _share(self, move: Mapping[str, Any], product: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        day = self._day(move)
        changes = self.changes[product]
        held = sum((units for at, units in changes if at[0] < day[0]), np.zeros(1, dtype=np.int64))
        step = 10 ** (4 - self.world.products[product].unit_digits)
        units = (held * round(move["share"] * 10_000) // 10_000) // step * step
        return day, units, changes[0][0]

    def _sell(self, move: Mapping[str, Any]) -> None:
        product = self._product(move)
        day, units, bought = self._share(move, product)
        self.trading.exit(product, self.who, units, day, bought)
        self._remember(product, day, -units)

    def _convert(self, move: Mapping[str, Any]) -> None:
        product, target = self._product(move), self._product(move, "to")
        day, units, bought = self._share(move, product)
        entered = self.trading.convert(product, target, self.who, units, day, bought)
        self._remember(product, day, -units)
        self._remember(target, day, entered)

    def _cancelled(self, move: Mapping[str, Any]) -> None:
        self.trading.order(self._product(move), self.who, self._cents(move), STATUS.index("cancelled"))

    def _pending(self, move: Mapping[str, Any]) -> None:
        self.trading.order(self._product(move), self.who, self._cents(move))


def rows(world: World) -> dict[str, list[Row]]:
    """Rows of customers, accounts, assessments, consents, protections and alert_settings."""
    found: dict[str, list[Row]] = {
        name: [] for name in ("customers", "accounts", "assessments", "consents", "protections", "alert_settings")
    }
    terms = read("people.yml")
    cash = world.products[world.cash].product.code
    since = world.as_of - timedelta(days=1500)
    for number, one in enumerate(personas()):
        key = one["id"]
        branch = number % len(terms["branches"])
        invested = sum(move["amount"] for move in one["moves"] if move["do"] == "cash_in")
        levels = sorted(terms["levels"].items(), key=lambda level: -level[1])
        found["customers"].append(
            {
                "id": key,
                "name": one["name"],
                "birth_date": world.as_of.replace(day=1) - timedelta(days=int(one["age"] * 365.25) + 40),
                "level": next(level for level, least in levels if invested >= least),
                "branch": terms["branches"][branch],
                "manager": f"m{branch + 1}01",
                "since": since,
                "monthly_income": _money(one.get("income")),
                "monthly_expense": _money(one.get("expense")),
                "debts": _money(one.get("debts")),
                "dependents": one.get("dependents"),
                "is_demo": True,
            }
        )
        for card in range(1, _cards(one) + 1):
            last4 = f"{(number * 137 + card * 1009) % 10000:04d}"
            found["accounts"].append(
                {"id": _account(one, card), "customer": key, "cash_product": cash, "last4": last4, "opened": since}
            )
        _around(world, one, found)
    return found


def _around(world: World, one: Mapping[str, Any], found: dict[str, list[Row]]) -> None:
    key = one["id"]
    if "rating" in one:
        taken = end_of(world.as_of - timedelta(days=one["assessed_days_ago"])).replace(hour=10, tzinfo=SHANGHAI)
        rating = int(one["rating"][1])
        found["assessments"].append(
            {
                "customer": key,
                "taken_at": taken,
                "score": rating * 18 + 5,
                "rating": one["rating"],
                "confirmed_at": taken,
                "horizon_months": 12 * rating,
                "answers": {},
                "questionnaire": "demo",
            }
        )
    at = end_of(world.as_of - timedelta(days=400))
    granted = {"personalised": True, "push": True, "manager": True, "robot_memory": False, **one.get("consents", {})}
    for purpose, decision in granted.items():
        found["consents"].append({"customer": key, "purpose": purpose, "granted": decision, "at": at})
    for kind, insured in one.get("protection", {}).items():
        found["protections"].append(
            {
                "customer": key,
                "kind": kind,
                "sum_insured": Decimal(insured),
                "premium": Decimal(insured // 500),
                "until": world.as_of + timedelta(days=3650),
                "product": None,
            }
        )
    for alert in one.get("alerts", ()):
        found["alert_settings"].append(
            {
                "customer": key,
                "product": alert["product"],
                "kind": alert["kind"],
                "threshold": Decimal(str(alert["threshold"])),
                "active": True,
                "created_at": end_of(world.as_of - timedelta(days=30)),
            }
        )


def _money(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
