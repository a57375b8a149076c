"""A hand-off through both doors over HTTP: the customer's phone and the managers' desk."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from desk_client import settings
from fastapi import FastAPI
from handoff_stage import Stage
from starlette.testclient import TestClient

from desk import tables
from desk.app import create_app
from desk.handoff.channel import AppChannel
from tests.channels.app_client import KEYS, Phone, Server
from wealth.clock import SHANGHAI

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 11, 20, 22, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("app")).start()
    yield running
    running.stop()
    assert "Traceback" not in running.errors(), running.errors()


@pytest.fixture(scope="module")
def desk_of_all(
    app_server: Server, tmp_path_factory: pytest.TempPathFactory, bank_file: Path
) -> tuple[FastAPI, dict[str, TestClient]]:
    """One desk, and its signed-in people; every test has a dispatcher of its own over it."""
    folder = tmp_path_factory.mktemp("desk")
    copy(bank_file, folder / "bank.db")
    key = KEYS["PEIBAN_SERVICE_KEY"]
    return create_app(settings(folder, app_url=app_server.url, service_key=key)), {}


@pytest.fixture
def stage(
    desk_of_all: tuple[FastAPI, dict[str, TestClient]], app_server: Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    monkeypatch.setenv("PEIBAN_NOW", FRIDAY.isoformat())
    monkeypatch.setenv("PEIBAN_AUDIT_KEY", "a-key-for-pseudonyms-in-these-tests")
    made = Stage(desk_of_all[0], app_server, desk_of_all[1])
    yield made
    # The next test begins with an empty queue.
    for row in made.hands.channel.handoffs():
        made.hands.channel.move(row["id"], "ended")
    made.close()


def texts(phone: Phone) -> list[str]:
    return [message["text"] for message in phone.history()["messages"] if "text" in message]


def desk_seen(phone: Phone) -> dict[str, Any]:
    """How the assistant was told that the desk stands, with the phone's last words."""
    phone.say("你好")
    turn = [turn for turn in phone.server.turns() if turn[0] == f"app:{phone.customer}"][-1]
    return dict(turn[2]["desk"])


def test_from_the_request_to_the_summary(stage: Stage) -> None:
    li = stage.person("jl01")
    phone = stage.phone()
    phone.say("我有多少钱")
    phone.say("人工")
    stage.step()
    offered = li.one(phone)
    assert (offered["state"], offered["position"], offered["offered_to"]) == ("queued", 1, "jl01")
    assert offered["customer_name"].endswith("*") and offered["waiting_seconds"] >= 0
    path = f"/handoffs/{offered['id']}"
    assert li.post(f"{path}/messages", {"message_id": "m1", "text": "您好"}).json()["code"] == "not_yours"
    taken = li.post(f"{path}/accept")
    assert (taken.status_code, taken.json()["state"], taken.json()["staff"]) == (200, "active", "jl01")
    assert li.post(f"{path}/accept").status_code == 200
    assert phone.get("/handoff").json()["manager"] == "演示经理一"

    assert phone.say("这笔钱<script>alert(1)</script>怎么安排")["status"] == "with_manager"
    stage.step()
    assert li.one(phone)["unread"] == 1
    thread = li.get(f"{path}/messages").json()
    assert thread["messages"][-1]["text"] == "这笔钱<script>alert(1)</script>怎么安排"
    assert {message["origin"] for message in thread["messages"]} == {"customer", "assistant"}
    assert li.one(phone)["unread"] == 0
    for _ in range(2):
        said = li.post(f"{path}/messages", {"message_id": "m1", "text": "明天上午我打给您。"})
        assert (said.status_code, said.json()["message"]["origin"]) == (201, "manager")
    assert texts(phone).count("明天上午我打给您。") == 1
    assert li.post(f"{path}/messages", {"message_id": "m1", "text": "别的话"}).json()["code"] == "message_id_reused"

    summed = li.get(f"{path}/summary").json()
    assert summed["need"].startswith("我有多少钱；人工；这笔钱")
    assert [one["text"] for one in summed["said"]] == ["明天上午我打给您。"] and summed["open"] == []
    assert {"label": "", "value": "您目前的总资产是 128,560.32 元。", "as_of": "数据截至 2026年3月2日 15:00"} in summed[
        "figures_shown"
    ]
    assert li.get(f"{path}/suggestions").json() == {"suggestions": []}
    for _ in range(2):
        assert li.post(f"{path}/return", {"summary": "明天上午打电话。"}).json()["state"] == "ended"
    assert next(text for text in texts(phone) if "明天上午打电话" in text).startswith("演示经理一")
    assert phone.say("你好")["status"] == "answered"
    assert li.one(phone) == {}


def test_the_own_manager_is_asked_first_then_the_branch_then_again(stage: Stage) -> None:
    li, wang = stage.person("jl01"), stage.person("jl02")
    phone = stage.phone("jl02")
    phone.post("/handoff", {})
    stage.step()
    assert wang.one(phone)["offered_to"] == "jl02"
    # Somebody else's offer is not on the other manager's list.
    assert li.one(phone) == {}
    stage.later(29)
    assert wang.one(phone)["offered_to"] == "jl02"
    stage.later(2)
    assert li.one(phone)["offered_to"] == "jl01"
    assert li.post(f"/handoffs/{li.one(phone)['id']}/decline").status_code == 200
    stage.step()
    # Nobody is left to ask: whoever is of the branch sees it, and takes it when they can.
    assert "offered_to" not in wang.one(phone) and "offered_to" not in li.one(phone)
    assert li.post(f"/handoffs/{li.one(phone)['id']}/decline").json()["code"] == "not_yours"
    stage.later(301)
    assert wang.one(phone)["offered_to"] == "jl02"


def test_two_managers_click_at_once_and_one_wins(stage: Stage) -> None:
    people = [stage.person(account) for account in ("jl01", "jl02", "hz01", "zh01")]
    phone = stage.phone("hz01")
    identity = phone.post("/handoff", {}).json()["id"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda person: person.post(f"/handoffs/{identity}/accept"), people))
    assert sorted((answer.status_code, answer.json().get("code", "")) for answer in answers) == [
        (200, ""),
        *[(409, "taken")] * 3,
    ]
    winner = next(person for person, answer in zip(people, answers, strict=True) if answer.status_code == 200)
    assert phone.get("/handoff").json()["manager"] == stage.who(winner.account).name
    with stage.services.store.read() as connection:
        rows = connection.execute(tables.audit.select().where(tables.audit.c.why == "handoff_accept")).all()
    assert [row.account for row in rows if row.details["handoff"] == identity] == [winner.account]


def test_urgent_ones_come_first_and_positions_are_told(stage: Stage) -> None:
    phones = [stage.phone("hz01") for _ in range(3)]
    for phone in phones[:2]:
        phone.post("/handoff", {})
    phones[2].post("/handoff", {"reason": "complaint"})
    stage.step()
    assert [phone.get("/handoff").json()["position"] for phone in phones] == [2, 3, 1]
    phones[2].request("DELETE", "/handoff")
    stage.step()
    assert [phone.get("/handoff").json().get("position") for phone in phones] == [1, 2, None]


def test_one_manager_is_not_asked_for_more_than_they_can(stage: Stage) -> None:
    li = stage.person("jl01", capacity=1)
    first, second = stage.phone(), stage.phone()
    for phone in (first, second):
        phone.post("/handoff", {})
    stage.step()
    assert (li.one(first)["offered_to"], li.one(second).get("offered_to")) == ("jl01", None)
    li.post(f"/handoffs/{li.one(first)['id']}/accept")
    stage.step()
    assert desk_seen(second)["state"] == "busy"
    assert li.one(second).get("offered_to") is None
    li.post(f"/handoffs/{li.one(first)['id']}/return")
    stage.step()
    assert li.one(second)["offered_to"] == "jl01"


def test_a_manager_who_closes_the_browser_in_mid_chat(stage: Stage) -> None:
    li, wang = stage.person("jl01"), stage.person("jl02")
    phone = stage.phone()
    identity = phone.post("/handoff", {}).json()["id"]
    assert li.post(f"/handoffs/{identity}/accept").status_code == 200
    stage.step()
    li.leave()
    stage.later(89)
    assert phone.get("/handoff").json()["state"] == "active"
    stage.later(2)
    state = phone.get("/handoff").json()
    assert state["state"] == "queued" and any("断线" in text for text in texts(phone))
    assert wang.one(phone)["offered_to"] == "jl02" and wang.one(phone)["priority"] == 90
    assert phone.say("我还在吗")["status"] == "answered"
    assert wang.post(f"/handoffs/{identity}/accept").status_code == 200
    # Back again, the first one sees that it is not theirs any more.
    li.look()
    assert li.post(f"/handoffs/{identity}/messages", {"message_id": "x", "text": "我回来了"}).status_code == 409


def test_the_customer_ends_it_while_the_manager_writes(stage: Stage) -> None:
    li = stage.person("jl01")
    phone = stage.phone()
    identity = phone.post("/handoff", {}).json()["id"]
    li.post(f"/handoffs/{identity}/accept")
    phone.say("结束人工")
    late = li.post(f"/handoffs/{identity}/messages", {"message_id": "late", "text": "还在吗"})
    assert (late.status_code, late.json()["code"]) == (409, "handoff_over")
    stage.step()
    assert li.one(phone) == {} and "还在吗" not in texts(phone)


def test_the_desk_is_killed_in_mid_chat_and_goes_on(stage: Stage) -> None:
    li = stage.person("jl01")
    talking, waiting = stage.phone(), stage.phone()
    identity = talking.post("/handoff", {}).json()["id"]
    li.post(f"/handoffs/{identity}/accept")
    waiting.post("/handoff", {})
    stage.step()
    # Nothing was closed in an orderly way, and everybody's page is gone with the process.
    li.leave()
    again = Stage(stage.app, stage.server, stage.clients)
    try:
        assert talking.say("您还在吗")["status"] == "with_manager"
        again.step()
        again.later(60)
        assert talking.get("/handoff").json()["state"] == "active"
        back = again.person("jl01")
        again.later(60)
        assert back.one(talking)["unread"] == 1
        said = back.post(f"/handoffs/{identity}/messages", {"message_id": "b1", "text": "在的。"})
        assert said.status_code == 201 and texts(talking)[-1] == "在的。"
        assert talking.get("/handoff").json()["state"] == "active"
        assert waiting.get("/handoff").json()["state"] == "queued"
    finally:
        again.close()


def test_the_assistant_knows_how_the_desk_stands(stage: Stage) -> None:
    phone = stage.phone()
    stage.step()
    assert desk_seen(phone)["state"] == "closed"
    li = stage.person("jl01", capacity=1)
    stage.step()
    told = desk_seen(phone)
    assert (told["state"], told["free"], told["waiting"]) == ("open", 1, 0)
    assert told["hours"] and told["slots"][0].startswith("2026-11-20T11:00")
    for _ in range(2):
        stage.phone().post("/handoff", {})
    stage.step()
    told = desk_seen(phone)
    assert (told["state"], told["free"], told["waiting"]) == ("busy", 0, 2) and told["minutes"] == 24
    stage.at(NIGHT)
    stage.later(6)
    assert desk_seen(phone)["state"] == "closed"
    li.leave()


def test_at_night_nobody_is_asked_and_a_complaint_waits_first(stage: Stage) -> None:
    li = stage.person("jl01")
    stage.at(NIGHT)
    phone = stage.phone()
    phone.post("/handoff", {"reason": "complaint"})
    stage.step()
    assert li.one(phone).get("offered_to") is None and phone.get("/handoff").json()["position"] == 1
    stage.at(FRIDAY + timedelta(days=3))
    stage.step()
    assert li.one(phone)["offered_to"] == "jl01"


def test_an_appointment_is_made_told_and_kept(stage: Stage) -> None:
    li, wang = stage.person("jl01"), stage.person("jl02")
    phone = stage.phone()
    body = {"customer": phone.customer, "at": "2026-11-23T10:00:00+08:00", "topic": "理财到期怎么安排"}
    made = wang.post("/bookings", body)
    assert made.status_code == 404, "another manager's customer"
    made = li.post("/bookings", {**body, "note": "先看持仓"})
    assert made.status_code == 201 and (made.json()["by"], made.json()["topic"]) == ("jl01", body["topic"])
    assert "11月23日（周一）10:00" in texts(phone)[-1] and "先看持仓" not in "".join(texts(phone))
    listed = li.get("/bookings?from=2026-11-23T00:00:00&to=2026-11-24T00:00:00").json()["bookings"]
    assert [one["customer"] for one in listed] == [phone.customer]
    assert li.get("/bookings?to=2026-11-23T00:00:00%2B08:00").json()["bookings"] == []
    assert wang.get("/bookings").json()["bookings"] == []
    assert wang.client.delete(f"/desk/api/bookings/{made.json()['id']}").status_code == 404
    stage.events(li.page)
    stage.at(FRIDAY + timedelta(days=3, minutes=1))
    stage.step()
    stage.step()
    assert {"booking", "handoff"} <= {event.name for event in stage.events(li.page)}
    assert li.one(phone)["offered_to"] == "jl01" and li.one(phone)["priority"] == 60
    assert "到我们约好的时间了" in texts(phone)[-1]
    stage.step()
    assert [text for text in texts(phone) if "约好的时间" in text] == texts(phone)[-1:]


def test_a_time_that_nobody_keeps_is_refused(stage: Stage) -> None:
    li, phone = stage.person("jl01"), stage.phone()
    for at in (
        *("2026-11-20T09:30:00+08:00", "2026-11-21T10:00:00+08:00", "2026-11-23T12:30:00+08:00"),
        *("2026-11-23T20:00:00+08:00", "2027-11-22T10:00:00+08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        *("0001-01-01T00:00:00+14:00", "明天", "", None, 7e99),
    ):
        body = {"customer": phone.customer, "at": at, "topic": "聊聊"}
        assert li.post("/bookings", body).status_code == 422, at
    for wrong in ({"topic": ""}, {"topic": "字" * 201}, {"customer": "a/b"}, {"note": "字" * 501}):
        body = {"customer": phone.customer, "at": "2026-11-23T10:00:00", "topic": "聊聊"}
        assert li.post("/bookings", {**body, **wrong}).status_code == 422
    assert li.get("/bookings").json()["bookings"] == []


def test_a_cancelled_appointment_is_told(stage: Stage) -> None:
    li = stage.person("jl01")
    phone = stage.phone()
    body = {"customer": phone.customer, "at": "2026-11-23T10:00:00", "topic": "聊聊"}
    made = li.post("/bookings", body).json()
    path = f"/desk/api/bookings/{made['id']}"
    assert li.client.delete(path).status_code == 204
    assert "取消了" in texts(phone)[-1] and phone.get("/handoff").json()["state"] == "ended"
    assert li.client.delete(path).json()["code"] == "handoff_over"


def test_pages_hear_what_concerns_them(stage: Stage) -> None:
    li, wang, office = stage.person("jl01"), stage.person("jl02"), stage.person("zh01", available=False)
    phone = stage.phone()
    stage.step()
    identity = phone.post("/handoff", {}).json()["id"]
    stage.step()
    heard = [event.data for event in stage.events(li.page) if event.name == "handoff"]
    assert heard[-1]["offered_to"] == "jl01"
    li.post(f"/handoffs/{identity}/accept")
    phone.say("只说给经理一听")
    stage.step()
    spoken = [event.data for event in stage.events(li.page) if event.name == "message"]
    assert [one["message"]["text"] for one in spoken] == ["只说给经理一听"] and spoken[0]["handoff"] == identity
    assert any(event.name == "handoff" for event in stage.events(office.page))
    # The other manager may hear that somebody waits, never what was said.
    others = stage.events(wang.page)
    assert not [event for event in others if event.name == "message"]
    assert "只说给经理一听" not in str(others)


def test_nobody_reads_or_takes_what_is_not_theirs(stage: Stage) -> None:
    li, wang = stage.person("jl01"), stage.person("jl02")
    phone = stage.phone()
    identity = phone.post("/handoff", {}).json()["id"]
    li.post(f"/handoffs/{identity}/accept")
    path = f"/handoffs/{identity}"
    for reach in ("/messages", "/suggestions", "/summary"):
        assert wang.get(path + reach).status_code == 404
    for reach in ("/decline", "/return"):
        assert wang.post(path + reach).status_code == 404
    assert wang.post(f"{path}/accept").json()["code"] == "taken"
    head = stage.person("hz01")
    assert head.get(f"{path}/messages").status_code == 200
    assert head.post(f"{path}/return").json()["code"] == "not_yours"
    with stage.services.store.read() as connection:
        looks = connection.exec_driver_sql("SELECT account FROM desk_audit WHERE kind = 'look' AND why = 'handoff'")
        assert "hz01" in looks.scalars().all()
    for wrong in ("x", "nobody-here-at-all", "..%2Fdesk", "é" * 9):
        assert li.post(f"/handoffs/{wrong}/accept").status_code in (404, 405, 422)


def test_a_conversation_needs_consent(stage: Stage) -> None:
    li, wang = stage.person("jl01"), stage.person("jl02")
    phone = stage.phone()
    phone.say("给助手的话")
    path = f"/customers/{phone.customer}/conversation"
    assert "给助手的话" in str(li.get(path).json()["messages"])
    assert wang.get(path).status_code == 404
    phone.request("PUT", "/preferences", json={"consents": [{"purpose": "manager_view", "granted": False}]})
    assert li.get(path).json() == {**li.get(path).json(), "consent": False, "messages": []}


def test_an_app_channel_that_is_down_is_said_and_survived(stage: Stage) -> None:
    li = stage.person("jl01")
    phone = stage.phone()
    identity = phone.post("/handoff", {}).json()["id"]
    up = stage.hands.channel
    stage.hands.channel = AppChannel("http://127.0.0.1:1", "k" * 32)
    stage.step()
    for answer in (li.get("/handoffs"), li.post(f"/handoffs/{identity}/accept"), li.get("/bookings")):
        assert (answer.status_code, answer.json()["code"]) == (503, "app_not_ready")
    # It answers, but not to us: the desk was started with another key.
    stage.hands.channel = AppChannel(stage.server.url, "k" * 32)
    stage.step()
    assert li.get("/handoffs").status_code == 503
    stage.hands.channel = up
    stage.step()
    assert li.one(phone)["offered_to"] == "jl01"
