"""Endpoints for the managers' desk (docs/openapi.yaml: person), signed: the queue, the thread, appointments."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from channels.app import handoff, handoffs
from channels.app.clock import stamp
from channels.app.gate import Gate, reply
from channels.app.service_routes import moment
from channels.app.services import Services
from channels.contract import Operation
from channels.problems import Problem


def add(blueprint: Blueprint, services: Services) -> None:
    """Put the desk's routes on the blueprint."""
    gate = Gate(services)
    database = services.database
    service = services.settings.service_key

    @blueprint.put("/internal/desk")
    @gate.service("reportDesk", service)
    async def report_desk(request: Request, operation: Operation) -> HTTPResponse:
        body = operation.body(request)
        body["slots"] = [_appointment(slot, "slots") for slot in body["slots"]]
        await services.handoffs.desk.report(body)
        return reply({"accepted": True, "duplicate": False})

    @blueprint.get("/internal/handoffs")
    @gate.service("listHandoffs", service)
    async def list_handoffs(request: Request, operation: Operation) -> HTTPResponse:
        wanted = operation.parameters(request)
        return reply({"handoffs": await database.read(handoff.listing, wanted["state"], wanted["limit"])})

    @blueprint.post("/internal/handoffs")
    @gate.service("bookHandoff", service)
    async def book_handoff(request: Request, operation: Operation) -> HTTPResponse:
        body = operation.body(request)
        slot = _appointment(body.pop("slot"), "slot")
        return reply(await services.handoffs.book(body.pop("customer"), slot, body.pop("need"), **body))

    @blueprint.get("/internal/handoffs/<handoff_id>")
    @gate.service("readHandoff", service)
    async def read_handoff(request: Request, operation: Operation) -> HTTPResponse:
        identity = operation.parameters(request, request.ctx.path)["handoff_id"]
        return reply(await database.read(handoff.by_id, identity))

    @blueprint.put("/internal/handoffs/<handoff_id>")
    @gate.service("updateHandoff", service)
    async def update_handoff(request: Request, operation: Operation) -> HTTPResponse:
        identity = operation.parameters(request, request.ctx.path)["handoff_id"]
        body = operation.body(request)
        if "slot" in body:
            body["slot"] = _appointment(body["slot"], "slot")
        return reply(await services.handoffs.move(identity, body.pop("state"), body))

    @blueprint.get("/internal/handoffs/<handoff_id>/messages")
    @gate.service("readHandoffThread", service)
    async def read_thread(request: Request, operation: Operation) -> HTTPResponse:
        wanted = operation.parameters(request, request.ctx.path)
        return reply(
            await database.write(
                handoffs.read_thread, services.audit, wanted["handoff_id"], wanted["after"] or 0, wanted["limit"]
            )
        )

    @blueprint.post("/internal/handoffs/<handoff_id>/messages")
    @gate.service("sayAsManager", service)
    async def say_as_manager(request: Request, operation: Operation) -> HTTPResponse:
        identity = operation.parameters(request, request.ctx.path)["handoff_id"]
        body = operation.body(request)
        answer = await services.handoffs.say(identity, body["message_id"], body["text"])
        return reply(answer.to_dict())

    @blueprint.get("/internal/conversations/<customer>")
    @gate.service("readConversation", service)
    async def read_conversation(request: Request, operation: Operation) -> HTTPResponse:
        wanted: dict[str, Any] = operation.parameters(request, request.ctx.path)
        return reply(
            await database.write(
                handoffs.read_history, services.audit, wanted["customer"], wanted["before"], wanted["limit"]
            )
        )

    @blueprint.post("/internal/suggest")
    @gate.service("suggest", service)
    async def suggest(request: Request, operation: Operation) -> HTTPResponse:
        body = operation.body(request)
        return reply({"suggestions": await services.suggestions.make(body["handoff_id"])})


def _appointment(text: str, field: str) -> str:
    """A time in Shanghai. Raises Problem invalid, also for years in which nobody makes an appointment."""
    found = moment(text, field)
    if not 2000 <= found.year <= 2100:
        raise Problem("invalid", field=field)
    return stamp(found)
