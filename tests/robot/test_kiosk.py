"""The touch screen in a real Chromium: each state, touches back to the robot, nothing left of a visit."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from robot.chassis import Map, Motion
from robot.kiosk import PAGE, Kiosk
from robot.metrics import Metrics
from robot.settings import ROOT, Screen
from robot.wording import SHANGHAI, say

TEXT = {"id": "m.0", "type": "text", "privacy": "public", "origin": "assistant", "text": "货币基金是一种现金管理产品。"}
PRODUCT = {
    "id": "m.1",
    "type": "product",
    "privacy": "public",
    "code": "YF0021",
    "name": "云帆稳利一号",
    "risk": "R2",
    "asset_class": "固收",
    "facts": [{"label": "期限", "value": "90 天"}],
    "reasons": ["投向以债券为主"],
    "cautions": ["不保本，净值会有波动"],
}
QUICK = {"id": "m.3", "type": "quick_replies", "privacy": "public", "options": [{"title": "怎么买", "text": "怎么买"}]}
CODE = {
    "id": "m.q",
    "type": "qr",
    "privacy": "public",
    "title": "请扫码在手机上查看",
    "url": "https://wealth.example.bank/?bind=Qm1XbE5y",
    "expires_at": (datetime.now(SHANGHAI) + timedelta(minutes=5)).isoformat(timespec="seconds"),
}
MAP = Map(ROOT / "data" / "robot" / "map.yml")
STATES: dict[str, dict[str, Any]] = {
    "idle": {},
    "listening": {"visit": True, "heard": "介绍一下货"},
    "thinking": {"visit": True, "heard": "介绍一下货币基金"},
    "speaking": {
        "visit": True,
        "heard": "介绍一下货币基金",
        "said": "货币基金是一种现金管理产品。",
        "cards": [TEXT, PRODUCT, QUICK],
    },
    "happy": {"visit": True, "heard": "带我去理财室", "said": "请跟我来，我带您去理财室。"},
    "goodbye": {"face": "happy", "visit": True, "heard": "没别的事了", "said": "好的，再见，祝您生活愉快。"},
    "sorry": {"visit": True, "said": say("touch"), "notice": say("touch")},
    "deaf": {"face": "idle", "notice": say("asr_dead")},
    "offline": {
        "face": "sorry",
        "visit": True,
        "light": "offline",
        "heard": "介绍一下货币基金",
        "said": say("offline"),
        "notice": say("voice_dead"),
    },
    "long": {
        "face": "speaking",
        "visit": True,
        "heard": "我想问一下我妈妈今年七十岁了她攒了二十万块钱想放一年左右买点什么稳当的产品比较好",
        "said": "七十岁以上的客户购买产品时，需要由理财经理当面确认，我可以先给您介绍几种风险较低的，再请他过来。",
        "cards": [TEXT, PRODUCT, {**PRODUCT, "id": "m.2"}, QUICK],
    },
    "code": {
        "face": "speaking",
        "visit": True,
        "heard": "我有多少钱",
        "said": "这涉及您的个人信息，请扫码在手机上查看。",
        "cards": [CODE],
    },
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not (PAGE / "index.html").is_file():
        from server.pages import build

        (ROOT / "var" / "log").mkdir(parents=True, exist_ok=True)
        assert build(ROOT / "web" / "kiosk", ROOT / "var" / "log" / "pages.log") == 0
    with sync_playwright() as playwright:
        found = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
        launched = playwright.chromium.launch(
            executable_path=os.environ.get("PEIBAN_CHROMIUM") or found, args=["--no-sandbox"]
        )
        yield launched
        launched.close()


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    started = Kiosk(Screen(port=0), Metrics(), lambda: {"parts": {"microphone": "ok"}})
    started.start()
    yield started
    started.stop()


@pytest.fixture
def page(browser: Browser, kiosk: Kiosk) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1080, "height": 1920})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.goto(f"http://127.0.0.1:{kiosk.port}/")
    opened.wait_for_selector("main[data-connected=true]")
    yield opened
    opened.close()
    assert not errors, errors


# Sizes of the words in sight that can be read on their own, and whether any of them runs out of its box.
READABLE = """() => {
  const found = { smallest: 1e9, caption: 1e9, out: [] };
  const words = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    if (!text.data.trim() || text.parentElement.closest("svg, .pb-sr")) continue;
    const size = Math.round(parseFloat(getComputedStyle(text.parentElement).fontSize));
    found.smallest = Math.min(found.smallest, size);
    if (text.parentElement.matches(".captions p")) found.caption = Math.min(found.caption, size);
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    const inside = text.parentElement.closest(".cards, .pb-quick") || box.bottom <= innerHeight;
    if (box.left < 0 || box.right > innerWidth || !inside) found.out.push(text.data);
  }
  const scene = document.querySelector(".scene").getBoundingClientRect();
  for (const part of document.querySelectorAll(".scene h1, .scene p, .scene svg")) {
    const box = part.getBoundingClientRect();
    if (box.top < scene.top || box.bottom > scene.bottom) found.out.push(part.className);
  }
  for (const box of document.querySelectorAll("nav, footer, nav button, footer button, .map"))
    if (box.scrollHeight > box.clientHeight + 2 || box.scrollWidth > box.clientWidth + 2) found.out.push(box.className);
  return found;
}"""


@pytest.mark.parametrize("name", STATES)
def test_each_state_is_drawn(name: str, page: Page, kiosk: Kiosk) -> None:
    state = STATES[name]
    drawn = MAP.drawn(Motion("moving", 6.0, 4.0, 80.0, "manager_desk")) if name == "happy" else None
    kiosk.show(**{"face": name, "light": "ok", "map": drawn, **state})
    page.wait_for_selector(f"main[data-face={state.get('face', name)}] .face-{state.get('face', name)}")
    page.wait_for_timeout(600)
    shots = ROOT / "results" / "kiosk"
    shots.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=shots / f"{name}.png")
    text = page.inner_text("main")
    for words in (state.get("heard"), state.get("said"), state.get("notice")):
        assert not words or words in text
    if name == "code":
        page.wait_for_selector(".message-qr svg")
        assert "秒内有效" in text
    if name == "happy":
        assert "正在带您去理财室" in text
        # Every place has its name, none covered by another.
        assert page.locator(".map text").count() == len(MAP.places)
    if name == "offline":
        assert "后台连不上" in text and "连接中" in text
    # Nothing is cut off, all is large enough for people who stand a step away, every button can be hit with a thumb.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    readable = page.evaluate(READABLE)
    assert readable["out"] == [] and readable["smallest"] >= 36 and readable["caption"] >= 48, readable
    for box in page.locator("nav button, footer button, .pb-quick button, .more").all():
        size = box.bounding_box()
        assert size and size["height"] >= 88 and size["width"] >= 88


def test_what_does_not_fit_is_a_touch_away(page: Page, kiosk: Kiosk) -> None:
    kiosk.show(**{"light": "ok", **STATES["long"]})
    more, turns = page.locator("text=往下看"), 0
    more.wait_for()
    while more.count() and turns < 10:
        more.click()
        page.wait_for_timeout(600)
        turns += 1
    assert more.count() == 0 and turns < 10
    assert page.evaluate("document.querySelector('.cards').lastElementChild.getBoundingClientRect().bottom") < 1920
    # What can be asked next stays in sight.
    assert page.locator(".pb-quick button").is_visible()


def test_everything_works_by_touch(page: Page, kiosk: Kiosk) -> None:
    page.click(".stage")
    page.click("text=取号排队")
    page.click("text=带我去…")
    page.click("text=洗手间")
    kiosk.show(visit=True, face="speaking", cards=[QUICK])
    page.click("text=怎么买")
    page.click("text=再说一遍")
    page.click("text=停一下")
    page.click("text=结束并清除")
    page.wait_for_timeout(100)
    assert kiosk.take() == [
        {"type": "wake"},
        {"type": "say", "text": "取个号"},
        {"type": "say", "text": "带我去洗手间"},
        {"type": "say", "text": "怎么买"},
        {"type": "repeat"},
        {"type": "stop"},
        {"type": "bye"},
    ]


def test_the_end_of_a_visit_and_a_dead_programme_leave_nothing_on_the_screen(browser: Browser) -> None:
    from robot.screen import blank

    kiosk = Kiosk(Screen(port=0), Metrics(), dict)
    kiosk.start()
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(f"http://127.0.0.1:{kiosk.port}/")
    kiosk.show(visit=True, heard="我想投诉", cards=[TEXT])
    page.wait_for_selector("text=我想投诉")
    kiosk.show(**blank())
    page.wait_for_selector("text=点一下屏幕")
    assert "投诉" not in page.content() and "货币基金" not in page.content()
    kiosk.show(visit=True, heard="还有一句")
    page.wait_for_selector("text=还有一句")
    kiosk.stop()
    page.wait_for_selector("text=机器人正在准备")
    assert "还有一句" not in page.content()
    page.close()


def call(kiosk: Kiosk, path: str, data: bytes | None = None) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{kiosk.port}{path}", data=data)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_sensors_health_and_metrics(kiosk: Kiosk) -> None:
    assert call(kiosk, "/sensor", b'{"present": true}')[0] == 204
    assert kiosk.take() == [{"type": "present"}]
    for bad in (b"", b"{", b"[]", b'{"present": 1}'):
        assert call(kiosk, "/sensor", bad)[0] == 422
    assert json.loads(call(kiosk, "/health")[1])["parts"]["microphone"] == "ok"
    assert "peiban_robot_rss_mb" in call(kiosk, "/metrics")[1]
    assert call(kiosk, "/../robot.yml")[0] == 404
    assert call(kiosk, "/..%2f..%2frobot.yml")[0] == 404


@pytest.mark.parametrize(
    "frame", ["", "{", "[]", '{"type": "format"}', '{"type": "say"}', '{"type": "say", "text": 5}']
)
def test_garbage_from_the_page_is_dropped(kiosk: Kiosk, frame: str) -> None:
    take: Callable[[str], bool] = kiosk._take
    assert take(frame) is False and kiosk.take() == []
