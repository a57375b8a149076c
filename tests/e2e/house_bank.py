"""The bank's systems and customers' phones at the door of a whole house, which plays a working morning."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import jwt
import requests
from conftest import WholeHouse

from channels import signing


def morning() -> datetime:
    """Ten o'clock on a working day to come: outside quiet hours, whenever the tests run."""
    day = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


class Bank:
    """The bank's systems and a customer's phone, at the house's door."""

    def __init__(self, house: WholeHouse) -> None:
        self.house = house

    def key(self, name: str) -> str:
        return (self.house.var / "demo-keys" / name).read_text()

    def rows(self, query: str, *values: Any) -> list[Any]:
        with sqlite3.connect(self.house.var / "peiban.db", timeout=20) as database:
            return database.execute(query, values).fetchall()

    def post_events(self, events: Sequence[dict[str, Any]]) -> requests.Response:
        body = json.dumps({"events": list(events)}).encode()
        headers = signing.headers(self.key("peiban_bank_events_key"), "POST", "/webhooks/events", body)
        headers["Content-Type"] = "application/json"
        return requests.post(f"{self.house.url}/webhooks/events", body, headers=headers, timeout=20)

    def send(self, *events: dict[str, Any]) -> dict[str, Any]:
        answer = self.post_events(events)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def request(self, method: str, path: str, customer: str, body: Any = None) -> requests.Response:
        now = int(time.time())
        claims = {"sub": customer, "aud": "peiban-app", "iss": "peiban-demo-bank", "iat": now, "exp": now + 600}
        token = jwt.encode({**claims, "jti": uuid.uuid4().hex}, self.key("peiban_jwt_secret"), algorithm="HS256")
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, f"{self.house.url}/webhooks/app{path}", json=body, headers=headers, timeout=60)

    def call(self, method: str, path: str, customer: str, body: Any = None) -> dict[str, Any]:
        answer = self.request(method, path, customer, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, customer: str, text: str) -> str:
        answer = self.call("POST", "/messages", customer, {"message_id": uuid.uuid4().hex, "text": text})
        return "\n".join(message.get("text") or "" for message in answer["messages"])

    def pushes(self, customer: str) -> list[dict[str, Any]]:
        messages = self.call("GET", "/history?limit=100", customer)["messages"]
        return [message for message in messages if message["origin"] == "push"]


def event(kind: str, customer: str, **data: Any) -> dict[str, Any]:
    at = morning() - timedelta(minutes=1)
    return {
        "event_id": f"e2e-{uuid.uuid4().hex}",
        "kind": kind,
        "customer": customer,
        "occurred_at": at.isoformat(),
        "data": data,
    }
