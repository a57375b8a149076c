"""One action per business intent: the question goes to the wealth skill of the same name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.managers import with_last_contact
from actions.turn import Turn, slot_params
from wealth.adviser import Adviser
from wealth.reply import Reply
from wealth.request import Request
from wealth.skills import SKILLS


@lru_cache(maxsize=1)
def adviser() -> Adviser:
    """The process-wide adviser; opened with the first question, not at import."""
    return Adviser.from_environment()


def answer(dispatcher: CollectingDispatcher, skill: str, request: Request) -> list[dict[str, Any]]:
    """Ask one skill, send its Reply, and keep what a follow-up needs."""
    reply = adviser().answer(skill, with_last_contact(adviser().bank.store, skill, request))
    return send(dispatcher, reply, request)


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
        return answer(dispatcher, turn.form or self.skill, turn.request())


for _skill in SKILLS:
    globals()[f"Action_{_skill}"] = type(f"Action_{_skill}", (SkillAction,), {"skill": _skill, "__module__": __name__})
