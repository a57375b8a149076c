"""Endpoints for the bank's own systems (docs/openapi.yaml: bank, person), signed."""

from __future__ import annotations

from datetime import datetime

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from channels.app import purchases, ratings
from channels.app.gate import Gate, reply
from channels.app.services import Services
from channels.contract import Operation
from channels.problems import Problem

FEEDS = {"purchase-events": purchases.feed, "ratings": ratings.feed}


def add(blueprint: Blueprint, services: Services) -> None:
    """Put the signed routes on the blueprint."""
    gate = Gate(services)
    database = services.database
    service = services.settings.service_key

    @blueprint.post("/purchase-events")
    @gate.service("reportPurchase", services.settings.bank_events_key)
    async def report_purchase(request: Request, operation: Operation) -> HTTPResponse:
        event = operation.body(request)
        moment(event["occurred_at"], "occurred_at")
        new = await database.write(purchases.take, event)
        return reply({"accepted": True, "duplicate": not new})

    @blueprint.post("/internal/push")
    @gate.service("push", service)
    async def push(request: Request, operation: Operation) -> HTTPResponse:
        body = operation.body(request)
        messages, repeated = await services.push(body["customer"], body["push_id"], body["push_type"], body["reply"])
        return reply({"push_id": body["push_id"], "duplicate": repeated, "messages": messages})

    @blueprint.get("/internal/feed/<kind>")
    @gate.service("readFeed", service)
    async def read_feed(request: Request, operation: Operation) -> HTTPResponse:
        wanted = operation.parameters(request, request.ctx.path)
        return reply({"items": await database.read(FEEDS[wanted["kind"]], wanted["after"] or 0, wanted["limit"])})

    @blueprint.post("/internal/revocations")
    @gate.service("revokeToken", service)
    async def revoke_token(request: Request, operation: Operation) -> HTTPResponse:
        body = operation.body(request)
        expires = moment(body["expires_at"], "expires_at").timestamp()
        new = await services.revoke_token(body["jti"], expires)
        return reply({"accepted": True, "duplicate": not new})


def moment(text: str, field: str) -> datetime:
    """A time with its zone. Raises Problem invalid."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        raise Problem("invalid", field=field) from None
    if found.tzinfo is None:
        raise Problem("invalid", field=field)
    return found
