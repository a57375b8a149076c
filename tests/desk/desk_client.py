"""A desk over a demo bank, and a browser-like client that is signed in."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

from desk.settings import DeskSettings
from desk.wording import data
from wealth.clock import SHANGHAI

AS_OF = date(2026, 11, 20)
# A Friday morning, outside of quiet hours.
MORNING = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
API = "/desk/api"
PASSWORD = data("demo_accounts")["password"]


def settings(folder: Path, **changes: Any) -> DeskSettings:
    """A demo desk with all it keeps below `folder`, where bank.db is the bank."""
    values: dict[str, Any] = {
        "mode": "demo",
        "host": "127.0.0.1",
        "port": 5006,
        "var": folder,
        "store_url": f"sqlite:///{folder / 'desk.db'}",
        "bank_url": f"sqlite:///{folder / 'bank.db'}",
        "app_url": "http://127.0.0.1:1",
        "service_key": "k" * 32,
    }
    return DeskSettings(**{**values, **changes})


def sign_in(client: TestClient, account: str, password: str = PASSWORD) -> dict[str, str]:
    """Sign in; the header that every change needs."""
    answer = try_sign_in(client, account, password)
    assert answer.status_code == 200, answer.text
    return {"X-CSRF-Token": answer.json()["me"]["csrf"]}


def try_sign_in(client: TestClient, account: str, password: str) -> Response:
    return client.post(f"{API}/session", json={"account": account, "password": password})
