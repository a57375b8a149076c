"""Signing in and out: what a session is worth, and for how long."""

from __future__ import annotations

from desk_client import API, sign_in
from starlette.testclient import TestClient


def test_signed_in_and_out(client: TestClient) -> None:
    assert client.get(f"{API}/me").status_code == 401
    headers = sign_in(client, "jl01")
    assert client.get(f"{API}/me").json()["account"] == "jl01"
    assert client.delete(f"{API}/session", headers=headers).status_code == 204
    assert client.get(f"{API}/me").status_code == 401
