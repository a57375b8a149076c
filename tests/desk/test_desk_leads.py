"""Leads on the list, and the result that a manager enters: once, checked, and with what follows from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from desk_client import API
from sqlalchemy import func, select
from starlette.testclient import TestClient
from test_looks import lead_for, mine  # noqa: F401

from desk.services import Services
from journeys.store import schema

Browser = Callable[[str], TestClient]


@pytest.fixture
def lead(services: Services, mine: str) -> str:  # noqa: F811
    return lead_for(services, mine)


def enter(client: TestClient, lead: str, **body: Any) -> Any:
    # Escaped, so that half a character can be sent too.
    content = json.dumps({"result_id": "r-1", "outcome": "interested", **body})
    headers = {"Content-Type": "application/json"}
    return client.post(f"{API}/leads/{lead}/results", content=content, headers=headers)


def kept(services: Services) -> int:
    with services.journal.read() as connection:
        return int(connection.execute(select(func.count()).select_from(schema.results)).scalar() or 0)


def test_the_list_hides_the_name_and_tells_the_time_left(browser: Browser, services: Services, lead: str) -> None:
    (shown,) = browser("jl01").get(f"{API}/leads").json()["leads"]
    name = services.bank.store.customer(shown["customer"]).name
    assert shown["id"] == lead and shown["expires_in_hours"] == 48.0
    assert shown["customer_name"][0] == name[0] and shown["customer_name"] != name
    assert shown["stage"] and shown["schema"] == "peiban.lead/1"
    assert browser("jl02").get(f"{API}/leads").json()["leads"] == []
    assert len(browser("hz01").get(f"{API}/leads").json()["leads"]) == 1


def test_a_result_moves_the_lead_and_tags_the_customer(browser: Browser, lead: str) -> None:
    signed_in = browser("jl01")
    body = {
        "note": "想看看一年期的",
        "next_contact": "2026-11-27",
        "amount": "200000.00",
        "allocation": {"固收": "150000"},
    }
    answer = enter(signed_in, lead, **body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["state"] == "contacted" and found["results"][0]["note"] == "想看看一年期的"
    assert found["results"][0]["amount"] == "200000.00" and found["results"][0]["title"] == "有意向"
    page = signed_in.get(f"{API}/customers/{found['customer']}").json()
    assert "interested" in [one["tag"] for one in page["tags"]]
    assert page["results"][0]["next_contact"] == "2026-11-27"
    assert "next_contact" in [one["kind"] for one in page["open_matters"]]


def test_entered_twice_is_entered_once(browser: Browser, services: Services, lead: str) -> None:
    signed_in = browser("jl01")
    assert enter(signed_in, lead).json() == enter(signed_in, lead).json()
    assert kept(services) == 1
    assert enter(signed_in, lead, outcome="bought").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "nonsense"},
        {"note": "长" * 501},
        {"note": "\ud800"},
        {"result_id": ""},
        {"result_id": "x" * 65},
        {"amount": "NaN"},
        {"amount": "-1"},
        {"amount": "0.001"},
        {"amount": "1e30"},
        {"amount": [1]},
        {"allocation": {"a": "Infinity"}},
        {"allocation": {f"part {number}": "1" for number in range(21)}},
        {"allocation": {"长" * 41: "1"}},
        {"next_contact": "yesterday"},
        {"next_contact": "2026-11-19"},
        {"outcome": None},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_kept(
    browser: Browser, services: Services, lead: str, body: dict[str, Any]
) -> None:
    answer = enter(browser("jl01"), lead, **body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json" and answer.json()["detail"]
    assert kept(services) == 0


def test_a_body_too_large_is_not_even_read(browser: Browser, lead: str) -> None:
    signed_in = browser("jl01")
    assert enter(signed_in, lead, note="长" * 100_000).status_code == 413

    def endless() -> Any:
        for _ in range(300):
            yield b"x" * 1024

    answer = signed_in.post(f"{API}/leads/{lead}/results", content=endless())
    assert answer.status_code == 413


def test_outcomes_are_those_of_the_file(browser: Browser) -> None:
    found = browser("jl01").get(f"{API}/leads/outcomes").json()["outcomes"]
    assert {"id": "bought", "title": "已买入"} in found
