"""The channel's half of a hand-over: the queue's states, two managers at once, endings, appointments, a silent desk."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from app_client import Phone, Server, signed, wait_for

from channels.app import tables
from channels.app.database import Database, StoreError

SERVICE = "PEIBAN_SERVICE_KEY"
STATUS = {"state": "busy", "free": 0, "waiting": 3, "minutes": 12, "hours": "工作日 9:00–17:30"}
SLOT = "2030-03-04T10:00:00+08:00"


def move(server: Server, identity: str, state: str, **more: Any) -> requests.Response:
    return signed(server, SERVICE, "PUT", f"/internal/handoffs/{identity}", {"state": state, **more})


def listed(server: Server, customer: str) -> dict[str, Any]:
    rows = signed(server, SERVICE, "GET", "/internal/handoffs?limit=500").json()["handoffs"]
    mine = [row for row in rows if row["customer"] == customer]
    return mine[0] if mine else {}


def report(server: Server, **changes: Any) -> requests.Response:
    return signed(server, SERVICE, "PUT", "/internal/desk", {**STATUS, "slots": [SLOT], **changes})


def texts(phone: Phone) -> list[str]:
    return [message["text"] for message in phone.history()["messages"] if "text" in message]


def states(server: Server, customer: str) -> list[str]:
    """Every state that the customer was told, in order."""
    with sqlite3.connect(server.folder / "app.db") as store:
        rows = store.execute(
            "SELECT json_extract(body, '$.handoff.state') FROM entries WHERE customer = ? AND kind = 'handoff' "
            "ORDER BY seq",
            (customer,),
        )
        return [row[0] for row in rows]


def taken(server: Server, phone: Phone, staff: str = "jl01", manager: str = "李经理") -> str:
    identity: str = phone.post("/handoff", {}).json()["id"]
    assert move(server, identity, "active", staff=staff, manager=manager).status_code == 200
    return identity


def test_two_managers_click_at_once_and_one_wins(server: Server) -> None:
    for _ in range(5):
        phone = Phone(server)
        identity = phone.post("/handoff", {}).json()["id"]
        click = partial(_click, server, identity)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(click, ["jl01", "jl02", "jl03", "hz01"]))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        lost = [answer for answer in answers if answer.status_code == 409]
        assert {answer.json()["code"] for answer in lost} == {"taken"}
        winner = next(answer.json()["staff"] for answer in answers if answer.status_code == 200)
        assert phone.get("/handoff").json()["manager"] == f"{winner}经理"
        # The winner's click came twice: nothing happens again.
        assert move(server, identity, "active", staff=winner, manager=f"{winner}经理").status_code == 200
        assert states(server, phone.customer) == ["requested", "active"]


def _click(server: Server, identity: str, staff: str) -> requests.Response:
    return move(server, identity, "active", staff=staff, manager=f"{staff}经理")


def test_a_repeated_step_is_told_once(server: Server, phone: Phone) -> None:
    identity = phone.post("/handoff", {}).json()["id"]
    for _ in range(3):
        assert move(server, identity, "queued", position=2).status_code == 200
    # Whom the desk asks is none of the customer's business.
    moved = move(server, identity, "queued", offered_to="jl01").json()
    assert (moved["position"], moved["offered_to"]) == (2, "jl01")
    assert "offered_to" not in phone.get("/handoff").json()
    assert move(server, identity, "queued", offered_to=None).json().get("offered_to") is None
    for _ in range(2):
        assert move(server, identity, "ended", summary="已说明费率。").status_code == 200
    assert states(server, phone.customer) == ["requested", "queued", "ended"]


def test_a_queue_that_was_computed_too_late_does_not_interrupt(server: Server, phone: Phone) -> None:
    identity = taken(server, phone)
    late = move(server, identity, "queued", position=1)
    assert (late.status_code, late.json()["code"]) == (409, "taken")
    assert phone.get("/handoff").json()["state"] == "active"


def test_a_manager_who_is_gone_is_told_kindly_and_the_next_one_comes(server: Server, phone: Phone) -> None:
    identity = taken(server, phone)
    back = {"from": "active", "priority": 90, "notice": "manager_gone"}
    assert move(server, identity, "queued", **back).json()["priority"] == 90
    # The desk, restarted, tries once more: the customer hears it once.
    assert move(server, identity, "queued", **back).status_code == 409
    told = [text for text in texts(phone) if "断线" in text]
    assert len(told) == 1 and "李经理" in told[0]
    assert "manager" not in phone.get("/handoff").json()
    assert phone.say("我还在", "waiting-" + phone.customer)["status"] == "answered"
    assert move(server, identity, "active", staff="jl02", manager="王经理").status_code == 200
    assert phone.get("/handoff").json()["manager"] == "王经理"


def test_the_customer_ends_it_by_word_or_by_button(server: Server) -> None:
    spoken, tapped = Phone(server), Phone(server)
    for phone in (spoken, tapped):
        taken(server, phone)
    answer = spoken.say("结束人工！")
    assert answer["status"] == "answered" and "还是我陪您" in answer["messages"][0]["text"]
    tapped.request("DELETE", "/handoff")
    for phone in (spoken, tapped):
        assert phone.get("/handoff").json()["state"] == "ended"
        assert phone.say("你好")["messages"][0]["origin"] == "assistant"
    # Not an order to end, only words about it: they are the manager's to read.
    wordy = Phone(server)
    taken(server, wordy)
    assert wordy.say("结束人工是什么意思")["status"] == "with_manager"


def test_the_summary_is_in_the_thread_and_known_to_the_assistant(server: Server, phone: Phone) -> None:
    identity = taken(server, phone)
    phone.say("那个费率怎么算")
    assert move(server, identity, "ended", summary="已说明费率，下周二再联系。").status_code == 200
    last = phone.history()["messages"][-1]
    assert last["origin"] == "assistant" and "李经理" in last["text"] and "下周二再联系" in last["text"]
    phone.say("你好")
    turn = [turn for turn in server.turns() if turn[0] == f"app:{phone.customer}"][-1]
    known = turn[2]["handoff"]
    assert (known["state"], known["manager"], known["summary"]) == ("ended", "李经理", "已说明费率，下周二再联系。")
    assert "那个费率怎么算" not in [turn[1] for turn in server.turns()]


def test_graver_words_move_the_request_up(server: Server) -> None:
    calm, angry = Phone(server), Phone(server)
    first = calm.post("/handoff", {}).json()["id"]
    second = angry.post("/handoff", {"reason": "complaint"}).json()["id"]
    order = [row["id"] for row in signed(server, SERVICE, "GET", "/internal/handoffs?limit=500").json()["handoffs"]]
    assert order.index(second) < order.index(first)
    assert calm.post("/handoff", {"reason": "complaint"}).json()["id"] == first
    assert listed(server, calm.customer)["priority"] == 80
    assert calm.post("/handoff", {}).json()["id"] == first
    assert listed(server, calm.customer)["priority"] == 80


def test_one_listing_tells_where_something_is_new(server: Server, phone: Phone) -> None:
    identity = taken(server, phone)
    before = listed(server, phone.customer)
    phone.say("看得到吗", "news-" + phone.customer)
    after = listed(server, phone.customer)
    assert after["said_seq"] > before["said_seq"] and after["last_seq"] == after["said_seq"]
    path = f"/internal/handoffs/{identity}/messages"
    fresh = signed(server, SERVICE, "GET", f"{path}?after={before['last_seq']}").json()
    assert [message["text"] for message in fresh["messages"]] == ["看得到吗"]
    assert fresh["last_seq"] == after["last_seq"]
    # Moves of the queue fill the log, never a page of the thread.
    signed(server, SERVICE, "POST", path, {"message_id": "r-" + phone.customer[:8], "text": "看得到。"})
    page = signed(server, SERVICE, "GET", f"{path}?after={after['last_seq']}&limit=1").json()
    assert [message["origin"] for message in page["messages"]] == ["manager"]
    assert listed(server, phone.customer)["said_seq"] == after["said_seq"]


def test_an_appointment_is_made_moved_due_and_worked(server: Server, phone: Phone) -> None:
    body = {"customer": phone.customer, "slot": SLOT, "need": "理财到期", "staff": "jl01", "manager": "李经理"}
    made = signed(server, SERVICE, "POST", "/internal/handoffs", body)
    assert (made.json()["state"], made.json()["slot"][:16]) == ("booked", SLOT[:16])
    assert signed(server, SERVICE, "POST", "/internal/handoffs", body).json()["id"] == made.json()["id"]
    assert [text for text in texts(phone) if "3月4日（周一）10:00" in text and "理财到期" in text] == texts(phone)
    later = {**body, "slot": "2030-03-05T15:00:00+08:00"}
    assert signed(server, SERVICE, "POST", "/internal/handoffs", later).json()["id"] == made.json()["id"]
    # Booked, the customer talks to the assistant as always.
    assert phone.say("你好")["status"] == "answered"
    identity = made.json()["id"]
    due = move(server, identity, "requested", **{"from": "booked", "priority": 60, "notice": "due"})
    assert due.json()["state"] == "requested" and "到我们约好的时间了" in texts(phone)[-1]
    assert move(server, identity, "requested", **{"from": "booked", "notice": "due"}).status_code == 409
    assert move(server, identity, "active", staff="jl01", manager="李经理").status_code == 200
    refused = signed(server, SERVICE, "POST", "/internal/handoffs", body)
    assert refused.json()["code"] == "conflict"
    for wrong in ({"slot": "明天"}, {"slot": "2030-03-04T10:00:00"}, {"need": ""}, {"customer": "a/b"}):
        assert signed(server, SERVICE, "POST", "/internal/handoffs", {**body, **wrong}).status_code == 422


def test_the_assistant_is_told_how_the_desk_stands(server: Server, phone: Phone) -> None:
    assert report(server).status_code == 200
    phone.say("你好")
    desk = [turn for turn in server.turns() if turn[0] == f"app:{phone.customer}"][-1][2]["desk"]
    assert (desk["state"], desk["waiting"], desk["minutes"]) == ("busy", 3, 12)
    assert desk["slots"] == ["2030-03-04T10:00:00.000+08:00"]
    for wrong in ({"state": "asleep"}, {"free": -1}, {"slots": ["soon"]}, {"slots": [SLOT] * 41}, {"extra": 1}):
        assert report(server, **wrong).status_code == 422


def test_who_taps_the_button_at_night_is_told_so_once(server: Server, phone: Phone) -> None:
    report(server, state="closed")
    for _ in range(2):
        phone.post("/handoff", {})
    assert [text for text in texts(phone) if STATUS["hours"] in text and "约个时间" in text] == texts(phone)
    assert len(texts(phone)) == 1
    report(server, state="open")
    phone.request("DELETE", "/handoff")
    phone.post("/handoff", {})
    assert len(texts(phone)) == 1


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path).start()
    yield running
    running.stop()


def test_a_desk_that_fell_silent_counts_as_closed_also_after_a_restart(own_server: Server) -> None:
    phone = Phone(own_server)
    phone.say("你好")
    assert "desk" not in own_server.turns()[-1][2]
    report(own_server, state="open", free=2)
    own_server.kill()
    with sqlite3.connect(own_server.folder / "app.db") as store:
        store.execute("UPDATE desk_status SET at = at - 61")
    own_server.start()

    def known() -> Any:
        phone.say("你好", uuid.uuid4().hex)
        return own_server.turns()[-1][2].get("desk")

    desk = wait_for(known)
    assert (desk["state"], desk["free"], desk["waiting"]) == ("closed", 0, 0)
    # What was free is still offered: hosting needs times.
    assert desk["slots"] and desk["hours"] == STATUS["hours"]


def test_killed_in_the_middle_nothing_of_a_conversation_is_lost(own_server: Server) -> None:
    phone = Phone(own_server)
    identity = taken(own_server, phone)
    phone.say("第一句", "one")
    said = {"message_id": "r1", "text": "您好。"}
    path = f"/internal/handoffs/{identity}/messages"
    assert signed(own_server, SERVICE, "POST", path, said).status_code == 200
    own_server.kill()
    own_server.start()
    assert phone.get("/handoff").json()["state"] == "active"
    assert signed(own_server, SERVICE, "POST", path, said).status_code == 200
    assert phone.say("第二句", "two")["status"] == "with_manager"
    assert texts(phone) == ["第一句", "您好。", "第二句"]


OLD_HANDOFFS = """
CREATE TABLE handoffs (n INTEGER NOT NULL PRIMARY KEY, id VARCHAR(40) NOT NULL UNIQUE, customer VARCHAR(64) NOT NULL,
state VARCHAR(16) NOT NULL, reason VARCHAR(40) NOT NULL, note TEXT, manager VARCHAR(40), position INTEGER,
requested_at VARCHAR(40) NOT NULL);
CREATE TABLE schema_info (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO schema_info VALUES (1);
INSERT INTO handoffs VALUES (7, 'abcdefgh', 'demo-01', 'queued', 'asked', '备注', NULL, 3, '2026-01-05T10:00:00+08:00');
"""


def test_a_store_of_version_one_is_brought_up_with_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    with sqlite3.connect(file) as old:
        old.executescript(OLD_HANDOFFS)
    for _ in range(2):
        Database(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as store:
        store.row_factory = sqlite3.Row
        row = dict(store.execute("SELECT * FROM handoffs").fetchone())
        assert store.execute("SELECT version FROM schema_info").fetchall()[0][0] == tables.VERSION
    assert set(row) == {column.name for column in tables.handoffs.columns}
    assert (row["n"], row["note"], row["position"], row["priority"], row["staff"]) == (7, "备注", 3, 0, None)


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    Database(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as store:
        store.execute("UPDATE schema_info SET version = 99")
    with pytest.raises(StoreError, match="99"):
        Database(f"sqlite:///{file}")
    assert os.path.exists(file)


def test_without_consent_the_conversation_is_not_for_the_manager(server: Server, phone: Phone) -> None:
    phone.say("只有助手听到", "a-" + phone.customer)
    path = f"/internal/conversations/{phone.customer}"
    open_ = signed(server, SERVICE, "GET", path).json()
    assert open_["consent"] and "只有助手听到" in [message.get("text") for message in open_["messages"]]
    phone.request("PUT", "/preferences", json={"consents": [{"purpose": "manager_view", "granted": False}]})
    closed = signed(server, SERVICE, "GET", path).json()
    assert (closed["consent"], closed["messages"]) == (False, [])
