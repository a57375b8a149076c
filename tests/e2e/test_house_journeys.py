"""Journeys in the whole house: an event comes in, the customer hears of it, asks why, has enough, and is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import WholeHouse
from house_bank import Bank, event, morning
from page_client import wait_for

pytestmark = pytest.mark.e2e
WATCHED = "demo-13"
"""Set limits of their own, and the bank's demo has them reached."""
MOVED = "demo-04"


@pytest.fixture(scope="module")
def bank(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    house = WholeHouse(tmp_path_factory.mktemp("journeys"))
    house.env |= {"PEIBAN_NOW": morning().isoformat(), "PEIBAN_DEMO_CUSTOMERS": "60"}
    house.start()
    yield Bank(house)
    house.stop()


def test_a_turn_joins_the_stream(bank: Bank) -> None:
    bank.say(MOVED, "我有多少钱")
    kinds = "SELECT kind, data FROM journey_events WHERE customer = ? AND source = 'tracker'"
    found = wait_for(lambda: dict(bank.rows(kinds, MOVED)) if len(bank.rows(kinds, MOVED)) > 1 else None)
    assert json.loads(found["asked"])["intent"] == json.loads(found["answered"])["skill"] == "asset_overview"


def test_an_event_becomes_a_lead_at_the_planning_system(bank: Bank) -> None:
    moved = event("transfer_in", MOVED, amount="234567.00", **{"from": "other_bank"})
    assert bank.send(moved, moved, {**moved, "event_id": "e2e-bad", "kind": "no_such"}) | {"faults": []} == {
        "received": 3, "used": 1, "late": 0, "duplicate": 1, "bad": 1, "faults": []
    }  # fmt: skip
    leads = f"{bank.house.url}/demo/bank/leads"

    def mine() -> list[dict[str, Any]]:
        listed = requests.get(leads, timeout=20).json()["leads"]
        return [one for one in listed if one["lead"]["customer"] == MOVED and one["lead"]["kind"] == "outside_money"]

    (lead,) = wait_for(mine)
    assert lead["lead"]["value"] == "234567.00" and "23.5 万元" in lead["lead"]["reason"]
    unsigned = requests.post(leads, json={"id": "forged"}, headers={"Idempotency-Key": "f"}, timeout=20)
    assert unsigned.status_code == 401


def test_a_message_can_be_asked_about_and_turned_off(bank: Bank) -> None:
    sent = "SELECT 1 FROM journey_outreach WHERE customer = ? AND state = 'delivered'"
    wait_for(lambda: bank.rows(sent, WATCHED))
    pushed = bank.pushes(WATCHED)
    told = pushed[0]["text"]
    assert "止损" in told and "-11" in told, told
    options = [option["text"] for message in pushed for option in message.get("options", ())]
    assert len(options) == 2 and options[1] == "不再给我推送这类消息"
    why = bank.say(WATCHED, "为什么")
    assert "止损线 8%" in why and "数据截至" in why, why
    name = options[0].removesuffix("要不要卖")
    assert name in why
    assert name in bank.say(WATCHED, "那怎么办")
    assert "不再发给您" in bank.say(WATCHED, options[1])
    wanted = bank.call("GET", "/preferences", WATCHED)["push_types"]
    assert wanted["alert"] is False and wanted["maturity"] is True
    assert [row for row in bank.call("GET", "/history?limit=100", WATCHED)["messages"] if row["origin"] == "customer"]


def test_what_was_answered_counts_for_the_message(bank: Bank) -> None:
    """Seen, then answered: the customer spoke after it (the test before)."""
    marks = "SELECT seen_at, answered_at FROM journey_outreach WHERE customer = ? AND state = 'delivered'"
    last = bank.call("GET", "/history?limit=1", WATCHED)["messages"][-1]["seq"]
    bank.call("POST", "/read", WATCHED, {"seq": last})
    wait_for(lambda: any(seen and answered for seen, answered in bank.rows(marks, WATCHED)))


def test_who_is_deleted_in_the_app_is_forgotten_by_journeys(bank: Bank) -> None:
    tables = [
        name for (name,) in bank.rows("SELECT name FROM sqlite_master WHERE name LIKE 'journey_%' AND type = 'table'")
    ]

    def left() -> dict[str, int]:
        found = {}
        for name in tables:
            columns = [row[1] for row in bank.rows(f"PRAGMA table_info({name})")]
            if "customer" in columns:
                found[name] = bank.rows(f"SELECT COUNT(*) FROM {name} WHERE customer = ?", WATCHED)[0][0]
        return {name: count for name, count in found.items() if count}

    assert len(left()) > 3
    bank.call("DELETE", "/data?confirm=yes", WATCHED)
    wait_for(lambda: left() == {})


def test_the_house_tells_how_its_side_parts_are(bank: Bank) -> None:
    parts = requests.get(f"{bank.house.url}/health", timeout=20).json()["parts"]
    assert parts["journeys"] == "ok"


def test_the_folder_holds_no_key_of_the_demo_in_its_logs(bank: Bank) -> None:
    keys = [file.read_text() for file in (bank.house.var / "demo-keys").iterdir()]
    for log in Path(bank.house.var / "log").iterdir():
        text = log.read_text(errors="replace")
        assert not any(key in text for key in keys), log.name
