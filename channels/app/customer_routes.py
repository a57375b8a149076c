"""Endpoints for the customer's own app (docs/openapi.yaml: conversation, my data, person, lobby)."""

from __future__ import annotations

import asyncio
import unicodedata
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from channels import wording
from channels.app import conversation, handoff, preferences, purchases, ratings
from channels.app.clock import from_unix
from channels.app.gate import Gate, reply
from channels.app.identity import Caller
from channels.app.inbox import PENDING
from channels.app.services import Services, export
from channels.app.stream import parse_cursor
from channels.app.turns import Answer
from channels.contract import Operation
from channels.problems import Problem

_KEPT_CONTROLS = "\n\t"


def add(blueprint: Blueprint, services: Services) -> None:
    """Put the customer's routes on the blueprint."""
    gate = Gate(services)
    database, hub = services.database, services.hub

    @blueprint.post("/messages")
    @gate.customer("sendMessage", "messages_per_customer")
    async def send_message(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        body = operation.body(request)
        payload = body.get("payload", {})
        text = clean(body["text"], services.text_limit)
        opening = payload.get("source") == "open"
        if not text and not opening:
            raise Problem("empty_message", field="text")
        shown = bool(text)
        text = text or wording.load("app")["opening_text"]
        return _answer(await services.turns.submit(caller.customer, body["message_id"], text, payload, shown=shown))

    @blueprint.get("/stream")
    @gate.customer("openStream")
    async def open_stream(request: Request, operation: Operation, caller: Caller) -> None:
        since = parse_cursor(request.headers.get("last-event-id") or request.args.get("after"))
        await services.stream.serve(request, caller, since)

    @blueprint.get("/history")
    @gate.customer("getHistory")
    async def get_history(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        wanted = operation.parameters(request)

        def work(connection: Any) -> dict[str, Any]:
            head = conversation.head(connection, caller.customer)
            messages, more = conversation.page(connection, caller.customer, wanted["before"], wanted["limit"])
            return {
                "messages": messages,
                "has_more": more,
                "cursor": head.cursor,
                "seq": head.seq,
                "read_seq": head.read_seq,
                "handoff": handoff.current(connection, caller.customer),
            }

        return reply(await database.read(work))

    @blueprint.post("/read")
    @gate.customer("markRead")
    async def mark_read(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        body = operation.body(request)
        mark = {"read_seq": await database.write(conversation.mark_read, caller.customer, int(body["seq"]))}
        hub.tell(caller.customer, "read", mark)
        return reply(mark)

    @blueprint.post("/ratings")
    @gate.customer("rateMessage")
    async def rate_message(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        body = operation.body(request)
        details = body.get("reason"), body.get("comment")
        await database.write(ratings.rate, caller.customer, body["id"], body["rating"], *details)
        return reply({"id": body["id"], "rating": body["rating"]})

    @blueprint.get("/preferences")
    @gate.customer("getPreferences")
    async def get_preferences(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        return reply(await database.read(preferences.get, caller.customer))

    @blueprint.put("/preferences")
    @gate.customer("putPreferences")
    async def put_preferences(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        body = operation.body(request)

        def work(connection: Any) -> dict[str, Any]:
            changed = preferences.change(connection, caller.customer, body)
            services.audit.note(connection, "preferences", caller.customer, ",".join(sorted(body))[:128], "changed")
            return changed

        changed = await database.write(work)
        hub.tell(caller.customer, "preferences", {})
        return reply(changed)

    @blueprint.get("/export")
    @gate.customer("exportData", "heavy_per_customer")
    async def export_data(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        content = await database.read(export, caller.customer)
        content["assistant_memory"] = await services.assistant.memory(caller.sender)
        await database.write(services.audit.note, "export", caller.customer, "data", "exported")
        return reply(content, headers={"Content-Disposition": 'attachment; filename="peiban-data.json"'})

    @blueprint.delete("/data")
    @gate.customer("deleteData", "heavy_per_customer")
    async def delete_data(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        operation.parameters(request)
        # A phone that loses its line must not leave half of it deleted.
        await asyncio.shield(services.delete_customer(caller.customer))
        return reply({"deleted": True})

    @blueprint.post("/bindings/<code>")
    @gate.customer("claimBinding", "messages_per_customer")
    async def claim_binding(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        code = operation.parameters(request, request.ctx.path)["code"]
        claim = await services.bindings.claim(code, caller.customer)
        await database.write(services.audit.note, "binding", caller.customer, claim.message_id, claim.scope)
        answer = await services.turns.submit(
            caller.customer, claim.message_id, clean(claim.question, services.text_limit), {}
        )
        body = {**answer.to_dict(), "scope": claim.scope, "expires_at": from_unix(claim.expires)}
        return reply(body, status=202 if answer.state == PENDING else 200)

    @blueprint.delete("/bindings/<code>")
    @gate.customer("revokeBinding")
    async def revoke_binding(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        code = operation.parameters(request, request.ctx.path)["code"]
        await services.bindings.unbind(code, caller.customer)
        return reply({"revoked": True})

    @blueprint.get("/handoff")
    @gate.customer("getHandoff")
    async def get_handoff(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        return reply(await database.read(handoff.current, caller.customer))

    @blueprint.post("/handoff")
    @gate.customer("requestHandoff")
    async def request_handoff(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        body = operation.body(request)
        await services.handoffs.request(caller.customer, body.get("reason", "customer"), body.get("note"))
        return reply(await database.read(handoff.current, caller.customer))

    @blueprint.delete("/handoff")
    @gate.customer("endHandoff")
    async def end_handoff(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        return reply(await services.handoffs.end(caller.customer))

    @blueprint.post("/purchase-sessions")
    @gate.customer("openPurchase")
    async def open_purchase(request: Request, operation: Operation, caller: Caller) -> HTTPResponse:
        body = operation.body(request)
        product = await database.read(purchases.shown_product, caller.customer, body["product"])
        return reply(purchases.link(services.settings, caller.customer, product))


def clean(text: str, limit: int) -> str:
    """A customer's words without control characters and blank ends. Raises Problem too_large."""
    if len(text) > limit:
        raise Problem("too_large", field="text")
    kept = (c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cs", "Cn"))
    return "".join(kept).strip()


def _answer(answer: Answer) -> HTTPResponse:
    return reply(answer.to_dict(), status=202 if answer.state == PENDING else 200)
