"""Look over the whole portfolio: score, what to improve, and the allocation plan (also for money about to come in)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wealth.advice.checkup import Checkup, Review, checkup, review
from wealth.advice.checkup_score import formula_source
from wealth.reply import Privacy, Purpose, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills._context import asks_why, mentions, option, scan_first, seen_by_others, with_manager_words
from wealth.skills._product import disclosures_for
from wealth.skills.wealth_checkup_blocks import (
    class_table,
    dimension_list,
    facts,
    score_gauge,
    step_table,
    upgrade_list,
    upgrade_option,
)
from wealth.skills.wealth_checkup_plan import plan_reasons, plan_sentences
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "wealth_checkup"
_MOST_SOURCES = 40


def answer(bank: Bank, request: Request) -> Reply:
    """The check-up, or the plan where that is asked for. Raises UnknownCustomer, StoreUnavailable."""
    if request.customer is None or seen_by_others(request):
        return scan_first(SKILL)
    new_money = request.amount if request.amount and request.amount > 0 else Decimal(0)
    if new_money or _wants_plan(request):
        looked = review(bank.store, request.customer, request.now, new_money)
        return _plan(looked, request) if looked.portfolio.total or new_money else _nothing(looked)
    found = checkup(bank.store, request.customer, request.now)
    if not found.portfolio.total:
        return _nothing(found)
    return _explained(found, request) if asks_why(request) else with_manager_words(_checkup(found, request), request)


def _wants_plan(request: Request) -> bool:
    """Asked for in words, agreed to when it was offered, or asked about ("为什么") when it was just given."""
    if mentions(request, "asks_plan"):
        return True
    if mentions(request, "asks_checkup"):
        return False
    offered = request.context.get("pending") or {}
    agreed = offered.get("skill") == SKILL and (offered.get("params") or {}).get("plan")
    given = request.context.get("skill") == SKILL and (request.context.get("params") or {}).get("plan")
    return bool(agreed or (given and asks_why(request)))


def _checkup(found: Checkup, request: Request) -> Reply:
    score = found.score
    sentences = [
        say(
            "checkup.lead",
            total=score.total,
            label=score.label,
            confidence=score.confidence_label,
        ),
        _weakest(found),
    ]
    if score.capped:
        sentences[1] = say("checkup.capped", raw=score.raw, cap=score.total)
    if found.upgrades:
        sentences.append(say(f"checkup.upgrades.{found.upgrades[0].key}.offer"))
    shown = [score_gauge(found), upgrade_list(found), *class_table(found), facts(found)]
    return _reply(found, request, sentences, [block for block in shown if block is not None])


def _weakest(found: Checkup) -> str:
    known = [one for one in found.score.dimensions if one.known]
    if not known:
        return say("checkup.nothing_known")
    best = max(known, key=lambda one: one.points / one.known)
    worst = min(known, key=lambda one: one.points / one.known)
    if best.points / best.known == worst.points / worst.known:
        return say("checkup.even")
    return say("checkup.best_and_worst", best=best.name, worst=worst.name)


def _explained(found: Checkup, request: Request) -> Reply:
    score = found.score
    sentences = [say("checkup.why", total=score.total)]
    if score.capped:
        sentences.append(say("checkup.capped", raw=score.raw, cap=score.total))
    unknown = [one.name for one in score.dimensions if one.known < one.most]
    if unknown:
        sentences.append(say("checkup.unknown", names="、".join(unknown), confidence=score.confidence_label))
    return _reply(found, request, sentences, [score_gauge(found), dimension_list(found)])


def _plan(found: Review, request: Request) -> Reply:
    """What to move. Products are named only with a valid assessment and where personal advice is switched on."""
    if found.plan is None:
        text = say(f"checkup.plan.assess_{found.standing.state}")
        first = option("common.options.assessment")
        return Reply(
            skill=SKILL,
            sentences=[text],
            spoken=[text],
            quick_replies=[first, option("common.options.checkup"), option("common.options.person")],
            next_step=first,
            privacy=Privacy.PERSONAL,
            control={"pending": {"kind": "next", "skill": "risk_assessment", "params": {}}},
        )
    named = request.personalised
    sentences = plan_reasons(found.plan) if asks_why(request) else plan_sentences(found, named=named)
    shown = [*class_table(found), *(step_table(found.plan) if named else [])]
    bought = [step.product for step in found.plan.steps if step.action == "buy"] if named else []
    offered = [product.code for product in bought]
    control: dict[str, Any] = {"personalised": True} if offered else {}
    first = option("checkup.options.how_to_buy") if offered else option("common.options.recommend")
    if found.plan.handed_over:
        first = option("common.options.person")
        control["pending"] = {"kind": "next", "skill": "human_handoff", "params": {}}
    options = [first, option("common.options.why"), option("common.options.checkup")]
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=shown,
        quick_replies=options,
        next_step=first,
        sources=_sources(found),
        disclosures=["suitability", *disclosures_for(bought)] if offered else ["not_advice"],
        privacy=Privacy.PERSONAL,
        purpose=Purpose.ADVICE if offered else Purpose.SERVICE,
        offered=offered,
        params={"plan": True},
        control=control,
    )


def _reply(found: Checkup, request: Request, sentences: list[str], shown: list[dict[str, Any]]) -> Reply:
    options = _options(found, request)
    control: dict[str, Any] = {}
    if found.upgrades:
        first = found.upgrades[0]
        skill = say(f"checkup.upgrades.{first.key}.skill")
        products = list(dict.fromkeys(holding.product.code for holding in first.holdings))
        params = {"plan": True} if skill == SKILL else {"products": products} if products else {}
        control["pending"] = {"kind": "next", "skill": skill, "params": params}
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=shown,
        quick_replies=options,
        next_step=options[0],
        sources=_sources(found),
        privacy=Privacy.PERSONAL,
        # A sum named once is not the wish of the next check-up.
        params={"amount": None, "plan": False},
        control=control,
    )


def _options(found: Checkup, request: Request) -> list[QuickReply]:
    options = [upgrade_option(one.key) for one in found.upgrades[:1]]
    if found.plan is not None:
        options.append(option("checkup.options.plan"))
    options.append(option("common.options.overview") if asks_why(request) else option("common.options.why"))
    options.append(found.stage.next_step)
    unique = {one.text: one for one in options if one.text != say("common.options.checkup.text")}
    return list(unique.values())[:3]


def _nothing(found: Review) -> Reply:
    text = say("checkup.nothing")
    options = [option("common.options.assessment")] if found.standing.level is None else []
    options += [found.stage.next_step, option("common.options.recommend")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=options,
        next_step=options[0],
        privacy=Privacy.PERSONAL,
    )


def _sources(found: Review) -> list[Source]:
    held = {one.source.id: one.source for one in found.portfolio.holdings}
    rest = [formula_source()] if isinstance(found, Checkup) else []
    if found.plan is not None:
        rest.append(found.plan.source)
    if found.standing.taken_at is not None:
        identity = f"assessment:{found.standing.taken_at:%Y%m%d}"
        rest.append(Source(identity, say("checkup.assessment_source"), found.standing.taken_at))
    if not held:
        rest.append(Source(f"positions:{found.customer.id}", say("overview.ledger"), found.portfolio.as_of))
    return [*list(held.values())[:_MOST_SOURCES], *rest]
