"""Changes from a foreign page are refused, whatever cookie the browser sends along."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_client import API, PASSWORD
from starlette.testclient import TestClient

Browser = Callable[[str], TestClient]
CHANGE = {"available": True, "capacity": 2}


@pytest.mark.parametrize("token", [None, "", "0" * 64, "null", "é"])
def test_without_the_right_token_nothing_changes(browser: Browser, token: str | None) -> None:
    signed_in = browser("jl01")
    del signed_in.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": token.encode()}
    answer = signed_in.put(f"{API}/presence", json=CHANGE, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_csrf")


def test_another_session_s_token_is_wrong(browser: Browser) -> None:
    one, other = browser("jl01"), browser("jl01")
    answer = one.put(f"{API}/presence", json=CHANGE, headers={"X-CSRF-Token": other.headers["X-CSRF-Token"]})
    assert answer.status_code == 403


def test_the_right_one_works(browser: Browser) -> None:
    assert browser("jl01").put(f"{API}/presence", json=CHANGE).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_page_is_refused_even_with_the_token(browser: Browser, headers: dict[str, str]) -> None:
    answer = browser("jl01").put(f"{API}/presence", json=CHANGE, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


def test_a_foreign_page_can_sign_nobody_in(client: TestClient) -> None:
    body = {"account": "jl01", "password": PASSWORD}
    answer = client.post(f"{API}/session", json=body, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_our_own_page_is_let_through(client: TestClient) -> None:
    body = {"account": "jl01", "password": PASSWORD}
    assert client.post(f"{API}/session", json=body, headers={"Origin": "http://testserver"}).status_code == 200


def test_a_form_can_not_pose_as_json(browser: Browser) -> None:
    body = '{"available": true, "capacity": 2}'
    form = browser("jl01").put(f"{API}/presence", content=body, headers={"Content-Type": "text/plain"})
    assert form.status_code == 422
