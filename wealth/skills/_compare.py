"""Two or three products side by side, for the skills that recommend and explain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from wealth.advice import compare as comparing
from wealth.advice import wish as wishes
from wealth.advice.compare import Comparison
from wealth.advice.terms import today_of
from wealth.blocks import Block, column, table
from wealth.classes import class_name
from wealth.errors import UnknownProduct
from wealth.format import money
from wealth.reply import Privacy, Purpose, Reply, Source
from wealth.request import Request
from wealth.skills import _product
from wealth.skills._context import option
from wealth.store import Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

_KEYS = ("first", "second", "third")


def asked_for(bank: Bank, request: Request) -> list[Product]:
    """The products to compare: those named, else those just listed; empty where nothing is to be compared."""
    codes: Sequence[str] = request.products
    if len(codes) < 2:
        listed = list(request.context.get("offered") or ())
        again = wishes.asks_to_compare(request.text) and not request.products and request.ordinal is None
        wish = wishes.read(request) if again else None
        codes = listed if wish is not None and not wish.specific else []
    found = []
    for code in dict.fromkeys(codes):
        try:
            found.append(bank.store.product(code))
        except UnknownProduct:
            continue
    return found[: comparing.MOST] if len(found) > 1 else []


def reply(bank: Bank, request: Request, skill: str, products: Sequence[Product]) -> Reply:
    """The table, and which one suits the customer better if that may be said."""
    found = comparing.compare(bank.store, request.customer, products, request.now, personal=request.personalised)
    today = today_of(request.now)
    pair = len(found.products) == 2 and found.products[0].pair_code == found.products[1].code
    sentences = [_difference(found)] if pair else [_verdict(found), _difference(found)]
    barred = [product.name for product in found.products if found.barred.get(product.code) == "above_level"]
    if barred and found.situation is not None:
        rating = found.situation.standing.rating
        sentences.append(say("recommend.compare.above_level", names="、".join(barred), rating=rating))
    advised = [one.product for one in found.fits]
    best = advised[0] if advised else found.products[0]
    steps = [
        option("recommend.options.explain", name=best.name),
        option("recommend.options.buy", name=best.name) if advised else option("common.options.recommend"),
    ]
    return Reply(
        skill=skill,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=[_table(found, today)],
        quick_replies=steps,
        next_step=steps[0],
        sources=_sources(found, today),
        disclosures=_product.disclosures_for(found.products),
        privacy=Privacy.PUBLIC if found.situation is None else Privacy.PERSONAL,
        # A comparison asked for is service; saying which one suits is advice, and then only suitable ones stand in it.
        purpose=Purpose.ADVICE if advised and not pair and len(advised) == len(found.products) else Purpose.SERVICE,
        offered=[product.code for product in found.products],
        params={"products": [product.code for product in found.products]},
    )


def _verdict(found: Comparison) -> str:
    if found.situation is None or not found.fits:
        state = found.situation.standing.state if found.situation else "valid"
        return say("recommend.compare.no_verdict" if state == "valid" else "recommend.compare.no_assessment")
    best = found.fits[0]
    reason = _product.point_text("reasons", best.reasons[0])
    if len(found.fits) < len(found.products):
        return say("recommend.compare.only", name=best.product.name, reason=reason)
    if best.score - found.fits[1].score < 0.02:
        return say("recommend.compare.even")
    return say("recommend.compare.better", name=best.product.name, reason=reason)


def _difference(found: Comparison) -> str:
    """The one difference that matters most: the same fund's fees, else risk, else how fast the money comes back."""
    first, second = found.products[0], found.products[1]
    if first.pair_code == second.code:
        short, _, long = zip(*(found.costs[one.code] for one in (first, second)), strict=True)
        cheap_short = first if short[0] <= short[1] else second
        cheap_long = first if long[0] <= long[1] else second
        key = "pair" if cheap_short is not cheap_long else "pair_same"
        return say(f"recommend.compare.{key}", short=cheap_short.name, long=cheap_long.name)
    safest = min(found.products, key=lambda one: one.risk)
    riskiest = max(found.products, key=lambda one: one.risk)
    if safest.risk != riskiest.risk:
        return say(
            "recommend.compare.risk",
            safe=safest.name,
            safe_rating=safest.rating,
            risky=riskiest.name,
            risky_rating=riskiest.rating,
        )
    return say("recommend.compare.same_risk", rating=safest.rating)


def _table(found: Comparison, today: date) -> Block:
    columns = [column("what", say("recommend.compare.what"))]
    columns += [column(key, one.name) for key, one in zip(_KEYS, found.products, strict=False)]
    lines: list[tuple[str, list[str]]] = [
        (say("product.labels.risk"), [one.rating for one in found.products]),
        (say("product.labels.class"), [class_name(one.asset_class) for one in found.products]),
        (say("product.labels.invests"), [_product.look_through_text(one) for one in found.products]),
        (say("product.labels.term"), [_product.term_text(one, today) for one in found.products]),
        (say("product.labels.arrival"), [_product.arrival_text(one) for one in found.products]),
        (say("product.labels.minimum"), [_product.minimum_text(one) for one in found.products]),
    ]
    for index, days in enumerate(comparing.COST_DAYS):
        lines.append(
            (
                say(f"recommend.compare.cost_{days}"),
                [money(found.costs[one.code][index]) for one in found.products],
            )
        )
    rows = [{"what": label, **dict(zip(_KEYS, values, strict=False))} for label, values in lines]
    return table(say("recommend.compare.title"), columns, rows)


def _sources(found: Comparison, today: date) -> list[Source]:
    sources = [_product.source_of(one, today) for one in found.products]
    if found.situation is not None and found.fits:
        portfolio = found.situation.portfolio
        sources.append(Source(f"portfolio:{portfolio.customer}", say("recommend.holdings"), portfolio.as_of))
    return sources
