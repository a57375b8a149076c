"""The whole house in a browser: the six turns that a bank would try first, with real figures from the demo bank."""

from __future__ import annotations

import re

import pytest
from conftest import BrowserPage, WholeHouse
from page_client import enter, say, shoot
from playwright.sync_api import Page

pytestmark = pytest.mark.e2e
SORRY = re.compile("没能处理好|没有通过检查|没发出去")
AMOUNT = re.compile(r"\d[\d,]*\.\d{2}")


def answer_to(page: Page, words: str) -> str:
    """Say it and wait for the whole answer (its buttons or tools come last)."""
    say(page, words)
    page.locator(".bubble", has_text=words).last.wait_for()
    answer = page.locator("[data-item-index]").last.locator(".theirs")
    answer.get_by_role("button", name="复制").wait_for()
    page.locator(".typing").wait_for(state="detached")
    page.wait_for_timeout(900)
    text = answer.inner_text()
    assert not SORRY.search(text), text
    return text


def test_six_turns(server: WholeHouse, open_phone: BrowserPage) -> None:
    page = open_phone()
    enter(page, server.url, "从一个到多个")
    greeting = page.locator(".theirs").first
    greeting.wait_for()
    assert "AI" in greeting.inner_text(), "it says that it is no person"
    shoot(page, "house_1")
    for number, (words, expected) in enumerate(
        [
            ("我有多少钱", AMOUNT),
            ("今年以来赚了多少", AMOUNT),
            ("那上个月呢", AMOUNT),
            ("帮我做个财富体检", re.compile(r"分")),
            ("推荐点稳健的", re.compile(r"R[1-5]")),
        ],
        start=2,
    ):
        text = answer_to(page, words)
        assert expected.search(text), f"{words}: {text}"
        shoot(page, f"house_{number}")


def test_hidden_amounts_stay_hidden_with_real_figures(server: WholeHouse, open_phone: BrowserPage) -> None:
    page = open_phone()
    enter(page, server.url, "从多个到更好")
    page.locator(".theirs").first.wait_for()
    # Percentages may stay, amounts not.
    amount = re.compile(AMOUNT.pattern + r"(?![\d%])")
    assert amount.search(answer_to(page, "我有多少钱"))
    page.get_by_role("button", name="隐藏金额").click()
    page.get_by_role("button", name="显示金额").wait_for()
    assert amount.findall(page.locator(".thread").inner_text()) == []
    shoot(page, "house_masked")
