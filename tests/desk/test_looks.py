"""Every look at a customer leaves a row that nobody can change; a customer's words come back as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from desk_client import API, MORNING
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from desk import tables
from desk.audit import pseudonym
from desk.services import Services
from journeys.leads import book
from journeys.leads.kinds import lead_rules
from journeys.store import schema as journeys
from wealth.errors import StoreUnavailable
from wealth.store import schema

Browser = Callable[[str], TestClient]
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def mine(services: Services, browser: Browser) -> str:
    """A customer of jl01."""
    staff = browser("jl01").get(f"{API}/me").json()["staff_id"]
    return str(customers_of(services, staff)[0])


def customers_of(services: Services, staff: str) -> list[str]:
    table = schema.customers
    with services.bank.store.read() as connection:
        return list(
            connection.execute(select(table.c.id).where(table.c.manager == staff).order_by(table.c.id)).scalars()
        )


def looks(services: Services, kind: str = "look") -> list[Any]:
    with services.store.read() as connection:
        return connection.execute(select(tables.audit).where(tables.audit.c.kind == kind)).all()


def lead_for(services: Services, customer: str, **changes: Any) -> str:
    """An open lead, made as journeys make it."""
    row = {
        "id": "lead-1",
        "kind": next(iter(lead_rules().kinds)),
        "customer": customer,
        "subject": "s",
        "product": None,
        "priority": 50,
        "value": 100_000,
        "reason": "r",
        "evidence": [],
        "talk": [],
        "created_at": MORNING,
        "expires_at": MORNING + timedelta(days=2),
        "state": "open",
        **changes,
    }
    with services.journal.write() as connection:
        book.keep(connection, [row], MORNING)
    return str(row["id"])


def test_each_look_is_one_row_that_names_nobody(browser: Browser, services: Services, mine: str) -> None:
    signed_in, other = browser("jl01"), browser("hz01")
    for _ in range(3):
        assert signed_in.get(f"{API}/customers/{mine}").status_code == 200
    assert other.get(f"{API}/customers/{mine}").status_code == 200
    lead = lead_for(services, mine)
    assert signed_in.get(f"{API}/leads/{lead}").status_code == 200
    rows = looks(services)
    assert [(row.account, row.why) for row in rows] == [*[("jl01", "page")] * 3, ("hz01", "page"), ("jl01", "lead")]
    assert {row.subject for row in rows} == {pseudonym(mine)}
    name = services.bank.store.customer(mine).name
    assert mine not in str(rows) and name not in str(rows)


def test_a_look_that_was_refused_is_no_look(browser: Browser, services: Services) -> None:
    assert browser("jl01").get(f"{API}/customers/c9999999").status_code == 404
    assert looks(services) == []


def test_searches_are_audited_without_what_was_searched(browser: Browser, services: Services, mine: str) -> None:
    name = services.bank.store.customer(mine).name
    assert browser("jl01").get(f"{API}/customers", params={"q": name}).json()["customers"]
    rows = looks(services, "list")
    assert len(rows) == 1 and rows[0].details == {"count": 1} and name not in str(rows)


def test_no_look_without_its_row(browser: Browser, services: Services, mine: str, monkeypatch: Any) -> None:
    signed_in = browser("jl01")

    def full_disk(*args: Any, **named: Any) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr("desk.audit.note", full_disk)
    assert signed_in.get(f"{API}/customers/{mine}").status_code == 503


@pytest.mark.parametrize("change", [delete(tables.audit), update(tables.audit).values(account="somebody")])
def test_the_trail_can_not_be_rewritten(browser: Browser, services: Services, mine: str, change: Any) -> None:
    browser("jl01").get(f"{API}/customers/{mine}")
    before = looks(services)
    with pytest.raises((DBAPIError, StoreUnavailable)), services.store.write() as connection:
        connection.execute(change)
    assert looks(services) == before != []


# a customer's markup ------------------------------------------------------------------------------------------------
def test_markup_comes_back_as_data(browser: Browser, services: Services, mine: str) -> None:
    with services.bank.store.write() as connection:
        connection.execute(update(schema.customers).where(schema.customers.c.id == mine).values(name=MARKUP[:40]))
    lead_for(services, mine, reason=MARKUP, evidence=[MARKUP], talk=[MARKUP])
    message = {"reply": {"sentences": [MARKUP]}}
    with services.journal.write() as connection:
        connection.execute(
            insert(journeys.outreach).values(
                push_id="p1", customer=mine, rule="r", push_type="service", rules=[], products=[], message=message,
                created_at=MORNING, expires_at=MORNING, state="delivered", reason="", attempts=1, next_at=MORNING,
            )
        )  # fmt: skip
    signed_in = browser("jl01")
    for path in (f"/customers/{mine}", "/customers", "/leads", "/leads/lead-1"):
        answer = signed_in.get(f"{API}{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
    page = signed_in.get(f"{API}/customers/{mine}").json()
    assert page["messages"][0]["sentences"] == [MARKUP] and page["leads"][0]["reason"] == MARKUP


def test_no_error_page_repeats_what_was_asked(browser: Browser) -> None:
    signed_in = browser("zh01")
    for path in (f"/customers/{MARKUP}", f"/leads/{MARKUP}", f"/leads?state={MARKUP}", f"/nothing/{MARKUP}"):
        answer = signed_in.get(f"{API}{path}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/problem+json" and "<" not in answer.text


def test_the_page_itself_runs_no_inline_script_and_stands_in_no_frame(client: TestClient) -> None:
    headers = client.get("/desk/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert (
        policy["script-src"] == "'self'" and policy["frame-ancestors"] == "'none'" and policy["default-src"] == "'none'"
    )
    assert headers["x-frame-options"] == "DENY"


# search ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "_", "\\", '"; DROP TABLE customers; --', "c%"])
def test_sql_in_a_search_finds_nobody(browser: Browser, services: Services, text: str) -> None:
    answer = browser("zh01").get(f"{API}/customers", params={"q": text})
    assert (answer.status_code, answer.json()["customers"]) == (200, [])


def test_found_by_part_of_id_or_name(browser: Browser, services: Services, mine: str) -> None:
    signed_in, name = browser("jl01"), services.bank.store.customer(mine).name
    for text in (mine[2:], name[:1], name, f" {name} "):
        found = signed_in.get(f"{API}/customers", params={"q": text}).json()["customers"]
        assert mine in [one["id"] for one in found], text
        assert name not in [one["name"] for one in found]


def test_found_by_tag(browser: Browser, services: Services) -> None:
    signed_in = browser("zh01")
    tagged = signed_in.get(f"{API}/customers", params={"tag": "stage:better", "limit": 200}).json()["customers"]
    everybody = signed_in.get(f"{API}/customers", params={"limit": 200}).json()["customers"]
    expected = [one["id"] for one in everybody if one["stage"] == "better"]
    assert [one["id"] for one in tagged] == expected != []


# one page -------------------------------------------------------------------------------------------------------------
def test_the_picture_adds_up_for_everybody(browser: Browser, services: Services) -> None:
    """Each customer of the bank has a page, those without money or assessment included; its shares sum to one."""
    signed_in = browser("zh01")
    with services.bank.store.read() as connection:
        ids = list(connection.execute(select(schema.customers.c.id).order_by(schema.customers.c.id)).scalars())[::6]
    for customer in ids:
        answer = signed_in.get(f"{API}/customers/{customer}")
        assert answer.status_code == 200, (customer, answer.text)
        found = answer.json()
        classes = found["overview"]["classes"]
        cents = sum(round(float(one["value"]) * 100) for one in classes)
        assert cents == round(float(found["overview"]["total"]) * 100)
        assert found["drift"] == [] or abs(sum(float(one["weight"]) for one in found["drift"]) - 1) < 0.001
        assert 0 <= found["checkup"]["score"] <= 100
        assert all(one["since"] and one["why"] for one in found["tags"])


def test_a_lead_routed_to_a_colleague_opens_its_customer(browser: Browser, services: Services, mine: str) -> None:
    staff = browser("jl02").get(f"{API}/me").json()["staff_id"]
    colleague = browser("jl02")
    assert colleague.get(f"{API}/customers/{mine}").status_code == 404
    lead = lead_for(services, mine)
    table = journeys.leads
    with services.journal.write() as connection:
        connection.execute(update(table).values(manager=staff))
    assert colleague.get(f"{API}/customers/{mine}").status_code == 200
    answer = colleague.post(f"{API}/leads/{lead}/results", json={"result_id": "r-1", "outcome": "declined"})
    assert answer.status_code == 200
    assert colleague.get(f"{API}/customers/{mine}").status_code == 404
