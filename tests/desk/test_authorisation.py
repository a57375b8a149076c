"""Who may do what: every route × role × own or others' customers × signed out, walked over the routes there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_client import API
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.testclient import TestClient

from desk.auth.access import Require
from desk.auth.roles import permissions, roles
from desk.services import Services
from wealth.store import schema

Browser = Callable[[str], TestClient]
PEOPLE = {"manager": "jl01", "branch_head": "hz01", "head_office": "zh01"}
# The permission that each route needs; "" for any signed-in person, None for everybody. A route without an entry fails.
RULES: dict[str, str | None] = {
    "POST /session": None,
    "GET /demo": None,
    "DELETE /session": "",
    "GET /me": "",
    "POST /me/password": "",
    "GET /stream": "",
    "GET /openapi.json": "",
    "PUT /presence": "handoffs",
    "GET /presence": "handoffs",
    "GET /leads": "leads",
    "GET /leads/outcomes": "leads",
    "GET /leads/{identity}": "leads",
    "POST /leads/{identity}/results": "leads",
    "GET /customers": "customers",
    "GET /customers/{identity}": "customers",
    "GET /customers/{customer}/conversation": "conversations",
    "GET /handoffs": "handoffs",
    "POST /handoffs/{identity}/accept": "handoffs",
    "POST /handoffs/{identity}/decline": "handoffs",
    "POST /handoffs/{identity}/return": "handoffs",
    "GET /handoffs/{identity}/messages": "handoffs",
    "POST /handoffs/{identity}/messages": "handoffs",
    "GET /handoffs/{identity}/suggestions": "handoffs",
    "GET /handoffs/{identity}/summary": "handoffs",
    "POST /bookings": "bookings",
    "GET /bookings": "bookings",
    "DELETE /bookings/{identity}": "bookings",
    "GET /groups/tags": "groups",
    "GET /groups/templates": "groups",
    "POST /groups/preview": "groups",
    "POST /groups/send": "groups",
    "GET /groups/sends": "groups",
    "POST /feedback": "feedback_report",
    "GET /feedback": "feedback",
    "GET /feedback/{identity}": "feedback",
    "GET /feedback/{identity}/patch": "feedback",
    "POST /feedback/{identity}/cancel": "feedback_approve",
    "GET /feedback/entries": "feedback",
    "GET /feedback/intents": "feedback_report",
    "POST /feedback/{identity}/suggest": "feedback_suggest",
    "POST /feedback/{identity}/approve": "feedback_approve",
    "POST /feedback/{identity}/dismiss": "feedback_suggest",
    "GET /numbers": "numbers",
    "GET /numbers.csv": "numbers",
    "GET /day": "day",
}


def routes(app: FastAPI) -> Iterator[tuple[str, str, Dependant]]:
    """Method, path below the API, dependencies."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.path.startswith(API):
            for method in route.methods:
                yield method, route.path.removeprefix(API), route.dependant


def required(dependant: Dependant) -> set[str | None]:
    """Permissions that the route's dependencies ask for, however deep."""
    own = {dependant.call.permission} if isinstance(dependant.call, Require) else set()
    return own.union(*(required(one) for one in dependant.dependencies))


def call(client: TestClient, method: str, path: str) -> Any:
    """The route with nothing sensible in it."""
    for name in ("identity", "customer", "what"):
        path = path.replace("{" + name + "}", "nothing-of-this-name")
    body = {"json": {}} if method in ("POST", "PUT") else {}
    return client.request(method, f"{API}{path}", **body)  # type: ignore[arg-type]


def test_every_route_has_a_rule_and_keeps_it(desk_app: FastAPI) -> None:
    for method, path, dependant in routes(desk_app):
        name = f"{method} {path}"
        assert name in RULES, f"{name}: no rule for this route"
        rule = RULES[name]
        asked = required(dependant)
        expected = set() if rule is None else {rule or None}
        assert expected <= asked and asked <= expected | {None}, f"{name} asks for {asked}"


def test_signed_out_nothing_opens(desk_app: FastAPI, client: TestClient) -> None:
    for method, path, _ in routes(desk_app):
        if RULES[f"{method} {path}"] is not None:
            answer = call(client, method, path)
            assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), f"{method} {path}"
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("role", roles())
def test_a_role_does_what_the_file_says_and_no_more(desk_app: FastAPI, browser: Browser, role: str) -> None:
    signed_in = browser(PEOPLE[role])
    for method, path, _ in routes(desk_app):
        name, rule = f"{method} {path}", RULES[f"{method} {path}"]
        if rule is None or name in ("GET /stream", "DELETE /session"):
            continue  # the first never ends, the second signs out; both are tested by themselves
        answer = call(signed_in, method, path)
        refused = answer.status_code == 403 and answer.json()["code"] == "not_allowed"
        allowed = not rule or rule in permissions(role)
        assert refused is not allowed, f"{role}: {name} → {answer.status_code}"
        assert answer.status_code != 401, name


# whose customers ----------------------------------------------------------------------------------------------------
@pytest.fixture
def customers(services: Services, browser: Browser) -> dict[str, str]:
    """A customer of jl01, one of a colleague, and one of another branch."""
    me = browser("jl01").get(f"{API}/me").json()
    table = schema.customers
    with services.bank.store.read() as connection:

        def one(*conditions: Any) -> str:
            return str(connection.execute(select(table.c.id).where(*conditions).order_by(table.c.id)).scalars().first())

        return {
            "own": one(table.c.manager == me["staff_id"]),
            "colleague": one(table.c.branch == me["branch"], table.c.manager != me["staff_id"]),
            "elsewhere": one(table.c.branch != me["branch"]),
        }


REACH = {"jl01": {"own"}, "hz01": {"own", "colleague"}, "zh01": {"own", "colleague", "elsewhere"}}


@pytest.mark.parametrize("account", REACH)
def test_only_customers_within_reach(browser: Browser, customers: dict[str, str], account: str) -> None:
    signed_in = browser(account)
    listed = {one["id"] for one in signed_in.get(f"{API}/customers", params={"limit": 200}).json()["customers"]}
    for whose, customer in customers.items():
        within = whose in REACH[account]
        assert (customer in listed) is within, whose
        assert (signed_in.get(f"{API}/customers/{customer}").status_code == 200) is within, whose
        found = signed_in.get(f"{API}/customers", params={"q": customer}).json()["customers"]
        assert bool(found) is within, whose
        conversation = signed_in.get(f"{API}/customers/{customer}/conversation")
        assert (conversation.status_code == 404) is not within, whose
        booking = {"customer": customer, "at": "2026-11-24T10:00:00+08:00", "topic": "聊聊配置"}
        assert (signed_in.post(f"{API}/bookings", json=booking).status_code == 404) is not within, whose


def test_another_s_customer_and_nobody_look_the_same(browser: Browser, customers: dict[str, str]) -> None:
    signed_in = browser("jl01")
    other = signed_in.get(f"{API}/customers/{customers['elsewhere']}")
    nobody = signed_in.get(f"{API}/customers/c9999999")
    assert (other.status_code, other.json()) == (nobody.status_code, nobody.json())


def test_numbers_stay_within_the_branch(browser: Browser) -> None:
    for account, expected in (("jl01", 403), ("hz01", 403), ("zh01", 200)):
        answer = browser(account).get(f"{API}/numbers", params={"branch": "别的支行"})
        assert answer.status_code == expected, account


def test_lists_can_not_be_widened(browser: Browser) -> None:
    expected = {"jl01": (200, 403, 403), "hz01": (403, 200, 403), "zh01": (403, 200, 200)}
    for account, codes in expected.items():
        signed_in = browser(account)
        found = [signed_in.get(f"{API}/leads", params={"scope": s}).status_code for s in ("own", "branch", "all")]
        assert tuple(found) == codes, account
