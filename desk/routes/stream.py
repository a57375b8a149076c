"""Server-sent events for an open page: new leads here; hand-offs, messages and bookings published by their parts."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select

from desk.auth import sessions
from desk.auth.access import AnyService, SignedIn
from desk.auth.roles import Who
from desk.hub import Event
from desk.problems import Problem
from desk.routes.leads import reaches
from desk.services import Services
from desk.wording import data
from journeys.store import schema
from wealth.clock import SHANGHAI
from wealth.errors import StoreUnavailable

logger = logging.getLogger(__name__)
_RULES = data("limits")["stream"]
_BEGINNING = datetime(2000, 1, 1, tzinfo=SHANGHAI)
# Two replicas of journeys may commit in another order than their clocks say.
_SLACK = timedelta(minutes=1)


@asynccontextmanager
async def watching(app: FastAPI) -> AsyncIterator[None]:
    """Looks for new leads as long as the desk runs."""
    task = asyncio.create_task(_watch(app.state.services))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


router = APIRouter(tags=["stream"], lifespan=watching)


@router.get("/stream", response_class=StreamingResponse)
async def stream(request: Request, who: SignedIn, desk: AnyService) -> StreamingResponse:
    """handoff, message, lead, booking as they happen; ping every 15 s; ends with the session."""
    if desk.hub.pages(who.account) >= data("limits")["streams_per_account"]:
        raise Problem(429, "too_many_streams", retry_after=60)
    secret = request.cookies[sessions.COOKIE]
    return StreamingResponse(
        _events(desk, who, secret), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _events(desk: Services, who: Who, secret: str) -> AsyncIterator[str]:
    with desk.hub.subscribe(who) as page:
        yield _line(Event("ping", {}))
        while True:
            try:
                event = await asyncio.wait_for(page.queue.get(), _RULES["ping_seconds"])
            except asyncio.TimeoutError:
                if not await run_in_threadpool(_still_signed_in, desk, secret):
                    return
                event = Event("ping", {})
            if event is None:
                return
            yield _line(event)


def _line(event: Event) -> str:
    # JSON escapes line ends, so that data stays one line whatever a customer wrote.
    return f"event: {event.name}\ndata: {json.dumps(event.data, ensure_ascii=False)}\n\n"


def _still_signed_in(desk: Services, secret: str) -> bool:
    try:
        with desk.store.read() as connection:
            return sessions.account_of(connection, secret, desk.wall()) is not None
    except StoreUnavailable:
        return True


# new leads ------------------------------------------------------------------------------------------------------
async def _watch(desk: Services) -> None:
    seen: set[str] = set()
    after: datetime | None = None
    while True:
        try:
            # Nobody looks: whoever comes loads the whole list.
            if after is None or desk.hub.people():
                first = after is None
                leads, after = await run_in_threadpool(_new_leads, desk, after)
                for lead in leads:
                    if not first and lead["id"] not in seen:
                        desk.hub.publish("lead", {"id": lead["id"]}, partial(reaches, lead))
                seen = {lead["id"] for lead in leads}
        except StoreUnavailable:
            logger.warning("leads can't be read now")
        await asyncio.sleep(_RULES["look_seconds"])


def _new_leads(desk: Services, after: datetime | None) -> tuple[list[dict[str, Any]], datetime]:
    """Leads made after a moment, less the slack, and the latest moment there is; without one, the newest there are."""
    table = schema.leads
    with desk.journal.read() as connection:
        if after is None:
            after = connection.execute(select(func.max(table.c.created_at))).scalar() or _BEGINNING
        query = select(table.c.id, table.c.branch, table.c.manager, table.c.created_at)
        rows = connection.execute(query.where(table.c.created_at > after - _SLACK)).mappings().all()
    return [dict(row) for row in rows], max([after, *(row["created_at"] for row in rows)])
