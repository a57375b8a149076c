"""Not ours: says so kindly, says what is, and offers a person for the bank's other matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wealth.reply import QuickReply, Reply
from wealth.request import Request
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank


def answer(bank: Bank, request: Request) -> Reply:
    """One sentence and three things that the assistant can do."""
    text = say("smalltalk.out_of_scope")
    options = [QuickReply(say(f"smalltalk.{name}"), say(f"smalltalk.{name}")) for name in ("first", "second")]
    person = QuickReply(say("dialogue.call_person"), say("dialogue.topics.human_handoff"))
    return Reply(
        skill="out_of_scope",
        sentences=[text],
        spoken=[text],
        quick_replies=[*options, person],
        control={"keep_topic": True},
    )
