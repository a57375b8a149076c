"""The way in for events of the app and the bank's systems: POST /webhooks/events, signed like every service route.

Knows nothing of what an event means: whoever registers it hands in the callable that takes a batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from channels import signing
from channels.app.gate import reply
from channels.problems import Problem

# Takes the body as it came; returns the counts as a JSON object, or None for a batch that is none at all.
Take = Callable[[bytes], tuple[Mapping[str, Any] | None, str]]


def events_blueprint(take: Take, key: str, unavailable: tuple[type[Exception], ...] = ()) -> Blueprint:
    """The route. key: of the signature (channels.signing). unavailable: what `take` raises when it can be tried again.

    200 {"received", "used", "late", "duplicate", "bad", "faults": [{"index", "event_id", "reason"}]}: bad events are
    named, good ones have landed. 401 wrong signature, 413/415/422 nothing landed, 503 send the same batch again.
    """
    blueprint = Blueprint("events")
    # One writer at a time: the store has one anyway, and the loop stays free for conversations.
    worker = ThreadPoolExecutor(1, "events")

    @blueprint.post("/webhooks/events")
    async def take_events(request: Request) -> HTTPResponse:
        try:
            return await _taken(request)
        except Problem as problem:
            return problem.response()

    async def _taken(request: Request) -> HTTPResponse:
        target = request.path + (f"?{request.query_string}" if request.query_string else "")
        given = request.headers.get(signing.TIMESTAMP), request.headers.get(signing.SIGNATURE)
        if not signing.valid(key, *given, request.method, target, request.body):
            raise Problem("signature_invalid")
        if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != "application/json":
            raise Problem("wrong_media_type")
        try:
            report, why = await asyncio.get_running_loop().run_in_executor(worker, take, request.body)
        except unavailable:
            raise Problem("not_ready", retry_after=5) from None
        if report is None:
            raise Problem("invalid", field="events", detail=why)
        return reply(report)

    return blueprint
