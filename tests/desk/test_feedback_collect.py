"""Turns that went wrong are found, each once, from every source, and nothing of a person is kept with them."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from desk_client import API, settings
from feedback_house import Conversations, app_channel
from sqlalchemy import select

from desk import audit
from desk.feedback.collect import collect
from desk.feedback.findings import correction
from desk.feedback.masking import masked, personal
from desk.feedback.tables import cursors, items
from desk.feedback.tracker import Tracker
from desk.services import Services
from desk.store import DeskStore
from journeys.events.intake import intake
from wealth.clock import SHANGHAI

WHO = "demo-04"


@pytest.fixture(scope="module")
def bank(bank_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A desk over a bank that no test here writes to."""
    folder = tmp_path_factory.mktemp("bank")
    shutil.copy(bank_file, folder / "bank.db")
    return Services.open(settings(folder))


@pytest.fixture
def inbox(bank: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The same with a store of its own, on the wall clock, as conversations are."""
    monkeypatch.setenv("PEIBAN_AUDIT_KEY", "a-key-for-pseudonyms-in-these-tests")
    fresh = replace(bank, settings=settings(tmp_path), store=DeskStore(f"sqlite:///{tmp_path / 'desk.db'}"))
    fresh.store.create()
    return fresh


@pytest.fixture
def talk(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "tracker.db")


def gathered(services: Services) -> list[dict[str, Any]]:
    """Collect, and all that is kept then, oldest first."""
    tracker = Tracker(f"sqlite:///{services.settings.var / 'tracker.db'}")
    try:
        collect(services, tracker)
    finally:
        tracker.close()
    with services.store.read() as connection:
        return [dict(row) for row in connection.execute(select(items).order_by(items.c.id)).mappings()]


def kinds(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in found]


def test_no_conversations_yet_is_nothing_wrong(inbox: Services) -> None:
    assert gathered(inbox) == []
    assert not (inbox.settings.var / "tracker.db").exists()


def test_doubtful_and_asked_back(inbox: Services, talk: Conversations) -> None:
    talk.said(WHO, "我有多少钱", "asset_overview", 0.97)
    talk.said(WHO, "那个啥咋整", "purchase_howto", 0.5)
    talk.said(WHO, "嗯嗯啊啊的", "nlu_fallback", 0.3, best="pnl_query")
    talk.answered(WHO, "dialogue")
    talk.said(WHO, "帮我把基金转走", "out_of_scope", 0.4, best="redeem_howto", decision="refuse")
    talk.said(WHO, "今天天气", "out_of_scope", 0.97, decision="refuse")
    talk.said(WHO, "好", "affirm", 0.3)
    found = gathered(inbox)
    assert kinds(found) == [
        ("low_confidence", "那个啥咋整"),
        ("asked_back", "嗯嗯啊啊的"),
        ("low_confidence", "帮我把基金转走"),
    ]
    assert found[1]["intent"] == "pnl_query"
    assert found[0]["subject"] == audit.pseudonym(WHO) != WHO
    assert all(WHO not in str(value) for one in found for value in one.values())


def test_an_answer_to_a_form_is_not_asked_back(inbox: Services, talk: Conversations) -> None:
    talk.said(WHO, "三年多点吧", "nlu_fallback", 0.3, best="inform")
    talk.answered(WHO, "risk_assessment", pending={"kind": "form"})
    talk.said(WHO, "不是，五年", "inform", 0.9)
    talk.answered(WHO, "risk_assessment", pending={"kind": "form"})
    assert gathered(inbox) == []


@pytest.mark.parametrize("said", [["不是，我问的是昨天的收益"], ["你理解错了", "昨天的收益是多少"]])
def test_a_correction_tells_what_was_meant(inbox: Services, talk: Conversations, said: list[str]) -> None:
    talk.said(WHO, "昨天的怎么样", "market_commentary", 0.9)
    talk.answered(WHO, "market_commentary", "昨天大盘涨了。")
    *opening, last = said
    for text in opening:
        talk.said(WHO, text, "deny", 0.9)
    talk.said(WHO, last, "pnl_query", 0.9)
    (one,) = gathered(inbox)
    assert (one["kind"], one["text"], one["meant_intent"]) == ("corrected", "昨天的怎么样", "pnl_query")
    assert "昨天的收益" in one["meant"]
    assert one["answer"] == "昨天大盘涨了。"


def test_what_comes_long_after_is_no_correction(inbox: Services, talk: Conversations) -> None:
    talk.said(WHO, "昨天的怎么样", "market_commentary", 0.9)
    talk.said(WHO, "不是", "deny", 0.9, later=3000)
    talk.said(WHO, "今年收益多少", "pnl_query", 0.9)
    assert gathered(inbox) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [("不是", ""), ("不对不对，我问的是收益", "收益"), ("不是，我问的是昨天收益", "昨天收益"), ("不是很懂净值", None)],
)
def test_openings_of_a_correction(text: str, meant: str | None) -> None:
    found = correction(text)
    assert found == (meant if meant is None or len(meant) >= 3 else "")


def test_the_turn_before_a_person_was_called(inbox: Services, talk: Conversations) -> None:
    talk.said(WHO, "这只能不能提前退", "product_maturity", 0.9)
    talk.answered(WHO, "product_maturity", "您的产品 11 月到期。", privacy="personal")
    talk.said(WHO, "找个真人", "human_handoff", 0.95)
    talk.answered(WHO, "human_handoff", handoff="asked")
    (one,) = gathered(inbox)
    assert (one["kind"], one["text"], one["reason"]) == ("handed_over", "这只能不能提前退", "asked")
    assert one["answer"] == "" and one["skill"] == "product_maturity"


def test_the_button_for_a_person_leads_to_the_same_turn_once(services: Services, talk: Conversations) -> None:
    talk.said(WHO, "这只能不能提前退", "product_maturity", 0.9)
    talk.answered(WHO, "product_maturity", handoff="asked")
    event = {
        "event_id": "handoff-1",
        "kind": "handoff_requested",
        "customer": WHO,
        "occurred_at": datetime.fromtimestamp(time.time() - 3500, SHANGHAI).isoformat(),
        "data": {"reason": "asked"},
    }
    # The bank's day is fixed in these tests; the conversation is of the wall clock.
    report = intake(services.journal, [event], datetime.now(SHANGHAI), source="test")
    assert report.used == 1
    assert kinds(gathered(services)) == [("handed_over", "这只能不能提前退")]


def test_bad_ratings_come_signed_and_go_when_taken_back(inbox: Services, talk: Conversations) -> None:
    good, bad = talk.said(WHO, "我有多少钱", "asset_overview"), talk.said(WHO, "净值是啥", "concept_qa")
    talk.answered(WHO, "concept_qa", "净值就是每份的价钱。")
    at = datetime.now(SHANGHAI).isoformat()
    row = {"customer": WHO, "reason": "wrong", "comment": "我叫王小明，电话13812345678", "at": at}
    rows = [
        {"id": 1, "entry_id": f"{good}.0", "rating": "up", **row},
        {"id": 2, "entry_id": f"{bad}.0", "rating": "down", **row},
        {"id": 3, "entry_id": "m-999.0", "rating": "down", **row},
    ]
    with app_channel(rows) as address:
        inbox.settings = replace(inbox.settings, app_url=address)
        (one,) = gathered(inbox)
        assert (one["kind"], one["text"]) == ("badly_rated", "净值是啥")
        assert "王小明" not in one["reason"] and "13812345678" not in one["reason"] and "wrong" in one["reason"]
        rows.append({"id": 4, "entry_id": f"{bad}.0", "rating": None, **row})
        assert gathered(inbox) == []
        inbox.settings = replace(inbox.settings, service_key="another key, refused by the channel")
        rows.append({"id": 5, "entry_id": f"{bad}.0", "rating": "down", **row})
        assert gathered(inbox) == []


def test_collecting_twice_and_from_the_start_keeps_each_once(inbox: Services, talk: Conversations) -> None:
    for number in range(30):
        talk.said(WHO, f"第{number}个问题咋办", "nlu_fallback", 0.3)
        talk.answered(WHO, "dialogue")
    first = gathered(inbox)
    assert len(first) == 30 == len(gathered(inbox))
    with inbox.store.write() as connection:
        connection.execute(cursors.delete())
    assert gathered(inbox) == first


def test_a_new_tracker_store_is_read_from_its_start(inbox: Services, talk: Conversations) -> None:
    for _ in range(5):
        talk.said(WHO, "随便说说", "chitchat")
    talk.said(WHO, "老店里的怪话", "nlu_fallback", 0.3)
    gathered(inbox)
    file: Path = inbox.settings.var / "tracker.db"
    file.unlink()
    anew = Conversations(file)
    anew.said(WHO, "新店里的怪话", "nlu_fallback", 0.3)
    assert kinds(gathered(inbox)) == [("asked_back", "新店里的怪话")]


def test_what_a_customer_has_deleted_is_gone_here_too(inbox: Services, talk: Conversations) -> None:
    talk.said(WHO, "我的怪问题", "nlu_fallback", 0.3)
    talk.said("demo-02", "别人的怪问题", "nlu_fallback", 0.3)
    assert len(gathered(inbox)) == 2
    talk.forget(WHO)
    assert kinds(gathered(inbox)) == [("asked_back", "别人的怪问题")]


def test_the_lobby_leaves_nothing_here(inbox: Services, talk: Conversations) -> None:
    talk.said("r1:visit-1", "大厅里的怪话", "nlu_fallback", 0.3, channel="robot")
    assert gathered(inbox) == []


def test_the_customers_name_is_masked_wherever_it_stands(inbox: Services, talk: Conversations) -> None:
    name = inbox.bank.store.customer(WHO).name
    talk.said(WHO, f"{name}的账户怎么了，尾号6222021234567890123，有1234567.89元", "nlu_fallback", 0.3)
    (one,) = gathered(inbox)
    assert name not in one["text"] and "622202" not in one["text"] and "1234567" not in one["text"]
    assert "1000000元" in one["text"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("005827怎么样", "005827怎么样"),
        ("10万怎么理财", "10万怎么理财"),
        ("我有2564129.18元", "我有3000000元"),
        ("￥1,234,567.80在哪", "￥1000000在哪"),
        ("我叫王小明，想买基金", "我叫某某，想买基金"),
        ("我是新手", "我是新手"),
        ("客户经理李丽女士不在", "客户经理某某女士不在"),
        ("基金经理是谁", "基金经理是谁"),
        ("验证码是839201", "验证码是****"),
        ("发到ab.c@d.com吧", "发到***吧"),
        ("第一行\n第二行\x00\u200b", "第一行 第二行"),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize("text", ["打13812345678", "某某的钱", "尾号****0123", "我有1234567元"])
def test_what_was_masked_is_still_personal(text: str) -> None:
    assert personal(text)


def test_huge_and_odd_rows_do_no_harm(inbox: Services, talk: Conversations) -> None:
    talk.said(WHO, "长" * 50_000, "nlu_fallback", 0.3)
    talk.said(WHO, "<img src=x onerror=alert(1)>", "nlu_fallback", 0.3)
    talk.said(WHO, "🙂", "nlu_fallback", 0.3)
    talk.said(WHO, "/session_start", "session_start", 1.0)
    found = gathered(inbox)
    assert [len(one["text"]) for one in found] == [200, 28, 1]
    assert found[1]["text"] == "<img src=x onerror=alert(1)>"


def test_marked_wrong_by_a_manager(services: Services, talk: Conversations, browser: Any) -> None:
    desk = browser("zh01")
    message = talk.said(WHO, "净值是啥", "pnl_query")
    body = {
        "message_id": f"{message}.1",
        "customer": WHO,
        "kind": "intent",
        "intent": "concept_qa",
        "note": "问的是概念",
    }
    for _ in range(2):
        assert desk.post(f"{API}/feedback", json=body).status_code == 201
    (one,) = gathered(services)
    assert (one["kind"], one["meant_intent"], one["account"]) == ("desk", "concept_qa", "zh01")
    assert desk.post(f"{API}/feedback", json={**body, "message_id": "m-77"}).status_code == 404
    assert desk.post(f"{API}/feedback", json={**body, "customer": "nobody"}).status_code == 404
    assert desk.post(f"{API}/feedback", json={**body, "kind": "joke"}).status_code == 422


def test_a_manager_marks_only_with_own_customers(services: Services, talk: Conversations, browser: Any) -> None:
    desk = browser("jl01")
    mine = {row["id"] for row in desk.get(f"{API}/customers?limit=200").json().get("customers", [])}
    other = next(one for one in ("demo-01", "demo-02", "demo-03", "demo-04", "demo-05") if one not in mine)
    message = talk.said(other, "净值是啥", "pnl_query")
    body = {"message_id": message, "customer": other, "kind": "answer", "answer": "净值是每份的价钱"}
    assert desk.post(f"{API}/feedback", json=body).status_code == 404
    assert desk.get(f"{API}/feedback").status_code == 403
