"""A person, please: handed over, queued, or hosted until an appointment stands."""

from __future__ import annotations

from typing import Any

import pytest

from wealth.skills import human_handoff
from wealth.skills.human_handoff_words import words

Ask = Any
# Friday 20 November 2026, 10:00; the last one is over already.
SLOTS = [
    *("2026-11-20T15:00:00+08:00", "2026-11-23T09:30:00+08:00", "2026-11-23T14:00:00+08:00"),
    *("2026-11-24T10:00:00+08:00", "2026-11-24T15:30:00+08:00", "2026-11-25T10:00:00+08:00"),
    "2026-11-20T09:30:00+08:00",
]
HOURS = "工作日 9:00–17:30"
OPEN = {"state": "open", "free": 2, "waiting": 0, "minutes": 0, "slots": SLOTS, "hours": HOURS}
BUSY = {**OPEN, "state": "busy", "free": 0, "waiting": 3, "minutes": 12}
CLOSED = {**OPEN, "state": "closed", "free": 0}
BOOKED = {"state": "booked", "slot": SLOTS[3], "need": "理财到期"}


def said(reply: Any) -> str:
    return "".join(reply.sentences)


def titles(reply: Any) -> list[str]:
    return [button.title for button in reply.quick_replies]


class Talk:
    """A conversation with the skill alone: what it left pending goes into the next question."""

    def __init__(self, ask: Ask, desk: Any, handoff: Any = None) -> None:
        self.ask, self.desk, self.handoff = ask, desk, handoff or {}
        self.pending: Any = None

    def say(self, text: str, **fields: Any) -> Any:
        reply = self.ask(
            human_handoff,
            text,
            desk=self.desk,
            handoff=self.handoff,
            context={"pending": self.pending or {}},
            **fields,
        )
        if reply.control.get("pending") or reply.control.get("form_done"):
            self.pending = reply.control.get("pending")
        return reply


def test_without_a_desk_it_hands_over_as_ever(ask: Ask) -> None:
    reply = ask(human_handoff, "转人工")
    assert reply.control["handoff"] == "asked" and "联系客户经理" in said(reply)


def test_open_hands_over_and_tells_the_queue_only_if_there_is_one(ask: Ask) -> None:
    assert "前面还有" not in said(Talk(ask, OPEN).say("转人工"))
    queued = Talk(ask, {**OPEN, "waiting": 2, "minutes": 8}).say("转人工")
    assert queued.control["handoff"] == "asked" and "前面还有 2 位，大约等 8 分钟" in said(queued)
    before = Talk(ask, OPEN, {"state": "ended", "manager": "李经理"}).say("转人工")
    assert "刚才是李经理" in said(before)


def test_busy_queues_and_offers_an_appointment(ask: Ask) -> None:
    reply = Talk(ask, BUSY).say("找客户经理")
    assert reply.control["handoff"] == "asked" and "前面还有 3 位，大约等 12 分钟" in said(reply)
    assert titles(reply) == ["约个时间", "继续等"]
    waiting = Talk(ask, BUSY, {"state": "queued", "position": 3})
    assert "前面还有 2 位" in said(waiting.say("还要等多久"))
    assert "handoff" not in waiting.say("继续等").control
    assert waiting.say("约个时间").control["pending"]["step"] == "need"


def test_closed_hosts_need_then_time_then_booked(ask: Ask) -> None:
    talk = Talk(ask, CLOSED)
    first = talk.say("转人工")
    assert HOURS in said(first) and "handoff" not in first.control and first.control["pending"]["free"]
    asked = talk.say("理财到期怎么安排，能保本吗")
    assert asked.control["pending"]["step"] == "slot"
    assert titles(asked) == [
        *("11月20日（周五）15:00", "11月23日（周一）09:30", "11月23日（周一）14:00"),
        *("11月24日（周二）10:00", "11月24日（周二）15:30", "换一批", "先不约了"),
    ]
    booked = talk.say("11月24日（周二）10:00")
    assert booked.control["handoff_booking"] == {"slot": SLOTS[3], "need": "理财到期怎么安排，能保本吗"}
    assert booked.control["form_done"] and "11月24日（周二）10:00" in said(booked)
    # The customer's words are passed on, not repeated: they are not checked as ours are.
    assert "保本" not in said(booked)
    assert titles(booked) == ["改个时间", "取消预约"]


@pytest.mark.parametrize(
    ("text", "fields", "slot"),
    [
        ("周二上午", {}, SLOTS[3]),
        ("下周一下午两点", {}, SLOTS[2]),
        ("24号三点半", {}, SLOTS[4]),
        ("第二个", {"ordinal": 2}, SLOTS[1]),
        ("最后一个", {"ordinal": -1}, SLOTS[4]),
        ("今天下午", {}, SLOTS[0]),
        # Free, though not on the screen.
        ("25号", {}, SLOTS[5]),
    ],
)
def test_a_time_in_the_customers_words(ask: Ask, text: str, fields: Any, slot: str) -> None:
    talk = Talk(ask, CLOSED)
    talk.say("转人工")
    talk.say("买点产品")
    assert talk.say(text, **fields).control["handoff_booking"]["slot"] == slot


def test_a_time_that_fits_several_or_none_is_asked_again(ask: Ask) -> None:
    talk = Talk(ask, CLOSED)
    talk.say("转人工")
    talk.say("买点产品")
    assert titles(talk.say("周二"))[:2] == ["11月24日（周二）10:00", "11月24日（周二）15:30"]
    for wrong in ("周日", "三十八点", "明年", "？？？", "99号25点99"):
        assert "没对上" in said(talk.say(wrong)), wrong
    assert titles(talk.say("换一批")) == ["11月25日（周三）10:00", "先不约了"]
    assert "目前就这些" in said(talk.say("换一批"))
    stopped = talk.say("算了")
    assert stopped.control["form_done"] and "handoff_booking" not in stopped.control


def test_a_need_is_asked_until_there_is_one(ask: Ask) -> None:
    talk = Talk(ask, CLOSED)
    talk.say("人工")
    for nothing in ("转人工", "好的", "？", "，，"):
        assert talk.say(nothing).control["pending"]["step"] == "need"
    long = talk.say("停" * 5000)
    assert len(long.control["pending"]["need"]) == words()["need_characters"]


def test_without_free_times_the_words_go_along(ask: Ask) -> None:
    talk = Talk(ask, {**CLOSED, "slots": SLOTS[-1:]})
    talk.say("转人工")
    left = talk.say("想问问到期的钱")
    assert (left.control["handoff"], left.control["handoff_note"]) == ("asked", "想问问到期的钱")
    assert left.control["form_done"] and HOURS in said(left)


def test_an_appointment_is_told_changed_and_cancelled(ask: Ask) -> None:
    assert "11月24日（周二）10:00" in said(Talk(ask, CLOSED, BOOKED).say("转人工"))
    talk = Talk(ask, CLOSED, BOOKED)
    assert talk.say("改个时间").control["pending"]["need"] == "理财到期"
    moved = talk.say("周三")
    assert moved.control["handoff_booking"] == {"slot": SLOTS[5], "need": "理财到期"}
    gone = Talk(ask, CLOSED, BOOKED).say("取消预约")
    assert gone.control["handoff_booking"] == {"cancel": True} and "取消了" in said(gone)
    assert "handoff_booking" not in Talk(ask, CLOSED).say("取消预约").control
    # During hours a person is there at once, and the appointment stays.
    now = Talk(ask, OPEN, BOOKED).say("现在就转人工")
    assert now.control["handoff"] == "asked" and "还为您留着" in said(now)


@pytest.mark.parametrize("desk", [None, OPEN, BUSY, CLOSED])
@pytest.mark.parametrize(
    ("text", "reason", "sentence"),
    [
        ("我被骗了，快帮我拦住", "alarm", "验证码和密码不要告诉任何人"),
        ("我不想活了", "distress", "12356"),
        ("我要投诉你们", "complaint", "抱歉"),
    ],
)
def test_urgent_words_jump_the_queue_at_any_hour(ask: Ask, desk: Any, text: str, reason: str, sentence: str) -> None:
    reply = Talk(ask, desk).say(text)
    assert reply.control["handoff"] == reason and sentence in said(reply)
    assert bool(reply.disclosures) is (reason == "alarm")
    if desk is CLOSED:
        assert HOURS in said(reply)
    # In the middle of the form as well: the form is over then.
    talk = Talk(ask, CLOSED)
    talk.say("转人工")
    urgent = talk.say(text)
    assert urgent.control["handoff"] == reason and urgent.control["form_done"]


def test_another_skills_form_stays_open(ask: Ask) -> None:
    context = {"pending": {"kind": "form", "skill": "risk_assessment", "step": 2}}
    reply = ask(human_handoff, "转人工", desk=OPEN, context=context)
    assert "form_done" not in reply.control


@pytest.mark.parametrize("text", ["转人工", "我要投诉", "我被骗了", "不想活了", "约个时间"])
def test_at_the_robot_the_lobby_manager_is_called(ask: Ask, text: str) -> None:
    reply = ask(human_handoff, text, customer=None, channel="robot", desk=CLOSED)
    assert reply.control["call_manager"] and reply.control["handoff"]
