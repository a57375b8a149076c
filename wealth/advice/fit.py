"""Fit: how well one product suits one customer now, with what speaks for and against it.

Weights and thresholds stand in data/wealth/fit.yml. Neither benchmark nor past return is looked at (rule 10).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import yaml

from wealth.advice import terms
from wealth.advice.suitability import Standing
from wealth.advice.wish import Wish, least_days_for_equity
from wealth.classes import DATA, kind_name
from wealth.format import day as day_text
from wealth.format import money, percent, round_money
from wealth.positions import Portfolio
from wealth.store import Movement, Product

_ONE_PERCENT = Decimal("0.01")
INVESTED = ("cash", "fixed", "equity", "alternative")


@lru_cache(maxsize=1)
def settings() -> Mapping[str, Any]:
    """data/wealth/fit.yml."""
    with (DATA / "wealth" / "fit.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


@dataclass(frozen=True)
class Point:
    """One thing to say about a product: a key below `recommend.reasons` or `recommend.cautions`, with its figures.

    The figure asset_class is an engine class, to be named in the customer's words.
    weight: what it moved in the score; the heaviest are said.
    """

    key: str
    figures: Mapping[str, str] = field(default_factory=dict)
    weight: float = 0.0


@dataclass(frozen=True)
class Situation:
    """All about the customer that decides fit.

    stage: start|simple|single|better (stage.py). targets: class → share of the invested money, None without a level.
    reserve: CNY of the money at hand that stays for emergencies; emergency_short: CNY missing from it.
    bought: the purchases ever made.
    """

    standing: Standing
    portfolio: Portfolio
    today: date
    stage: str
    targets: Mapping[str, Decimal] | None
    reserve: Decimal
    emergency_short: Decimal
    bought: Sequence[tuple[Movement, Product]]

    @property
    def invested(self) -> Decimal:
        """CNY that the allocation is about: all but protection and the emergency reserve."""
        return self.portfolio.total - self.portfolio.by_class["protection"] - self.reserve

    def free_cash(self) -> Decimal:
        """CNY on the settlement accounts."""
        return sum((one.value for one in self.portfolio.holdings if one.product.kind == "demand_deposit"), Decimal(0))

    def held(self, code: str) -> Decimal:
        """CNY held of a product, over all accounts."""
        return self._by_code.get(code, Decimal(0))

    @cached_property
    def _by_code(self) -> Mapping[str, Decimal]:
        found: dict[str, Decimal] = {}
        for one in self.portfolio.holdings:
            found[one.product.code] = found.get(one.product.code, Decimal(0)) + one.value
        return found

    @cached_property
    def times_bought(self) -> Mapping[str, int]:
        """Purchases by kind of product."""
        return Counter(product.kind for _, product in self.bought)

    def share(self, asset_class: str, added: Decimal) -> Decimal:
        """What the class has of the invested money with `added` CNY on top; 0 where nothing is invested."""
        base = self.invested + added
        have = self.portfolio.by_class[asset_class] - (self.reserve if asset_class == "cash" else 0)
        return max(have, Decimal(0)) / base if base > 0 else Decimal(0)

    def shortage(self, asset_class: str, added: Decimal) -> Decimal:
        """Target less have, as such a share; positive is too little, 0 where there is no target."""
        if not self.targets or self.invested + added <= 0:
            return Decimal(0)
        return self.targets.get(asset_class, Decimal(0)) - self.share(asset_class, added)


@dataclass(frozen=True)
class Fit:
    """score 0..1, and its reasons and cautions, heaviest first."""

    product: Product
    score: float
    reasons: Sequence[Point]
    cautions: Sequence[Point]


def assess(product: Product, situation: Situation, wish: Wish, *, personal: bool = True) -> Fit:
    """How well the product fits. personal False (the customer switched it off): only what the question itself says."""
    added = _added(situation, wish)
    reasons: list[Point] = []
    score = 0.0
    for name, part in (_PARTS if personal else _IMPERSONAL).items():
        value, reason = part(product, situation, wish, added)
        weight = settings()["weights"][name]
        score += weight * value
        if reason is not None:
            reasons.append(Point(reason.key, reason.figures, weight * value))
    reasons.sort(key=lambda point: -point.weight)
    reasons += _asked_for(product, situation, wish)
    return Fit(product, score, reasons, _cautions(product, situation, added, personal))


def barred(product: Product, situation: Situation, wish: Wish) -> str | None:
    """Why a suitable product is still no answer: term, equity_too_short, minimum, concentrated; None if it may be."""
    if wish.horizon_days is not None:
        if terms.days_to_cash(product, situation.today) > wish.horizon_days:
            return "term"
        if product.asset_class == "equity" and wish.horizon_days < least_days_for_equity():
            return "equity_too_short"
    if wish.amount is not None and product.minimum > wish.amount:
        return "minimum"
    base = situation.invested + _added(situation, wish)
    if (
        base > 0
        and product.kind not in ("cash", "demand_deposit", "time_deposit")
        and (situation.held(product.code) / base >= Decimal(str(settings()["most_in_one"])))
    ):
        return "concentrated"
    return None


def _added(situation: Situation, wish: Wish) -> Decimal:
    """Money that comes from outside: what the customer names beyond what lies on the account."""
    return max((wish.amount or Decimal(0)) - situation.free_cash(), Decimal(0))


# Each part: (product, situation, wish, added) → (0..1, what to say for it or None) ------------------------------
_Part = Callable[[Product, Situation, Wish, Decimal], tuple[float, Point | None]]


def _gap(product: Product, situation: Situation, wish: Wish, added: Decimal) -> tuple[float, Point | None]:
    if not situation.targets:
        return 0.5, None
    full = settings()["full_gap"]
    value = 0.0
    for name, weight in product.look_through.items():
        short = float(situation.shortage(name, added)) if name in INVESTED else 0.0
        value += float(weight) * (1 + max(-1.0, min(1.0, short / full))) / 2
    main = product.asset_class
    short_main = situation.shortage(main, added) if main in INVESTED else Decimal(0)
    if short_main < Decimal(str(settings()["worth_saying_gap"])):
        return value, None
    have = situation.share(main, added)
    figures = {"asset_class": main, "have": percent(have, 0), "target": percent(situation.targets[main], 0)}
    return value, Point("gap" if have >= _ONE_PERCENT else "gap_none", figures)


def _stage(product: Product, situation: Situation, wish: Wish, added: Decimal) -> tuple[float, Point | None]:
    value = settings()["stage"][situation.stage][product.risk - 1]
    return value, Point(f"stage_{situation.stage}", {"rating": product.rating}) if value >= 0.9 else None


def _horizon(product: Product, situation: Situation, wish: Wish, added: Decimal) -> tuple[float, Point | None]:
    back = terms.days_to_cash(product, situation.today)
    if wish.horizon_days is not None:
        return 1.0, Point("term_fits", {"days": str(back)}) if back > 1 else Point("quick", {"days": str(back)})
    months = situation.standing.horizon_months
    if months is None:
        return 0.6, None
    # Unless asked for a term, of two that fit the shorter tie is the better.
    return max(0.0, 1.0 - 0.5 * back / (months * 30)) if back <= months * 30 else 0.0, None


def _liquidity(product: Product, situation: Situation, wish: Wish, added: Decimal) -> tuple[float, Point | None]:
    back = terms.days_to_cash(product, situation.today)
    quick = back <= settings()["quick_days"]
    if situation.emergency_short <= 0:
        return (0.6 if quick else 0.5), None
    if not quick:
        return 0.0, None
    return 1.0, Point("emergency", {"short": round_money(situation.emergency_short), "days": str(max(back, 1))})


def _habit(product: Product, situation: Situation, wish: Wish, added: Decimal) -> tuple[float, Point | None]:
    times = situation.times_bought.get(product.kind, 0)
    if times:
        return 1.0, Point("habit", {"kind": kind_name(product.kind), "times": str(times)})
    riskiest = max((bought.risk for _, bought in situation.bought), default=1)
    return (0.5 if product.risk <= riskiest else 0.2), None


def _cost(product: Product, situation: Situation, wish: Wish, added: Decimal) -> tuple[float, Point | None]:
    amount = wish.amount or Decimal(10000)
    days = max(wish.horizon_days or 365, 1)
    yearly = float(terms.cost_over(product, amount, days) / amount) * 365 / max(days, 365)
    reason = None
    if product.share_class == "C" and wish.horizon_days is not None and wish.horizon_days < 365:
        reason = Point("c_class")
    return max(0.0, 1 - yearly / settings()["dear"]), reason


_PARTS: Mapping[str, _Part] = {
    "gap": _gap,
    "stage": _stage,
    "horizon": _horizon,
    "liquidity": _liquidity,
    "habit": _habit,
    "cost": _cost,
}
_IMPERSONAL: Mapping[str, _Part] = {"horizon": _horizon, "cost": _cost}


def _asked_for(product: Product, situation: Situation, wish: Wish) -> list[Point]:
    """What is true of it beyond the score: it is what was asked for, and within the customer's level."""
    points = []
    if wish.theme is not None:
        points.append(Point("theme", {"theme": wish.theme.name}))
    if wish.guaranteed:
        points.append(Point("deposit"))
    if wish.amount is not None:
        points.append(Point("affordable", {"minimum": minimum_text(product)}))
    return [*points, Point("level", {"rating": product.rating, "level": situation.standing.rating or ""})]


def _cautions(product: Product, situation: Situation, added: Decimal, personal: bool) -> list[Point]:
    """What speaks against it, for anyone first, then for this customer."""
    points = []
    base = situation.invested + added
    held = situation.held(product.code)
    if personal and held and base > 0 and held / base >= Decimal(str(settings()["close_to_most"])):
        points.append(Point("concentrated", {"held": money(held), "share": percent(held / base, 0)}, 3))
    if personal and situation.shortage(product.asset_class, added) < -Decimal(str(settings()["worth_saying_gap"])):
        points.append(Point("enough", {"asset_class": product.asset_class}, 3))
    if situation.standing.needs_care(product):
        points.append(Point("senior", {"rating": product.rating}, 4))
    locked = terms.days_locked(product, situation.today)
    if product.kind == "insurance":
        points.append(Point("insurance", {}, 2))
    elif product.maturity_date is not None and product.open_rule == "closed":
        points.append(Point("closed", {"day": day_text(product.maturity_date, situation.today)}, 2))
    elif product.kind == "time_deposit":
        points.append(Point("early", {"days": str(locked)}, 2))
    elif product.open_rule == "periodic":
        points.append(Point("periodic", {"days": str(product.lock_days)}, 2))
    elif locked:
        points.append(Point("locked", {"days": str(locked)}, 2))
    if personal and product.minimum > situation.free_cash() > 0:
        points.append(Point("cash", {"minimum": minimum_text(product)}, 1.5))
    young = (situation.today - product.launch_date).days < settings()["young_days"]
    if young and product.valuation == "nav":
        key = "unborn" if product.launch_date > situation.today else "young"
        points.append(Point(key, {"day": day_text(product.launch_date, situation.today)}, 1))
    hidden = product.look_through.get("unknown", Decimal(0))
    if hidden:
        points.append(Point("undisclosed", {"share": percent(hidden, 0)}, 0.5))
    points.append(Point("risks", {"risks": product.risks.rstrip("。")}, 1.2))
    points.sort(key=lambda point: -point.weight)
    return points


def minimum_text(product: Product) -> str:
    """1 元起, ¥200,000 起."""
    return f"{round_money(product.minimum)} 起"
