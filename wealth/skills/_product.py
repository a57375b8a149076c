"""A product in words: its term, arrival, fees and minimum, and its card. For all skills that show products."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal

from wealth.advice import terms
from wealth.advice.fit import Point
from wealth.advice.suitability import Standing, is_for_sale
from wealth.blocks import Block, product_card
from wealth.classes import class_name
from wealth.clock import SHANGHAI
from wealth.format import day as day_text
from wealth.format import percent, round_money
from wealth.reply import Source
from wealth.store import FeeTier, Product
from wealth.wording import say

_DEPOSITS = frozenset({"time_deposit", "demand_deposit"})
# Which risk sentence (data/compliance) goes with which kind of product.
_DISCLOSURE = {
    "demand_deposit": "deposit",
    "time_deposit": "deposit",
    "structured_deposit": "structured",
    "cash": "risk",
    "wealth": "risk",
    "gold": "risk",
    "fund": "fund",
    "insurance": "insurance",
}


def source_of(product: Product, today: date) -> Source:
    """The product's paper as the bank holds it today: what its rules and fees are taken from."""
    return Source(f"product:{product.code}", f"{product.name} 产品说明书", datetime.combine(today, time(), SHANGHAI))


def term_text(product: Product, today: date) -> str:
    """How long the money stays, in a few words."""
    if product.kind == "insurance":
        return say("product.term.insurance")
    if product.kind == "time_deposit":
        return say("product.term.deposit", days=product.term_days)
    if product.open_rule == "closed":
        if product.maturity_date is None:
            return say("product.term.closed")
        return say("product.term.until", day=day_text(product.maturity_date, today))
    if product.open_rule == "periodic":
        opened = terms.next_open_day(product, today)
        if opened is None:
            return say("product.term.periodic_unknown")
        return say("product.term.periodic", day=day_text(opened, today))
    if product.lock_days:
        return say("product.term.locked", days=product.lock_days)
    return say("product.term.daily")


def arrival_text(product: Product) -> str:
    """When a sale's money is back, by trading days."""
    days = max(product.arrival_days, product.confirm_days)
    if days == 0:
        return say("product.arrival.same_day")
    return say("product.arrival.next_day") if days == 1 else say("product.arrival.days", days=days)


def minimum_text(product: Product) -> str:
    """¥10,000 起，每次加 ¥1,000 的整数倍; the step is not worth a word where it is small change."""
    minimum = amount_text(product.minimum)
    if product.step <= 1:
        return say("product.minimum", minimum=minimum)
    return say("product.minimum_step", minimum=minimum, step=amount_text(product.step))


def amount_text(amount: Decimal) -> str:
    """A round sum without cents, a sum with cents as it is."""
    return round_money(amount) if amount == amount.to_integral_value() else f"¥{amount:,.2f}"


def fee_text(tier: FeeTier | None) -> str:
    """One fee step: 0.15%, 每笔 ¥1,000 or 不收."""
    if tier is None or (tier.fixed is None and not tier.rate):
        return say("product.fee.free")
    if tier.fixed is not None:
        return say("product.fee.fixed", amount=amount_text(tier.fixed))
    return percent(tier.rate)


def purchase_tiers(product: Product) -> list[tuple[str, str]]:
    """(when, fee) by amount."""
    return [(_when(tier, "amount", amount_text), fee_text(tier)) for tier in product.purchase_fees]


def redemption_tiers(product: Product) -> list[tuple[str, str]]:
    """(when, fee) by days held."""
    return [(_when(tier, "days", lambda days: str(int(days))), fee_text(tier)) for tier in product.redemption_fees]


def tier_line(tiers: list[tuple[str, str]]) -> str:
    """All steps in one line; just the fee where it is one for all."""
    if len(tiers) <= 1:
        return tiers[0][1] if tiers else fee_text(None)
    return "；".join(say("product.fee.line", when=when, fee=fee) for when, fee in tiers)


def _when(tier: FeeTier, unit: str, text: Callable[[Decimal], str]) -> str:
    if tier.end is None:
        return say(f"product.when.from_{unit}", start=text(tier.start)) if tier.start else say("product.when.always")
    between = "between" if tier.start else "below"
    return say(f"product.when.{between}_{unit}", start=text(tier.start), end=text(tier.end))


def days_text(start: date, end: date, today: date) -> str:
    """From day to day, with both years where they differ."""
    if start.year == end.year:
        return say("product.days", start=day_text(start, today), end=day_text(end, today))
    far = date(1, 1, 1)
    return say("product.days", start=day_text(start, far), end=day_text(end, far))


def look_through_text(product: Product) -> str:
    """固收 90%、现金 10%; the undisclosed share included."""
    parts = sorted(product.look_through.items(), key=lambda part: -part[1])
    return "、".join(f"{class_name(name)} {percent(weight, 0)}" for name, weight in parts if weight)


def facts(product: Product) -> list[tuple[str, str]]:
    """What a buyer asks first: where it invests, arrival, running cost, purchase and redemption fee."""
    found = [(say("product.labels.arrival"), arrival_text(product))] if product.kind != "insurance" else []
    if product.kind in _DEPOSITS and product.rate is not None:
        found.insert(0, (say("product.labels.rate"), percent(product.rate)))
    elif product.valuation == "nav":
        found.insert(0, (say("product.labels.invests"), look_through_text(product)))
        found.append((say("product.labels.yearly_cost"), percent(terms.yearly_cost(product))))
    if product.purchase_fees:
        found.append((say("product.labels.purchase_fee"), tier_line(purchase_tiers(product))))
    if product.redemption_fees:
        found.append((say("product.labels.redemption_fee"), tier_line(redemption_tiers(product))))
    return found


def card_of(
    product: Product,
    today: date,
    standing: Standing | None,
    *,
    reasons: list[str] | None = None,
    cautions: list[str] | None = None,
) -> Block:
    """A product card; with the way to the purchase page only for who may be offered it without a person (rule 4)."""
    link = None
    # Insurance is never bought without a person: needs are asked and the sale is recorded.
    alone = product.kind != "insurance"
    if alone and standing is not None and standing.barrier(product, today) is None and not standing.needs_care(product):
        link = f"{os.environ.get('PEIBAN_BANK_PURCHASE_URL', '/demo/bank/purchase')}?product={product.code}"
    return product_card(
        product,
        facts=facts(product),
        reasons=reasons or [],
        cautions=cautions or [],
        term=term_text(product, today),
        minimum=minimum_text(product),
        link=link if is_for_sale(product, today) else None,
    )


def disclosures_for(products: Iterable[Product]) -> list[str]:
    """Ids of the risk sentences that these products need (data/compliance)."""
    kinds = {product.kind for product in products}
    needed = list(dict.fromkeys(text for kind, text in _DISCLOSURE.items() if kind in kinds))
    return [*needed, "benchmark"] if kinds - _DEPOSITS - {"insurance"} else needed


def point_text(group: str, point: Point) -> str:
    """A reason or caution in words; group: reasons or cautions."""
    figures = dict(point.figures)
    if "asset_class" in figures:
        figures["name"] = say(f"recommend.classes.{figures.pop('asset_class')}")
    return say(f"recommend.{group}.{point.key}", **figures)
