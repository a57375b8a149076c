"""A person, please: hands over at once and says what happens next. Complaints and distress jump the queue (rule 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wealth.reply import Reply
from wealth.request import Request
from wealth.skills._context import mentions
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank


def answer(bank: Bank, request: Request) -> Reply:
    """Hands over, with the reason "alarm" (fraud), "complaint" or "asked"; at the robot the manager comes over."""
    fraud = mentions(request, "fraud")
    reason = "alarm" if fraud else "complaint" if mentions(request, "complaint") else "asked"
    text = say("handoff.alarm") if fraud else say(f"handoff.{request.channel}.{reason}")
    control: dict[str, object] = {"handoff": reason, "keep_topic": True}
    if request.channel == "robot":
        control["call_manager"] = True
    return Reply(
        skill="human_handoff",
        sentences=[text],
        spoken=[text],
        disclosures=["fraud"] if fraud else [],
        control=control,
    )
