"""Two questions in one message: the first is answered, the second is offered and then asked in its own words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import skills
from actions.dialogue import ActionAnswerPending
from wealth.reply import Privacy, QuickReply, Reply
from wealth.request import Request

MESSAGE = "上个月赚了多少，另外看看五月的账单"
SECOND = "看看五月的账单"


def period(name: str, month: int) -> dict[str, Any]:
    start = MESSAGE.index(name)
    value = {"name": name, "start": f"2026-{month:02}-01", "end": f"2026-{month + 1:02}-01", "valid": True}
    return {"entity": "period", "value": value, "start": start, "end": start + len(name), "text": name}


ENTITIES = [period("上个月", 10), period("五月", 5)]
ALSO = {"text": SECOND, "start": MESSAGE.index(SECOND), "end": len(MESSAGE), "intent": "wealth_bill", "ranking": []}


class Recorder:
    """Stands in for the adviser: remembers what was asked and answers what it is told to."""

    bank = SimpleNamespace(store=None)

    def __init__(self, **reply: Any) -> None:
        self.asked: list[tuple[str, Request]] = []
        self.reply = reply

    def answer(self, skill: str, request: Request) -> Reply:
        self.asked.append((skill, request))
        return Reply(**{"skill": skill, "sentences": ["好的。"], "spoken": ["好的。"], **self.reply})

    def profile(self, request: Request) -> dict[str, Any]:
        return {"day": request.now.date().isoformat()}


def turn(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, action: Any, message: Mapping[str, Any], **slots: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One turn: the reply as it travels, and the slots after it."""
    monkeypatch.setattr(skills, "adviser", lambda: recorder)
    given = {"entities": [], "metadata": {"customer": "demo-02"}, **message}
    dispatcher = CollectingDispatcher()
    tracker = Tracker("app:demo-02", dict(slots), given, [], False, None, {}, "action_listen")
    events = asyncio.run(action.run(dispatcher, tracker, {}))
    set_slots = {event["name"]: event["value"] for event in events}
    return dispatcher.messages[-1]["custom"]["reply"], set_slots


def first(monkeypatch: pytest.MonkeyPatch, recorder: Recorder, **changed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    action = skills.Action_pnl_query()  # type: ignore[attr-defined]
    message = {"text": MESSAGE, "intent": {"name": "pnl_query"}, "entities": ENTITIES, "also": ALSO, **changed}
    return turn(monkeypatch, recorder, action, message, **changed.pop("slots", {}))


def test_the_first_question_keeps_its_own_conditions_and_the_second_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(next_step=QuickReply("看原因", "为什么亏"))
    reply, slots = first(monkeypatch, recorder)
    assert [(skill, request.period.name) for skill, request in recorder.asked] == [("pnl_query", "上个月")]  # type: ignore[union-attr]
    assert reply["blocks"][-1]["text"] == f"您还问了「{SECOND}」，要现在看吗？"
    assert reply["next_step"]["text"] == SECOND
    assert {"title": "看原因", "text": "为什么亏"} in reply["quick_replies"]
    assert (slots["pending"]["kind"], slots["pending"]["skill"]) == ("next", "wealth_bill")


def test_yes_asks_the_second_question_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    _, slots = first(monkeypatch, recorder)
    yes = {"text": "好的", "intent": {"name": "affirm"}}
    _, after = turn(monkeypatch, recorder, ActionAnswerPending(), yes, **slots)
    skill, request = recorder.asked[-1]
    assert (skill, request.text) == ("wealth_bill", SECOND)
    assert request.period is not None and request.period.name == "五月"
    assert after["pending"] is None


def test_no_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    _, slots = first(monkeypatch, recorder)
    no = {"text": "不用", "intent": {"name": "deny"}}
    _, after = turn(monkeypatch, recorder, ActionAnswerPending(), no, **slots)
    assert len(recorder.asked) == 1 and after["pending"] is None


@pytest.mark.parametrize(
    ("reply", "slots"),
    [
        ({"control": {"handoff": "alarm"}}, {}),
        ({"control": {"pending": {"kind": "form", "skill": "risk_assessment"}}}, {}),
        ({}, {"pending": {"kind": "form", "skill": "risk_assessment", "options": []}}),
    ],
)
def test_an_alarm_or_a_form_is_not_talked_over(
    monkeypatch: pytest.MonkeyPatch, reply: dict[str, Any], slots: dict[str, Any]
) -> None:
    sent, after = first(monkeypatch, Recorder(**reply), slots=slots)
    assert not sent["blocks"] and sent["next_step"] is None
    assert (after["pending"] or {}).get("kind") != "next"


def test_at_the_robot_nobody_s_words_are_read_out(monkeypatch: pytest.MonkeyPatch) -> None:
    robot = {"metadata": {"channel": "robot"}}
    reply, _ = first(monkeypatch, Recorder(), **robot)
    assert SECOND not in "".join(reply["spoken"]) and "账单" in reply["spoken"][-1]
    personal, _ = first(monkeypatch, Recorder(privacy=Privacy.PERSONAL), **robot)
    assert personal["spoken"] == ["好的。"]


def test_long_words_and_numbers_are_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("卡号6222021234567890123的账单", "把我从年初到现在所有买进卖出的账单都一笔一笔列出来"):
        reply, _ = first(monkeypatch, Recorder(), also={**ALSO, "text": text})
        assert text not in reply["blocks"][-1]["text"] and "看账单" in reply["blocks"][-1]["text"]
