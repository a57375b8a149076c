"""kill -9 of server, actions, worker and desk while the whole house works through a morning: nothing lost or doubled.

A long run (`make soak`); PEIBAN_SOAK_KILLS says how often (20).
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import WholeHouse
from house_bank import Bank, morning
from page_client import wait_for

from journeys.day.crowd import crowd
from journeys.day.play import plan

pytestmark = [pytest.mark.e2e, pytest.mark.soak]
PARTS = ("rasa", "actions", "journeys", "desk")
KILLS = int(os.environ.get("PEIBAN_SOAK_KILLS", "20"))
PEOPLE = [f"demo-{number:02d}" for number in range(1, 22)]
WORDS = ("我有多少钱", "今年以来赚了多少", "什么是七日年化", "帮我做个财富体检")
RECOVERY_S = 300.0


def until_taken(send: Callable[[], requests.Response]) -> requests.Response:
    """As every client does: again, under the same id, until it is taken."""
    deadline = time.monotonic() + RECOVERY_S
    while time.monotonic() < deadline:
        try:
            answer = send()
            if answer.status_code < 500 and answer.status_code not in (429, 401):
                return answer
        except requests.RequestException:
            pass
        time.sleep(0.3)
    raise AssertionError("never taken")


class Morning:
    """What happens at the door: events of the bank's systems, customers who ask, managers who enter results."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        told = {**plan(), "active": 1, "bad": 0, "late": 0, "withdraws": 0, "transfer_in": 1, "transfer_out": 0.5}
        told["actions"] = {**told["actions"], "handoff_requested": 0.5, "asked": 0}
        start = morning() - timedelta(hours=3)
        made = crowd(
            PEOPLE, ["LC003", "LC001", "ZQ001A"], ["东湖演示支行"], told, start, morning() + timedelta(minutes=85)
        )
        self.events = [event for at, event in made.sends if at < morning() and "customer" in event]
        self.said = [(customer, f"{customer}-{turn}", words) for turn, words in enumerate(WORDS) for customer in PEOPLE]
        self.results: list[str] = []
        self.over = threading.Event()

    def play(self) -> None:
        """Everything once. Each sender repeats what was not taken."""
        threads = [threading.Thread(target=work) for work in (self._events, self._customers, self._managers)]
        for thread in threads:
            thread.start()
        for thread in threads[:2]:
            thread.join()
        self.over.set()
        threads[2].join()

    def _events(self) -> None:
        for first in range(0, len(self.events), 5):
            until_taken(lambda some=self.events[first : first + 5]: self.bank.post_events(some))

    def _customers(self) -> None:
        for customer, message_id, words in self.said:
            body = {"message_id": message_id, "text": words}
            answer = until_taken(lambda who=customer, body=body: self.bank.request("POST", "/messages", who, body))
            assert answer.status_code in (200, 202), answer.text

    def _managers(self) -> None:
        """One result for every lead there is, the same one again and again until the desk has it."""
        desk = Desk(self.bank.house)
        while not self.over.is_set():
            for lead in desk.leads():
                identity = f"r-{lead['id']}"
                if identity not in self.results:
                    until_taken(lambda one=lead["id"], name=identity: desk.enter(one, name))
                    self.results.append(identity)
            time.sleep(1)


class Desk:
    """Head office at the desk; signs in anew when the desk has forgotten nothing but the connection."""

    def __init__(self, house: WholeHouse) -> None:
        self.url = f"http://127.0.0.1:{house.desk_port}/desk/api"
        self.session = requests.Session()
        self.csrf = ""

    def leads(self) -> list[dict[str, Any]]:
        answer = until_taken(lambda: self._signed_in().get(f"{self.url}/leads?scope=all&limit=200", timeout=20))
        return list(answer.json()["leads"]) if answer.status_code == 200 else []

    def enter(self, lead: str, result: str) -> requests.Response:
        body = {"result_id": result, "outcome": "contacted", "note": "聊了聊"}
        headers = {"X-CSRF-Token": self.csrf}
        return self._signed_in().post(f"{self.url}/leads/{lead}/results", json=body, headers=headers, timeout=20)

    def _signed_in(self) -> requests.Session:
        if self.session.get(f"{self.url}/me", timeout=20).status_code == 401:
            demo = self.session.get(f"{self.url}/demo", timeout=20).json()
            body = {"account": "zh01", "password": demo["password"]}
            self.session.post(f"{self.url}/session", json=body, timeout=20).raise_for_status()
            self.csrf = self.session.get(f"{self.url}/me", timeout=20).json()["csrf"]
        return self.session


def kill_at_random(house: WholeHouse, seed: int) -> Counter[str]:
    """KILLS times one part, at any moment, also while another is coming back; each part its share of times."""
    rng = random.Random(seed)
    parts = [PARTS[number % len(PARTS)] for number in range(KILLS)]
    rng.shuffle(parts)
    killed: Counter[str] = Counter()
    for part in parts:
        time.sleep(rng.uniform(0.5, 6))
        pid = wait_for(lambda part=part: house.pid(part), RECOVERY_S)
        os.kill(pid, signal.SIGKILL)
        killed[part] += 1
    return killed


def reckoning(bank: Bank, day: Morning) -> dict[str, Any]:
    """What is there afterwards, in words that do not depend on when each thing happened."""
    answers = {}
    for customer in PEOPLE:
        messages = bank.call("GET", "/history?limit=100", customer)["messages"]
        asked = [one["id"] for one in messages if one["origin"] == "customer"]
        # A message is answered by one run of bubbles; a second answer would have ids of its own.
        answers[customer] = (asked, {one: sum(m["id"] == f"{one}.0" for m in messages) for one in asked})
    kinds = "('lead', 'lead_result', 'push')"
    handled = "(SELECT seq FROM journey_handled)"
    with sqlite3.connect(bank.house.var / "demo-bank.db") as planning:
        delivered = sorted(planning.execute("SELECT key FROM leads").fetchall())
    with sqlite3.connect(bank.house.var / "app.db") as app:
        pushed = sorted(app.execute("SELECT push_id FROM pushes").fetchall())
        logged = app.execute("SELECT reply_to, COUNT(DISTINCT entry_id) = COUNT(*) FROM entries GROUP BY 1").fetchall()
    return {
        "events": sorted(bank.rows("SELECT event_id FROM journey_events WHERE source = 'http'")),
        "unhandled": bank.rows(f"SELECT COUNT(*) FROM journey_events WHERE seq NOT IN {handled}"),
        "leads": sorted(bank.rows("SELECT id FROM journey_leads")),
        "planning": delivered,
        "outbox": bank.rows("SELECT DISTINCT state FROM journey_outbox"),
        "delivered": sorted(bank.rows("SELECT push_id FROM journey_outreach WHERE state = 'delivered'")),
        "pushed": pushed,
        "doubled": [row for row in logged if not row[1]],
        "answers": answers,
        "results": sorted(bank.rows("SELECT result_id FROM journey_results")),
        "audit": dict(bank.rows(f"SELECT kind, COUNT(*) FROM audit WHERE kind IN {kinds} GROUP BY 1")),
        "written": dict(bank.rows(
            "SELECT 'lead', COUNT(*) FROM journey_leads UNION SELECT 'lead_result', COUNT(*) FROM journey_results"
            " UNION SELECT 'push', COUNT(*) FROM journey_outreach"
        )),
    }  # fmt: skip


def quiet(bank: Bank) -> bool:
    """Nothing is left to do for the worker."""
    todo = (
        "SELECT COUNT(*) FROM journey_outbox WHERE state = 'pending'",
        "SELECT COUNT(*) FROM journey_outreach WHERE state = 'queued'",
        "SELECT COUNT(*) FROM journey_events WHERE seq NOT IN (SELECT seq FROM journey_handled)",
    )
    return all(bank.rows(query) == [(0,)] for query in todo)


def well(house: WholeHouse) -> bool:
    """Whether every part answers again; one that was killed a moment ago may not answer at all."""
    try:
        return bool(requests.get(house.url + "/health", timeout=20).json().get("status") == "ok")
    except requests.RequestException:
        return False


def run(folder: Path, seed: int | None) -> tuple[dict[str, Any], Morning]:
    house = WholeHouse(folder)
    house.env |= {"PEIBAN_NOW": morning().isoformat(), "PEIBAN_DEMO_CUSTOMERS": "30"}
    house.start(400)
    try:
        bank = Bank(house)
        day = Morning(bank)
        if seed is not None:
            killer = threading.Thread(target=lambda: print("killed:", kill_at_random(house, seed), flush=True))
            killer.start()
        day.play()
        if seed is not None:
            killer.join()
        wait_for(lambda: well(house), RECOVERY_S)
        wait_for(lambda: quiet(bank), RECOVERY_S)
        return reckoning(bank, day), day
    finally:
        house.stop()


def test_a_morning_with_kills_is_as_one_without(built_page: None, tmp_path: Path) -> None:
    found = {}
    for name, seed in (("calm", None), ("rough", datetime.now().microsecond)):
        (tmp_path / name).mkdir()
        found[name], day = run(tmp_path / name, seed)
        mine = found[name]
        assert mine["events"] == sorted({(event["event_id"],) for event in day.events}), name
        assert mine["unhandled"] == [(0,)] and mine["outbox"] == [("sent",)], name
        assert mine["leads"] == mine["planning"] and len(mine["leads"]) > 10, name
        assert mine["pushed"] == mine["delivered"] and len(mine["pushed"]) > 5, name
        assert mine["doubled"] == [], name
        assert mine["audit"] == mine["written"], name
        assert mine["results"] == sorted((one,) for one in day.results), name
        for customer, (asked, answers) in mine["answers"].items():
            assert asked == [f"{customer}-{turn}" for turn in range(len(WORDS))], name
            assert set(answers.values()) == {1}, (name, customer, answers)
    assert found["rough"]["leads"] == found["calm"]["leads"]
    assert found["rough"]["events"] == found["calm"]["events"]
