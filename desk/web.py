"""What every answer of the desk has to carry, and what no request may bring: headers, origin, size."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.problems import Problem
from desk.settings import DeskSettings
from desk.wording import data

logger = logging.getLogger(__name__)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# The chart library measures and sets styles on elements, which style-src-attr allows; no script runs but our own files.
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_DATA = "default-src 'none'; frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Frontier:
    """ASGI middleware: refuses changes from foreign pages and bodies too large; adds the security headers."""

    def __init__(self, app: ASGIApp, settings: DeskSettings) -> None:
        self._app = app
        self._settings = settings
        self._most = int(data("limits")["body_kilobytes"]) * 1024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        api = scope["path"].startswith("/desk/api")
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = _DATA if api else _PAGE
                if api:
                    headers["Cache-Control"] = "no-store"
                if not self._settings.demo:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        problem = self._refused(scope)
        if problem is not None:
            await problem.response()(scope, receive, with_headers)
            return
        body = _Bounded(receive, self._most)
        try:
            await self._app(scope, body, with_headers)
        except Exception as error:
            # The type and the place, never the text: a customer's words may stand in it. So it goes no further up.
            logger.error("%s failed: %s at %s", scope["method"], type(error).__name__, _place(error))
            if not started:
                await Problem(500, "internal").response()(scope, receive, with_headers)

    def _refused(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > self._most:
            return Problem(413, "too_large")
        if scope["method"] not in _SAFE and not self._own_page(headers):
            return Problem(403, "foreign_origin")
        return None

    def _own_page(self, headers: Headers) -> bool:
        """A browser says which page a change comes from; a program of the bank's says nothing."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        if self._settings.public_url:
            return origin.lower() == self._settings.public_url.lower()
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"


class _TooLarge(HTTPException):
    """Of the kind that the framework lets through while it reads a body."""

    def __init__(self) -> None:
        super().__init__(413)


class _Bounded:
    """A body without a length is counted as it comes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most

    async def __call__(self) -> Any:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _TooLarge
        return message
