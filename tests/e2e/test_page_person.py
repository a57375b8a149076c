"""Pushes and a person in the thread: who speaks is always plain."""

from __future__ import annotations

import uuid

import pytest
from conftest import BrowserPage
from page_client import PageServer, say, shoot, sign_in


@pytest.fixture
def customer() -> str:
    return "c" + uuid.uuid4().hex[:12]


def test_a_push_arrives_marked_and_new(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    page.locator(".theirs").first.wait_for()
    reply = {
        "schema": "peiban.reply/1",
        "skill": "product_maturity",
        "sentences": ["您有一笔 20,000.00 元的理财三天后到期。"],
        "privacy": "personal",
        "purpose": "push",
    }
    push = {"push_id": uuid.uuid4().hex, "customer": customer, "push_type": "maturity", "reply": reply}
    bank.desk("POST", "/push", push)
    pushed = page.locator(".theirs[data-origin=push]")
    pushed.get_by_text("20,000.00 元").wait_for()
    assert "小财提醒您" in pushed.inner_text()
    bank.desk("POST", "/push", push)
    say(page, "收到了")
    page.locator(".theirs", has_text="收到：收到了").wait_for()
    assert pushed.count() == 1, "the same push twice is shown once"


def test_a_manager_takes_over_and_gives_back(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    page.locator(".theirs").first.wait_for()
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="找客户经理").click()
    page.get_by_text("正在为您转接客户经理").wait_for()
    mine = [h for h in bank.desk("GET", "/handoffs?limit=200")["handoffs"] if h["customer"] == customer]
    handoff = mine[-1]["id"]
    bank.desk("PUT", f"/handoffs/{handoff}", {"state": "active", "manager": "客户经理 A"})
    page.get_by_text("客户经理 A正在为您服务").wait_for()
    say(page, "您好")
    bank.desk("POST", f"/handoffs/{handoff}/messages", {"message_id": uuid.uuid4().hex, "text": "您好，我来帮您看看。"})
    manager = page.locator(".theirs[data-origin=manager]")
    manager.get_by_text("我来帮您看看").wait_for()
    assert "客户经理 A" in manager.inner_text()
    shoot(page, "manager")
    page.get_by_role("button", name="结束转接").click()
    page.get_by_text("正在为您服务").wait_for(state="detached")
    say(page, "回到小财")
    page.locator(".theirs", has_text="收到：回到小财").wait_for()
