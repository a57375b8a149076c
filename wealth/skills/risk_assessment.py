"""Risk assessment: my level and until when, questions about the assessment, and the questionnaire itself as a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wealth.advice.questionnaire import questionnaire
from wealth.advice.suitability import standing
from wealth.clock import SHANGHAI
from wealth.format import day
from wealth.reply import Privacy, Purpose, QuickReply, Reply
from wealth.request import Request
from wealth.skills import risk_assessment_form as form
from wealth.skills._context import option, scan_first
from wealth.skills.concept_qa import entry_source
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "risk_assessment"


def answer(bank: Bank, request: Request) -> Reply:
    """The next step of an open form, the level, an explanation, or the first question."""
    pending = request.context.get("pending") or {}
    mine = pending.get("kind") == "form" and pending.get("skill") == SKILL
    if mine and request.customer is not None:
        return form.step(bank, request, pending)
    if request.context.get("why"):
        return _why()
    about = bank.knowledge["assessment"]
    hits = about.search(request.text)
    entry = hits[0].entry if hits and hits[0].score >= about.answer_at else None
    do = entry.control.get("do") if entry is not None else "start"
    if do is None and entry is not None:
        steps = [QuickReply(entry.next, entry.next)]
        return Reply(
            skill=SKILL,
            sentences=entry.answer,
            spoken=[entry.answer[0]],
            quick_replies=steps,
            next_step=steps[0],
            sources=[entry_source(entry)],
            purpose=Purpose.EDUCATION,
        )
    if request.customer is None:
        return scan_first(SKILL)
    return _status(bank, request) if do == "status" else form.start(bank, request)


def _why() -> Reply:
    text = say("assessment.why")
    step = option("assessment.options.again")
    return Reply(skill=SKILL, sentences=[text], spoken=[text], quick_replies=[step], next_step=step)


def _status(bank: Bank, request: Request) -> Reply:
    assert request.customer is not None
    now = standing(bank.store, request.customer, request.now)
    names = questionnaire().names
    figures: dict[str, Any] = {"rating": now.last_rating, "name": names.get(now.last_rating or "", "")}
    if now.taken_at is not None and now.valid_until is not None:
        figures |= {"taken": day(now.taken_at.astimezone(SHANGHAI).date()), "until": form.last_day(now.valid_until)}
        if now.state == "expired":
            figures["until"] = day(now.valid_until)
    text = say(f"assessment.status.{now.state}", minutes=questionnaire().minutes, **figures)
    sentences, blocks, sources = [text], [], []
    if now.state == "valid" and now.rating and now.taken_at is not None:
        if now.rating != now.last_rating:
            taken = bank.store.assessments(request.customer)[0].taken_at.astimezone(SHANGHAI).date()
            sentences.append(say("assessment.status.pending", rating=now.rating, taken=day(taken)))
        sentences.append(say(f"assessment.meaning.{now.rating}"))
        blocks = [form.level_card(now.rating, now.last_rating, str(figures["until"]))]
    if now.taken_at is not None:
        latest = next(one for one in bank.store.assessments(request.customer) if one.taken_at == now.taken_at)
        sources = [form.source_of(latest.id, now.taken_at)]
    if now.state == "valid":
        steps = [option("common.options.recommend"), option("assessment.options.again")]
    else:
        steps = [option("assessment.options.start")]
    control = {} if now.state == "valid" else {"pending": {"kind": "next", "skill": SKILL, "params": {}}}
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=blocks,
        quick_replies=steps,
        next_step=steps[0],
        sources=sources,
        privacy=Privacy.PERSONAL,
        control=control,
    )
