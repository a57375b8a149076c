"""Endpoints for the bank's own systems and the desk (docs/openapi.yaml: bank, person), signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from channels.app import handoff, preferences, purchases, ratings
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
        _moment(event["occurred_at"], "occurred_at")
        new = await database.write(purchases.take, event)
        return reply({"accepted": True, "duplicate": not new})

    @blueprint.post("/internal/push")
    @gate.service("push", service)
    async def push(request: Request, operation: Operation) -> HTTPResponse:
        body = operation.body(request)
        messages, repeated = await services.push(body["customer"], body["push_id"], body["push_type"], body["reply"])
        return reply({"push_id": body["push_id"], "duplicate": repeated, "messages": messages})

    @blueprint.get("/internal/handoffs")
    @gate.service("listHandoffs", service)
    async def list_handoffs(request: Request, operation: Operation) -> HTTPResponse:
        wanted = operation.parameters(request)
        return reply({"handoffs": await database.read(handoff.listing, wanted["state"], wanted["limit"])})

    @blueprint.put("/internal/handoffs/<handoff_id>")
    @gate.service("updateHandoff", service)
    async def update_handoff(request: Request, operation: Operation) -> HTTPResponse:
        identity = operation.parameters(request, request.ctx.path)["handoff_id"]
        body = operation.body(request)
        return reply(await services.move_handoff(identity, body["state"], body.get("manager"), body.get("position")))

    @blueprint.get("/internal/handoffs/<handoff_id>/messages")
    @gate.service("readHandoffThread", service)
    async def read_thread(request: Request, operation: Operation) -> HTTPResponse:
        wanted = operation.parameters(request, request.ctx.path)

        def work(connection: Any) -> list[dict[str, Any]]:
            customer = handoff.customer_of(connection, wanted["handoff_id"])
            settings = preferences.get(connection, customer)
            consent = any(entry["granted"] for entry in settings["consents"] if entry["purpose"] == "manager_view")
            after = wanted["after"] or 0
            messages = handoff.thread(connection, wanted["handoff_id"], after, wanted["limit"], consent)
            services.audit.note(connection, "manager_view", customer, wanted["handoff_id"], str(len(messages)))
            return messages

        return reply({"messages": await database.write(work)})

    @blueprint.post("/internal/handoffs/<handoff_id>/messages")
    @gate.service("sayAsManager", service)
    async def say_as_manager(request: Request, operation: Operation) -> HTTPResponse:
        identity = operation.parameters(request, request.ctx.path)["handoff_id"]
        body = operation.body(request)
        answer = await services.say_as_manager(identity, body["message_id"], body["text"])
        return reply(answer.to_dict())

    @blueprint.get("/internal/feed/<kind>")
    @gate.service("readFeed", service)
    async def read_feed(request: Request, operation: Operation) -> HTTPResponse:
        wanted = operation.parameters(request, request.ctx.path)
        return reply({"items": await database.read(FEEDS[wanted["kind"]], wanted["after"] or 0, wanted["limit"])})

    @blueprint.post("/internal/revocations")
    @gate.service("revokeToken", service)
    async def revoke_token(request: Request, operation: Operation) -> HTTPResponse:
        body = operation.body(request)
        expires = _moment(body["expires_at"], "expires_at").timestamp()
        new = await services.revoke_token(body["jti"], expires)
        return reply({"accepted": True, "duplicate": not new})


def _moment(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        raise Problem("invalid", field=field) from None
    if moment.tzinfo is None:
        raise Problem("invalid", field=field)
    return moment
