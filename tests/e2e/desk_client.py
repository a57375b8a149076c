"""A manager's browser at the desk, and the customers of that manager, for the browser tests."""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import jwt
import yaml
from page_client import ROOT
from playwright.sync_api import Page

PASSWORD = yaml.safe_load((ROOT / "data" / "desk" / "demo_accounts.yml").read_text(encoding="utf-8"))["password"]
DESKTOP = {"width": 1366, "height": 820}
PHONE = {"width": 390, "height": 844}


class DeskHouse:
    """The whole house as these tests need it: where the app and the desk are, and a token for any customer."""

    def __init__(self, app_url: str, desk_url: str, var: Path) -> None:
        self.url, self.desk = app_url, desk_url
        self._var = var
        self._used: set[str] = set()

    def token(self, customer: str, seconds: float = 3600) -> str:
        secret = (self._var / "demo-keys" / "peiban_jwt_secret").read_text().strip()
        now = time.time()
        claims = {"aud": "peiban-app", "iss": "peiban-demo-bank", "iat": now - 60, "exp": now + seconds}
        return jwt.encode({"sub": customer, "jti": uuid.uuid4().hex, **claims}, secret, algorithm="HS256")

    def customer_of(self, manager: Page) -> dict[str, Any]:
        """A customer of the signed-in manager whom no other test has used, as on the list."""
        found = read(manager, "/customers?limit=200")["customers"]
        one: dict[str, Any] = next(entry for entry in found if entry["id"] not in self._used)
        self._used.add(one["id"])
        return one

    def ask_for_person(self, customer: str, *said: str) -> str:
        """As the customer's phone would; returns the hand-off's id."""
        for text in said:
            self._app("POST", "/messages", customer, {"message_id": uuid.uuid4().hex, "text": text})
        return str(self._app("POST", "/handoff", customer, {"reason": "customer"})["id"])

    def end_wait(self, customer: str) -> None:
        """The customer goes back to the assistant."""
        self._app("DELETE", "/handoff", customer, None)

    def say(self, customer: str, text: str) -> None:
        """As the customer's phone would."""
        self._app("POST", "/messages", customer, {"message_id": uuid.uuid4().hex, "text": text})

    def _app(self, method: str, path: str, customer: str, body: dict[str, Any] | None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/webhooks/app{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token(customer)}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def sign_in_at_desk(page: Page, account: str, password: str = PASSWORD) -> None:
    """Type account and password into the sign-in that is shown."""
    page.get_by_label("账号").fill(account)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()


def enter_desk(page: Page, desk: str, account: str) -> None:
    """Sign in and wait for the first view."""
    page.goto(f"{desk}/desk/")
    sign_in_at_desk(page, account)
    page.get_by_role("navigation", name="主菜单").filter(visible=True).first.wait_for()


def read(page: Page, path: str) -> dict[str, Any]:
    """What the desk's server answers to this browser."""
    answer = page.request.get(f"{page.url.split('/desk/')[0]}/desk/api{path}")
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def view(page: Page, name: str) -> None:
    """Go to a view by its menu entry."""
    menu = page.get_by_role("navigation", name="主菜单").filter(visible=True).first
    entry = menu.get_by_role("link", name=name)
    if entry.count() == 0:
        menu.get_by_role("button", name="更多").click()
        entry = page.get_by_role("navigation", name="更多").get_by_role("link", name=name)
    entry.click()


def hand_back_all(page: Page) -> None:
    """Return every customer this manager talks with, so that the next test's queue is its own."""
    desk = page.url.split("/desk/")[0]
    me = read(page, "/me")
    for one in read(page, "/handoffs")["handoffs"]:
        if one.get("staff") == me["account"] and one["state"] == "active":
            address = f"{desk}/desk/api/handoffs/{one['id']}/return"
            assert page.request.post(address, data={}, headers={"X-CSRF-Token": me["csrf"]}).ok
