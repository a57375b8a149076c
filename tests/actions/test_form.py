"""An open form gets its answers whatever intent the words would have on their own."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import skills
from actions.dialogue import ActionAnswerPending, ActionClarify, ActionControl, ActionFollowUp
from wealth.advice.questionnaire import questionnaire
from wealth.reply import Reply
from wealth.request import Request
from wealth.skills import risk_assessment_form as form


class Recorder:
    """Stands in for the adviser and remembers which skill was asked."""

    bank = SimpleNamespace(store=None)

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def answer(self, skill: str, request: Request) -> Reply:
        self.asked.append((skill, request.text))
        return Reply(skill=skill, sentences=["好的。"])

    def profile(self, request: Request) -> dict[str, Any]:
        return {}


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder()
    monkeypatch.setattr(skills, "adviser", lambda: made)
    return made


def pending(index: int) -> dict[str, Any]:
    return dict(form._ask(list(questionnaire().questions), index, {}, ["好的。"]).control["pending"])


def run(action: Any, text: str, intent: str, open_form: dict[str, Any] | None, **known: Any) -> None:
    metadata = {"customer": "demo-02", **known}
    message = {"text": text, "intent": {"name": intent}, "entities": [], "metadata": metadata}
    tracker = Tracker("app:demo-02", {"pending": open_form}, message, [], False, None, {}, "action_listen")
    asyncio.run(action.run(CollectingDispatcher(), tracker, {}))


def action(skill: str) -> Any:
    return getattr(skills, f"Action_{skill}")()


@pytest.mark.parametrize("index", range(len(questionnaire().questions)))
def test_every_option_is_an_answer(recorder: Recorder, index: int) -> None:
    for option in questionnaire().questions[index].options:
        for text in (option.title, option.value, option.value.lower(), *option.also):
            run(action("out_of_scope"), text, "out_of_scope", pending(index))
    assert {skill for skill, _ in recorder.asked} == {"risk_assessment"}


@pytest.mark.parametrize(
    ("made", "text", "intent"),
    [
        (ActionClarify(), "嗯差不多吧", "nlu_fallback"),
        (ActionControl(), "上一题", "navigate"),
        (ActionControl(), "停下吧", "stop"),
    ],
)
def test_control_words_belong_to_the_open_form(recorder: Recorder, made: Any, text: str, intent: str) -> None:
    run(made, text, intent, pending(3))
    assert recorder.asked == [("risk_assessment", text)]


def test_another_question_is_still_another_question(recorder: Recorder) -> None:
    run(action("concept_qa"), "什么是净值", "concept_qa", pending(3))
    run(action("out_of_scope"), "退休金", "out_of_scope", None)
    assert [skill for skill, _ in recorder.asked] == ["concept_qa", "out_of_scope"]


HOSTING = {"kind": "form", "skill": "human_handoff", "step": "need", "free": True}


@pytest.mark.parametrize("intent", ["product_maturity", "asset_overview", "chitchat", "out_of_scope"])
def test_what_a_person_is_needed_for_may_be_about_anything(recorder: Recorder, intent: str) -> None:
    run(action(intent), "我那笔到期的理财", intent, HOSTING)
    assert recorder.asked == [("human_handoff", "我那笔到期的理财")]


@pytest.mark.parametrize("words", ["取消预约", "改个时间", "我的预约"])
def test_an_appointment_listens_for_its_own_words(recorder: Recorder, words: str) -> None:
    booked = {"handoff": {"state": "booked", "slot": "2026-11-24T10:00:00+08:00"}}
    for handler, intent in (
        (action("branch_service"), "branch_service"),
        (ActionControl(), "stop"),
        (ActionClarify(), "nlu_fallback"),
        (ActionFollowUp(), "inform"),
        (ActionAnswerPending(), "deny"),
    ):
        run(handler, words, intent, None, **booked)
    assert recorder.asked == [("human_handoff", words)] * 5
    run(action("branch_service"), words, "branch_service", None)
    assert recorder.asked[-1] == ("branch_service", words)
