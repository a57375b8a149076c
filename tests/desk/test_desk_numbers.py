"""The numbers page over a known stream: counts and means are right, each sees their own, the CSV is readable."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from desk_client import API, MORNING
from starlette.testclient import TestClient

from desk.services import Services
from journeys.events.intake import intake

Browser = Callable[[str], TestClient]
DAY = MORNING.date().isoformat()
ASKED = f"{API}/numbers?from={DAY}&to={DAY}&by=day"


@pytest.fixture
def known_day(services: Services) -> str:
    """Three customers talk: one is answered, one is not understood and left, one asks for a person. A branch of one."""
    base = {"occurred_at": MORNING.isoformat()}

    def asked(intent: str, confidence: float) -> dict[str, object]:
        return {"kind": "asked", "data": {"intent": intent, "confidence": confidence}, **base}

    def answered(seconds: float) -> dict[str, object]:
        return {"kind": "answered", "data": {"skill": "pnl_query", "seconds": seconds}, **base}

    events = [
        {"event_id": "1", "customer": "demo-01", **asked("pnl_query", 0.9)},
        {"event_id": "2", "customer": "demo-01", **answered(0.25)},
        {"event_id": "3", "customer": "demo-02", **asked("chitchat", 0.2)},
        {"event_id": "4", "customer": "demo-03", **asked("pnl_query", 0.9)},
        {"event_id": "5", "customer": "demo-03", **answered(0.75)},
        {"event_id": "6", "customer": "demo-03", "kind": "handoff_requested", "data": {}, **base},
    ]
    assert intake(services.journal, events, MORNING, source="test").used == len(events)
    return str(services.bank.store.customer("demo-01").branch)


def test_counts_and_means_are_right(known_day: str, browser: Browser) -> None:
    found = browser("zh01").get(ASKED).json()
    (day,) = found["series"]
    assert day["bucket"] == DAY and day["customers"] == 3
    assert (day["resolved"], day["escalated"], day["abandoned"]) == (1, 1, 1)
    assert (day["questions"], day["unsure"], day["answers"]) == (3, 1, 2)
    assert found["totals"]["seconds"] == 0.5


def test_a_branch_sees_only_itself(known_day: str, browser: Browser, services: Services) -> None:
    bank = browser("zh01").get(f"{ASKED}&branch={known_day}").json()
    talked = [services.bank.store.customer(name) for name in ("demo-01", "demo-02", "demo-03")]
    assert bank["series"][0]["customers"] == sum(one.branch == known_day for one in talked)
    head = browser("hz01")
    own = head.get(ASKED).json()
    assert own["branch"] and own["scope"] == "branch"
    refused = head.get(f"{ASKED}&branch=别的支行")
    assert refused.status_code == 403 and refused.json()["code"] == "not_allowed"


def test_the_spreadsheet_holds_the_same(known_day: str, browser: Browser) -> None:
    answer = browser("zh01").get(ASKED.replace("/numbers?", "/numbers.csv?"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith("\ufeff".encode())
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["时间"], row["客户数"], row["转人工"], row["没听懂"]) == (DAY, "3", "1", "1")


@pytest.mark.parametrize("query", ["from=2026-11-21&to=2026-11-20", "from=1990-01-01&to=2026-11-20", "from=tomorrow"])
def test_odd_days_are_refused(query: str, browser: Browser) -> None:
    answer = browser("zh01").get(f"{API}/numbers?{query}")
    assert answer.status_code == 422 and answer.json()["detail"]
