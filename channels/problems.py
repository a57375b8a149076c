"""Errors as application/problem+json (RFC 9457): a code to act on and a Chinese sentence to show."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, raw

from channels import wording

logger = logging.getLogger(__name__)

STATUS = {
    "bad_json": 400,
    "bad_parameter": 400,
    "token_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "token_revoked": 401,
    "signature_invalid": 401,
    "not_found": 404,
    "method_not_allowed": 405,
    "message_id_reused": 409,
    "conflict": 409,
    "taken": 409,
    "push_not_allowed": 409,
    "push_quiet_hours": 409,
    "binding_used": 409,
    "binding_expired": 410,
    "binding_revoked": 410,
    "too_large": 413,
    "wrong_media_type": 415,
    "invalid": 422,
    "empty_message": 422,
    "too_many_requests": 429,
    "too_many_streams": 429,
    "not_ready": 503,
    "internal": 500,
}


class Problem(Exception):
    """An error to tell the caller. code: a key of STATUS; field: the part of the request; retry_after: seconds.

    detail: a sentence that says it better than the one kept for the code.
    """

    def __init__(
        self, code: str, field: str | None = None, retry_after: int | None = None, detail: str | None = None
    ) -> None:
        super().__init__(code)
        self.detail = detail
        self.code = code
        self.field = field
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        return STATUS[self.code]

    def body(self) -> dict[str, Any]:
        """The problem+json object."""
        body: dict[str, Any] = {
            "type": f"urn:peiban:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail or wording.load("app")["problems"][self.code],
        }
        if self.field is not None:
            body["field"] = self.field
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return body

    def response(self) -> HTTPResponse:
        """As an HTTP response, with Retry-After and WWW-Authenticate where they belong."""
        headers: dict[str, str] = {"Cache-Control": "no-store"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401 and self.code != "signature_invalid":
            error = "" if self.code == "token_missing" else ' error="invalid_token"'
            headers["WWW-Authenticate"] = f"Bearer{error}"
        elif self.status == 401:
            headers["WWW-Authenticate"] = "PeiBan-HMAC"
        content = json.dumps(self.body(), ensure_ascii=False).encode()
        return raw(content, status=self.status, headers=headers, content_type="application/problem+json")


_BY_STATUS = {400: "bad_json", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 503: "not_ready"}


def install(app: Sanic) -> None:
    """Give the whole server these errors; safe to call from each channel."""
    if getattr(app.ctx, "problems_installed", False):
        return
    app.ctx.problems_installed = True

    async def problem(request: Request, error: Exception) -> HTTPResponse:
        assert isinstance(error, Problem)
        return error.response()

    async def framework(request: Request, error: Exception) -> HTTPResponse:
        assert isinstance(error, SanicException)
        status = getattr(error, "status_code", 500)
        code = _BY_STATUS.get(status, "internal" if status >= 500 else "bad_json")
        response = Problem(code, retry_after=5 if code == "not_ready" else None).response()
        response.headers.update(getattr(error, "headers", None) or {})
        response.headers.pop("Content-Length", None)
        return response

    async def unexpected(request: Request, error: Exception) -> HTTPResponse:
        # The type and the place, never the content: a message may stand in the exception's text.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        logger.error("%s %s failed: %s at %s", request.method, request.path, type(error).__name__, place)
        return Problem("internal").response()

    app.error_handler.add(Problem, problem)
    app.error_handler.add(SanicException, framework)
    app.error_handler.add(Exception, unexpected)
