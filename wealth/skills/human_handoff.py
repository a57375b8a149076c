"""A person, please: hands over and says how long it takes; all busy or closed, an appointment (忙时托管).

Complaint, distress and fraud jump the queue at any hour (rule 18). At the robot the lobby manager comes over.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from wealth.reply import QuickReply, Reply
from wealth.request import Request
from wealth.skills import human_handoff_hosting as hosting
from wealth.skills._context import mentions, option
from wealth.skills.human_handoff_words import about_handoff, cue, slot_title
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "human_handoff"
# Lexicon → the reason that goes along; the first that is heard counts.
_URGENT = {"distress": "distress", "fraud": "alarm", "complaint": "complaint"}


def answer(bank: Bank, request: Request) -> Reply:
    """Hands over (control["handoff"]: alarm, distress, complaint or asked), or hosts.

    request.desk: how the managers' desk stands; None where the bank works its hand-overs without one.
    """
    reason = next((reason for name, reason in _URGENT.items() if mentions(request, name)), "asked")
    if request.channel == "robot":
        return _handed(request, reason, _robot_words(reason), call_manager=True)
    if reason != "asked":
        return _urgent(request, reason)
    wanted, mine = cue(request.text), request.handoff.get("state")
    pending = request.context.get("pending") or {}
    if mine == "booked" and wanted in ("cancel", "change"):
        return hosting.cancel(request) if wanted == "cancel" else hosting.change(request)
    if mine == "booked" and about_handoff(request.text):
        return _booked(request)
    if pending.get("kind") == "form" and pending.get("skill") == SKILL:
        return hosting.step(request, pending)
    if wanted in ("cancel", "change"):
        return hosting.closing(request, say("handoff.hosting.nothing_booked"), option("handoff.options.book"))
    if wanted == "book" and mine == "booked":
        return hosting.change(request)
    if wanted == "book" and request.desk is not None:
        return hosting.start(request, _host_words(request))
    if mine in ("requested", "queued"):
        return _waiting(request, wanted)
    if request.desk is None:
        return _handed(request, reason, say("handoff.app.asked"))
    return _by_desk(request, request.desk)


def _by_desk(request: Request, desk: Any) -> Reply:
    if desk["state"] == "closed":
        if request.handoff.get("state") == "booked":
            return _booked(request)
        return hosting.start(request, _host_words(request))
    if desk["state"] == "busy":
        text = say("handoff.app.busy", waiting=desk["waiting"], minutes=desk["minutes"])
        buttons = [option("handoff.options.book"), option("handoff.options.wait")]
        return _handed(request, "asked", text, buttons=buttons)
    manager = request.handoff.get("manager") if request.handoff.get("state") == "ended" else None
    text = say("handoff.app.again", manager=manager) if manager else say("handoff.app.asked")
    if desk["waiting"]:
        text += say("handoff.app.queue", waiting=desk["waiting"], minutes=desk["minutes"])
    if request.handoff.get("state") == "booked":
        text += say("handoff.app.has_booking", slot=_slot(request))
    return _handed(request, "asked", text)


def _urgent(request: Request, reason: str) -> Reply:
    desk = request.desk or {}
    closed = desk.get("state") == "closed"
    if reason == "complaint":
        figures = {"hours": desk.get("hours", ""), "hotline": say("handoff.hotline")} if closed else {}
        return _handed(request, reason, say(f"handoff.app.complaint{'_closed' if closed else ''}", **figures))
    text = say(f"handoff.{reason}")
    if closed:
        text += say("handoff.app.urgent_closed", hours=desk.get("hours", ""))
    return _handed(request, reason, text)


def _waiting(request: Request, wanted: str | None) -> Reply:
    position = int(request.handoff.get("position") or 1)
    buttons = [option("handoff.options.book")] if request.desk is not None else []
    if wanted == "wait":
        return hosting.closing(request, say("handoff.app.still_waiting"), *buttons)
    if request.desk is not None and request.desk["state"] == "closed":
        text = say("handoff.app.waiting_closed", hours=request.desk.get("hours", ""))
    else:
        text = say("handoff.app.waiting", ahead=position - 1) if position > 1 else say("handoff.app.next")
    return _handed(request, "asked", text, buttons=buttons)


def _booked(request: Request) -> Reply:
    text = say("handoff.app.has_booking", slot=_slot(request))
    return hosting.closing(request, text, option("handoff.options.change"), option("handoff.options.cancel"))


def _handed(request: Request, reason: str, text: str, buttons: list[QuickReply] | None = None, **control: Any) -> Reply:
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=buttons or [],
        disclosures=["fraud"] if reason == "alarm" else [],
        control={"handoff": reason, "keep_topic": True, **hosting.ending(request), **control},
    )


def _host_words(request: Request) -> str:
    desk = request.desk or {}
    if desk.get("state") == "closed":
        return say("handoff.hosting.closed", hours=desk.get("hours", ""))
    return say("handoff.hosting.busy")


def _robot_words(reason: str) -> str:
    return say("handoff.alarm") if reason == "alarm" else say(f"handoff.robot.{reason}")


def _slot(request: Request) -> str:
    return slot_title(datetime.fromisoformat(str(request.handoff["slot"])))
