"""Thousands of demo customers: who they are, what they chose, and the rows around their ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from wealth.clock import SHANGHAI
from wealth.demo.catalogue import read
from wealth.demo.trading import CANCELLED, Choices, Trading
from wealth.demo.world import World

Row = dict[str, Any]
STAGES = ("none", "deposits", "simple", "few", "many")
BIG_BATCH = 100_000
_HORIZONS = (6, 12, 24, 36, 60, 120)


@dataclass(frozen=True)
class People:
    """One batch: arrays with a value per customer. rating 0 for never assessed, else 1..5; money in cents."""

    first: int
    stage: np.ndarray
    rating: np.ndarray
    age_days: np.ndarray
    wealth: np.ndarray
    income: np.ndarray

    def __len__(self) -> int:
        return len(self.stage)

    def ids(self) -> list[str]:
        """c0000001 and on."""
        return [f"c{self.first + index:07d}" for index in range(len(self))]


def draw(rng: np.random.Generator, first: int, size: int) -> People:
    """Random customers number first … first + size - 1."""
    terms = read("people.yml")
    shares = np.array([terms["stages"][name] for name in STAGES])
    stage = rng.choice(len(STAGES), size, p=shares / shares.sum())
    rating = rng.choice(5, size, p=terms["ratings"]) + 1
    # Nobody reaches the upper rungs without having been assessed for what they hold.
    rating = np.where(stage == 4, np.maximum(rating, 3), rating)
    rating = np.where((rng.random(size) < terms["never_assessed"] / 0.3) & (stage <= 1), 0, rating)
    wealth = np.exp(rng.normal(np.log(60_000), 1.1, size)) * np.array([0, 0.6, 1.0, 1.6, 4.0])[stage]
    return People(
        first=first,
        stage=stage,
        rating=rating,
        age_days=(np.clip(rng.normal(46, 15, size), 19, 90) * 365.25).astype(np.int64),
        wealth=np.round(np.minimum(wealth, 9e6) * 100).astype(np.int64),
        income=np.round(np.exp(rng.normal(np.log(11_000), 0.5, size))).astype(np.int64) * 100,
    )


def choose(world: World, rng: np.random.Generator, people: People) -> Choices:
    """What each customer put money into, by stage and (mostly) by risk level."""
    customer, pool = _slots(rng, people)
    above = rng.random(len(customer)) < read("people.yml")["above_level"]
    level = np.where(above, 5, np.maximum(people.rating[customer], 1))
    product = np.full(len(customer), -1)
    for name in np.unique(pool):
        for limit in range(1, 6):
            mine = np.flatnonzero((pool == name) & (level == limit))
            options = _pool(world, str(name), limit)
            if len(mine) and len(options):
                product[mine] = rng.choice(options, len(mine))
    known = product >= 0
    pairs, kept = np.unique(customer[known] * len(world.products) + product[known], return_index=True)
    customer, product = pairs // len(world.products), product[known][kept]
    slots = np.bincount(customer, minlength=len(people))
    part = people.wealth[customer] / slots[customer] * rng.uniform(0.4, 1.6, len(customer))
    minimum = np.array([max(int(one.product.minimum * 100), 100_000) for one in world.products])[product]
    step = np.array([max(int(one.product.step * 100), 1) for one in world.products])[product]
    amount = np.maximum(part.astype(np.int64), minimum) // step * step
    return Choices(customer, product, amount)


def _slots(rng: np.random.Generator, people: People) -> tuple[np.ndarray, np.ndarray]:
    """(customer, pool name) for every product that a customer will hold."""
    size = len(people)
    counts = np.select(
        [people.stage == index for index in range(1, 5)],
        [rng.integers(0, 3, size), rng.integers(1, 5, size), rng.integers(2, 6, size), rng.integers(4, 11, size)],
        0,
    )
    counts = np.where((people.stage == 4) & (rng.random(size) < 0.02), 40, counts)
    customer = np.repeat(np.arange(size), counts)
    place = np.arange(len(customer)) - np.repeat(np.cumsum(counts) - counts, counts)
    stage = people.stage[customer]
    with_shares = (people.rating >= 3)[customer]
    few = np.where(with_shares, np.where(place == 0, "equity", "cash_equity"), np.where(place == 0, "fixed", "steady"))
    many = np.select([place == 0, place == 1, place == 2], ["fixed", "equity", "alternative"], "any")
    return customer, np.select([stage == 1, stage == 2, stage == 3], ["deposit", "steady", few], many)


def _pool(world: World, name: str, limit: int) -> np.ndarray:
    """Indices of the products in a pool up to a risk level (1..5)."""
    classes = {
        "fixed": {"fixed"},
        "equity": {"equity"},
        "alternative": {"alternative"},
        "cash_equity": {"cash", "equity"},
        "steady": {"cash", "fixed"},
        "any": {"cash", "fixed", "equity", "alternative", "protection"},
    }
    found = []
    for index, one in enumerate(world.products):
        product = one.product
        if product.kind == "demand_deposit" or product.risk > limit or product.launch_date > world.as_of:
            continue
        if name == "deposit":
            fits = product.kind == "time_deposit"
        else:
            fits = product.asset_class in classes[name] and (name != "steady" or product.risk <= 2)
        if fits:
            found.append(index)
    return np.array(found, dtype=np.int64)


def trade(world: World, rng: np.random.Generator, people: People, *, everyday: bool) -> Trading:
    """The batch's whole ledger. everyday: also salaries and spending of the last months, and quarterly interest."""
    size = len(people)
    trading = Trading(world, rng, rng.random(size) < 0.4)
    choices = choose(world, rng, people)
    trading.invest(choices)
    idle = np.where(people.stage > 0, np.exp(rng.normal(np.log(9_000), 1.0, size)) * 100, 0).astype(np.int64)
    moved = (rng.random(size) < 0.03) & (people.stage > 0)
    large = (rng.integers(20, 100, size) * 1_000_000) * moved
    leaves = moved & (rng.random(size) < 0.4)
    trading.fund_accounts(size, idle + np.where(leaves, large, 0))
    recent = world.as_of.toordinal() - rng.integers(0, 4, size)
    for kind, who in (("cash_in", moved & ~leaves), ("cash_out", leaves)):
        chosen = np.flatnonzero(who)
        trading.cash(kind, chosen, recent[chosen], large[chosen])
    if everyday:
        _everyday(world, rng, people, trading, idle)
    last = np.flatnonzero(rng.random(len(choices.customer)) < 0.01)
    buyable = [
        row
        for row in last
        if world.products[choices.product[row]].product.open_rule != "closed" and choices.amount[row]
    ]
    for number, row in enumerate(buyable):
        status = CANCELLED if number % 3 == 0 else 1
        trading.order(int(choices.product[row]), choices.customer[row : row + 1], choices.amount[row : row + 1], status)
    return trading


def _everyday(world: World, rng: np.random.Generator, people: People, trading: Trading, idle: np.ndarray) -> None:
    earners = np.flatnonzero((people.stage > 0) & (people.age_days < 62 * 365) & (rng.random(len(people)) < 0.7))
    income = people.income[earners]
    for months in range(3, 0, -1):
        day = _month_day(world.as_of, months, 10)
        trading.cash("cash_in", earners, day, income)
        trading.cash("cash_out", earners, day + 9, income * rng.integers(60, 96, len(earners)) // 100)
    rate = int((world.products[world.cash].product.rate or 0) * 1_000_000)
    earned = idle * rate // 4_000_000
    owners = np.flatnonzero(earned)
    for months in (1, 4):
        trading.cash("interest", owners, _month_day(world.as_of, months, 21), earned[owners])
    charged = np.flatnonzero((rng.random(len(people)) < 0.02) & (idle > 10_000))
    trading.cash("fee", charged, _month_day(world.as_of, 2, 5), np.full(len(charged), 200))


def _month_day(as_of: date, months_ago: int, day: int) -> int:
    month = as_of.year * 12 + as_of.month - 1 - months_ago
    return date(month // 12, month % 12 + 1, day).toordinal()


def customer_rows(world: World, rng: np.random.Generator, people: People) -> dict[str, list[Row]]:
    """Rows of customers, accounts, assessments, consents, protections and alert_settings."""
    terms = read("people.yml")
    size = len(people)
    surnames, given = terms["surnames"].split(), terms["given"].split()
    name = zip(rng.integers(0, len(surnames), size), rng.integers(0, len(given), size), strict=True)
    branch = rng.integers(0, len(terms["branches"]), size)
    manager = rng.integers(1, terms["managers_per_branch"] + 1, size)
    since = rng.integers(1200, 5000, size)
    last4 = rng.integers(0, 10000, size)
    spends = rng.uniform(0.45, 0.9, size)
    debts = np.where(rng.random(size) < 0.35, rng.integers(5, 200, size) * 10_000, 0)
    children = rng.choice(4, size, p=[0.4, 0.35, 0.2, 0.05])
    known = rng.random(size) < 0.8
    levels = sorted(terms["levels"].items(), key=lambda level: -level[1])
    rows: dict[str, list[Row]] = {"customers": [], "accounts": []}
    cash = world.products[world.cash].product.code
    for index, (key, (family, own)) in enumerate(zip(people.ids(), name, strict=True)):
        wealth = int(people.wealth[index]) // 100
        income = Decimal(int(people.income[index]) // 100)
        opened = world.as_of - timedelta(days=int(since[index]))
        rows["customers"].append(
            {
                "id": key,
                "name": surnames[family] + given[own],
                "birth_date": world.as_of - timedelta(days=int(people.age_days[index])),
                "level": next(level for level, least in levels if wealth >= least),
                "branch": terms["branches"][branch[index]],
                "manager": f"m{branch[index] + 1}{manager[index]:02d}" if wealth >= 50_000 else None,
                "since": opened,
                "monthly_income": income if known[index] else None,
                "monthly_expense": Decimal(int(float(income) * spends[index])) if known[index] else None,
                "debts": Decimal(int(debts[index])) if known[index] else None,
                "dependents": int(children[index]) if known[index] else None,
                "is_demo": True,
            }
        )
        rows["accounts"].append(
            {
                "id": f"a{key[1:]}",
                "customer": key,
                "cash_product": cash,
                "last4": f"{last4[index]:04d}",
                "opened": opened,
            }
        )
    rows["assessments"] = list(_assessments(world, rng, people, terms))
    rows["consents"] = list(_consents(world, rng, people, terms))
    rows["protections"] = list(_protections(world, rng, people, terms))
    return rows


def _moment(world: World, days_ago: int, hour: int = 10) -> datetime:
    return datetime.combine(world.as_of - timedelta(days=days_ago), datetime.min.time(), SHANGHAI).replace(hour=hour)


def _assessments(world: World, rng: np.random.Generator, people: People, terms: Mapping[str, Any]) -> Iterator[Row]:
    size = len(people)
    expired = rng.random(size) < terms["expired"]
    age = np.where(expired, rng.integers(380, 900, size), rng.integers(1, 350, size))
    horizon = rng.integers(0, len(_HORIZONS), size)
    for index, key in enumerate(people.ids()):
        rating = int(people.rating[index])
        if rating:
            taken = _moment(world, int(age[index]))
            yield {
                "customer": key,
                "taken_at": taken,
                "score": rating * 18 + 5,
                "rating": f"C{rating}",
                "confirmed_at": taken,
                "horizon_months": _HORIZONS[horizon[index]],
                "answers": {},
                "questionnaire": "demo",
            }


def _consents(world: World, rng: np.random.Generator, people: People, terms: Mapping[str, Any]) -> Iterator[Row]:
    at = _moment(world, 400)
    drawn = {purpose: rng.random(len(people)) < share for purpose, share in terms["consents"].items()}
    for index, key in enumerate(people.ids()):
        for purpose, granted in drawn.items():
            yield {"customer": key, "purpose": purpose, "granted": bool(granted[index]), "at": at}


def _protections(world: World, rng: np.random.Generator, people: People, terms: Mapping[str, Any]) -> Iterator[Row]:
    sums = {"medical": 1_000_000, "accident": 300_000, "critical": 300_000, "life": 500_000, "pension": 200_000}
    rates = {"medical": 0.0006, "accident": 0.001, "critical": 0.012, "life": 0.002, "pension": 0.05}
    years = rng.integers(1, 25, len(people))
    for kind, share in terms["protection"].items():
        for index in np.flatnonzero((rng.random(len(people)) < share) & (people.stage > 0)):
            yield {
                "customer": f"c{people.first + index:07d}",
                "kind": kind,
                "sum_insured": Decimal(sums[kind]),
                "premium": Decimal(str(round(sums[kind] * rates[kind]))),
                "until": world.as_of + timedelta(days=365 * int(years[index])),
                "product": None,
            }


def alert_rows(world: World, rng: np.random.Generator, people: People, held: Mapping[int, int]) -> list[Row]:
    """Alerts that some customers set. held: customer number → a product (index) with prices that they hold."""
    chosen = rng.random(len(people)) < read("people.yml")["alerts"]
    kinds = (("nav_band", "0.03"), ("target_return", "0.10"), ("stop_loss", "0.08"))
    return [
        {
            "customer": f"c{people.first + index:07d}",
            "product": world.products[held[index]].product.code,
            "kind": kinds[index % 3][0],
            "threshold": Decimal(kinds[index % 3][1]),
            "active": True,
            "created_at": _moment(world, 30),
        }
        for index in np.flatnonzero(chosen)
        if index in held
    ]
