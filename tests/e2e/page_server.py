"""A server with the real app channel and page; only the assistant behind it is played, from the page's gallery.

For looking at the page without a trained model: python -m tests.e2e.page_server --port 5005, then /?gallery or a demo
customer. The browser tests start it too; tests of the whole house use the `server` fixture instead.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any

from rasa.core.channels import channel as rasa_channel
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from sanic import Sanic

from channels.app.channel import AppChannel
from channels.app.page import page_blueprint
from channels.demo_bank.page import purchase_blueprint

ROOT = Path(__file__).resolve().parents[2]
GALLERY: list[dict[str, Any]] = json.loads((ROOT / "web" / "app" / "src" / "gallery.json").read_text(encoding="utf-8"))
# What the customer's words contain → titles of the gallery messages that answer.
TOPICS = {
    "多少钱": ["我的资产", "资产分布"],
    "体检": ["财富体检得分", "三条建议"],
    "赚": ["近两个月累计收益", "收益日历", "谁贡献最多"],
    "账单": ["2 月账单"],
    "推荐": ["云帆稳利一号"],
    "测评": ["这笔钱打算放多久？"],
}
OPENINGS = {
    "多少钱": "您目前的总资产是 128,560.32 元，比昨天多了 36.20 元。",
    "体检": "看完了您的全部持仓，总体不错，分散这一项最值得改进。",
    "赚": "最近两个月累计收益如下，数字都已扣除费用。",
    "账单": "这是您 2 月的账单，一共 9 笔。",
    "推荐": "按您的等级和目前的缺口，这一只可以看看。",
    "测评": "好的，一共 10 个问题，大约三分钟。",
    "长": next(m["text"] for m in GALLERY if m["type"] == "text" and len(m["text"]) > 200),
}
GREETING = "您好，我是小财，银行的 AI 助手。想看资产、算收益、挑产品，直接问我就好。"
SOURCES = [{"id": "positions:2026-03-02", "title": "持仓", "as_of": "2026-03-02T15:00:00+08:00"}]


def reply_to(text: str) -> dict[str, Any]:
    """A Reply for the customer's words."""
    topic = next((word for word in OPENINGS if word in text), None)
    wanted = TOPICS.get(topic or "", [])
    blocks = []
    for message in GALLERY:
        if "全部" in text or {message.get("title"), message.get("name"), message.get("question")} & set(wanted):
            blocks.append({key: value for key, value in message.items() if key not in ("id", "privacy")})
    blocks = [block for block in blocks if block["type"] not in ("source", "disclosure", "quick_replies")]
    opening = OPENINGS.get(topic or "") or (
        "您好，我是小财，银行的 AI 助手。想看资产、算收益、挑产品，直接问我就好。"
        if text == "你好"
        else f"收到：{text}"
    )
    return {
        "schema": "peiban.reply/1",
        "skill": "played",
        "sentences": [opening[:12000]],
        "spoken": [],
        "blocks": blocks,
        "quick_replies": []
        if topic == "测评"
        else [{"title": "今年赚了多少", "text": "今年以来赚了多少"}, {"title": "做个体检", "text": "帮我做个财富体检"}],
        "next_step": None,
        "sources": SOURCES if blocks else [],
        "disclosures": ["过往业绩不代表其未来表现，理财非存款，投资须谨慎。"] if topic == "推荐" else [],
        "privacy": "personal",
        "purpose": "service",
        "offered": [],
        "control": {"handoff": "customer"} if "人工" in text else {},
    }


class PlayedAssistant:
    """Answers at once, or after a while when the words say 慢."""

    def __init__(self) -> None:
        self.tracker_store = self
        self.lock_store = InMemoryLockStore()

    async def handle_message(self, message: UserMessage) -> None:
        text = message.text or ""
        if "慢" in text:
            await asyncio.sleep(float(os.environ.get("TEST_SLOW_SECONDS", "1.5")))
        await message.output_channel.send_response(message.sender_id, {"custom": {"reply": reply_to(text)}})

    def is_ready(self) -> bool:
        return True

    async def retrieve_full_tracker(self, sender: str) -> None:
        return None

    async def delete(self, sender: str) -> int:
        return 0


def create_app() -> Sanic:
    """The server; settings come from PEIBAN_*."""
    app = Sanic("page_test", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = 256 * 1024
    app.config.FALLBACK_ERROR_FORMAT = "json"
    channel = AppChannel.from_settings()
    rasa_channel.register([channel], app, "/webhooks/")
    app.blueprint(page_blueprint(channel.settings))
    app.blueprint(purchase_blueprint(channel.settings))
    app.ctx.agent = PlayedAssistant()
    return app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    listener = socket.create_server(("127.0.0.1", parser.parse_args().port), backlog=128)
    port = listener.getsockname()[1]
    os.environ["PEIBAN_PORT"] = str(port)
    app = create_app()
    print(port, flush=True)
    app.run(sock=listener, access_log=False, motd=False)


if __name__ == "__main__":
    main()
