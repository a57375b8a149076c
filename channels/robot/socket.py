"""The robot's lasting connection: the same requests as frames, answered as they get ready, with heartbeats.

Nothing is kept per connection: a robot that lost it connects again and repeats what it has no answer to, under the
same message ids.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any

from sanic import Request
from websockets.exceptions import ConnectionClosed

from channels import wording
from channels.problems import Problem
from channels.robot import frames

if TYPE_CHECKING:
    from channels.robot.channel import RobotChannel

logger = logging.getLogger(__name__)

KINDS = ("say", "guess", "end", "health", "ping")
_AT_ONCE = 8
_WRONG_KEY = 4401


async def serve(channel: RobotChannel, request: Request, connection: Any) -> None:
    """Talk to one robot until either side hangs up."""
    try:
        device = channel.device(request)
    except Problem as problem:
        await connection.close(_WRONG_KEY, problem.code)
        return
    slots = asyncio.Semaphore(_AT_ONCE)
    running: set[asyncio.Task[None]] = set()
    beat = asyncio.get_running_loop().create_task(_beat(channel, request, connection))
    try:
        while True:
            content = await connection.recv()
            if content is None:
                return
            await slots.acquire()
            task = asyncio.get_running_loop().create_task(_one(channel, connection, device, content))
            running.add(task)
            task.add_done_callback(running.discard)
            task.add_done_callback(lambda done: slots.release())
    except ConnectionClosed:
        return
    finally:
        beat.cancel()
        # Answers in the making go on: the robot will ask for them under the same id.
        await asyncio.gather(*running, return_exceptions=True)


async def _one(channel: RobotChannel, connection: Any, device: str, content: Any) -> None:
    number: Any = None
    try:
        frame = frames.decoded(content)
        if not isinstance(frame, dict) or frame.get("type") not in KINDS:
            raise Problem("invalid", field="type")
        kind, number = frame.pop("type"), frame.pop("n", None)
        if number is not None and not isinstance(number, int):
            number = None
            raise Problem("invalid", field="n")
        answer: dict[str, Any] = {"type": "pong" if kind == "ping" else "answer", "n": number}
        answer["answer"] = await channel.work(kind, device, frame)
    except Problem as problem:
        answer = {"type": "problem", "n": number, "problem": problem.body()}
    except Exception as error:
        # The type only: the text may quote the visitor.
        logger.error("robot frame failed: %s", type(error).__name__)
        answer = {"type": "problem", "n": number, "problem": Problem("internal").body()}
    with contextlib.suppress(ConnectionClosed):
        await connection.send(json.dumps(answer, ensure_ascii=False))


async def _beat(channel: RobotChannel, request: Request, connection: Any) -> None:
    """A heartbeat, and the key looked at again: a revoked robot is cut off."""
    while True:
        await asyncio.sleep(wording.load("robot")["timing"]["heartbeat"])
        try:
            channel.device(request)
            await connection.send(json.dumps({"type": "beat"}))
        except Problem as problem:
            await connection.close(_WRONG_KEY, problem.code)
            return
        except ConnectionClosed:
            return
