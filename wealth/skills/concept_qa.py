"""Investor education: answers from own entries with their source, or an honest "I don't know"."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from wealth.clock import SHANGHAI
from wealth.knowledge.base import Entry, Hit
from wealth.reply import Purpose, QuickReply, Reply, Source
from wealth.request import Request
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "concept_qa"


def answer(bank: Bank, request: Request) -> Reply:
    """The entry that fits, two to choose from, or what to do instead."""
    concepts = bank.knowledge["concepts"]
    params = request.context.get("params") or {}
    if request.context.get("why") and params.get("entry"):
        entry = concepts.get(str(params["entry"]))
        if entry is not None and entry.more:
            return _tell(entry, [entry.more])
    hits = concepts.search(request.text)
    if hits and hits[0].score >= concepts.answer_at:
        return _tell(hits[0].entry, hits[0].entry.answer, hits[1:])
    likely = [hit for hit in hits if hit.score >= concepts.offer_at][:2]
    if likely:
        return ask_back(SKILL, likely)
    text = say("knowledge.unknown")
    person = QuickReply(say("dialogue.call_person"), say("dialogue.topics.human_handoff"))
    return Reply(skill=SKILL, sentences=[text], spoken=[text], quick_replies=[person], next_step=person)


def _tell(entry: Entry, paragraphs: object, others: list[Hit] | None = None) -> Reply:
    shown = [str(paragraph) for paragraph in paragraphs]  # type: ignore[attr-defined]
    step = QuickReply(entry.next, entry.next) if entry.next else None
    near = [QuickReply(hit.entry.title, hit.entry.questions[0]) for hit in (others or [])[:2] if hit.score > 0.3]
    more = (
        [QuickReply(say("knowledge.more"), say("knowledge.more_text"))] if entry.more and entry.answer == shown else []
    )
    return Reply(
        skill=SKILL,
        sentences=shown,
        spoken=[entry.spoken or shown[0]],
        quick_replies=[*([step] if step else []), *more, *near],
        next_step=step,
        sources=[entry_source(entry)],
        purpose=Purpose.EDUCATION,
        params={"entry": entry.id},
    )


def ask_back(skill: str, likely: list[Hit]) -> Reply:
    """Not sure: which of the one or two entries is meant."""
    titles = [hit.entry.title for hit in likely]
    key = "knowledge.ask_two" if len(titles) == 2 else "knowledge.ask_one"
    text = say(key, first=titles[0], second=titles[-1])
    options = [QuickReply(hit.entry.title, hit.entry.questions[0]) for hit in likely]
    return Reply(skill=skill, sentences=[text], spoken=[text], quick_replies=options, next_step=options[0])


def entry_source(entry: Entry) -> Source:
    """Where an entry comes from, as of the day someone last stood by it."""
    day = entry.updated or datetime.now(SHANGHAI).date()
    title = entry.source or say("knowledge.own_source")
    return Source(f"knowledge:{entry.id}", title, datetime.combine(day, time(), SHANGHAI))
