"""One action per business intent: the question goes to the wealth skill of the same name."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.managers import with_last_contact
from actions.turn import PROPOSED, Turn, slot_params
from wealth.adviser import Adviser
from wealth.reply import Privacy, QuickReply, Reply
from wealth.request import Request
from wealth.skills import SKILLS
from wealth.wording import say
from zhtext.mask import mask

_OWN_WORDS = 20
"""A second question up to this long is offered in the customer's own words."""


@lru_cache(maxsize=1)
def adviser() -> Adviser:
    """The process-wide adviser; opened with the first question, not at import."""
    return Adviser.from_environment()


def answer(
    dispatcher: CollectingDispatcher, skill: str, request: Request, other: tuple[str, Request] | None = None
) -> list[dict[str, Any]]:
    """Ask one skill, send its Reply, and keep what a follow-up needs. `other`: a second question, offered after it."""
    reply = adviser().answer(skill, with_last_contact(adviser().bank.store, skill, request))
    if other is not None:
        reply = _offering(reply, request, *other)
    return send(dispatcher, reply, request)


def _offering(reply: Reply, request: Request, skill: str, asked: Request) -> Reply:
    """The reply with the customer's second question after it: one answer at a time, as one says and hears it."""
    busy = (request.context.get("pending") or {}, reply.control.get("pending") or {})
    if reply.control.get("handoff") or any(pending.get("kind") == "form" for pending in busy):
        return reply
    if request.channel == "robot" and reply.privacy is not Privacy.PUBLIC:
        return reply
    topic = say(f"dialogue.topics.{skill}")
    # Others stand by at the robot, and a number that is masked elsewhere is not repeated here.
    quoted = request.channel == "app" and len(asked.text) <= _OWN_WORDS and mask(asked.text) == asked.text
    text = say("dialogue.also", what=asked.text if quoted else topic)
    buttons = [one for one in (reply.next_step, *reply.quick_replies) if one is not None]
    return replace(
        reply,
        blocks=[*reply.blocks, {"type": "text", "text": text}],
        spoken=[*reply.spoken, text],
        next_step=QuickReply(asked.text if quoted else topic, asked.text),
        quick_replies=list(dict.fromkeys(buttons)),
        control={
            **reply.control,
            "pending": {"kind": "next", "skill": skill, "params": slot_params(asked, PROPOSED)},
        },
    )


def send(dispatcher: CollectingDispatcher, reply: Reply, request: Request) -> list[dict[str, Any]]:
    """Send a Reply and set the topic and pending slots from it."""
    dispatcher.utter_message(json_message={"reply": reply.to_dict()})
    before = {key: value for key, value in request.context.items() if key in ("skill", "params", "offered")}
    pending_before = request.context.get("pending") or {}
    topic = before
    if not reply.control.get("keep_topic", False):
        topic = {
            "skill": reply.skill,
            "params": {**slot_params(request), **reply.params},
            # An answer that lists nothing leaves the last list in place: "第二个" still means that one.
            "offered": list(reply.offered) or list(before.get("offered") or []),
        }
    pending = reply.control.get("pending")
    if not pending and pending_before.get("kind") == "form" and not reply.control.get("form_done"):
        # A question in the middle of a form is answered; the form waits.
        pending = pending_before
    return [SlotSet("topic", topic), SlotSet("pending", pending)]


class SkillAction(Action):
    """Base of the actions below; `skill` is the intent and the module's name."""

    skill = ""

    def name(self) -> str:
        return f"action_{self.skill}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = Turn.of(tracker)
        request = turn.request()
        if turn.form:
            return answer(dispatcher, turn.form, request)
        return [*answer(dispatcher, self.skill, request, turn.other()), *_profile(tracker, request)]


def _profile(tracker: Tracker, request: Request) -> list[dict[str, Any]]:
    """The slot that the next message is read with (nlu/priors.py), once a day and only with the customer's consent."""
    known = tracker.get_slot("profile") or {}
    withdrawn = "stage" in known and not request.personalised
    if known.get("day") == request.now.date().isoformat() and not withdrawn:
        return []
    found = adviser().profile(request)
    return [SlotSet("profile", found)] if found else []


for _skill in SKILLS:
    globals()[f"Action_{_skill}"] = type(f"Action_{_skill}", (SkillAction,), {"skill": _skill, "__module__": __name__})
