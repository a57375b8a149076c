"""The questionnaire as a form: one question at a time, back, stop, kind repeats, never a hint, confirmation at the end.

The form's whole state is in Reply.control["pending"]; nothing is written before the last answer. Rule 3's limits count
finished questionnaires, confirmed or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wealth.advice.questionnaire import Outcome, Question, choose, covering, questionnaire
from wealth.advice.suitability import expiry, standing
from wealth.blocks import card, row
from wealth.clock import SHANGHAI
from wealth.errors import BadSetting
from wealth.format import day
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills._context import option
from wealth.store import writes
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "risk_assessment"
CONFIRM = "confirm"
_YEAR = timedelta(days=365)


def start(bank: Bank, request: Request, lead: str | None = None) -> Reply:
    """The first question, or why there is none today."""
    refused = _limit(bank, request)
    if refused is not None:
        return refused
    asked = _questions(bank, request)
    intro = say("assessment.intro", count=len(asked), minutes=questionnaire().minutes)
    return _ask(asked, 0, {}, [*([lead] if lead else []), intro])


def step(bank: Bank, request: Request, pending: Mapping[str, Any]) -> Reply:
    """What the customer said while the form was open."""
    if pending.get("step") == CONFIRM:
        return _confirm(bank, request, pending)
    asked = _questions(bank, request)
    index, answers = pending.get("step"), dict(pending.get("answers") or {})
    if not isinstance(index, int) or not 0 <= index < len(asked):
        return start(bank, request)
    chosen = choose(asked[index], request)
    if chosen is None:
        return _command(bank, request, asked, index, answers)
    answers[asked[index].id] = chosen.value
    if index + 1 < len(asked):
        return _ask(asked, index + 1, answers, [say("assessment.answered")])
    return _finish(bank, request, answers)


def _command(bank: Bank, request: Request, asked: list[Question], index: int, answers: dict[str, str]) -> Reply:
    command = questionnaire().command(request.text)
    if command in ("stop", "decline"):
        return _plain(say("assessment.stopped"), [option("assessment.options.start")])
    if command == "restart":
        return start(bank, request, say("assessment.restart"))
    if command == "back":
        key = "back" if index else "first_already"
        return _ask(asked, max(index - 1, 0), answers, [say(f"assessment.{key}")])
    lead = {"hint": "no_hint", "go_on": "welcome_back"}.get(command or "", "not_understood")
    return _ask(asked, index, answers, [say(f"assessment.{lead}")])


def _questions(bank: Bank, request: Request) -> list[Question]:
    """The questions to ask this customer: what the bank knows for sure is not asked."""
    return [one for one in questionnaire().questions if one.id not in _known(bank, request)]


def _known(bank: Bank, request: Request) -> dict[str, str]:
    customer = bank.store.customer(request.owner)
    age = customer.age(request.now.astimezone(SHANGHAI).date())
    known = {}
    for question in questionnaire().questions:
        found = covering(question, Decimal(age)) if question.known == "birth_date" and age is not None else None
        if found is not None:
            known[question.id] = found.value
    return known


def _ask(asked: list[Question], index: int, answers: Mapping[str, str], lead: list[str]) -> Reply:
    question = asked[index]
    block = {
        "type": "form_step",
        "form": SKILL,
        "step": index + 1,
        "of": len(asked),
        "question": question.text,
        "options": [{"title": one.title, "text": one.title} for one in question.options],
        "note": say("assessment.note"),
    }
    buttons = [*([option("assessment.options.back")] if index else []), option("assessment.options.stop")]
    pending = {
        "kind": "form",
        "skill": SKILL,
        "step": index,
        "answers": dict(answers),
        "options": [{"title": one.title, "value": one.value} for one in question.options],
        "says": _says(question),
        "resume": say("assessment.interrupted"),
    }
    return Reply(
        skill=SKILL,
        sentences=lead,
        spoken=[question.text],
        blocks=[block],
        quick_replies=buttons,
        privacy=Privacy.PERSONAL,
        control={"pending": pending},
    )


def _says(question: Question) -> list[str]:
    """Other words that answer this step, so that the dialogue routes them here whatever they mean elsewhere."""
    commands = questionnaire().commands
    also = [word for one in question.options for word in one.also]
    return [*also, *commands["back"], *commands["stop"], *commands["restart"], *commands["go_on"]]


def _limit(bank: Bank, request: Request) -> Reply | None:
    """Rule 3: at most so many questionnaires a day and in twelve months."""
    rule = bank.guard.book[3]
    if not rule.on:
        return None
    taken = [one.taken_at for one in bank.store.assessments(request.owner) if one.taken_at <= request.now]
    today = [at for at in taken if _day(at) == _day(request.now)]
    year = [at for at in taken if at > request.now - _YEAR]
    per_day, per_year = int(rule.settings["per_day"]), int(rule.settings["per_year"])
    if len(year) >= per_year:
        return _plain(say("assessment.too_many_year", limit=per_year), [option("common.options.person")])
    if len(today) >= per_day:
        return _plain(say("assessment.too_many_today", limit=per_day), [option("common.options.overview")])
    return None


def _finish(bank: Bank, request: Request, answers: dict[str, str]) -> Reply:
    # Counted again: two forms may have been open at once.
    refused = _limit(bank, request)
    if refused is not None:
        return refused
    customer, form = request.owner, questionnaire()
    answers = {**answers, **_known(bank, request)}
    outcome = form.outcome(answers)
    before = standing(bank.store, customer, request.now)
    # A level that stays is renewed at once; a changed one waits for the customer (rule 3).
    same = (
        before.state != "missing" and before.last_rating == outcome.rating and before.rating in (None, outcome.rating)
    )
    made = writes.add_assessment(
        bank.store,
        customer,
        taken_at=request.now,
        score=outcome.score,
        rating=outcome.rating,
        answers=answers,
        questionnaire=form.id,
        horizon_months=outcome.horizon_months,
        confirmed=same,
    )
    until = last_day(expiry(_day(request.now)))
    kind = "same" if same else "changed" if before.last_rating else "first"
    text = say(
        f"assessment.result.{kind}",
        rating=outcome.rating,
        name=form.names[outcome.rating],
        before=before.last_rating or "",
        until=until,
    )
    sentences = [text, *_reasons(outcome)]
    buttons = [option("common.options.recommend")]
    control: dict[str, Any] = {"form_done": True}
    if not same:
        sentences.append(say("assessment.ask_confirm"))
        buttons = [option("assessment.options.confirm"), option("assessment.options.decline")]
        control = {"pending": _awaiting(made.id, outcome.rating, before.last_rating)}
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=[text, *sentences[-1:]] if not same else [text],
        blocks=[level_card(outcome.rating, before.last_rating, until)],
        quick_replies=buttons,
        next_step=buttons[0] if same else None,
        sources=[source_of(made.id, request.now)],
        disclosures=["suitability"],
        privacy=Privacy.PERSONAL,
        control=control,
    )


def _reasons(outcome: Outcome) -> list[str]:
    reasons = [say(f"assessment.meaning.{outcome.rating}")]
    if outcome.cap is not None:
        reasons.append(say("assessment.cap", title=outcome.cap.title))
    return reasons


def _awaiting(assessment: int, rating: str, before: str | None) -> dict[str, Any]:
    buttons = [option("assessment.options.confirm"), option("assessment.options.decline")]
    return {
        "kind": "form",
        "skill": SKILL,
        "step": CONFIRM,
        "assessment": assessment,
        "rating": rating,
        "before": before,
        "options": [{"title": button.title, "value": button.text} for button in buttons],
        "says": [*questionnaire().commands["confirm"], *questionnaire().commands["decline"]],
        "resume": say("assessment.options.confirm.title"),
    }


def _confirm(bank: Bank, request: Request, pending: Mapping[str, Any]) -> Reply:
    command = questionnaire().command(request.text)
    rating, before = str(pending.get("rating")), pending.get("before")
    if command == "restart":
        return start(bank, request, say("assessment.restart"))
    if command in ("decline", "stop"):
        return _declined(bank, request)
    if command != "confirm":
        buttons = [option("assessment.options.confirm"), option("assessment.options.decline")]
        text = say("assessment.ask_confirm")
        return _plain(text, buttons, {"pending": dict(pending)})
    mine = [one for one in bank.store.assessments(request.owner) if one.id == pending.get("assessment")]
    if not mine:
        raise BadSetting("没有这次测评")
    writes.confirm_assessment(bank.store, mine[0].id, request.now)
    until = last_day(expiry(_day(mine[0].taken_at)))
    text = say("assessment.confirmed", rating=rating, name=questionnaire().names[rating], until=until)
    reply = _plain(text, [option("common.options.recommend"), option("common.options.checkup")])
    return replace(reply, blocks=[level_card(rating, before, until)], sources=[source_of(mine[0].id, mine[0].taken_at)])


def _declined(bank: Bank, request: Request) -> Reply:
    now = standing(bank.store, request.owner, request.now)
    if now.rating is None:
        text = say("assessment.declined.none")
    elif now.rating != now.last_rating:
        text = say("assessment.declined.careful", rating=now.rating)
    else:
        text = say("assessment.declined.kept", before=now.rating)
    return _plain(text, [option("assessment.options.again")])


def level_card(rating: str, before: str | None, until: str) -> dict[str, Any]:
    """A level, the one before where it differs, what it fits, and until when."""
    names = questionnaire().names
    rows = [row(say("assessment.rows.level"), f"{rating} {names[rating]}", private=True)]
    if before and before != rating:
        rows.append(row(say("assessment.rows.before"), f"{before} {names[before]}", private=True))
    rows.append(row(say("assessment.rows.range"), say(f"assessment.range.{rating}")))
    rows.append(row(say("assessment.rows.until"), until))
    return card(say("assessment.title"), rows)


def _plain(text: str, buttons: list[QuickReply], control: dict[str, Any] | None = None) -> Reply:
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=buttons,
        next_step=buttons[0],
        privacy=Privacy.PERSONAL,
        control=control or {"form_done": True},
    )


def last_day(expires: date) -> str:
    """The last day a level counts, for people; `expires` is the first day it does not."""
    return day(expires - timedelta(days=1))


def source_of(assessment: int, at: datetime) -> Source:
    """An assessment as a source."""
    return Source(f"assessment:{assessment}", say("assessment.source"), at)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
