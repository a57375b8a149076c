"""The wealth check-up: a customer's measures, their score, and at most three upgrades with what each would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from wealth.advice import allocation
from wealth.advice.allocation_case import case_of
from wealth.advice.allocation_plan import Plan
from wealth.advice.allocation_rules import CLASSES, rules
from wealth.advice.checkup_score import Measures, Score, formula, score
from wealth.advice.emergency import Emergency, ProtectionGap, emergency_of, protection_of
from wealth.advice.stage import Stage, stage_of
from wealth.advice.suitability import Standing, standing
from wealth.advice.terms import today_of
from wealth.positions import Holding, Portfolio, portfolio
from wealth.request import Period
from wealth.returns import profit
from wealth.store import Customer, Store

_BASICS = 3
_YEAR = 365


@dataclass(frozen=True)
class Upgrade:
    """One thing to do. key: assess|above_level|emergency|concentration|too_many|rebalance|protection.

    gain: points it would bring alone, None where it brings knowledge, not points. holdings: those it is about.
    """

    key: str
    gain: int | None
    holdings: Sequence[Holding] = ()


@dataclass(frozen=True)
class Review:
    """What is known of a customer's money, and the plan for it; plan is None without a valid assessment."""

    customer: Customer
    portfolio: Portfolio
    standing: Standing
    emergency: Emergency
    gap: ProtectionGap
    stage: Stage
    plan: Plan | None


@dataclass(frozen=True)
class Checkup(Review):
    """A review with its score; upgrades in the order to do them."""

    measures: Measures
    score: Score
    upgrades: Sequence[Upgrade]


def review(store: Store, customer: str, at: datetime, new_money: Decimal = Decimal(0)) -> Review:
    """The figures and the plan at a moment; new_money is about to come in. Raises UnknownCustomer, StoreUnavailable."""
    today = today_of(at)
    known = store.customer(customer)
    held = portfolio(store, customer, at)
    stands = standing(store, customer, at)
    emergency = emergency_of(known, held, today)
    gap = protection_of(known, store.protections(customer), today)
    plan = None
    if stands.level is not None:
        plan = allocation.plan(case_of(held, stands, store.products(), emergency, gap, today, new_money))
    return Review(known, held, stands, emergency, gap, stage_of(held), plan)


def checkup(store: Store, customer: str, at: datetime) -> Checkup:
    """The check-up at a moment. Raises UnknownCustomer, StoreUnavailable."""
    found = review(store, customer, at)
    measures = {
        **_holding_measures(found.portfolio, found.standing, found.emergency, found.gap),
        "return_per_risk": _return_per_risk(store, found.portfolio, at),
    }
    doubts = ["estimated_expense"] if found.emergency.estimated else []
    doubts += ["missing_prices"] if found.portfolio.missing_prices else []
    result = score(measures, doubts=doubts)
    return Checkup(
        **vars(found),
        measures=measures,
        score=result,
        upgrades=_upgrades(measures, result, doubts, found.portfolio, found.standing, found.plan),
    )


def _holding_measures(
    held: Portfolio, stands: Standing, emergency: Emergency, gap: ProtectionGap
) -> dict[str, Decimal | None]:
    """Measures of what is held; all None for a customer without assets, whom nothing can be said of."""
    invested = _invested(held)
    total = sum((one.value for one in invested), Decimal(0))
    found: dict[str, Decimal | None] = {
        "cover_ratio": gap.ratio,
        "basics_share": 1 - Decimal(len(gap.missing)) / _BASICS,
        "emergency_cover": emergency.have / emergency.target if emergency.target else None,
    }
    if not total:
        return found
    found["quick_share"] = sum((one.value for one in invested if _quick(one)), Decimal(0)) / total
    capped = _counted(held)
    found["largest_share"] = max(capped.values(), default=Decimal(0)) / total
    found["product_count"] = Decimal(len(capped))
    if stands.level is not None:
        above = sum((one.value for one in above_level(held, stands)), Decimal(0))
        weights = _class_weights(held, emergency.target)
        found["above_level_share"] = above / total
        found["band_excess"] = _band_excess(weights, stands.level)
        found["class_balance"] = _balance(weights, stands.level)
    return found


def above_level(held: Portfolio, stands: Standing) -> list[Holding]:
    """Holdings of more risk than the customer's level; none without a level."""
    if stands.level is None:
        return []
    return [one for one in _invested(held) if one.product.risk > stands.level]


def largest(held: Portfolio) -> list[Holding]:
    """Holdings of the product with the greatest value that is no deposit."""
    counted = _counted(held)
    if not counted:
        return []
    code = max(counted, key=lambda one: (counted[one], one))
    return [one for one in held.holdings if one.product.code == code]


def _invested(held: Portfolio) -> list[Holding]:
    return [one for one in held.holdings if one.value > 0 and one.product.asset_class != "protection"]


def _counted(held: Portfolio) -> dict[str, Decimal]:
    """Value by product where concentration counts: deposits and settlement accounts apart."""
    found: dict[str, Decimal] = {}
    for one in _invested(held):
        if one.product.kind not in rules().uncapped_kinds:
            found[one.product.code] = found.get(one.product.code, Decimal(0)) + one.value
    return found


def _quick(one: Holding) -> bool:
    """Money that can be taken out on any day."""
    product = one.product
    if product.kind == "demand_deposit":
        return True
    return product.open_rule == "daily" and not product.lock_days and product.kind != "time_deposit"


def _class_weights(held: Portfolio, reserve: Decimal) -> dict[str, Decimal]:
    """Shares of the four classes in the investable money; the reserve is taken off cash as far as it reaches."""
    amounts = dict.fromkeys(CLASSES, Decimal(0))
    for one in _invested(held):
        for name, value in one.classes.items():
            amounts[name if name in CLASSES else one.product.asset_class] += value
    amounts["cash"] -= min(reserve, amounts["cash"])
    base = sum(amounts.values(), Decimal(0))
    return {name: value / base if base else Decimal(0) for name, value in amounts.items()}


def _band_excess(weights: Mapping[str, Decimal], level: int) -> Decimal:
    """How far classes stand outside their bands, added up."""
    if not any(weights.values()):
        return Decimal(0)
    bands = rules().levels[level]
    return sum(
        (max(bands.low[name] - weights[name], weights[name] - bands.high[name], Decimal(0)) for name in CLASSES),
        Decimal(0),
    )


def _balance(weights: Mapping[str, Decimal], level: int) -> Decimal:
    """Effective number of classes, 1 / Σ w², against that of the strategic weights; at most 1."""
    own = sum((weight * weight for weight in weights.values()), Decimal(0))
    strategic = sum((weight * weight for weight in rules().levels[level].weights.values()), Decimal(0))
    return min(strategic / own, Decimal(1)) if own else Decimal(0)


def _return_per_risk(store: Store, held: Portfolio, at: datetime) -> Decimal | None:
    """(yearly time-weighted return - deposit rate) / volatility over the last year; None for deposits only."""
    rule = formula()["reward"]
    priced = [one for one in _invested(held) if one.product.valuation == "nav"]
    if not priced:
        return None
    today = today_of(at)
    start = max(min(one.first_bought for one in _invested(held)), today - timedelta(days=_YEAR))
    days = (today - start).days
    if days < rule["least_days"]:
        return None
    made = profit(store, held.customer, Period("", start, None), at=at)
    if made.twr is None or made.volatility is None or made.twr <= -1:
        return None
    yearly = (1 + made.twr) ** (_YEAR / days) - 1
    return Decimal(str(round((yearly - rule["risk_free"]) / max(made.volatility, rule["least_volatility"]), 4)))


def _few_products() -> Decimal:
    """The most products that cost no point."""
    return Decimal(formula()["dimensions"]["spread"]["measures"]["product_count"]["points"][0][0])


# what to do ---------------------------------------------------------------------------------------------------
def _upgrades(
    measures: Measures,
    now: Score,
    doubts: Sequence[str],
    held: Portfolio,
    stands: Standing,
    plan: Plan | None,
) -> list[Upgrade]:
    """First what must come first (assessment, level, reserve), then by what it brings; at most three."""
    content = formula()
    too_risky = above_level(held, stands)
    # The cap of a product above the level hides what everything else would bring; so that goes first.
    settled: Measures = {**measures, "above_level_share": Decimal(0)} if too_risky else measures
    start = score(settled, doubts=doubts).total

    def gain(**better: Decimal) -> int:
        return score({**settled, **better}, doubts=doubts).total - start

    first: list[Upgrade] = []
    if stands.level is None:
        first.append(Upgrade("assess", None))
    if too_risky:
        first.append(Upgrade("above_level", start - now.total, too_risky))
    cover = measures.get("emergency_cover")
    if cover is not None and cover < 1:
        first.append(Upgrade("emergency", gain(emergency_cover=Decimal(1))))
    later = [
        Upgrade("concentration", gain(largest_share=rules().product_cap), largest(held)),
        Upgrade("too_many", gain(product_count=_few_products())),
        Upgrade("protection", gain(cover_ratio=Decimal(1), basics_share=Decimal(1))),
    ]
    if plan is not None and plan.needed:
        level = plan.level
        better = {"band_excess": _band_excess(plan.after, level), "class_balance": _balance(plan.after, level)}
        later.append(Upgrade("rebalance", gain(**better)))
    # What the customer can do here comes before what needs a conversation.
    later.sort(key=lambda one: (one.key == "protection", -(one.gain or 0)))
    worth = [one for one in [*first, *later] if one.gain is None or one.gain >= content["least_gain"]]
    return worth[: content["most_upgrades"]]
