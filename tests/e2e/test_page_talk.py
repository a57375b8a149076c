"""Talking over bad lines: nothing lost, nothing twice, whatever breaks."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from conftest import BrowserPage
from page_client import INPUT, ROOT, PageServer, enter, say, shoot, sign_in, wait_for
from playwright.sync_api import Page, expect


@pytest.fixture
def customer() -> str:
    return "c" + uuid.uuid4().hex[:12]


def bubbles(page: Page) -> list[str]:
    return page.locator(".bubble").all_inner_texts()


def said(bank: PageServer, customer: str) -> list[str]:
    return [message["text"] for message in bank.log(customer) if message.get("origin") == "customer"]


def answered(page: Page, words: str) -> None:
    page.locator(".theirs", has_text=f"收到：{words}").wait_for()


def test_what_is_said_offline_goes_out_once_when_the_line_is_back(
    bank: PageServer, open_phone: BrowserPage, customer: str
) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    say(page, "第一句")
    answered(page, "第一句")
    page.context.set_offline(True)
    say(page, "隧道里说的")
    page.get_by_text("网络断开了").wait_for()
    page.get_by_text("等网络恢复后自动发送").wait_for()
    shoot(page, "offline")
    page.context.set_offline(False)
    answered(page, "隧道里说的")
    page.get_by_text("网络断开了").wait_for(state="detached")
    assert bubbles(page) == ["第一句", "隧道里说的"]
    assert said(bank, customer) == ["第一句", "隧道里说的"]


def test_what_was_not_sent_survives_a_reload(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    # Answers never arrive, as in a lift: only this route, so that the page itself can be loaded again.
    page.route("**/webhooks/app/messages", lambda route: route.abort())
    say(page, "电梯里说的")
    page.get_by_text(re.compile("等网络恢复后自动发送|没发出去")).wait_for()
    page.unroute("**/webhooks/app/messages")
    page.reload()
    page.wait_for_function("window.PeiBan")
    page.evaluate("token => PeiBan.open({token})", bank.token(customer))
    answered(page, "电梯里说的")
    assert bubbles(page) == ["电梯里说的"]
    assert said(bank, customer) == ["电梯里说的"]


def test_a_message_that_failed_is_sent_again_by_a_tap(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    page.locator(".theirs").first.wait_for()
    page.clock.install()
    page.route("**/webhooks/app/messages", lambda route: route.abort())
    say(page, "发不出去的")
    for _ in range(8):
        page.clock.fast_forward(20_000)
        page.wait_for_timeout(100)
    page.get_by_role("button", name="没发出去，点按重发").wait_for()
    shoot(page, "failed")
    page.unroute("**/webhooks/app/messages")
    page.get_by_role("button", name="没发出去，点按重发").click()
    answered(page, "发不出去的")
    assert said(bank, customer) == ["发不出去的"]


def test_a_server_that_dies_in_mid_conversation_loses_and_doubles_nothing(
    bank: PageServer, open_phone: BrowserPage, customer: str
) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    say(page, "先说一句")
    answered(page, "先说一句")
    say(page, "慢慢想的问题")
    wait_for(lambda: "慢慢想的问题" in said(bank, customer))
    bank.kill()
    page.get_by_text("正在重新连接").wait_for()
    say(page, "断开时说的")
    bank.start()
    answered(page, "慢慢想的问题")
    answered(page, "断开时说的")
    page.get_by_text("正在重新连接").wait_for(state="detached")
    log = bank.log(customer)
    words = ["先说一句", "慢慢想的问题", "断开时说的"]
    assert [m["text"] for m in log if m.get("origin") == "customer"] == words
    assert bubbles(page) == words
    for one in words:
        assert [m["text"] for m in log if m["type"] == "text"].count(f"收到：{one}") == 1
        assert page.locator(".theirs", has_text=f"收到：{one}").count() == 1


def test_two_devices_show_one_conversation(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    phone, tablet = open_phone(), open_phone(width=834, height=1112)
    sign_in(phone, bank, customer)
    sign_in(tablet, bank, customer)
    tablet.locator(".theirs").first.wait_for()
    say(phone, "手机上说的")
    answered(tablet, "手机上说的")
    say(tablet, "平板上说的")
    answered(phone, "平板上说的")
    answered(phone, "手机上说的")
    assert bubbles(phone) == bubbles(tablet) == ["手机上说的", "平板上说的"]
    greetings = [m for m in bank.log(customer) if m["type"] == "text" and m["text"].startswith("您好，我是小财")]
    assert len(greetings) == 1, "two devices that open at once are greeted once"


def test_a_token_that_runs_out_in_mid_chat_is_renewed_unseen(
    bank: PageServer, open_phone: BrowserPage, customer: str
) -> None:
    page = open_phone()
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 401 else None)
    sign_in(page, bank, customer, seconds=3)
    say(page, "令牌还有效")
    answered(page, "令牌还有效")
    page.wait_for_timeout(3_500)
    say(page, "令牌过期了")
    answered(page, "令牌过期了")
    assert page.get_by_text("登录已过期").count() == 0
    assert said(bank, customer) == ["令牌还有效", "令牌过期了"]


def test_without_a_new_token_the_message_waits_for_the_next_sign_in(
    bank: PageServer, open_phone: BrowserPage, customer: str
) -> None:
    page = open_phone()
    page.goto(bank.url)
    page.wait_for_function("window.PeiBan")
    page.evaluate("token => PeiBan.open({token, getToken: () => Promise.reject(Error())})", bank.token(customer, 2))
    page.get_by_label(INPUT).wait_for()
    page.wait_for_timeout(2_500)
    page.get_by_role("alertdialog").get_by_text("登录已过期").wait_for()
    shoot(page, "signed_out")
    page.evaluate("token => PeiBan.open({token})", bank.token(customer))
    page.get_by_text("登录已过期").wait_for(state="detached")
    say(page, "重新登录后")
    answered(page, "重新登录后")


def test_five_hundred_messages_scroll_and_only_a_few_are_in_the_document(
    bank: PageServer, open_phone: BrowserPage, customer: str
) -> None:
    bank.say(customer, [f"第 {number} 句" for number in range(1, 171)])
    assert len(bank.log(customer)) >= 500
    page = open_phone()
    sign_in(page, bank, customer)
    page.locator(".bubble", has_text="第 170 句").wait_for()
    page.evaluate(
        """() => {
            const look = () => document.querySelectorAll(".bubble").forEach(e => window.seen.add(e.innerText));
            window.seen = new Set();
            look();
            new MutationObserver(look).observe(document.querySelector(".list"), {childList: true, subtree: true});
        }"""
    )
    most = 0
    page.mouse.move(195, 400)
    for _ in range(400):
        most = max(most, page.locator(".turn").count())
        if page.get_by_text("以上是全部消息").count():
            break
        page.mouse.wheel(0, -900)
        page.wait_for_timeout(40)
    page.mouse.wheel(0, -100_000)
    expect(page.locator(".bubble", has_text=re.compile("^第 1 句$"))).to_be_in_viewport()
    seen = set(page.evaluate("[...window.seen]"))
    assert seen == {f"第 {number} 句" for number in range(1, 171)}
    assert most < 80, "the list keeps to what is near the screen"
    shoot(page, "history_top")
    page.get_by_role("button", name="回到最新消息").click()
    expect(page.locator(".bubble", has_text="第 170 句")).to_be_in_viewport()


def test_bad_input_is_kept_and_explained(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    page.locator(".theirs").first.wait_for()
    say(page, "   ")
    assert bubbles(page) == []
    markup = "<img src=x onerror=alert(1)> ' \" & 😀\u202e\u0000"
    say(page, markup)
    page.locator(".theirs", has_text="<img src=x onerror=alert(1)>").wait_for()
    assert page.locator(".thread img").count() == 0
    say(page, "长" * 10_001)
    page.get_by_text("这段话太长了").wait_for()
    page.get_by_role("button", name="改一改再发").click()
    assert len(page.get_by_label(INPUT).input_value()) == 10_001
    say(page, "改短了")
    answered(page, "改短了")
    assert len(said(bank, customer)) == 2


def test_pinyin_enter_picks_a_word_and_does_not_send(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    box = page.get_by_label(INPUT)
    box.fill("wo you")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert box.input_value() == "wo you"
    assert bubbles(page) == []
    box.press("Shift+Enter")
    box.press_sequentially("两行")
    box.press("Enter")
    page.locator(".bubble", has_text="两行").wait_for()
    assert bubbles(page) == ["wo you\n两行"]


def test_rating_with_a_reason_copying_and_folding(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, bank, customer)
    say(page, "说长一点")
    page.get_by_role("button", name="展开全文").click()
    page.get_by_role("button", name="收起").wait_for()
    turn = page.locator(".theirs", has_text="跷跷板").last
    turn.get_by_role("button", name="复制").click()
    page.get_by_text("已复制").wait_for()
    assert "跷跷板" in page.evaluate("navigator.clipboard.readText()")
    turn.get_by_role("button", name="没帮上忙").click()
    turn.get_by_role("button", name="没看懂").click()
    page.get_by_text("谢谢，已记下").wait_for()
    rated = [message for message in bank.log(customer) if message.get("rating")]
    assert [message["rating"] for message in rated] == ["down"]
    assert rated[0]["text"].startswith("债券和股票")


def test_buttons_speak_and_old_ones_are_gone(bank: PageServer, open_phone: BrowserPage) -> None:
    page = open_phone()
    enter(page, bank.url, "从简单到复杂")
    page.get_by_label("常问的话题").get_by_role("button", name="我有多少钱").click()
    page.get_by_role("heading", name="我的资产").last.wait_for()
    page.get_by_role("button", name="做个体检").last.click()
    page.get_by_role("heading", name="三条建议").last.wait_for()
    page.wait_for_timeout(300)
    assert page.get_by_label("可以直接点选").count() == 1
    say(page, "我想做风险测评")
    option = page.get_by_role("button", name="一到三年").last
    option.click()
    answered(page, "一到三年")
    expect(option).to_be_disabled()


def test_the_banks_purchase_page_opens_beside_the_chat(bank: PageServer, open_phone: BrowserPage) -> None:
    page = open_phone()
    enter(page, bank.url, "从多个到更好")
    say(page, "推荐点稳健的")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="去购买页看看").last.click()
    opened.value.wait_for_url("**/demo/bank/purchase?**")
    assert page.get_by_label(INPUT).is_visible()


def test_my_data_settings_export_and_deletion(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    sign_in(page, bank, customer)
    say(page, "请记住这句")
    answered(page, "请记住这句")
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="设置与隐私").click()
    switch = page.get_by_role("switch", name="个性化推荐")
    switch.click()
    page.get_by_text("已保存").wait_for()
    expect(switch).not_to_be_checked()
    page.get_by_label("从", exact=True).select_option("20:00")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出我的数据").click()
    exported: dict[str, Any] = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert exported["preferences"]["personalised"] is False
    assert exported["preferences"]["quiet_hours"]["start"] == "20:00"
    assert "请记住这句" in json.dumps(exported["messages"], ensure_ascii=False)
    page.get_by_role("button", name="删除我的数据").click()
    page.get_by_role("button", name="确定删除").click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.locator(".bubble").wait_for(state="detached")
    assert bank.log(customer) == []


def test_a_code_from_the_robot_that_is_no_good_is_said(bank: PageServer, open_phone: BrowserPage) -> None:
    page = open_phone()
    page.goto(bank.url + "/?bind=abcdefghij0123456789")
    page.get_by_text("从一个到多个").first.click()
    page.get_by_role("button", name="好，在这里看").click()
    page.get_by_text("没有找到这项内容").wait_for()
    assert "bind" not in page.url


def test_embedded_by_one_script_tag(bank: PageServer, open_phone: BrowserPage, customer: str) -> None:
    page = open_phone()
    host = (
        "<!doctype html><meta charset=utf-8><title>bank</title><body style='margin:0'>"
        "<div id=place style='height:800px'></div><script src='/embed.js'></script>"
    )
    page.route("**/host.html", lambda route: route.fulfill(body=host, content_type="text/html; charset=utf-8"))
    page.expose_function("freshToken", lambda: bank.token(customer))
    page.goto(bank.url + "/host.html")
    page.evaluate(
        """token => {
            window.links = [];
            PeiBan.open({token, getToken: () => window.freshToken(), container: document.getElementById("place"),
                theme: {"--pb-accent": "rgb(138, 28, 43)", "--pb-page": "url(https://evil.example/x)"},
                topics: [{title: "行里的话题", text: "行里的话题"}], onLink: link => window.links.push(link)});
        }""",
        bank.token(customer, 3),
    )
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="行里的话题").click()
    inside.locator(".theirs", has_text="收到：行里的话题").wait_for()
    assert inside.locator(".bubble").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(138, 28, 43)"
    page.wait_for_timeout(3_200)
    inside.get_by_label(INPUT).fill("推荐点稳健的")
    inside.get_by_label(INPUT).press("Enter")
    inside.get_by_role("button", name="去购买页看看").click()
    page.wait_for_function("window.links.length > 0")
    assert [link["kind"] for link in page.evaluate("window.links")] == ["purchase"]
    assert len(page.context.pages) == 1, "the bank's app decides where a link opens"


def test_the_example_of_a_banks_page_works(bank: PageServer, open_phone: BrowserPage) -> None:
    page = open_phone(width=1024, height=820)
    example = ROOT / "docs" / "embedding-example"
    # The bank's own server, behind the same address.
    page.route("**/bank/*", lambda route: route.fulfill(path=example / route.request.url.rsplit("/", 1)[1]))
    page.goto(bank.url + "/bank/index.html")
    inside = page.frame_locator("iframe")
    inside.get_by_label(INPUT).fill("推荐点稳健的")
    inside.get_by_label(INPUT).press("Enter")
    inside.get_by_role("button", name="去购买页看看").last.click()
    page.get_by_text("小财请银行打开").wait_for()
    shoot(page, "embedded")
