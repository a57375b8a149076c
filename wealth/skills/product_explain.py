"""Tell me about this product: what it is, and the side that was asked for: fee, risk, term, past, fit.

An explanation asked for is service: it is given whatever the customer's level, with the fitting warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from wealth.advice import aspects, fit
from wealth.advice.fit import Fit
from wealth.advice.situation import situation_of
from wealth.advice.suitability import Standing
from wealth.advice.terms import today_of
from wealth.advice.wish import Wish
from wealth.classes import kind_name
from wealth.format import money, signed_money
from wealth.reply import Privacy, Purpose, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills import _compare
from wealth.skills._context import Ambiguous, asks_for_product, named_product, option, product_not_found, which_product
from wealth.skills._product import card_of, disclosures_for, point_text, source_of
from wealth.skills.product_explain_aspects import Told, tell
from wealth.store import Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "product_explain"
_MOST_ASPECTS = 2
_MOST_POINTS = 3


def answer(bank: Bank, request: Request) -> Reply:
    """Explain the product meant; ask back where several are."""
    compared = _compare.asked_for(bank, request)
    if compared:
        return _compare.reply(bank, request, SKILL, compared)
    product = named_product(bank, request)
    if isinstance(product, Ambiguous):
        return which_product(SKILL, product)
    if product is None:
        return product_not_found(SKILL, request) if asks_for_product(request) else _which(bank, request)
    return explain(bank, request, product)


def explain(bank: Bank, request: Request, product: Product) -> Reply:
    """One product, answered to what was asked."""
    today = today_of(request.now)
    asked = ["fit"] if request.context.get("why") else aspects.asked(request.text, product.name, *product.aliases)
    judged = _judge(bank, request, product)
    sides = [side for side in asked if side not in ("fit", "view")][:_MOST_ASPECTS]
    told = [tell(bank.store, product, side, request.now) for side in sides]
    sentences = [line for one in told for line in one.sentences] or [_what_it_is(product)]
    wants_verdict = "fit" in asked or asked == ["view"]
    if wants_verdict and judged is not None:
        sentences.append(_verdict(judged))
    elif judged is not None and judged.warning is not None:
        sentences.append(judged.warning)
    if judged is not None and judged.held is not None:
        sentences.append(judged.held)
    offer = wants_verdict and judged is not None and judged.fit is not None
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=[
            card_of(
                product,
                today,
                judged.standing if judged else None,
                reasons=_points("reasons", judged.fit) if offer and judged else [],
                cautions=_points("cautions", judged.fit) if judged and judged.fit else [product.risks.rstrip("。")],
            ),
            *(block for one in told for block in one.blocks),
        ],
        quick_replies=(steps := _steps(product, judged)),
        next_step=steps[0],
        sources=_sources(product, told, judged, today),
        disclosures=[
            *disclosures_for([product]),
            *dict.fromkeys(text for one in told for text in one.disclosures),
        ],
        # What is said of the customer makes it personal; the product's own terms are anyone's to read.
        privacy=Privacy.PUBLIC if judged is None else Privacy.PERSONAL,
        purpose=Purpose.ADVICE if offer else Purpose.SERVICE,
        offered=[product.code],
        params={"products": [product.code]},
        control=_control(product, judged),
    )


@dataclass(frozen=True)
class _Judgement:
    """What can be said of a product to this very customer; fit None: it may not be offered, `warning` says why."""

    standing: Standing
    fit: Fit | None
    warning: str | None
    held: str | None
    sources: Sequence[Source]


def _judge(bank: Bank, request: Request, product: Product) -> _Judgement | None:
    """None for an anonymous visitor."""
    if request.customer is None:
        return None
    situation = situation_of(bank.store, request.customer, request.now)
    standing = situation.standing
    barrier = standing.barrier(product, situation.today)
    fitted = fit.assess(product, situation, Wish(), personal=request.personalised) if barrier is None else None
    warning = None
    if barrier is not None:
        warning = say(
            f"explain.barrier.{barrier}", rating=product.rating, level=standing.rating or standing.last_rating
        )
    elif standing.needs_care(product):
        warning = say("explain.senior", rating=product.rating)
    owned = [one for one in situation.portfolio.holdings if one.product.code == product.code]
    held = None
    if owned:
        value = sum((one.value for one in owned[1:]), owned[0].value)
        gain = sum((one.unrealised for one in owned[1:]), owned[0].unrealised)
        held = say("explain.held", value=money(value), gain=signed_money(gain))
    sources = [one.source for one in owned]
    if standing.taken_at is not None:
        sources.append(Source(f"assessment:{standing.customer}", say("recommend.source"), standing.taken_at))
    return _Judgement(standing, fitted, warning, held, sources)


def _verdict(judged: _Judgement) -> str:
    """Does it suit me: the strongest reason and the strongest caution, or why it may not be offered."""
    if judged.fit is None:
        return judged.warning or ""
    reason = point_text("reasons", judged.fit.reasons[0])
    caution = point_text("cautions", judged.fit.cautions[0])
    verdict = say("explain.fits", reason=reason, caution=caution)
    return f"{verdict}{judged.warning}" if judged.warning else verdict


def _points(group: str, fitted: Fit | None) -> list[str]:
    points = getattr(fitted, group) if fitted is not None else ()
    return [point_text(group, point) for point in points[:_MOST_POINTS]]


def _what_it_is(product: Product) -> str:
    # A summary made up from issuer and strategy would say the issuer twice.
    summary = product.strategy if product.summary.startswith(product.issuer) else product.summary
    return say(
        "explain.what",
        name=product.name,
        issuer=product.issuer,
        kind=kind_name(product.kind),
        rating=product.rating,
        summary=summary.rstrip("。"),
    )


def _which(bank: Bank, request: Request) -> Reply:
    """No product was named: ask which, with the customer's own as buttons where there are any."""
    text = say("explain.which")
    names: list[str] = []
    if request.customer is not None:
        situation = situation_of(bank.store, request.customer, request.now)
        held = [one.product for one in situation.portfolio.holdings if one.product.kind != "demand_deposit"]
        names = list(dict.fromkeys(product.name for product in held))[:3]
    steps = [QuickReply(name, say("explain.ask", name=name)) for name in names] or [option("common.options.recommend")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=steps,
        next_step=steps[0],
        privacy=Privacy.PERSONAL if names else Privacy.PUBLIC,
    )


def _steps(product: Product, judged: _Judgement | None) -> list[QuickReply]:
    """What comes next: buying it where that is right, else something that is."""
    first = option("recommend.options.buy", name=product.name)
    if judged is not None and judged.standing.state != "valid":
        first = option("common.options.assessment")
    elif judged is not None and judged.held is not None:
        first = option("explain.options.keep", name=product.name)
    elif judged is not None and judged.fit is None:
        first = option("common.options.recommend")
    past = option("explain.options.past" if product.valuation == "nav" else "explain.options.term")
    return [first, option("explain.options.fee"), past]


def _control(product: Product, judged: _Judgement | None) -> dict[str, Any]:
    """ "好的" after the explanation means the first step shown."""
    if judged is None:
        return {}
    params: dict[str, Any] = {"products": [product.code]}
    if judged.standing.state != "valid":
        skill, params = "risk_assessment", {}
    elif judged.held is not None:
        skill = "stop_profit_loss"
    elif judged.fit is not None:
        skill = "purchase_howto"
    else:
        skill, params = "product_recommend", {}
    return {"pending": {"kind": "next", "skill": skill, "params": params}}


def _sources(product: Product, told: list[Told], judged: _Judgement | None, today: date) -> list[Source]:
    found = [source_of(product, today), *(source for one in told for source in one.sources)]
    found += list(judged.sources) if judged is not None else []
    return list({source.id: source for source in found}.values())
