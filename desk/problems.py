"""Errors as application/problem+json (RFC 9457): a code for the page and a Chinese sentence for the person."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from desk.wording import say
from journeys.errors import BadResult, BadValue, UnknownLead
from wealth.errors import StoreUnavailable, UnknownCustomer

_BY_STATUS = {401: "signed_out", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class Problem(Exception):
    """An error to tell the caller. code: a key of `problems` in data/desk/wording.yml.

    field: the part of the request it is about; retry_after: seconds; detail: in place of the wording.
    """

    def __init__(
        self,
        status: int,
        code: str,
        *,
        field: str | None = None,
        retry_after: int | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.field = field
        self.retry_after = retry_after
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """The problem+json object."""
        body: dict[str, Any] = {
            "type": f"urn:peiban:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail or say(f"problems.{self.code}"),
        }
        if self.field is not None:
            body["field"] = self.field
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return body

    def response(self) -> JSONResponse:
        """As an HTTP response."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else None
        return JSONResponse(self.body(), self.status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Every expected error of the application in this one shape; the rest is caught at the frontier (desk.web)."""

    @app.exception_handler(Problem)
    def problem(request: Request, error: Problem) -> JSONResponse:
        return error.response()

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        place = error.errors()[0]["loc"] if error.errors() else ()
        # Only where, never what: the value may be a customer's words or a password.
        return Problem(422, "invalid", field=".".join(map(str, place[1:])) or None).response()

    @app.exception_handler(HTTPException)
    def framework(request: Request, error: HTTPException) -> JSONResponse:
        code = _BY_STATUS.get(error.status_code, "internal" if error.status_code >= 500 else "invalid")
        answer = Problem(error.status_code, code).response()
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(UnknownCustomer)
    @app.exception_handler(UnknownLead)
    def unknown(request: Request, error: Exception) -> JSONResponse:
        return Problem(404, "not_found").response()

    @app.exception_handler(BadResult)
    def bad_result(request: Request, error: BadResult) -> JSONResponse:
        return Problem(422, "bad_result", detail=str(error)).response()

    @app.exception_handler(BadValue)
    def bad_value(request: Request, error: BadValue) -> JSONResponse:
        return Problem(422, "bad_value", field="values", detail=str(error)).response()

    @app.exception_handler(UnicodeEncodeError)
    def half_a_character(request: Request, error: UnicodeEncodeError) -> JSONResponse:
        # JSON can carry half of a surrogate pair, which is no text: no database takes it.
        return Problem(422, "invalid").response()

    @app.exception_handler(StoreUnavailable)
    def no_store(request: Request, error: StoreUnavailable) -> JSONResponse:
        return Problem(503, "not_ready", retry_after=5).response()
