"""Signing in and out: what a session is worth, for how long, and what guessing costs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from desk_client import API, PASSWORD, sign_in, try_sign_in
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from desk import tables
from desk.auth import sessions, throttle
from desk.services import Services
from desk.wording import data

Browser = Callable[[str], TestClient]
COOKIE = sessions.COOKIE
MINUTE = 60.0


class Clock:
    """A wall clock to be turned."""

    def __init__(self, services: Services) -> None:
        self.now = 1_800_000_000.0
        services.wall = lambda: self.now


@pytest.fixture
def clock(services: Services) -> Clock:
    return Clock(services)


def test_signed_in_and_out(client: TestClient) -> None:
    assert client.get(f"{API}/me").status_code == 401
    headers = sign_in(client, "jl01")
    me = client.get(f"{API}/me").json()
    assert (me["account"], me["role"], me["csrf"]) == ("jl01", "manager", headers["X-CSRF-Token"])
    stolen = client.cookies[COOKIE]
    assert client.delete(f"{API}/session", headers=headers).status_code == 204
    # Signing out ends the session itself, not just this browser's cookie.
    assert client.get(f"{API}/me", headers={"Cookie": f"{COOKIE}={stolen}"}).status_code == 401


def test_cookie_is_kept_from_scripts_and_other_sites(client: TestClient) -> None:
    cookie = try_sign_in(client, "jl01", PASSWORD).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/desk" in cookie


def test_a_planted_session_id_is_never_taken_over(client: TestClient) -> None:
    client.cookies.set(COOKIE, "planted", domain="testserver.local", path="/desk")
    assert client.get(f"{API}/me").status_code == 401
    sign_in(client, "jl01")
    assert "planted" not in [cookie.value for cookie in client.cookies.jar if cookie.domain != "testserver.local"]
    assert client.get(f"{API}/me", headers={"Cookie": f"{COOKIE}=planted"}).status_code == 401


def test_signing_in_again_changes_the_id_and_ends_the_old_one(client: TestClient) -> None:
    sign_in(client, "jl01")
    before = client.cookies[COOKIE]
    sign_in(client, "jl02")
    after = client.cookies[COOKIE]
    assert before != after
    assert client.get(f"{API}/me").json()["account"] == "jl02"
    assert client.get(f"{API}/me", headers={"Cookie": f"{COOKIE}={before}"}).status_code == 401


def test_idle_sessions_end(client: TestClient, clock: Clock) -> None:
    sign_in(client, "jl01")
    for _ in range(3):
        clock.now += 29 * MINUTE
        assert client.get(f"{API}/me").status_code == 200
    clock.now += 31 * MINUTE
    assert client.get(f"{API}/me").status_code == 401


def test_no_session_outlives_twelve_hours_however_busy(client: TestClient, clock: Clock) -> None:
    sign_in(client, "jl01")
    for _ in range(12 * 3 - 1):
        clock.now += 20 * MINUTE
        assert client.get(f"{API}/me").status_code == 200
    clock.now += 20 * MINUTE
    assert client.get(f"{API}/me").status_code == 401


def test_the_store_holds_no_session_that_could_be_used(client: TestClient, services: Services) -> None:
    sign_in(client, "jl01")
    with services.store.read() as connection:
        rows = connection.execute(select(tables.sessions)).all()
    assert rows and client.cookies[COOKIE] not in str(rows)


def test_a_closed_account_is_out_at_once(client: TestClient, services: Services) -> None:
    sign_in(client, "jl01")
    with services.store.write() as connection:
        connection.execute(update(tables.accounts).values(enabled=False))
    assert client.get(f"{API}/me").status_code == 401
    assert try_sign_in(TestClient(client.app), "jl01", PASSWORD).status_code == 401


# passwords --------------------------------------------------------------------------------------------------------
def test_a_new_password_ends_the_other_sessions(desk_app: FastAPI, browser: Browser, clock: Clock) -> None:
    here, elsewhere = browser("jl01"), browser("jl01")
    new = "correct horse battery"
    answer = here.post(f"{API}/me/password", json={"old": PASSWORD, "new": new})
    assert answer.status_code == 204, answer.text
    assert here.get(f"{API}/me").status_code == 200
    assert elsewhere.get(f"{API}/me").status_code == 401
    assert try_sign_in(TestClient(desk_app), "jl01", PASSWORD).status_code == 401
    clock.now += 60
    assert try_sign_in(TestClient(desk_app), "jl01", new).status_code == 200


@pytest.mark.parametrize("new", ["short", "jl01jl01jl01jl01", "aaaaaaaaaaaaaaaa", PASSWORD])
def test_weak_passwords_are_refused_with_a_reason(browser: Browser, new: str) -> None:
    answer = browser("jl01").post(f"{API}/me/password", json={"old": PASSWORD, "new": new})
    assert (answer.status_code, answer.json()["code"]) == (422, "weak_password")


def test_the_old_password_is_needed(browser: Browser) -> None:
    answer = browser("jl01").post(f"{API}/me/password", json={"old": "guessed", "new": "correct horse battery"})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_credentials")


# guessing ---------------------------------------------------------------------------------------------------------
def guess(client: TestClient, clock: Clock, account: str, times: int) -> list[int]:
    """Waits told after each miss, going on as soon as it is allowed."""
    waits = []
    for _ in range(times):
        answer = try_sign_in(client, account, "guess")
        if answer.status_code == 429:
            waits.append(answer.json()["retry_after"])
            assert answer.headers["retry-after"] == str(waits[-1])
            clock.now += waits[-1]
            answer = try_sign_in(client, account, "guess")
        assert answer.status_code == 401
    return waits


def test_each_miss_makes_the_wait_grow(client: TestClient, clock: Clock) -> None:
    waits = guess(client, clock, "jl01", 14)
    assert waits == sorted(waits) and waits[:3] == [2, 4, 8]
    assert waits[-1] <= data("limits")["sign_in"]["longest_wait_seconds"]


def test_the_right_password_does_not_open_while_locked(client: TestClient, clock: Clock) -> None:
    guess(client, clock, "jl01", data("limits")["sign_in"]["account_free"])
    answer = try_sign_in(client, "jl01", PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    clock.now += answer.json()["retry_after"]
    assert try_sign_in(client, "jl01", PASSWORD).status_code == 200
    # And then the account starts afresh.
    assert try_sign_in(client, "jl01", "guess").status_code == 401


def test_an_unknown_account_looks_like_a_known_one(client: TestClient, clock: Clock) -> None:
    def answers(account: str) -> list[tuple[int, Any, dict[str, str]]]:
        found = []
        for _ in range(6):
            answer = try_sign_in(client, account, "guess")
            found.append((answer.status_code, answer.json(), dict(answer.headers)))
        return found

    assert answers("jl01") == answers("nobody")


def test_many_accounts_from_one_address_are_braked_too(client: TestClient, clock: Clock) -> None:
    codes = [try_sign_in(client, f"name{number}", "guess").status_code for number in range(30)]
    assert codes[:10] == [401] * 10 and codes[-1] == 429


def test_guesses_at_once_gain_nothing(services: Services) -> None:
    def one(_: int) -> bool:
        with services.store.write() as connection:
            return throttle.admit(connection, "jl01", "10.0.0.1", 1_800_000_000.0) == 0

    with ThreadPoolExecutor(8) as pool:
        admitted = sum(pool.map(one, range(24)))
    assert admitted == data("limits")["sign_in"]["account_free"]


def test_a_forged_forwarding_header_is_no_other_address(client: TestClient, clock: Clock) -> None:
    codes = []
    for number in range(30):
        headers = {"X-Forwarded-For": f"10.0.0.{number}"}
        body = {"account": f"name{number}", "password": "guess"}
        codes.append(client.post(f"{API}/session", json=body, headers=headers).status_code)
    assert codes[-1] == 429
