"""Hours over Chinese holidays, whom to ask, and summaries, without any server."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from desk.handoff import hours, queue
from desk.handoff.queue import Colleague
from desk.handoff.summary import summary
from desk.wording import data
from wealth.clock import SHANGHAI


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-20T09:00", True),
        ("2026-11-20T08:59", False),
        ("2026-11-20T17:29", True),
        ("2026-11-20T17:30", False),
        ("2026-11-21T10:00", False),  # Saturday
        ("2026-10-01T10:00", False),  # National Day, a Thursday
        ("2026-02-17T10:00", False),  # Spring Festival
        ("2026-02-14T10:00", True),  # a Saturday worked for it
        ("2027-10-01T10:00", False),  # holidays of that year are not published yet
    ],
)
def test_hours_follow_the_holidays(moment: str, open_: bool) -> None:
    assert hours.is_open(at(moment)) is open_
    # The same moment told in another zone.
    assert hours.is_open(at(moment).astimezone(tz=None)) is open_


def test_the_banks_own_exceptions_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = data("hours")["hours"]
    monkeypatch.setitem(rules, "closed", [date(2026, 11, 20)])
    monkeypatch.setitem(rules, "opened", [date(2026, 11, 21)])
    assert not hours.is_open(at("2026-11-20T10:00")) and hours.is_open(at("2026-11-21T10:00"))


def test_free_times_leave_out_lunch_holidays_and_what_is_taken() -> None:
    now = at("2026-09-30T15:50")
    free = hours.slots(now, [])
    assert len(free) == data("hours")["appointments"]["offered"] and free == sorted(free)
    # The last of today is too soon; then the week of the National Day is over.
    assert free[0] == at("2026-10-08T09:30")
    assert not [slot for slot in free if 12 <= slot.hour < 13 or slot <= now]
    once = hours.slots(now, [free[0]])
    assert free[0] in once and free[0] not in hours.slots(now, [free[0]] * 2)
    # A booking as the app's store has it, in another zone, is the same time.
    utc = free[0].astimezone(tz=None)
    assert free[0] not in hours.slots(now, [utc, utc])


def test_no_end_of_closed_days_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hours, "is_working_day", lambda day: False)
    assert hours.slots(at("2026-11-20T10:00"), []) == []


A = Colleague("a", "甲", "M1", "东", 2, 0)
B = Colleague("b", "乙", "M2", "东", 2, 1)
C = Colleague("c", "丙", "M3", "西", 4, 1)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"manager": "M2", "branch": "东"}, "b"),
        ({"manager": "M9", "branch": "东"}, "a"),
        ({"manager": "M2", "branch": "东", "not_now": {"b"}}, "a"),
        ({"manager": "M9", "branch": "东", "not_now": {"a", "b"}}, None),
        ({"manager": "M9", "branch": "东", "not_now": {"a", "b"}, "waited": 120}, "c"),
        ({"manager": None, "branch": None}, "a"),
        ({"manager": "M3", "branch": "东"}, "c"),
        ({"manager": "", "branch": "北"}, None),
    ],
)
def test_whom_to_ask(wish: dict[str, Any], expected: str | None) -> None:
    found = queue.choose([A, B, C], **{"waited": 0, "not_now": set(), **wish})
    assert (found.account if found else None) == expected


def test_who_has_their_hands_full_is_not_asked() -> None:
    full = Colleague("a", "甲", "M1", "东", 1, 1)
    over = Colleague("b", "乙", "M2", "东", 1, 3)
    assert queue.choose([full, over], manager="M1", branch="东", waited=999, not_now=set()) is None
    assert (over.free, queue.minutes(3, [full, over]), queue.minutes(1, [])) == (0, 16, 8)


def message(seq: int, origin: str, text: str, **more: Any) -> dict[str, Any]:
    when = (at("2026-11-20T10:00") + timedelta(minutes=seq)).isoformat()
    return {"id": f"m{seq}", "type": "text", "seq": seq, "at": when, "origin": origin, "text": text, **more}


def test_a_summary_of_nothing_is_empty() -> None:
    asked = {"requested_at": at("2026-11-20T10:00").isoformat()}
    assert summary(asked, []) == {"need": "", "figures_shown": [], "said": [], "open": []}


def test_a_summary_says_what_was_said_and_nothing_else() -> None:
    card = {
        **{"id": "c", "type": "card", "seq": 2, "origin": "assistant", "reply_to": "m1", "title": "资产"},
        **{"at": at("2026-11-20T10:02").isoformat(), "rows": [{"label": "总资产", "value": "¥10,000.00"}]},
    }
    card["rows"].append({"label": "风险等级", "value": "稳健"})
    source = message(3, "assistant", "数据截至 2026年11月19日", reply_to="m1") | {"type": "source", "items": []}
    thread = [
        message(1, "customer", "我有多少钱"),
        card,
        source,
        message(4, "customer", "找客户经理"),
        message(6, "manager", "您好。"),
        message(7, "manager", "我核实后明天打给您。"),
        message(8, "customer", "大概几点"),
    ]
    asked = {"requested_at": at("2026-11-20T10:05").isoformat()}
    assert summary(asked, thread) == {
        "need": "我有多少钱；找客户经理；大概几点",
        "figures_shown": [{"label": "总资产", "value": "¥10,000.00", "as_of": "数据截至 2026年11月19日"}],
        "said": [{"text": "我核实后明天打给您。", "at": thread[5]["at"]}],
        "open": [{"text": "大概几点", "at": thread[6]["at"]}],
    }
    assert summary({**asked, "need": "基金亏了"}, thread)["need"] == "基金亏了"
