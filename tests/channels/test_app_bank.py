"""The bank's side: pushes, hand-over to a person, codes from the robot, and its own purchase page."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from app_client import Phone, Server, signed, wait_for

from channels.app.assistant import Assistant
from channels.app.services import Services
from channels.app.settings import AppSettings
from channels.problems import Problem

SERVICE = "PEIBAN_SERVICE_KEY"
REPLY = {
    "schema": "peiban.reply/1",
    "sentences": ["您有一笔理财三天后到期。"],
    "privacy": "personal",
    "purpose": "push",
}


def push(server: Server, customer: str, push_id: str | None = None, **changes: Any) -> requests.Response:
    body = {"push_id": push_id or uuid.uuid4().hex, "customer": customer, "push_type": "maturity", "reply": REPLY}
    return signed(server, SERVICE, "POST", "/internal/push", {**body, **changes})


def test_a_push_arrives_once_with_its_opt_out(server: Server, phone: Phone) -> None:
    with phone.stream() as events:
        events.next("ready")
        first = push(server, phone.customer, "p-" + phone.customer)
        again = push(server, phone.customer, "p-" + phone.customer)
        arrived = [data for _, data, _ in events.messages(2)]
    assert first.json()["messages"] == again.json()["messages"] == arrived
    assert (first.json()["duplicate"], again.json()["duplicate"]) == (False, True)
    assert arrived[0]["origin"] == "push" and "不再提醒" in arrived[1]["options"][-1]["title"]
    assert len(phone.history()["messages"]) == 2
    other = push(server, phone.customer, "p-" + phone.customer, push_type="alert")
    assert other.json()["code"] == "message_id_reused"


def test_a_push_obeys_the_customer(server: Server, phone: Phone) -> None:
    assert push(server, phone.customer, push_type="advice").json()["code"] == "push_not_allowed"
    marketing = {"consents": [{"purpose": "marketing", "granted": True}]}
    phone.request("PUT", "/preferences", json=marketing)
    assert push(server, phone.customer, push_type="advice").status_code == 200
    phone.request("PUT", "/preferences", json={"personalised": False})
    assert push(server, phone.customer, push_type="advice").status_code == 409
    phone.request("PUT", "/preferences", json={"push_types": {"maturity": False}})
    assert push(server, phone.customer).status_code == 409
    phone.request("PUT", "/preferences", json={"quiet_hours": {"start": "00:00", "end": "23:59"}})
    answer = push(server, phone.customer, push_type="alert")
    assert answer.json()["code"] in ("push_quiet_hours", "push_not_allowed") and answer.status_code == 409
    assert push(server, phone.customer, push_type="unknown").json()["code"] == "push_not_allowed"


def test_an_invalid_reply_is_not_pushed(server: Server, phone: Phone) -> None:
    for reply in (
        {},
        {**REPLY, "privacy": "all"},
        {**REPLY, "blocks": [{"type": "script"}]},
        {**REPLY, "sentences": 7},
    ):
        assert push(server, phone.customer, reply=reply).json()["code"] == "invalid"
    assert phone.history()["messages"] == []


def test_a_hand_over_from_request_to_end(server: Server, phone: Phone) -> None:
    phone.say("你好", "before")
    with phone.stream() as events:
        events.next("ready")
        phone.say("人工", "please")
        requested = events.next("handoff")[1]
        assert requested["state"] == "requested"
        identity = requested["id"]
        listed = signed(server, SERVICE, "GET", "/internal/handoffs?state=requested&limit=200").json()["handoffs"]
        assert identity in {item["id"] for item in listed}

        def move(state: str, **more: Any) -> requests.Response:
            return signed(server, SERVICE, "PUT", f"/internal/handoffs/{identity}", {"state": state, **more})

        assert move("queued", position=2).json()["position"] == 2
        assert events.next("handoff")[1]["position"] == 2
        # While waiting the assistant hosts.
        assert phone.say("你好", "hosting")["status"] == "answered"
        thread_path, said = f"/internal/handoffs/{identity}/messages", {"message_id": "r1", "text": "费用见说明书。"}
        assert signed(server, SERVICE, "POST", thread_path, said).status_code == 409

        assert move("active", manager="李经理").status_code == 200
        assert events.next("handoff")[1]["manager"] == "李经理"
        answer = phone.say("我想问问费用", "to-manager")
        assert (answer["status"], answer["messages"]) == ("with_manager", [])
        for _ in range(2):
            assert signed(server, SERVICE, "POST", thread_path, said).status_code == 200
        while (data := events.next("message")[1])["origin"] != "manager":
            pass
        assert data["text"] == "费用见说明书。"
        thread = signed(server, SERVICE, "GET", thread_path + "?limit=100").json()["messages"]
        assert thread == phone.history()["messages"]
        assert [m["origin"] for m in thread].count("manager") == 1

        assert phone.request("DELETE", "/handoff").json()["state"] == "ended"
        assert events.next("handoff")[1]["state"] == "ended"
    assert phone.say("你好", "back")["messages"]
    assert move("active").json()["code"] == "conflict"
    assert not any(turn[1] == "我想问问费用" for turn in server.turns())


def test_without_consent_the_manager_sees_from_the_request_on(server: Server, phone: Phone) -> None:
    phone.request("PUT", "/preferences", json={"consents": [{"purpose": "manager_view", "granted": False}]})
    phone.say("之前的话", "secret")
    identity = phone.post("/handoff", {}).json()["id"]
    assert phone.post("/handoff", {}).json()["id"] == identity
    phone.say("之后的话", "open")
    path = f"/internal/handoffs/{identity}/messages"
    ids = [message["id"] for message in signed(server, SERVICE, "GET", path).json()["messages"]]
    assert "open" in ids and "secret" not in ids
    assert signed(server, SERVICE, "GET", "/internal/handoffs/nobody-here/messages").status_code == 404


@pytest.fixture
async def services(server: Server) -> Any:
    """The robot channel's side: the same store, as it has in the server process."""

    async def unused(message: Any) -> None:
        raise AssertionError

    made = Services(AppSettings.from_env(server.env), Assistant(unused, "app"))
    yield made
    made.database.close()


async def test_a_code_carries_the_question_to_the_phone_once(server: Server, services: Services, phone: Phone) -> None:
    offer = await services.bindings.create("lobby-1", "v1", "我有多少钱")
    assert await services.bindings.state(offer.code, "lobby-1") == "waiting"
    assert await services.bindings.state(offer.code, "lobby-2") == "unknown"
    answer = phone.post(f"/bindings/{offer.code}").json()
    assert answer["messages"][0]["text"].startswith("您目前的总资产") and answer["scope"] == "answer"
    for _ in range(40):
        if await services.bindings.state(offer.code, "lobby-1") == "done":
            break
    assert await services.bindings.state(offer.code, "lobby-1") == "done"
    # Asking again after a lost answer gets the stored one; another phone gets nothing.
    assert phone.post(f"/bindings/{offer.code}").json()["messages"] == answer["messages"]
    refused = Phone(server).post(f"/bindings/{offer.code}")
    assert (refused.status_code, refused.json()["code"]) == (409, "binding_used")
    turns = [turn for turn in server.turns() if turn[0] == f"app:{phone.customer}"]
    assert [(turn[1], turn[2]["channel"]) for turn in turns] == [("我有多少钱", "app")]
    assert phone.history()["messages"][0]["origin"] == "customer"


async def test_codes_expire_are_revoked_and_cannot_be_guessed(
    server: Server, services: Services, phone: Phone, monkeypatch: Any
) -> None:
    monkeypatch.setattr("channels.bindings.ANSWER_SECONDS", -1)
    old = await services.bindings.create("lobby-1", "v2", "我有多少钱")
    assert await services.bindings.state(old.code, "lobby-1") == "expired"
    assert phone.post(f"/bindings/{old.code}").json()["code"] == "binding_expired"
    monkeypatch.undo()
    left = await services.bindings.create("lobby-1", "v3", "我有多少钱")
    await services.bindings.revoke_visit("v3")
    assert phone.post(f"/bindings/{left.code}").json()["code"] == "binding_revoked"
    assert phone.post("/bindings/" + "A" * 24).status_code == 404
    assert phone.post("/bindings/x").status_code == 404
    first = await services.bindings.create("lobby-1", "v4", "一")
    second = await services.bindings.create("lobby-1", "v4", "我二")
    assert phone.post(f"/bindings/{first.code}").json()["code"] == "binding_revoked"
    assert phone.post(f"/bindings/{second.code}").status_code == 200
    assert phone.history()["messages"][0]["text"] == "我二"


async def test_a_bound_visit_sends_its_next_questions_to_the_phone(services: Services, phone: Phone) -> None:
    asked: list[tuple[str, str]] = []

    async def forward(customer: str, message_id: str, question: str) -> None:
        asked.append((customer, question))

    services.bindings.forward = forward
    assert not await services.bindings.ask("v5", "那上个月呢")
    offer = await services.bindings.create("lobby-1", "v5", "我有多少钱", "visit")
    assert phone.post(f"/bindings/{offer.code}").json()["scope"] == "visit"
    assert await services.bindings.ask("v5", "那上个月呢")
    assert asked == [(phone.customer, "那上个月呢")]
    assert phone.request("DELETE", f"/bindings/{offer.code}").json() == {"revoked": True}
    assert not await services.bindings.ask("v5", "那上个月呢")
    other = Phone(phone.server)
    assert other.request("DELETE", f"/bindings/{offer.code}").status_code == 404


async def test_push_from_python_is_the_same_push(services: Services, phone: Phone) -> None:
    messages, repeated = await services.push(phone.customer, "py-" + phone.customer, "maturity", REPLY)
    assert not repeated and messages[0]["seq"] == 1
    with pytest.raises(Problem, match="push_not_allowed"):
        await services.push(phone.customer, "py2-" + phone.customer, "advice", REPLY)


def events_of(server: Server, customer: str) -> list[tuple[str, Any]]:
    items: list[dict[str, Any]] = []
    after = 0
    while batch := signed(server, SERVICE, "GET", f"/internal/feed/purchase-events?after={after}").json()["items"]:
        items, after = items + batch, batch[-1]["id"]
    return [(item["event"], item["amount"]) for item in items if item["customer"] == customer]


def buy(phone: Phone) -> tuple[str, dict[str, str]]:
    phone.say("我有多少钱")
    link = phone.post("/purchase-sessions", {"product": "YF0021"}).json()["url"]
    ticket = parse_qs(urlsplit(link).query)["ticket"][0]
    return phone.server.url + link, {"ticket": ticket}


def test_a_purchase_on_the_banks_page_comes_back_as_events(server: Server, phone: Phone) -> None:
    assert phone.post("/purchase-sessions", {"product": "YF0021"}).status_code == 404
    url, form = buy(phone)
    page = requests.get(url, timeout=5)
    assert "云帆稳利一号" in page.text and "演示" in page.text
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].split("style-src")[0]
    wrong = requests.post(server.url + "/demo/bank/purchase/completed", data={**form, "amount": "一万"}, timeout=5)
    assert "请填写购买金额" in wrong.text
    done = requests.post(server.url + "/demo/bank/purchase/completed", data={**form, "amount": "10000"}, timeout=5)
    assert "已受理" in done.text
    requests.post(server.url + "/demo/bank/purchase/broken_off", data=form, timeout=5)
    wait_for(lambda: len(events_of(server, phone.customer)) == 2)
    assert events_of(server, phone.customer) == [("started", None), ("completed", "10000")]
    assert "链接已用过" in requests.get(url, timeout=5).text


def test_leaving_the_purchase_page_is_told(server: Server, phone: Phone) -> None:
    url, form = buy(phone)
    requests.get(url, timeout=5)
    assert requests.post(server.url + "/demo/bank/purchase/broken_off", data=form, timeout=5).status_code == 204
    wait_for(lambda: events_of(server, phone.customer) == [("started", None), ("broken_off", None)])


@pytest.mark.parametrize("ticket", ["", "x", "a.b.c", "é"])
def test_a_forged_ticket_buys_nothing(server: Server, ticket: str) -> None:
    answer = requests.get(server.url + "/demo/bank/purchase", params={"ticket": ticket}, timeout=5)
    assert "链接已失效" in answer.text and "<form" in answer.text and "hidden" in answer.text


def test_a_purchase_event_counts_once(server: Server, phone: Phone) -> None:
    event = {
        "event_id": uuid.uuid4().hex,
        "event": "completed",
        "customer": phone.customer,
        "product": "YF0021",
        "amount": "1000.50",
        "currency": "CNY",
        "occurred_at": "2026-03-02T10:00:00+08:00",
    }
    key = "PEIBAN_BANK_EVENTS_KEY"
    assert signed(server, key, "POST", "/purchase-events", event).json()["duplicate"] is False
    assert signed(server, key, "POST", "/purchase-events", event).json()["duplicate"] is True
    assert signed(server, key, "POST", "/purchase-events", {**event, "amount": "9"}).status_code == 409
    for wrong in ({"amount": 1000.5}, {"amount": "1e9"}, {"occurred_at": "2026-03-02T10:00:00"}, {"event": "stolen"}):
        fresh = {**event, "event_id": uuid.uuid4().hex, **wrong}
        assert signed(server, key, "POST", "/purchase-events", fresh).status_code == 422
    assert events_of(server, phone.customer) == [("completed", "1000.50")]
