"""Broken things to build a robot with: hardware that is unplugged, a voice that fails, a server that talks nonsense."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np
from aiohttp import web
from fault_table import Record

from robot.audio import FRAME
from robot.live import Assembled
from robot.settings import Settings
from robot.tts import VoiceError


class Mute:
    """A voice that fails every time."""

    name = "mute"

    def render(self, text: str, pace: float = 1.0) -> Any:
        raise VoiceError("没有声音")

    def close(self) -> None:
        pass


class Hardware:
    """What `sounddevice` is to robot.live.Devices: a microphone and a loudspeaker that can be pulled out."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.plugged = {"microphone": True, "speaker": True}

    def InputStream(self, callback: Callable[..., None], **kwargs: Any) -> Device:
        return Device(lambda: self.plugged["microphone"], lambda data: callback(data, FRAME, None, None))

    def OutputStream(self, callback: Callable[..., None], **kwargs: Any) -> Device:
        def play(data: Any) -> None:
            callback(data, FRAME, None, None)
            if np.abs(data).max() > 100:
                self._record.loud.append(time.monotonic())

        return Device(lambda: self.plugged["speaker"], play)

    def _initialize(self) -> None: ...

    def _terminate(self) -> None: ...


class Device:
    """A stream with a thread of its own, faster than real ones."""

    def __init__(self, plugged: Callable[[], bool], work: Callable[[Any], None]) -> None:
        self._plugged, self._work = plugged, work
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        if not self._plugged():
            raise OSError("no device")
        self._thread.start()

    def close(self) -> None:
        """The thread ends with the device."""

    def _run(self) -> None:
        while self._plugged():
            self._work(np.zeros((FRAME, 1), np.int16))
            time.sleep(0.004)


class Running:
    """The assembled programme in a thread, with a record of what it showed; a context."""

    def __init__(self, settings: Settings, sound: Any, record: Record) -> None:
        self.robot = Assembled(settings, sound)
        self._sound, self._over = sound, False
        self._read, sound.read = sound.read, self._next
        self._changed, self.robot.kiosk.changed = self.robot.kiosk.changed, self._note  # type: ignore[method-assign]
        self._record = record
        self._thread = threading.Thread(target=self.robot.run, daemon=True)

    def __enter__(self) -> Running:
        self._thread.start()
        self.until(lambda: self.robot.client.connected)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over = True
        self._thread.join(10)
        self.robot.close()

    @property
    def shown(self) -> dict[str, Any]:
        return self.robot.kiosk.state

    def until(self, what: Callable[[], Any], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not what() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert what(), self.shown

    def ask(self, text: str, answer: str) -> None:
        """Touch a question and wait until its answer was said."""
        self.robot.kiosk.touch({"type": "say", "text": text})
        self.until(lambda: answer in self.shown["said"])
        self.until(lambda: not self.robot.mouth.speaking)

    def _next(self) -> Any:
        return None if self._over else self._read()

    def _note(self) -> None:
        self._record.shown.append((time.monotonic(), dict(self.robot.kiosk.state)))
        self._changed()


GOOD = {"spoken": ["净值是基金每一份的价钱。"], "messages": []}
_BODIES: dict[str, Callable[[], web.Response]] = {
    "garbage": lambda: web.Response(text="<html>", content_type="text/html"),
    "list": lambda: web.json_response([1, 2]),
    "empty": lambda: web.json_response({}),
    "busy": lambda: web.json_response({}, status=503),
    "key": lambda: web.json_response({}, status=401),
}
_NOISE = ["", "{", "[]", '"n"', '{"n": [1]}', '{"n": {}}', '{"n": 10000000}', "\x00" * 100]


class Misbehaving:
    """A server that answers wrongly, in a thread; a context. kind: a wrong body, slow, or frames.

    frames: nonsense around each good answer on the WebSocket, and nonsense for an answer about 基金.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.url = ""

    def __enter__(self) -> Misbehaving:
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _serve(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/webhooks/robot/messages", self._say)
        if self._kind == "frames":
            app.router.add_get("/webhooks/robot/socket", self._socket)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def _say(self, request: web.Request) -> web.Response:
        if self._kind == "slow":
            await asyncio.sleep(3)
        return _BODIES.get(self._kind, lambda: web.json_response(GOOD))()

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            asked = json.loads(message.data)
            for frame in _NOISE:
                await socket.send_str(frame)
            await socket.send_bytes(b"\xff\x00")
            answer: Any = ["基金"] if "基金" in str(asked.get("text")) else GOOD
            await socket.send_json({"n": asked["n"], "type": "answer", "answer": answer})
        return socket
