"""The whole house in a browser when things go another way: a code from the robot, and a server that is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import uuid
from typing import Any

import pytest
import requests
from conftest import BrowserPage, WholeHouse
from page_client import answers, enter, say, shoot, wait_for

pytestmark = pytest.mark.e2e


def robot(server: WholeHouse, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """A call of the demo robot."""
    key = "demo." + (server.var / "demo-keys" / "peiban_robot_key").read_text().strip()
    answer = requests.request(
        method, f"{server.url}/webhooks/robot{path}", json=body, headers={"X-PeiBan-Device-Key": key}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def log(server: WholeHouse, customer: str) -> list[dict[str, Any]]:
    """The newest hundred messages of a demo customer's conversation, as the server keeps it."""
    token = requests.post(f"{server.url}/demo/token", json={"customer": customer}, timeout=10).json()["token"]
    page = requests.get(
        f"{server.url}/webhooks/app/history?limit=100", headers={"Authorization": f"Bearer {token}"}, timeout=20
    )
    assert page.status_code == 200, page.text
    messages: list[dict[str, Any]] = page.json()["messages"]
    return messages


def uttered(server: WholeHouse, sender: str) -> list[str]:
    """What the dialogue's own store holds of what the bot said to a sender."""
    with sqlite3.connect(f"file:{server.var / 'tracker.db'}?mode=ro", uri=True) as store:
        rows = store.execute("select data from events where sender_id = ? and type_name = 'bot'", (sender,))
        return [row[0] for row in rows]


def test_a_question_asked_at_the_robot_is_answered_on_the_phone_only(
    server: WholeHouse, open_phone: BrowserPage
) -> None:
    visit = f"v{uuid.uuid4().hex[:12]}"
    said = robot(server, "POST", "/messages", {"message_id": "m1", "visit": visit, "text": "我有多少钱"})
    (code,) = [message["url"].split("bind=")[1] for message in said["messages"] if message["type"] == "qr"]
    assert robot(server, "GET", f"/codes/{code}") == {"state": "waiting"}

    page = open_phone()
    page.goto(f"{server.url}/?bind={code}")
    page.get_by_role("button").filter(has_text="从一个到多个").first.click()
    confirm = page.get_by_role("button", name="好，在这里看")
    confirm.wait_for()
    shoot(page, "binding")
    assert robot(server, "GET", f"/codes/{code}") == {"state": "waiting"}, "opening the page takes nothing yet"
    confirm.click()
    page.locator(".bubble", has_text="我有多少钱").wait_for()
    page.locator(".theirs", has_text="¥").last.wait_for()
    assert "bind" not in page.url
    wait_for(lambda: robot(server, "GET", f"/codes/{code}") == {"state": "done"})

    answer = next(m for m in log(server, "demo-03") if m["type"] == "text" and "¥" in m["text"])
    figure = answer["text"].split("¥")[1].split()[0][:8]
    assert any(figure in data for data in uttered(server, "app:demo-03"))
    assert not any(figure in data for data in uttered(server, f"robot:demo:{visit}")), "the lobby never had the figure"
    assert figure not in str(said)

    stranger = open_phone()
    stranger.goto(f"{server.url}/?bind={code}")
    stranger.get_by_role("button").filter(has_text="从多个到更好").first.click()
    stranger.get_by_role("button", name="好，在这里看").click()
    stranger.get_by_text("已经用过").wait_for()
    assert figure not in stranger.locator(".thread").inner_text()


def test_a_killed_house_loses_and_doubles_nothing(server: WholeHouse, open_phone: BrowserPage) -> None:
    """Both processes are killed by force, one after the other, while the page is open and answers are under way."""
    page = open_phone()
    page.set_default_timeout(90_000)
    enter(page, server.url, "从简单到复杂")
    page.locator(".theirs").first.wait_for()
    asked = ["我有多少钱", "今年以来赚了多少", "什么是七日年化", "推荐点稳健的"]
    say(page, asked[0])
    page.locator(".theirs", has_text="¥").last.wait_for()
    killed = server.pid("rasa")
    say(page, asked[1])
    os.kill(killed, signal.SIGKILL)
    page.get_by_text("正在重新连接").wait_for()
    say(page, asked[2])
    os.kill(server.pid("actions"), signal.SIGKILL)
    say(page, asked[3])
    wait_for(lambda: answers(server.url + "/health") and server.pid("rasa") != killed, 300)
    page.get_by_text("正在重新连接").wait_for(state="detached")

    def settled() -> bool:
        replied = {message.get("reply_to") for message in log(server, "demo-02")}
        mine = [message["id"] for message in log(server, "demo-02") if message.get("origin") == "customer"]
        return len(mine) == len(asked) and set(mine) <= replied

    wait_for(settled, 120)
    messages = log(server, "demo-02")
    mine = [message for message in messages if message.get("origin") == "customer"]
    assert [message["text"] for message in mine] == asked
    assert [message["seq"] for message in messages] == list(range(messages[0]["seq"], messages[-1]["seq"] + 1))
    assert len({message["id"] for message in messages}) == len(messages)
    for message in mine:
        texts = [m["text"] for m in messages if m.get("reply_to") == message["id"] and m["type"] == "text"]
        assert len(texts) == 1, f"{message['text']}: {texts}"
    # Only what is near the screen is in the document: look at all of it, from the end up.
    shown: set[str] = set()
    page.mouse.move(195, 400)
    for _ in range(60):
        near = page.locator(".bubble").all_inner_texts()
        assert len(near) == len(set(near)), near
        shown |= set(near)
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(50)
    assert shown == set(asked)
    assert page.locator(".status").count() == 0, "nothing is still on its way"
    shoot(page, "house_after_kill")
