"""Every kind of message in light, dark and large type: pictures to look at, and nobody is left out (axe)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import BrowserPage
from page_client import ROOT, PageServer, enter, say, shoot
from playwright.sync_api import Page

from channels import schema

AXE = ROOT / "web" / "app" / "node_modules" / "axe-core" / "axe.min.js"
GALLERY: list[dict[str, Any]] = json.loads((ROOT / "web" / "app" / "src" / "gallery.json").read_text(encoding="utf-8"))
QUESTIONS = [
    ("我有多少钱", "资产分布"),
    ("今年以来赚了多少", "谁贡献最多"),
    ("帮我做个财富体检", "三条建议"),
    ("推荐点稳健的", "云帆稳利一号"),
]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"theme": "light"},
    "dark": {"theme": "dark"},
    "large": {"theme": "light", "large": True},
    "masked": {"theme": "light", "masked": True},
}


def wear(page: Page, look: dict[str, Any]) -> None:
    page.add_init_script(f"localStorage.setItem('peiban.look', {json.dumps(json.dumps(look))})")


def serious(page: Page) -> list[str]:
    """What axe finds that would shut somebody out."""
    # Through the debugger, since the page's content policy lets no foreign script in.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def whole(page: Page, selector: str) -> None:
    """Make the window as high as what scrolls in it."""
    page.wait_for_timeout(700)
    height = page.evaluate(f"document.querySelector('{selector}').scrollHeight + 120")
    width = page.viewport_size["width"] if page.viewport_size else 390
    page.set_viewport_size({"width": width, "height": min(int(height), 14_000)})
    page.wait_for_timeout(900)


def test_the_gallery_has_every_message_and_chart_of_the_contract() -> None:
    for message in GALLERY:
        schema.check(message)
    known = json.loads((ROOT / "channels" / "schema" / "messages.v1.json").read_text(encoding="utf-8"))["$defs"]
    types = {entry["$ref"].rsplit("/", 1)[1] for entry in known["message"]["oneOf"]}
    assert {message["type"] for message in GALLERY} == types
    assert {m["kind"] for m in GALLERY if m["type"] == "chart"} == set(known["chart"]["properties"]["kind"]["enum"])


@pytest.mark.parametrize("name", LOOKS)
def test_gallery(bank: PageServer, open_phone: BrowserPage, name: str) -> None:
    page = open_phone(width=360)
    wear(page, LOOKS[name])
    page.goto(bank.url + "/?gallery")
    page.locator("[data-message='gallery.0']").wait_for()
    whole(page, ".gallery")
    assert page.locator("[data-message]").count() == len(GALLERY)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the phone"
    overflowing = page.evaluate(
        "[...document.querySelectorAll('[data-message]')].filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => e.dataset.message)"
    )
    assert overflowing == []
    assert serious(page) == []
    shoot(page, f"gallery_{name}")


def test_hidden_amounts_are_nowhere(bank: PageServer, open_phone: BrowserPage) -> None:
    page = open_phone()
    page.goto(bank.url + "/?gallery")
    page.locator(".pb-ring svg").first.wait_for()
    figures = ["128,560.32", "36.20", "-412.85", "+310.00", "20,000.00", "12,000", "224.06"]
    before = page.locator("main").inner_html()
    for figure in figures:
        assert figure in before, f"{figure} is not there to be hidden"
    page.get_by_role("button", name="隐藏金额").click()
    page.get_by_role("button", name="显示金额").wait_for()
    page.get_by_role("button", name="活钱管理").click()
    closed = page.locator(".pb-fold-toggle[aria-expanded=false]")
    while closed.count():
        closed.first.click()
    after = page.locator("body").inner_html()
    for figure in [*figures, "38,568.10", "38568.10", "3,210.55"]:
        assert figure not in after, figure
    assert "30.0%" in after and "2.60%–3.10%" in after, "shares and benchmarks are no amounts"
    assert page.get_by_label("金额已隐藏").count() > 10


@pytest.mark.parametrize(
    ("name", "width", "height", "look"),
    [
        ("phone", 390, 844, {"theme": "light"}),
        ("phone_large", 360, 740, {"theme": "light", "large": True}),
        ("tablet_dark", 834, 1112, {"theme": "dark"}),
    ],
)
def test_a_conversation(
    bank: PageServer, open_phone: BrowserPage, name: str, width: int, height: int, look: dict[str, Any]
) -> None:
    page = open_phone(width=width, height=height)
    wear(page, look)
    page.goto(bank.url)
    page.get_by_text("从一个到多个").first.wait_for()
    assert serious(page) == []
    shoot(page, f"{name}_1_picker")
    enter(page, bank.url, "从一个到多个")
    for number, (words, answer) in enumerate(QUESTIONS, start=2):
        say(page, words)
        page.get_by_role("heading", name=answer).last.wait_for()
        page.get_by_role("button", name="做个体检").last.wait_for()
        page.wait_for_timeout(800)
        shoot(page, f"{name}_{number}")
    assert serious(page) == []
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="设置与隐私").click()
    page.get_by_role("switch", name="个性化推荐").wait_for()
    page.wait_for_timeout(400)
    assert serious(page) == []
    shoot(page, f"{name}_6_settings")
    page.go_back()
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.get_by_label("想问小财什么").is_visible(), "back closes the sheet and stays in the chat"
