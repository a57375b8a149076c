"""The branch and everyday account service: places, tickets, hours, what to bring; leads the robot there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wealth.reply import QuickReply, Reply
from wealth.request import Request
from wealth.skills.concept_qa import ask_back, entry_source
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "branch_service"


def answer(bank: Bank, request: Request) -> Reply:
    """The entry that fits with its order to the channel (guide, ticket, call_manager), or whom to ask."""
    branch = bank.knowledge["branch"]
    hits = branch.search(request.text)
    entry = hits[0].entry if hits and hits[0].score >= branch.answer_at else None
    if entry is None and request.place:
        # A place by another name ("茅厕"): the lexicon knew it, and has the same ids.
        entry = next((one for one in branch.entries if one.id == request.place), None)
    if entry is not None:
        step = QuickReply(entry.next, entry.next) if entry.next else None
        control = dict(entry.control) if request.channel == "robot" else {}
        return Reply(
            skill=SKILL,
            sentences=entry.answer,
            spoken=[entry.spoken or entry.answer[0]],
            quick_replies=[step] if step else [],
            next_step=step,
            sources=[entry_source(entry)],
            params={"entry": entry.id},
            control=control,
        )
    likely = [hit for hit in hits if hit.score >= branch.offer_at][:2]
    if likely:
        return ask_back(SKILL, likely)
    text = say(f"branch.unknown_{request.channel}")
    person = QuickReply(say("dialogue.call_person"), say("dialogue.topics.human_handoff"))
    return Reply(skill=SKILL, sentences=[text], spoken=[text], quick_replies=[person], next_step=person)
