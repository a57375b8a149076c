"""A server with the real app and robot channels and, instead of Rasa, a handler that answers by simple rules.

Only the boundary to Rasa is played here; tests/e2e has the whole. Run as a programme so that it can be killed.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import yaml
from rasa.core.channels import channel as rasa_channel
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from sanic import Sanic

from channels.app.channel import AppChannel
from channels.robot.channel import RobotChannel

ANSWERS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "lobby" / "answers.yml").read_text(encoding="utf-8")
)


def reply_to(text: str) -> dict[str, Any]:
    """The first answer whose words stand in the text."""
    for answer in ANSWERS:
        if any(word in text for word in answer["when"]):
            return {"privacy": "public", "sentences": [], **answer["reply"]}
    raise LookupError(text)


async def answer(message: UserMessage) -> None:
    text = message.text or ""
    log = os.environ.get("TEST_TURN_LOG")
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(json.dumps([message.sender_id, text, message.metadata], ensure_ascii=False) + "\n")
    reply = reply_to(text)
    await asyncio.sleep(float(reply.pop("delay", 0)))
    if reply.pop("error", False):
        raise ValueError("broken on purpose")
    assert message.output_channel is not None
    await message.output_channel.send_response(message.sender_id, {"custom": {"reply": reply}})


def create_app() -> Sanic:
    app = Sanic("robot_channel_test", configure_logging=False)
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.REQUEST_MAX_SIZE = 256 * 1024

    class Handler:
        async def handle_message(self, message: UserMessage) -> None:
            await answer(message)

        def is_ready(self) -> bool:
            return True

    class Trackers:
        async def retrieve_full_tracker(self, sender: str) -> None:
            return None

        async def delete(self, sender: str) -> int:
            log = os.environ.get("TEST_TURN_LOG")
            if log:
                with Path(log).open("a", encoding="utf-8") as file:
                    file.write(json.dumps([sender, "DELETED", {}]) + "\n")
            return 0

    rasa_channel.register([AppChannel.from_settings(), RobotChannel.from_settings()], app, "/webhooks/")
    agent = Handler()
    agent.tracker_store = Trackers()  # type: ignore[attr-defined]
    agent.lock_store = InMemoryLockStore()  # type: ignore[attr-defined]
    app.ctx.agent = agent
    return app


if __name__ == "__main__":
    create_app().run(
        host="127.0.0.1", port=int(os.environ["PEIBAN_PORT"]), workers=1, access_log=False, debug=False, motd=False
    )
