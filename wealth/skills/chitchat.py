"""Small talk: short, friendly, says that it is an AI, and keeps the topic that was open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wealth.reply import QuickReply, Reply
from wealth.request import Request
from wealth.skills._context import with_manager_words
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "chitchat"
_HELLO = "hello"


def answer(bank: Bank, request: Request) -> Reply:
    """The small-talk entry that fits, or a friendly turn back to what the assistant can do."""
    smalltalk = bank.knowledge["smalltalk"]
    greeted = False
    hits = smalltalk.search(request.text, most=1)
    if hits and hits[0].score >= smalltalk.answer_at:
        entry = hits[0].entry
        text = [line.format(greeting=_greeting(request)) for line in entry.answer]
        control = {"keep_topic": True, **entry.control}
        greeted = entry.id == _HELLO
    else:
        text, control = [say("smalltalk.other")], {"keep_topic": True}
    options = [QuickReply(say(f"smalltalk.{name}"), say(f"smalltalk.{name}")) for name in ("first", "second", "third")]
    reply = Reply(skill=SKILL, sentences=text, spoken=text[:2], quick_replies=options, control=control)
    return with_manager_words(reply, request) if greeted else reply


def _greeting(request: Request) -> str:
    hour = request.now.hour
    part = "night" if hour < 5 else "morning" if hour < 11 else "noon" if hour < 13 else "afternoon"
    return say(f"smalltalk.greeting.{part if hour < 18 else 'evening'}")
