"""The whole house: all managers gone, so the assistant hosts; and what it whispers to a manager who is there."""

from __future__ import annotations

import json
import sqlite3
import uuid
from typing import Any

import pytest
import requests
from conftest import WholeHouse
from page_client import wait_for
from test_conversations import token, words

from channels import signing

pytestmark = pytest.mark.e2e
CUSTOMER = "demo-15"


class House:
    """The customer's phone and the desk's signed calls."""

    def __init__(self, server: WholeHouse) -> None:
        self.server = server
        self.key = (server.var / "demo-keys" / "peiban_service_key").read_text().strip()
        self.headers = {"Authorization": f"Bearer {token(server, CUSTOMER)}"}

    def say(self, text: str) -> dict[str, Any]:
        body = {"message_id": uuid.uuid4().hex, "text": text}
        url = f"{self.server.url}/webhooks/app/messages"
        answer = requests.post(url, json=body, headers=self.headers, timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def handoff(self, method: str = "GET") -> dict[str, Any]:
        url = f"{self.server.url}/webhooks/app/handoff"
        found: dict[str, Any] = requests.request(method, url, json={}, headers=self.headers, timeout=20).json()
        return found

    def desk(self, method: str, path: str, body: Any) -> dict[str, Any]:
        target = f"/webhooks/app/internal{path}"
        content = json.dumps(body).encode()
        headers = {**signing.headers(self.key, method, target, content), "Content-Type": "application/json"}
        answer = requests.request(method, self.server.url + target, data=content, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def traces(self) -> tuple[int, int]:
        """Events in the assistant's memory of the customer, and answers on concepts in the bank's trail."""
        with sqlite3.connect(self.server.var / "tracker.db") as store:
            events = store.execute("SELECT count(*) FROM events WHERE sender_id = ?", (f"app:{CUSTOMER}",)).fetchone()
        with sqlite3.connect(self.server.var / "peiban.db") as store:
            trail = store.execute("SELECT count(*) FROM audit WHERE details LIKE '%concept_qa%'").fetchone()
        return events[0], trail[0]


@pytest.fixture
def house(server: WholeHouse) -> House:
    """The house with no manager at their desk, and the assistant told so."""
    with sqlite3.connect(server.var / "desk.db") as store:
        store.execute("UPDATE desk_presence SET available = 0")

    def closed() -> bool:
        with sqlite3.connect(server.var / "app.db") as store:
            row = store.execute("SELECT status FROM desk_status").fetchone()
        return row is not None and json.loads(row[0])["state"] == "closed"

    wait_for(closed)
    return House(server)


def test_nobody_there_then_need_then_time_then_booked(house: House) -> None:
    assert "约个时间" in words(house.say("转人工")["messages"])
    asked = house.say("我那笔到期的理财想续上")["messages"]
    times = [option["text"] for message in asked for option in message.get("options", []) if "月" in option["text"]]
    assert times, words(asked)
    booked = house.say(times[0])["messages"]
    assert "约好了" in words(booked) and times[0] in words(booked)
    state = house.handoff()
    assert (state["state"], state["need"]) == ("booked", "我那笔到期的理财想续上")
    # An appointment keeps nobody from asking, and listens for its own words.
    assert "七日年化" in words(house.say("什么是七日年化")["messages"])
    later = house.say("改个时间")["messages"]
    assert times[1] in words(later)
    assert times[1] in words(house.say(times[1])["messages"])
    assert house.handoff()["slot"] != state["slot"] and house.handoff()["id"] == state["id"]
    assert "取消了" in words(house.say("取消预约")["messages"])
    assert house.handoff()["state"] == "ended"


def test_complaints_are_taken_at_any_hour(house: House) -> None:
    assert "热线" in words(house.say("我要投诉你们")["messages"])
    assert house.handoff()["reason"] == "complaint"
    house.handoff("DELETE")


def test_the_assistant_whispers_and_leaves_no_trace(house: House) -> None:
    identity = house.handoff("POST")["id"]
    house.desk("PUT", f"/handoffs/{identity}", {"state": "active", "manager": "李经理", "staff": "test"})
    assert house.say("什么是七日年化")["status"] == "with_manager"
    before = house.traces()
    suggested = house.desk("POST", "/suggest", {"handoff_id": identity})["suggestions"]
    assert "七日年化" in suggested[0]["text"] and suggested[0]["confidence"] > 0
    assert suggested == house.desk("POST", "/suggest", {"handoff_id": identity})["suggestions"]
    # What would change something is not tried.
    assert house.say("我要做风险测评")["status"] == "with_manager"
    assert house.desk("POST", "/suggest", {"handoff_id": identity})["suggestions"] == []
    assert house.traces() == before
    house.desk("PUT", f"/handoffs/{identity}", {"state": "ended", "summary": "讲了七日年化。"})
    assert house.say("什么是七日年化")["status"] == "answered"
    assert all(after > was for after, was in zip(house.traces(), before, strict=True))
