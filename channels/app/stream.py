"""One customer's events as server-sent events (docs/asyncapi.yaml)."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

from sanic import Request
from sanic.response import BaseHTTPResponse

from channels.app import conversation, handoff
from channels.app.database import Database
from channels.app.hub import Hub, Listener
from channels.app.identity import Caller
from channels.problems import Problem

_CURSOR = re.compile(r"([A-Za-z0-9_-]{1,32})\.([0-9]{1,16})")
_BATCH = 50


def parse_cursor(text: str | None) -> tuple[str, int] | None:
    """Epoch and seq of a client's cursor, None without one. Raises Problem bad_parameter."""
    if not text:
        return None
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise Problem("bad_parameter", field="Last-Event-ID")
    return match[1], int(match[2])


def frame(event: str, data: Any, cursor: str | None = None) -> str:
    """One event on the wire; JSON has no raw line breaks, so one data line is enough."""
    identity = f"id: {cursor}\n" if cursor else ""
    return f"{identity}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


class Stream:
    """Sends the log from a place on, then whatever is added, until the client, the token or the server ends."""

    def __init__(self, database: Database, hub: Hub, timing: dict[str, Any]) -> None:
        self._database = database
        self._hub = hub
        self._timing = timing

    async def serve(self, request: Request, caller: Caller, since: tuple[str, int] | None) -> None:
        """Hold one connection. Raises Problem too_many_streams before anything was sent."""
        if self._hub.full():
            raise Problem("too_many_streams", retry_after=30)
        listener = self._hub.join(caller.customer, caller.token_id)
        try:
            response = await request.respond(
                content_type="text/event-stream; charset=utf-8",
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
            send = _Sender(request, response, self._timing["stalled_client"])
            await send(f"retry: {self._timing['retry'] * 1000}\n\n")
            await self._follow(send, caller, since, listener)
            await response.eof()
        finally:
            self._hub.leave(caller.customer, listener)

    async def _follow(self, send: _Sender, caller: Caller, since: tuple[str, int] | None, listener: Listener) -> None:
        customer = caller.customer
        head = await self._database.read(conversation.head, customer)
        state = await self._database.read(handoff.current, customer)
        epoch, place = since or (head.epoch, head.seq)
        if place > head.seq:
            # Not ours: from a log that is gone.
            epoch = ""
        ready = {"cursor": head.cursor, "seq": head.seq, "read_seq": head.read_seq, "handoff": state}
        await send(frame("ready", ready))
        while True:
            changed, fresh, momentary = listener.take()
            for event, data in momentary.items():
                await send(frame(event, data))
            # Straight on only where nothing is missing between; a log that is just beginning has no name yet.
            places = [message["seq"] for message in fresh]
            straight = places == list(range(place + 1, place + 1 + len(places)))
            if places and straight and not changed and epoch != conversation.UNNAMED:
                for message in fresh:
                    place = message["seq"]
                    await send(frame("message", message, f"{epoch}.{place}"))
            elif changed or max(places, default=0) > place:
                epoch, place = await self._catch_up(send, customer, epoch, place)
            if listener.bye or time.time() >= caller.expires:
                await send(frame("bye", {"reason": listener.bye or "token_expired"}))
                return
            try:
                patience = min(self._timing["heartbeat"], max(0.05, caller.expires - time.time()))
                await asyncio.wait_for(listener.wake.wait(), patience)
            except asyncio.TimeoutError:
                await send(": \n\n")

    async def _catch_up(self, send: _Sender, customer: str, epoch: str, place: int) -> tuple[str, int]:
        while True:
            head, entries = await self._database.read(_next, customer, place)
            if head.epoch != epoch:
                # The log was deleted meanwhile, or the cursor is of a deleted one. At its start nothing is stale.
                if place > 0:
                    await send(frame("reset", {"cursor": f"{head.epoch}.0"}))
                epoch, place = head.epoch, 0
                continue
            if not entries:
                return epoch, place
            for entry in entries:
                place = entry.seq
                await send(frame(entry.kind, entry.body, f"{epoch}.{place}"))


class _Sender:
    """Writes with a limit on how long a stalled client may hold us."""

    def __init__(self, request: Request, response: BaseHTTPResponse, patience: float) -> None:
        self._request = request
        self._response = response
        self._patience = patience

    async def __call__(self, text: str) -> None:
        try:
            await asyncio.wait_for(self._response.send(text), self._patience)  # type: ignore[attr-defined]
        except asyncio.TimeoutError:
            # Closing politely would wait for the same full buffer.
            if self._request.transport is not None:
                self._request.transport.abort()
            raise asyncio.CancelledError from None


def _next(connection: Any, customer: str, place: int) -> tuple[conversation.Head, list[conversation.Entry]]:
    return conversation.head(connection, customer), conversation.after(connection, customer, place, _BATCH)
