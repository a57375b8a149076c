"""The touch screen's local server: the page, a WebSocket that carries what to show, touches and sensors back.

On this machine only. GET / is the page (web/kiosk/dist), /screen the WebSocket, POST /sensor {"present": true} for a
presence sensor or camera programme, /health and /metrics for the technician.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from robot.metrics import Metrics, prometheus
from robot.screen import ScreenState
from robot.settings import ROOT
from robot.settings import Screen as ScreenSettings

logger = logging.getLogger(__name__)

PAGE = ROOT / "web" / "kiosk" / "dist"
TOUCHES = ("say", "wake", "stop", "repeat", "bye", "present")
_LONGEST_TOUCH = 4000
_SHARED_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws:"


class Kiosk(ScreenState):
    """A screen with a page. Runs its event loop in a thread of its own; show may be called from anywhere."""

    def __init__(self, settings: ScreenSettings, metrics: Metrics, health: Callable[[], dict[str, Any]]) -> None:
        super().__init__()
        self._settings = settings
        self._metrics = metrics
        self._health = health
        self._pages: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kiosk", daemon=True)
        self._runner: web.AppRunner | None = None
        self._due = False
        self.port = int(settings.port)
        self.trouble = ""

    def start(self) -> None:
        """Begin to serve; a port in use costs the screen, not the robot."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(5)
        except OSError:
            self.trouble = f"屏幕端口 {self.port} 已被占用"
            logger.error("%s", self.trouble)

    def stop(self) -> None:
        if self._thread.is_alive():
            with contextlib.suppress(Exception):
                asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)

    def changed(self) -> None:
        """Pass the new state on, many changes of one moment as one."""
        if not self._due and self._thread.is_alive():
            self._due = True
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._tell()))

    async def _serve(self) -> None:
        app = web.Application(client_max_size=16_384)
        app.router.add_get("/screen", self._page_socket)
        app.router.add_post("/sensor", self._sensor)
        app.router.add_get("/health", self._get_health)
        app.router.add_get("/metrics", self._get_metrics)
        app.router.add_get("/", self._get_page)
        app.router.add_get("/{name:.+}", self._get_file)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self.port)
        await site.start()
        addresses = self._runner.addresses
        self.port = addresses[0][1] if addresses else self.port

    async def _close(self) -> None:
        for page in list(self._pages):
            await page.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _tell(self) -> None:
        self._due = False
        content = json.dumps(self.state, ensure_ascii=False)
        for page in list(self._pages):
            try:
                await asyncio.wait_for(page.send_str(content), 2)
            except (ConnectionError, RuntimeError, asyncio.TimeoutError):
                self._pages.discard(page)

    async def _page_socket(self, request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse(heartbeat=10, max_msg_size=_LONGEST_TOUCH)
        await page.prepare(request)
        self._pages.add(page)
        try:
            await page.send_str(json.dumps(self.state, ensure_ascii=False))
            async for message in page:
                if message.type is WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            self._pages.discard(page)
        return page

    def _take(self, content: str) -> bool:
        try:
            touch = json.loads(content)
        except ValueError:
            return False
        if not isinstance(touch, dict) or touch.get("type") not in TOUCHES:
            return False
        if touch["type"] == "say" and not isinstance(touch.get("text"), str):
            return False
        self.touch(touch)
        return True

    async def _sensor(self, request: web.Request) -> web.Response:
        try:
            told = await request.json()
        except ValueError:
            told = None
        if not isinstance(told, dict) or not isinstance(told.get("present"), bool):
            return web.json_response({"detail": '应为 {"present": true} 或 {"present": false}'}, status=422)
        if told["present"]:
            self.touch({"type": "present"})
        return web.Response(status=204)

    async def _get_health(self, request: web.Request) -> web.Response:
        return web.json_response(self._health())

    async def _get_metrics(self, request: web.Request) -> web.Response:
        return web.Response(text=prometheus(self._metrics.view()))

    async def _get_page(self, request: web.Request) -> web.StreamResponse:
        return self._file("index.html")

    async def _get_file(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.StreamResponse:
        file = (PAGE / name).resolve()
        if not file.is_relative_to(PAGE.resolve()) or not file.is_file():
            if name == "index.html":
                return web.Response(status=503, text="屏幕页面还没有构建，请运行 make pages")
            return web.Response(status=404)
        return web.FileResponse(file, headers={"Content-Security-Policy": _SHARED_POLICY, "Cache-Control": "no-cache"})
