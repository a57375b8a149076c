"""The assistant as the robot sees it: questions by WebSocket, by HTTP while that is not up, the same ids on a repeat.

All network work runs in one thread of its own with an event loop; the methods block and may be called from any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from robot.settings import Server

logger = logging.getLogger(__name__)
T = TypeVar("T")

KEY_HEADER = "X-PeiBan-Device-Key"
_PATH = "/webhooks/robot"


class ServerUnavailable(Exception):
    """No answer: the reason is one of network, slow, busy, key, refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """What to say, what to show (messages.v1), and orders to the robot. protected sentences are not cut off."""

    spoken: list[str]
    messages: list[dict[str, Any]]
    protected: list[str] = field(default_factory=list)
    control: dict[str, Any] = field(default_factory=dict)
    personal: bool = False

    @classmethod
    def of(cls, body: dict[str, Any]) -> Answer:
        """From the server's JSON. Raises ServerUnavailable("refused") for something else."""
        try:
            return cls(
                [str(text) for text in body["spoken"]],
                [dict(message) for message in body["messages"]],
                [str(text) for text in body.get("protected") or ()],
                dict(body.get("control") or {}),
                bool(body.get("personal")),
            )
        except (KeyError, TypeError, ValueError):
            raise ServerUnavailable("refused") from None


class Client:
    """One robot's connection. Start it once, stop it at the end. health gives what is reported at each heartbeat."""

    def __init__(self, settings: Server, key: str, health: Callable[[], dict[str, Any]] | None = None) -> None:
        self._settings = settings
        self._key = key
        self._health = health
        self._base = settings.url.rstrip("/") + _PATH
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="client", daemon=True)
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._to_end: list[str] = []
        self.connects = 0

    @property
    def connected(self) -> bool:
        """The health light."""
        return self._socket is not None and not self._socket.closed

    def start(self, *, lasting: bool = True) -> None:
        """Begin; lasting keeps a WebSocket open, else each question goes by HTTP."""
        self._thread.start()
        self._run(self._open(lasting), 5)

    def stop(self) -> None:
        """Hang up and end the thread."""
        if not self._thread.is_alive():
            return
        with contextlib.suppress(Exception):
            self._run(self._close(), 5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def ask(self, visit: str, message_id: str, text: str) -> Answer:
        """The answer to a visitor's words. Raises ServerUnavailable."""
        body = {"message_id": message_id, "visit": visit, "text": text}
        found = self._run(self._asked("say", body, "POST", "/messages"), self._settings.answer + 2)
        if found is None:
            raise ServerUnavailable("refused")
        return Answer.of(found)

    def guess(self, visit: str, text: str) -> Answer | None:
        """What would be answered if the visitor stopped here; None where the server does not guess."""
        if not self.connected:
            return None
        try:
            found = self._run(
                self._asked("guess", {"visit": visit, "text": text}, "POST", "/guesses"), self._settings.answer + 2
            )
            return Answer.of(found) if found else None
        except ServerUnavailable:
            return None

    def products(self) -> dict[str, Any]:
        """The bank's product names (channels.robot.catalogue). Raises ServerUnavailable."""
        found = self._run(self._by_http("GET", "/catalogue", None), self._settings.answer + 2)
        if found is None:
            raise ServerUnavailable("refused")
        return found

    def end_visit(self, visit: str) -> None:
        """Have everything of a visit wiped; where the server is away, as soon as it is back."""
        self._to_end.append(visit)
        with contextlib.suppress(ServerUnavailable):
            self._run(self._end_all(), self._settings.answer + 2)

    def _run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except TimeoutError:
            raise ServerUnavailable("slow") from None
        except Exception as error:
            future.cancel()
            if isinstance(error, ServerUnavailable):
                raise
            # concurrent.futures has a TimeoutError of its own before Python 3.11.
            raise ServerUnavailable("slow" if "Timeout" in type(error).__name__ else "network") from None

    async def _open(self, lasting: bool) -> None:
        timeout = aiohttp.ClientTimeout(total=self._settings.answer, connect=self._settings.connect)
        self._session = aiohttp.ClientSession(timeout=timeout, headers={KEY_HEADER: self._key})
        if lasting:
            self._tasks = [self._loop.create_task(self._stay()), self._loop.create_task(self._beat())]

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _stay(self) -> None:
        """Keep the connection: again and again, each pause twice the last."""
        pause = self._settings.retry_first
        while True:
            try:
                assert self._session is not None
                connecting = self._session.ws_connect(
                    self._base + "/socket", receive_timeout=self._settings.silence, max_msg_size=1 << 20
                )
                async with connecting as socket:
                    self._socket = socket
                    self.connects += 1
                    began = time.monotonic()
                    logger.info("connected to the server")
                    await self._end_all()
                    await self._receive(socket)
                    if time.monotonic() - began > self._settings.silence:
                        pause = self._settings.retry_first
            except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ServerUnavailable) as error:
                logger.info("not connected: %s", type(error).__name__)
            finally:
                self._socket = None
                for future in self._waiting.values():
                    if not future.done():
                        future.set_exception(ServerUnavailable("network"))
                self._waiting.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._settings.retry_most)

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                frame = message.json()
                future = self._waiting.pop(frame.get("n") or 0, None)
            except (ValueError, AttributeError, TypeError):
                logger.warning("a frame of the server was not understood")
                continue
            if future is not None and not future.done():
                future.set_result(frame)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._settings.heartbeat)
            health = self._health() if self._health is not None else None
            with contextlib.suppress(ServerUnavailable):
                if self.connected and health is not None:
                    await self._by_socket("health", health)

    async def _asked(self, kind: str, body: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
        """By socket; if that breaks on the way, once more by HTTP under the same id."""
        deadline = self._loop.time() + self._settings.answer
        if self.connected:
            try:
                return await asyncio.wait_for(self._by_socket(kind, body), self._settings.answer)
            except asyncio.TimeoutError:
                raise ServerUnavailable("slow") from None
            except ServerUnavailable as error:
                if error.reason != "network":
                    raise
        while True:
            try:
                return await self._by_http(method, path, body)
            except ServerUnavailable as error:
                # Busy means: not ready yet, ask again. A dead server is told at once, so that the robot can answer.
                if error.reason != "busy" or self._loop.time() + 0.5 > deadline:
                    raise
                await asyncio.sleep(0.5)

    async def _by_socket(self, kind: str, body: dict[str, Any]) -> dict[str, Any] | None:
        socket = self._socket
        if socket is None:
            raise ServerUnavailable("network")
        number = next(self._numbers)
        future = self._waiting[number] = self._loop.create_future()
        try:
            await socket.send_json({"type": kind, "n": number, **body})
            frame = await future
        except (ConnectionError, RuntimeError, aiohttp.ClientError):
            raise ServerUnavailable("network") from None
        finally:
            self._waiting.pop(number, None)
        if frame.get("type") == "problem":
            raise _refusal((frame.get("problem") or {}).get("status"))
        return frame.get("answer")

    async def _by_http(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any] | None:
        assert self._session is not None
        try:
            async with self._session.request(method, self._base + path, json=body) as response:
                if response.status >= 400:
                    raise _refusal(response.status)
                found = await response.json() if response.status == 200 else None
                if found is not None and not isinstance(found, dict):
                    raise ServerUnavailable("refused")
                return found
        except asyncio.TimeoutError:
            raise ServerUnavailable("slow") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise ServerUnavailable("network") from None

    async def _end_all(self) -> None:
        while self._to_end:
            visit = self._to_end[0]
            if self.connected:
                await self._by_socket("end", {"visit": visit})
            else:
                await self._by_http("DELETE", f"/visits/{visit}", None)
            if visit in self._to_end:
                self._to_end.remove(visit)


def _refusal(status: Any) -> ServerUnavailable:
    if status in (401, 403):
        return ServerUnavailable("key")
    return ServerUnavailable("busy" if status in (429, 502, 503, 504) else "refused")
