"""The desk's page over the whole house: a manager in one browser, a customer in another."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from conftest import BrowserPage, WholeHouse
from desk_client import DESKTOP, PASSWORD, PHONE, DeskHouse, enter_desk, hand_back_all, read, sign_in_at_desk, view
from page_client import say, shoot, sign_in, wait_for
from playwright.sync_api import Page, expect
from test_page_looks import serious

MARKUP = """<img src=x onerror="window.hacked=1">'"><script>window.hacked=1</script>"""
VIEWS = ["今日", "会话", "客户", "批量服务", "反馈", "数据", "我的"]


@pytest.fixture(scope="module")
def house(server: WholeHouse) -> DeskHouse:
    return DeskHouse(server.url, f"http://127.0.0.1:{server.desk_port}", server.var)


@pytest.fixture
def manager(house: DeskHouse, open_phone: BrowserPage) -> Iterator[Page]:
    """jl01's desktop browser, signed in and ready for customers; what it took is handed back at the end."""
    page = open_phone(**DESKTOP, device_scale_factor=1)
    enter_desk(page, house.desk, "jl01")
    view(page, "会话")
    switch = page.get_by_role("switch", name="在线接待")
    if switch.get_attribute("aria-checked") == "false":
        switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    yield page
    if not page.is_closed():
        hand_back_all(page)


def pick(page: Page, label: str, option: str = "") -> None:
    """Choose in a select by its label, with the keyboard: the option of this text, or the first."""
    box = page.get_by_role("combobox", name=label)
    box.focus()
    box.press("ArrowDown")
    if option:
        box.fill(option)
    listed = page.locator(f"[id='{box.get_attribute('aria-controls')}']")
    active = page.locator(".ant-select-dropdown", has=listed).locator(".ant-select-item-option-active")
    expect(active).to_contain_text(option or re.compile("."))
    box.press("Enter")


def take(page: Page, handoff: str) -> None:
    """Accept a waiting customer from the queue."""
    page.goto(f"{page.url.split('#')[0]}#/talk/{handoff}")
    page.locator(".chat-note").get_by_role("button", name="接入").click()
    page.get_by_label("回复客户").wait_for()


def test_sign_in_wrong_then_right_then_out(house: DeskHouse, open_phone: BrowserPage) -> None:
    page = open_phone(**DESKTOP, device_scale_factor=1)
    page.goto(f"{house.desk}/desk/")
    sign_in_at_desk(page, "jl02", "不对的密码")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    shoot(page, "desk_sign_in")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("好，")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("好，")
    view(page, "我的")
    page.get_by_role("button", name="退出登录").click()
    page.get_by_label("账号").wait_for()
    page.go_back()
    page.get_by_label("账号").wait_for()
    assert page.request.get(f"{house.desk}/desk/api/leads").status == 401


def test_an_ended_session_asks_to_sign_in_and_keeps_the_unsent_words(
    house: DeskHouse, manager: Page, open_phone: BrowserPage
) -> None:
    handoff = house.ask_for_person(house.customer_of(manager)["id"])
    take(manager, handoff)
    manager.get_by_label("回复客户").fill("写了一半")
    manager.context.clear_cookies()
    manager.get_by_role("button", name="交回小财").click()
    manager.get_by_text("登录已过期").wait_for()
    sign_in_at_desk(manager, "jl01")
    expect(manager.get_by_label("回复客户")).to_have_value("写了一半")


def test_a_hand_off_between_two_browsers(house: DeskHouse, manager: Page, open_phone: BrowserPage) -> None:
    one = house.customer_of(manager)
    phone = open_phone()
    sign_in(phone, house, one["id"])  # type: ignore[arg-type]
    say(phone, "我有多少钱")
    phone.locator(".theirs .pb-card").first.wait_for()

    view(manager, "今日")
    phone.get_by_role("button", name="更多").click()
    phone.get_by_role("button", name="找客户经理").click()
    phone.get_by_text("正在为您转接客户经理").wait_for()
    waiting = manager.get_by_role("region", name="正在等您").get_by_role("article", name=one["name"])
    waiting.wait_for()
    wait_for(lambda: manager.title().startswith("("))
    shoot(manager, "desk_today_waiting")
    waiting.get_by_role("button", name="接入").click()
    phone.get_by_text("正在为您服务").wait_for()
    box = manager.get_by_label("回复客户")
    box.wait_for()

    say(phone, "什么是七日年化")
    thread = manager.get_by_role("log")
    thread.get_by_text("什么是七日年化").wait_for()
    suggestion = manager.get_by_role("region", name="小财建议").get_by_role("button").first
    suggestion.wait_for(timeout=30_000)
    expect(manager.locator(".talk-queue .ant-badge-count")).to_have_count(0)  # what is on the screen has been read
    manager.get_by_text("已接入").wait_for(state="detached")
    shoot(manager, "desk_talk")
    suggestion.click()
    proposed = box.input_value()
    assert "七日年化" in proposed
    assert phone.locator(".theirs[data-origin=manager]").count() == 0, "a suggestion never goes out by itself"
    box.press("End")
    box.press_sequentially("您看这样清楚吗？")
    box.press("Enter")
    said = phone.locator(".theirs[data-origin=manager]")
    said.get_by_text("您看这样清楚吗？").wait_for()
    expect(thread.locator(".said[data-origin=manager]")).to_have_count(1)
    expect(box).to_have_value("")

    manager.get_by_role("button", name="这里答错了").first.click()
    report = manager.get_by_role("dialog", name="这里答错了")
    report.get_by_role("button", name="提交").click()
    report.get_by_text("请选客户的意思").wait_for()
    pick(manager, "客户其实在问", "查赚了还是亏了")
    report.get_by_role("button", name="提交").click()
    manager.get_by_text("谢谢，已记下").wait_for()

    say(phone, MARKUP)
    thread.get_by_text(MARKUP).wait_for()
    assert thread.locator("img, script").count() == 0
    assert manager.evaluate("window.hacked") is None

    manager.get_by_role("button", name="交回小财").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_text("说过的话").wait_for()
    dialog.get_by_label("小结").fill("讲清了七日年化，客户想再比较一下。")
    shoot(manager, "desk_return")
    dialog.get_by_role("button", name="交回小财").click()
    phone.get_by_text("讲清了七日年化").first.wait_for()
    phone.get_by_text("正在为您服务").wait_for(state="detached")
    shoot(phone, "desk_customer_after")
    say(phone, "什么是净值")
    expect(phone.locator(".theirs[data-origin=assistant]").last).to_contain_text("净值", timeout=30_000)
    expect(manager.get_by_label("回复客户")).to_have_count(0)


def test_a_manager_closes_the_browser_in_mid_chat_and_comes_back(
    house: DeskHouse, manager: Page, open_phone: BrowserPage
) -> None:
    one = house.customer_of(manager)
    handoff = house.ask_for_person(one["id"])
    take(manager, handoff)
    manager.get_by_label("回复客户").fill("我先看看您的持仓")
    manager.get_by_label("回复客户").press("Enter")
    manager.get_by_role("log").get_by_text("我先看看您的持仓").wait_for()
    manager.context.close()
    house.say(one["id"], "您还在吗")

    again = open_phone(**PHONE)
    enter_desk(again, house.desk, "jl01")
    view(again, "会话")
    item = again.get_by_role("article", name=one["name"])
    item.wait_for()
    shoot(again, "desk_phone_queue")
    item.get_by_role("link").click()
    log = again.get_by_role("log")
    log.get_by_text("您还在吗").wait_for()
    assert log.get_by_text("我先看看您的持仓").count() == 1
    box = again.get_by_label("回复客户")
    box.fill("在的，刚才网络断了一下")
    again.get_by_role("button", name="发送").click()
    log.get_by_text("刚才网络断了一下").wait_for()
    assert again.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the phone"
    assert serious(again) == []
    shoot(again, "desk_phone_talk")
    again.get_by_role("button", name="客户全貌").click()
    again.get_by_role("dialog").get_by_text("财富体检").first.wait_for()
    shoot(again, "desk_phone_picture")
    again.keyboard.press("Escape")
    again.get_by_role("button", name="交回小财").click()
    again.get_by_role("dialog").get_by_role("button", name="交回小财").click()
    again.get_by_text("会话已经结束").first.wait_for()


def test_words_written_without_a_line_arrive_once(house: DeskHouse, manager: Page) -> None:
    one = house.customer_of(manager)
    handoff = house.ask_for_person(one["id"])
    take(manager, handoff)
    manager.context.set_offline(True)
    manager.get_by_text("网络断开了").wait_for()
    box = manager.get_by_label("回复客户")
    box.fill("断网时写的")
    box.press("Enter")
    manager.get_by_text("没发出去").wait_for()
    box.fill("还没发的")
    manager.context.set_offline(False)
    manager.get_by_text("没发出去").wait_for(state="detached")
    manager.get_by_text("网络断开了").wait_for(state="detached")
    sent = [m for m in read(manager, f"/handoffs/{handoff}/messages")["messages"] if m.get("text") == "断网时写的"]
    assert len(sent) == 1
    expect(box).to_have_value("还没发的")
    manager.reload()
    expect(manager.get_by_label("回复客户")).to_have_value("还没发的")
    expect(manager.get_by_role("log").get_by_text("断网时写的")).to_have_count(1)


def test_a_lead_gets_its_result_in_two_taps(house: DeskHouse, manager: Page, open_phone: BrowserPage) -> None:
    # Asking for a person is a lead for the customer's manager.
    one = house.customer_of(manager)
    house.ask_for_person(one["id"])
    phone = open_phone(**PHONE, has_touch=True)
    enter_desk(phone, house.desk, "jl01")
    lead = phone.get_by_role("article", name=f"{one['name']} 找人工")
    lead.first.wait_for(timeout=30_000)
    mine = next(entry for entry in read(phone, "/leads?state=open")["leads"] if entry["customer"] == one["id"])
    card = lead.filter(has=phone.locator(f"a[href='#/customers/{one['id']}']"))
    shoot(phone, "desk_phone_today")
    card.get_by_role("button", name="已联系").tap()
    card.get_by_role("button", name="保存").tap()
    phone.get_by_text("已记下").wait_for()
    card.wait_for(state="detached")
    kept = read(phone, f"/leads/{mine['id']}")
    assert kept["state"] == "contacted"
    assert [entry["outcome"] for entry in kept["results"]] == ["contacted"]
    house.end_wait(one["id"])


def test_a_group_is_looked_at_before_anything_is_sent(house: DeskHouse, manager: Page) -> None:
    view(manager, "批量服务")
    manager.get_by_role("button", name="先看看").click()
    manager.get_by_text("请先选标签").wait_for()
    pick(manager, "标签", "客户级别")
    pick(manager, "取值", "金卡")
    manager.keyboard.press("Escape")
    pick(manager, "文案")
    with manager.expect_response("**/groups/preview") as answer:
        manager.get_by_role("button", name="先看看").click()
    found = answer.value.json()
    assert found["selected"] == found["count"] + sum(found["excluded"].values())
    seen = manager.get_by_role("region", name="先看看")
    for reason, count in found["excluded"].items():
        row = seen.locator(".reasons > div", has_text=found["reasons"][reason])
        expect(row).to_contain_text(str(count))
    shoot(manager, "desk_groups")
    send = seen.get_by_role("button", name="发送")
    if not found["count"]:  # at night nobody may be written to
        expect(send).to_have_count(0)
        return
    send.click()
    manager.get_by_role("button", name="取消").click()
    assert read(manager, "/groups/sends")["sends"] == []
    send.click()
    manager.get_by_role("button", name="确认发送").click()
    manager.get_by_text("已排队").wait_for()
    assert [one["queued"] for one in read(manager, "/groups/sends")["sends"]] == [found["count"]]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_view_fits_and_shuts_nobody_out(house: DeskHouse, open_phone: BrowserPage, size: dict[str, int]) -> None:
    page = open_phone(**size, device_scale_factor=1)
    enter_desk(page, house.desk, "zh01")
    for place, name in enumerate(VIEWS):
        view(page, name)
        page.get_by_role("heading", level=1).first.wait_for()
        expect(page.locator("#main").locator("[aria-busy=true], .skeleton")).to_have_count(0, timeout=20_000)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"
        assert serious(page) == [], name
        shoot(page, f"desk_{'phone' if size is PHONE else 'desktop'}_{place}")
    assert page.get_by_role("alert").count() == 0, "a view that could not be shown"


def test_a_customers_page_by_keyboard_only(house: DeskHouse, manager: Page) -> None:
    one = house.customer_of(manager)
    view(manager, "客户")
    manager.get_by_label("按姓名或客户号找").fill(one["id"])
    row = manager.get_by_role("link").filter(has_text=one["id"])
    expect(row).to_have_count(1)
    row.focus()
    manager.keyboard.press("Enter")
    manager.get_by_role("heading", name="离参考比例有多远").wait_for()
    assert serious(manager) == []
    shoot(manager, "desk_customer")
