"""What should I buy: up to three products that suit this customer, each with why, and what speaks against it.

Two or three products named with "哪个好" are laid side by side instead (_compare.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wealth.advice import wish as wishes
from wealth.advice.fit import Fit
from wealth.advice.recommend import Recommendation, recommend
from wealth.advice.suitability import Standing
from wealth.format import round_money
from wealth.reply import Privacy, Purpose, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills import _compare, product_explain
from wealth.skills._context import asks_for_product, named_product, option, scan_first, with_manager_words
from wealth.skills._product import card_of, disclosures_for, point_text, source_of
from wealth.store import Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "product_recommend"
_MOST_REASONS = 3
_MOST_CAUTIONS = 3


def answer(bank: Bank, request: Request) -> Reply:
    """The recommendation, the reasons behind the last one ("为什么"), or a comparison."""
    compared = _compare.asked_for(bank, request)
    if compared:
        return _compare.reply(bank, request, SKILL, compared)
    similar = wishes.asks_for_similar(request.text)
    if asks_for_product(request) and not similar:
        # "第二个呢", or one product named: it is that one they want to hear about.
        return product_explain.answer(bank, request)
    if request.customer is None:
        return scan_first(SKILL)
    wish = wishes.read(request)
    more = wishes.asks_for_more(request.text)
    shown = tuple(request.context.get("offered") or ()) if more else ()
    model = named_product(bank, request) if similar else None
    if isinstance(model, Product):
        wish, shown = replace(wish, asset_class=model.asset_class, theme=None), (*shown, model.code)
    found = recommend(bank.store, request.customer, wish, request.now, personal=request.personalised, without=shown)
    if found.situation.standing.state != "valid":
        return assessment_first(SKILL, found.situation.standing)
    if not found.picks:
        return _nothing(found, more)
    if request.context.get("why"):
        return _why(found)
    return with_manager_words(_picks(found), request)


def assessment_first(skill: str, standing: Standing) -> Reply:
    """Rule 2: without a valid assessment nothing is offered but the assessment itself."""
    text = say(f"recommend.assessment.{standing.state}", rating=standing.last_rating or "")
    steps = [option("common.options.assessment"), option("recommend.options.why_assessment")]
    return Reply(
        skill=skill,
        sentences=[text],
        spoken=[text],
        quick_replies=steps,
        next_step=steps[0],
        privacy=Privacy.PERSONAL,
        control={"pending": {"kind": "next", "skill": "risk_assessment", "params": {}}},
    )


def _picks(found: Recommendation) -> Reply:
    standing, first = found.situation.standing, found.picks[0]
    names = "、".join(pick.product.name for pick in found.picks)
    lead = "lead" if found.personal else "lead_impersonal"
    sentences = [say(f"recommend.{lead}.{_asked(found)}", rating=standing.rating, count=len(found.picks), names=names)]
    reason = point_text("reasons", first.reasons[0])
    caution = point_text("cautions", first.cautions[0])
    sentences.append(say("recommend.first", name=first.product.name, reason=reason, caution=caution))
    note = _note(found)
    if note:
        sentences.append(note)
    steps = [option("recommend.options.explain", name=first.product.name)]
    if len(found.picks) > 1:
        steps.append(option("recommend.options.compare"))
    steps.append(option("common.options.why"))
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=[_card(found, pick) for pick in found.picks],
        quick_replies=steps,
        next_step=steps[0],
        sources=_sources(found),
        disclosures=["suitability", *disclosures_for(pick.product for pick in found.picks)],
        privacy=Privacy.PERSONAL,
        purpose=Purpose.ADVICE,
        offered=[pick.product.code for pick in found.picks],
        params=_params(found),
        control={
            "pending": {"kind": "next", "skill": "product_explain", "params": {"products": [first.product.code]}},
            # For the guard (rule 10): whether the customer's own data went into it.
            "personalised": found.personal,
        },
    )


def _card(found: Recommendation, pick: Fit) -> dict[str, Any]:
    return card_of(
        pick.product,
        found.situation.today,
        found.situation.standing,
        reasons=[point_text("reasons", point) for point in pick.reasons[:_MOST_REASONS]],
        cautions=[point_text("cautions", point) for point in pick.cautions[:_MOST_CAUTIONS]],
    )


def _note(found: Recommendation) -> str | None:
    """The one thing worth adding to the list: an emergency reserve first, or what a wish cannot mean."""
    wish = found.wish
    if wish.guaranteed:
        return say("recommend.notes.guaranteed")
    if wish.bold:
        return say("recommend.notes.bold", rating=found.situation.standing.rating)
    if found.personal and not found.situation.free_cash():
        return say("recommend.notes.no_cash")
    if found.personal and found.situation.emergency_short > 0 and not wish.specific:
        return say("recommend.notes.emergency", short=round_money(found.situation.emergency_short))
    return None


def _why(found: Recommendation) -> Reply:
    """How the choice was made: what was left out first, then what counted, product by product."""
    standing = found.situation.standing
    dropped = found.dropped.get("above_level", 0)
    key = "why.personal" if found.personal else "why.impersonal"
    sentences = [
        say(f"recommend.{key}", rating=standing.rating, count=found.considered, dropped=dropped),
        *(
            say(
                "recommend.why.each",
                name=pick.product.name,
                reasons="；".join(point_text("reasons", point) for point in pick.reasons[:_MOST_REASONS]),
            )
            for pick in found.picks
        ),
        say("recommend.why.not_by_return"),
    ]
    steps = [option("recommend.options.more"), option("recommend.options.compare"), option("common.options.checkup")]
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        quick_replies=steps,
        next_step=steps[1],
        sources=_sources(found),
        disclosures=["suitability", *disclosures_for(pick.product for pick in found.picks)],
        privacy=Privacy.PERSONAL,
        purpose=Purpose.ADVICE,
        offered=[pick.product.code for pick in found.picks],
        params=_params(found),
        control={"personalised": found.personal},
    )


def _nothing(found: Recommendation, more: bool) -> Reply:
    """Nothing is left: the main hindrance, and what could be asked instead."""
    standing, wish = found.situation.standing, found.wish
    hindrance = "no_more" if more and not found.considered else found.main_hindrance or "not_sold"
    text = say(
        f"recommend.nothing.{hindrance}",
        rating=standing.rating,
        theme=wish.theme.name if wish.theme else say("recommend.nothing.this_kind"),
        days=wish.horizon_days or 0,
    )
    control: Mapping[str, Any] = {}
    steps: list[QuickReply] = [option("common.options.recommend"), option("common.options.checkup")]
    if hindrance == "above_level":
        # Rule 5: who wants more risk than their level talks to a person.
        steps = [option("common.options.recommend"), option("common.options.person")]
        control = {"pending": {"kind": "next", "skill": "product_recommend", "params": {}}}
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=steps,
        next_step=steps[0],
        privacy=Privacy.PERSONAL,
        params={"wish": {}},
        control=control,
    )


def _asked(found: Recommendation) -> str:
    """Which opening fits the question."""
    wish = found.wish
    if wish.theme is not None or wish.asset_class or wish.risk:
        return "subject"
    if wish.amount:
        return "amount"
    return "open" if found.situation.portfolio.holdings else "start"


def _sources(found: Recommendation) -> list[Source]:
    today = found.situation.today
    sources = [source_of(pick.product, today) for pick in found.picks]
    taken = found.situation.standing.taken_at
    if taken is not None:
        sources.insert(0, Source(f"assessment:{found.situation.standing.customer}", say("recommend.source"), taken))
    if found.personal:
        portfolio = found.situation.portfolio
        sources.insert(0, Source(f"portfolio:{portfolio.customer}", say("recommend.holdings"), portfolio.as_of))
    return sources


def _params(found: Recommendation) -> dict[str, Any]:
    return {"wish": wishes.to_params(found.wish)}
