"""Dialogue control: follow-ups, asking back, yes and no to what is pending, repeat and stop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.skills import SKILLS, answer, send
from actions.turn import Turn, request_params
from wealth.reply import QuickReply, Reply
from wealth.request import Request
from wealth.wording import say

Events = list[dict[str, Any]]
# Readings that make sense as a question back; small talk and "something else" do not.
ASKABLE = frozenset(SKILLS) - {"chitchat", "out_of_scope"}


def _plain(text: str, **control: Any) -> Reply:
    return Reply(skill="dialogue", sentences=[text], spoken=[text], control={"keep_topic": True, **control})


def _handoff(dispatcher: CollectingDispatcher, turn: Turn) -> Events:
    return answer(dispatcher, "human_handoff", turn.request())


def _proposed(turn: Turn) -> Request:
    """What the assistant proposed, as a question."""
    return replace(turn.request(), **request_params(turn.pending.get("params") or {}))


def _holds(text: str, key: str) -> bool:
    """Whether the text holds one of the words kept under a key of the wording."""
    return any(word in text for word in say(key).split())


class ActionFollowUp(Action):
    """Follow-ups such as "那上个月呢", "换成基金呢", "为什么": the last skill again, with what this message changes."""

    def name(self) -> str:
        return "action_follow_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn = Turn.of(tracker)
        if turn.addressed:
            return answer(dispatcher, turn.addressed, turn.request())
        if turn.pending.get("kind") == "next" and _holds(turn.text, "dialogue.asks_next"):
            return answer(dispatcher, turn.pending["skill"], _proposed(turn))
        skill = turn.topic.get("skill")
        if not skill:
            return send(dispatcher, _plain(say("dialogue.no_topic")), turn.request())
        request = turn.follow_up()
        if turn.intent == "ask_why":
            request = replace(request, context={**request.context, "why": True})
        return answer(dispatcher, skill, request)


class ActionAnswerPending(Action):
    """Yes or no to what the assistant proposed or asked."""

    def name(self) -> str:
        return "action_answer_pending"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn = Turn.of(tracker)
        pending, yes = turn.pending, turn.intent == "affirm"
        kind = pending.get("kind")
        if turn.addressed:
            return answer(dispatcher, turn.addressed, turn.request())
        if not yes:
            if kind == "clarify":
                return _handoff(dispatcher, turn)
            text = "dialogue.declined" if kind else "dialogue.nothing_pending"
            return [*send(dispatcher, _plain(say(text)), turn.request()), SlotSet("pending", None)]
        if kind in ("next", "clarify", "confirm"):
            return answer(dispatcher, pending["skill"], _proposed(turn))
        return send(dispatcher, _plain(say("dialogue.nothing_pending")), turn.request())


class ActionClarify(Action):
    """Not understood: ask back with the two likeliest readings; the second time in a row, offer a person."""

    def name(self) -> str:
        return "action_clarify"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn = Turn.of(tracker)
        request = turn.request()
        if turn.addressed:
            # In the middle of a form what is not understood is an answer; the form asks again where it fits no option.
            return answer(dispatcher, turn.addressed, request)
        person = QuickReply(say("dialogue.call_person"), say("dialogue.topics.human_handoff"))
        if turn.pending.get("kind") == "clarify":
            text = say("dialogue.clarify.person")
            reply = Reply(
                skill="dialogue",
                sentences=[text],
                spoken=[text],
                quick_replies=[person],
                control={"keep_topic": True, "pending": {"kind": "confirm", "skill": "human_handoff"}},
            )
            return send(dispatcher, reply, request)
        titles = {skill: say(f"dialogue.topics.{skill}") for skill in turn.ranking[:2] if skill in ASKABLE}
        if len(titles) == 2:
            first, second = titles.values()
            text = say("dialogue.clarify.ask", first=first, second=second)
        elif titles:
            text = say("dialogue.clarify.one", first=next(iter(titles.values())))
        else:
            text = say("dialogue.clarify.unsure")
        options = [QuickReply(title, title) for title in titles.values()]
        pending = {
            "kind": "clarify",
            "skill": next(iter(titles), "human_handoff"),
            "options": [{"skill": skill, "title": title} for skill, title in titles.items()],
            # Kept so that choosing a reading does not lose what was already said.
            "entities": turn.entities,
            "text": turn.text,
        }
        reply = Reply(
            skill="dialogue",
            sentences=[text],
            spoken=[text],
            quick_replies=[*options, person],
            control={"keep_topic": True, "pending": pending},
        )
        return send(dispatcher, reply, request)


class ActionControl(Action):
    """Repeat, stop, volume and paging: the robot acts on `control`, the app shows the sentence."""

    def name(self) -> str:
        return "action_control"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        turn = Turn.of(tracker)
        if turn.intent == "stop" and turn.metadata.get("customer") and _holds(turn.text, "push.stop_sending.words"):
            # The channel keeps it with the answer: said is done.
            scope = "this" if _holds(turn.text, "push.stop_sending.this_words") else "all"
            return send(dispatcher, _plain(say(f"push.stop_sending.{scope}"), push_off=scope), turn.request())
        if turn.addressed and (turn.form or turn.intent in ("stop", "navigate")):
            return answer(dispatcher, turn.addressed, turn.request())
        if turn.intent == "repeat":
            last = _last_reply(tracker)
            if last is None:
                return send(dispatcher, _plain(say("dialogue.nothing_to_repeat")), turn.request())
            dispatcher.utter_message(json_message={"reply": last})
            return []
        if turn.intent == "stop":
            reply = _plain(say("dialogue.stopped"), stop=True)
            return [*send(dispatcher, reply, turn.request()), SlotSet("pending", None)]
        if turn.intent == "navigate":
            return send(dispatcher, _plain(say("dialogue.navigate"), navigate=turn.text), turn.request())
        return send(dispatcher, _plain(say("dialogue.volume.other"), speech=turn.text), turn.request())


def _last_reply(tracker: Tracker) -> dict[str, Any] | None:
    for event in reversed(tracker.events):
        if event.get("event") == "bot":
            custom = (event.get("data") or {}).get("custom") or {}
            if "reply" in custom:
                return dict(custom["reply"])
    return None
