"""A server with the real app channel and, instead of Rasa, a handler that answers by simple rules.

Only the boundary to Rasa is played here; tests/e2e has the whole. Run as a programme so that it can be killed:
python -m tests.channels.app_server --port 0 (prints the port).
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
from sanic import Blueprint, Sanic

from channels.app.channel import AppChannel
from channels.app.page import page_blueprint
from channels.events import events_blueprint
from journeys.events.http import taker
from journeys.store import Journal
from journeys.store.migrate import migrate as migrate_journeys
from wealth.errors import StoreUnavailable
from wealth.store import open_store
from wealth.store.migrate import migrate as migrate_bank

REPLY: dict[str, Any] = {
    "schema": "peiban.reply/1",
    "skill": "asset_overview",
    "sentences": ["您目前的总资产是 128,560.32 元。"],
    "spoken": [],
    "blocks": [
        {
            "type": "product",
            "code": "YF0021",
            "name": "云帆稳利一号",
            "risk": "R2",
            "asset_class": "固收",
            "facts": [{"label": "到账", "value": "T+1"}],
            "reasons": ["补上固收"],
            "cautions": ["不保本"],
        }
    ],
    "quick_replies": [{"title": "今年赚了多少", "text": "今年以来赚了多少"}],
    "next_step": None,
    "sources": [{"id": "positions:1", "title": "持仓", "as_of": "2026-03-02T15:00:00+08:00"}],
    "disclosures": ["过往业绩不代表其未来表现。"],
    "privacy": "personal",
    "purpose": "service",
    "offered": ["YF0021"],
    "control": {},
}


async def answer(message: UserMessage) -> None:
    """Rules: 慢 is slow, 坏 an invalid reply, 错 raises, 人工 hands over, 静 is silent, 我 gives the Reply."""
    channel, sender, text = message.output_channel, message.sender_id, message.text or ""
    log = os.environ.get("TEST_TURN_LOG")
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(json.dumps([sender, text, message.metadata], ensure_ascii=False) + "\n")
    if "慢" in text:
        await asyncio.sleep(float(os.environ.get("TEST_SLOW_SECONDS", "0.5")))
    if "错" in text:
        raise ValueError("broken on purpose")
    if "静" in text:
        return
    if "坏" in text:
        await channel.send_response(sender, {"custom": {"reply": {**REPLY, "blocks": [{"type": "card", "rows": 7}]}}})
    elif "人工" in text:
        reply = {**REPLY, "blocks": [], "control": {"handoff": "customer"}}
        await channel.send_response(sender, {"custom": {"reply": reply}})
    elif "我" in text:
        await channel.send_response(sender, {"custom": {"reply": REPLY}})
    else:
        buttons = [{"title": "好", "payload": "/affirm"}]
        await channel.send_response(sender, {"text": f"收到:{text}"[:900], "buttons": buttons})


def create_app() -> Sanic:
    """The server; settings come from PEIBAN_*."""
    app = Sanic("app_channel_test", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = 256 * 1024
    app.config.FALLBACK_ERROR_FORMAT = "json"
    channel = AppChannel.from_settings()

    class Handler:
        async def handle_message(self, message: UserMessage) -> None:
            await answer(message)

        def is_ready(self) -> bool:
            return not os.path.exists(os.environ.get("TEST_NOT_READY", "/nonexistent"))

    rasa_channel.register([channel], app, "/webhooks/")
    app.blueprint(page_blueprint(channel.settings))
    app.blueprint(_events(channel.settings.bank_events_key))
    if channel.settings.demo:
        from channels.demo_bank.page import purchase_blueprint

        app.blueprint(purchase_blueprint(channel.settings))

    class Trackers:
        """An engine that never remembers: recall must then ask again."""

        async def retrieve_full_tracker(self, sender: str) -> None:
            return None

        async def delete(self, sender: str) -> int:
            log = os.environ.get("TEST_TURN_LOG")
            if log:
                with Path(log).open("a", encoding="utf-8") as file:
                    file.write(json.dumps([sender, "DELETED", {}]) + "\n")
            return 0

    from rasa.core.lock_store import InMemoryLockStore

    agent = Handler()
    agent.tracker_store = Trackers()  # type: ignore[attr-defined]
    agent.lock_store = InMemoryLockStore()  # type: ignore[attr-defined]
    app.ctx.agent = agent
    return app


def _events(key: str) -> Blueprint:
    """/webhooks/events over a bank without customers."""
    url = f"sqlite:///{os.environ['PEIBAN_VAR']}/bank.db"
    migrate_bank(url)
    migrate_journeys(url)
    return events_blueprint(taker(Journal(open_store(url))), key, (StoreUnavailable,))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    listener = socket.create_server(("127.0.0.1", parser.parse_args().port), backlog=512)
    port = listener.getsockname()[1]
    os.environ["PEIBAN_PORT"] = str(port)
    app = create_app()
    print(port, flush=True)
    app.run(sock=listener, access_log=False, motd=False)


if __name__ == "__main__":
    main()
