"""The way in: who calls, how often, and errors that a client can act on. Every route goes through one of the two."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse, raw
from sqlalchemy.exc import SQLAlchemyError

from channels import signing
from channels.app.identity import Caller
from channels.app.services import Services
from channels.contract import Operation, operations
from channels.problems import Problem

CustomerHandler = Callable[[Request, Operation, Caller], Awaitable[Any]]
ServiceHandler = Callable[[Request, Operation], Awaitable[Any]]


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    """A JSON answer that no cache may keep."""
    content = json.dumps(body, ensure_ascii=False).encode()
    return raw(
        content,
        status=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        content_type="application/json",
    )


class Gate:
    """Wraps handlers of one channel. limits beside the general one are named per route."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def customer(self, operation_id: str, *limits: str) -> Callable[[CustomerHandler], Any]:
        """For the customer of a valid token, whoever is named in path or body."""
        operation = operations()[operation_id]

        def wrap(handler: CustomerHandler) -> Any:
            @functools.wraps(handler)
            async def guarded(request: Request, **path: Any) -> HTTPResponse | None:
                services = self._services
                caller_address = address(request)
                services.limits.spend("per_address", caller_address)
                services.limits.spent("failed_logins_per_address", caller_address)
                try:
                    caller = await services.identity.customer(request.headers.get("authorization"))
                except Problem as problem:
                    if problem.status == 401:
                        services.limits.spend("failed_logins_per_address", caller_address)
                    raise
                for limit in ("per_customer", *limits):
                    services.limits.spend(limit, caller.customer)
                request.ctx.path = path
                return await _answered(handler(request, operation, caller))

            return guarded

        return wrap

    def service(self, operation_id: str, key: str) -> Callable[[ServiceHandler], Any]:
        """For the bank's own systems, by a signature with this key."""
        operation = operations()[operation_id]

        def wrap(handler: ServiceHandler) -> Any:
            @functools.wraps(handler)
            async def guarded(request: Request, **path: Any) -> HTTPResponse | None:
                caller_address = address(request)
                self._services.limits.spent("failed_logins_per_address", caller_address)
                target = request.path + (f"?{request.query_string}" if request.query_string else "")
                given = request.headers.get(signing.TIMESTAMP), request.headers.get(signing.SIGNATURE)
                if not signing.valid(key, *given, request.method, target, request.body):
                    self._services.limits.spend("failed_logins_per_address", caller_address)
                    raise Problem("signature_invalid")
                request.ctx.path = path
                return await _answered(handler(request, operation))

            return guarded

        return wrap


async def _answered(work: Awaitable[Any]) -> HTTPResponse | None:
    try:
        result: HTTPResponse | None = await work
    except SQLAlchemyError as error:
        # The statement and its values may hold a customer's words; the type is enough to start looking.
        raise Problem("not_ready", retry_after=5) from RuntimeError(type(error).__name__)
    return result


def address(request: Request) -> str:
    """Whom to count a request on."""
    # remote_addr is empty unless PEIBAN_TRUSTED_PROXIES says that a proxy of ours fills the header.
    return request.remote_addr or request.ip
