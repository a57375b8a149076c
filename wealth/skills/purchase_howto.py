"""How and where to buy: for this product its minimum, cut-off, days and fee; without one, the way that was asked about.

It closes no sale (rule 16): the way ends at the bank's own page or with a person.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wealth.advice import howto, terms
from wealth.advice.suitability import Standing, standing
from wealth.blocks import Block, card, item, listing, row
from wealth.format import day as day_text
from wealth.format import money
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills._context import Ambiguous, asks_for_product, named_product, option, product_not_found, which_product
from wealth.skills._product import (
    amount_text,
    card_of,
    disclosures_for,
    minimum_text,
    purchase_tiers,
    source_of,
    term_text,
    tier_line,
)
from wealth.store import Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "purchase_howto"
_AT_ONCE = frozenset({"time_deposit", "demand_deposit"})


def answer(bank: Bank, request: Request) -> Reply:
    """How to buy the product meant, or how this kind of purchase works."""
    product = named_product(bank, request)
    if isinstance(product, Ambiguous):
        return which_product(SKILL, product)
    if product is not None:
        return _product(bank, request, product)
    if asks_for_product(request):
        return product_not_found(SKILL, request)
    return _general(request)


def _product(bank: Bank, request: Request, product: Product) -> Reply:
    today = terms.today_of(request.now)
    stands = standing(bank.store, request.customer, request.now) if request.customer is not None else None
    barrier = stands.barrier(product, today) if stands is not None else None
    way = _way(product, stands, barrier)
    # Where it cannot be bought, when and how are not the answer.
    closed = way in ("above_level", "not_on_sale")
    sentences = [] if closed else _terms(product, request)
    sentences.append(say(f"purchase.way.{way}", name=product.name, rating=product.rating, level=_level(stands)))
    steps, pending = _next(product, way)
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=[*sentences[:1], *sentences[1:][-1:]],
        blocks=[*([] if closed else [_terms_card(product, request)]), card_of(product, today, stands)],
        quick_replies=steps,
        next_step=steps[0],
        sources=_sources(product, stands, request),
        disclosures=disclosures_for([product]),
        privacy=Privacy.PUBLIC if stands is None else Privacy.PERSONAL,
        offered=[product.code],
        params={"products": [product.code]},
        control={"pending": pending} if pending else {},
    )


def _terms(product: Product, request: Request) -> list[str]:
    """Minimum and days, then what the sum or the plan that was named means."""
    sentences = [_when(product, request)]
    amount = _amount(product, terms.usable(request.amount))
    if amount is not None:
        sentences.append(amount)
    if howto.topic_of(request.text, "purchase") == "plan":
        sentences.append(say("purchase.plan_product" if product.kind == "fund" else "purchase.no_plan"))
    return sentences


def _when(product: Product, request: Request) -> str:
    """Which day counts, in one sentence."""
    today = terms.today_of(request.now)
    minimum = minimum_text(product)
    if product.kind == "insurance":
        return say("purchase.when.insurance", name=product.name, minimum=minimum)
    if product.kind in _AT_ONCE:
        return say("purchase.when.deposit", name=product.name, minimum=minimum)
    dates = terms.purchase_dates(product, request.now)
    placed, confirmed = day_text(dates.placed, today), day_text(dates.confirmed, today)
    if product.sale_end is not None and product.maturity_date is not None:
        begins = day_text(product.launch_date, today)
        ends = day_text(product.sale_end, today)
        return say("purchase.when.window", name=product.name, minimum=minimum, ends=ends, begins=begins)
    key = "today" if dates.placed == today else "periodic" if product.open_rule == "periodic" else "next"
    return say(
        f"purchase.when.{key}",
        name=product.name,
        minimum=minimum,
        cutoff=f"{product.cutoff:%H:%M}",
        placed=placed,
        confirmed=confirmed,
    )


def _amount(product: Product, amount: Decimal | None) -> str | None:
    """What the sum that was named means: too little, not a step, or its fee."""
    if amount is None:
        return None
    if amount < product.minimum:
        return say("purchase.amount.too_little", amount=amount_text(amount), minimum=amount_text(product.minimum))
    if product.step and (amount - product.minimum) % product.step:
        lower = amount - (amount - product.minimum) % product.step
        return say("purchase.amount.step", step=amount_text(product.step), lower=amount_text(lower))
    fee = terms.purchase_fee_inside(product, amount)
    if not fee:
        return say("purchase.amount.free", amount=amount_text(amount))
    return say("purchase.amount.fee", amount=amount_text(amount), fee=money(fee), left=money(amount - fee))


def _way(product: Product, stands: Standing | None, barrier: str | None) -> str:
    """Which ending the answer has: anyone, app, or what stands in between."""
    if barrier is not None:
        return barrier
    if product.kind == "insurance":
        return "insurance"
    if stands is None:
        return "visitor"
    return "senior" if stands.needs_care(product) else "app"


def _next(product: Product, way: str) -> tuple[list[QuickReply], dict[str, Any] | None]:
    """Buttons, and what "好的" means after this ending."""
    fee = option("explain.options.fee")
    if way in ("missing", "expired"):
        return [option("common.options.assessment"), fee], {"kind": "next", "skill": "risk_assessment", "params": {}}
    if way in ("above_level", "senior", "insurance"):
        # Rules 4 and 5: a person, not a page.
        others = option("common.options.recommend") if way == "above_level" else fee
        return [option("common.options.person"), others], {"kind": "next", "skill": "human_handoff", "params": {}}
    if way == "not_on_sale":
        return [option("common.options.recommend"), fee], {"kind": "next", "skill": "product_recommend", "params": {}}
    return [option("purchase.options.redeem", name=product.name), fee], None


def _terms_card(product: Product, request: Request) -> Block:
    today = terms.today_of(request.now)
    rows = [row(say("product.labels.minimum"), minimum_text(product))]
    if product.kind not in _AT_ONCE and product.kind != "insurance":
        dates = terms.purchase_dates(product, request.now)
        note = None if dates.certain else say("purchase.card.uncertain")
        rows.append(row(say("purchase.card.placed"), day_text(dates.placed, today)))
        rows.append(row(say("purchase.card.confirmed"), day_text(dates.confirmed, today), note=note))
        rows.append(row(say("product.labels.purchase_fee"), tier_line(purchase_tiers(product))))
    rows.append(row(say("product.labels.term"), term_text(product, today)))
    where = "person" if product.kind == "insurance" else "path"
    rows.append(row(say("purchase.card.where"), say(f"purchase.card.{where}")))
    return card(say("purchase.card.title", name=product.name), rows)


def _general(request: Request) -> Reply:
    """No product was named: how this kind of purchase goes, step by step."""
    topic = howto.topic_of(request.text, "purchase") or "first"
    sentence = say(f"purchase.general.{topic}.sentence")
    steps = [option("common.options.recommend"), option("common.options.assessment"), option("common.options.person")]
    if topic in ("trouble", "private", "recording", "currency"):
        steps = [steps[2], steps[0]]
    if request.customer is None:
        steps = [option("purchase.options.counter"), *steps[-1:]]
    return Reply(
        skill=SKILL,
        sentences=[sentence],
        spoken=[sentence],
        blocks=[
            listing(
                say("purchase.general.title"),
                [item(text) for text in say(f"purchase.general.{topic}.steps").splitlines()],
            )
        ],
        quick_replies=steps,
        next_step=steps[0],
    )


def _level(stands: Standing | None) -> str:
    return (stands.rating or stands.last_rating or "") if stands is not None else ""


def _sources(product: Product, stands: Standing | None, request: Request) -> list[Source]:
    sources = [source_of(product, terms.today_of(request.now))]
    if stands is not None and stands.taken_at is not None:
        sources.append(Source(f"assessment:{stands.customer}", say("recommend.source"), stands.taken_at))
    return sources
