"""Hand-offs for a manager: the queue, taking one, the conversation, what the assistant would say, handing back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from desk import audit
from desk.auth.access import AnyService, customer_for, require
from desk.auth.roles import Who
from desk.handoff import summary
from desk.handoff.channel import Refused, Unreachable
from desk.handoff.dispatch import Dispatcher
from desk.handoff.views import may_read
from desk.problems import Problem
from desk.services import Services
from desk.wording import data

logger = logging.getLogger(__name__)

_REFUSED = {"taken": (409, "taken"), "conflict": (409, "handoff_over"), "not_found": (404, "not_found")}
_REFUSED |= {"message_id_reused": (409, "message_id_reused")}
# How much of the conversation a summary looks at.
_SUMMED = 200
_PAGE = 100


@asynccontextmanager
async def dispatching(app: FastAPI) -> AsyncIterator[None]:
    """Works the queue as long as the desk runs."""
    dispatcher = of(app)
    task = asyncio.create_task(_dispatch(dispatcher))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    dispatcher.channel.close()


router = APIRouter(tags=["handoffs"], lifespan=dispatching)

Receiver = Annotated[Who, Depends(require("handoffs"))]
Identity = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,40}$")]


class Words(BaseModel):
    message_id: str = Field(regex=r"^[A-Za-z0-9_-]{1,64}$")
    text: str = Field(min_length=1, max_length=4000)


class HandBack(BaseModel):
    summary: str | None = Field(default=None, min_length=1, max_length=1000)


def of(app: FastAPI) -> Dispatcher:
    """The dispatcher of this application."""
    if not hasattr(app.state, "dispatcher"):
        app.state.dispatcher = Dispatcher(app.state.services)
    found: Dispatcher = app.state.dispatcher
    return found


def dispatcher(request: Request) -> Dispatcher:
    return of(request.app)


Hands = Annotated[Dispatcher, Depends(dispatcher)]


@contextmanager
def asked() -> Iterator[None]:
    """What the app channel says, as this desk's problems."""
    try:
        yield
    except Unreachable:
        raise Problem(503, "app_not_ready", retry_after=5) from None
    except Refused as refused:
        status, code = _REFUSED.get(refused.code, (422, "invalid"))
        raise Problem(status, code) from None


@router.get("/handoffs")
def listed(who: Receiver, hands: Hands) -> dict[str, Any]:
    """Who waits, who is with me, and how the desk stands."""
    hands.seen(who.account)
    with asked():
        return {"handoffs": hands.listed(who), "desk": hands.state()}


@router.post("/handoffs/{identity}/accept")
def accept(identity: Identity, who: Receiver, hands: Hands, desk: AnyService) -> dict[str, Any]:
    """409 taken when another was faster."""
    hands.seen(who.account)
    with asked():
        found = hands.find(who, identity)
        if found is None:
            raise Problem(409, "taken") if hands.lost(who, identity) else Problem(404, "not_found")
        row = hands.channel.move(identity, "active", staff=who.account, manager=who.name)
        return _moved(hands, desk, who, row, found["customer"], "accept")


@router.post("/handoffs/{identity}/decline")
def decline(identity: Identity, who: Receiver, hands: Hands, desk: AnyService) -> dict[str, Any]:
    """The next one is asked."""
    with asked():
        found = _find(hands, who, identity)
        if found.get("offered_to") != who.account:
            raise Problem(409, "not_yours")
        return _moved(hands, desk, who, hands.declined(who, identity), found["customer"], "decline")


@router.post("/handoffs/{identity}/return")
def hand_back(identity: Identity, who: Receiver, hands: Hands, desk: AnyService, given: HandBack) -> dict[str, Any]:
    """Back to the assistant, which says so with the summary."""
    with asked():
        found = _mine(hands, who, identity)
        changes = {"summary": given.summary} if given.summary else {}
        row = hands.channel.move(identity, "ended", **changes)
        return _moved(hands, desk, who, row, found["customer"], "return")


@router.get("/handoffs/{identity}/messages")
def messages(
    identity: Identity, who: Receiver, hands: Hands, desk: AnyService, after: Annotated[int, Query(ge=0)] = 0
) -> dict[str, Any]:
    """The conversation after a place; all of it with the customer's consent, else from the request on."""
    with asked():
        found = _readable(hands, who, identity)
        thread = hands.channel.thread(identity, after, _PAGE)
    if found.get("staff") == who.account and len(thread["messages"]) < _PAGE:
        hands.has_read(identity, thread["last_seq"])
    # The page asks again and again while a conversation goes on: that is one look.
    if after == 0:
        _audit(desk, who, found["customer"], "handoff", identity)
    return thread


@router.post("/handoffs/{identity}/messages", status_code=201)
def say(identity: Identity, who: Receiver, hands: Hands, given: Words) -> dict[str, Any]:
    """Into the conversation; the same message_id again says nothing twice."""
    with asked():
        _mine(hands, who, identity)
        return {"message": hands.channel.say(identity, given.message_id, given.text)}


@router.get("/handoffs/{identity}/suggestions")
def suggestions(identity: Identity, who: Receiver, hands: Hands) -> dict[str, Any]:
    """What the assistant would answer to the customer's last words. The customer sees nothing of it."""
    with asked():
        _mine(hands, who, identity)
        return {"suggestions": hands.channel.suggestions(identity)}


@router.get("/handoffs/{identity}/summary")
def summed_up(identity: Identity, who: Receiver, hands: Hands, desk: AnyService) -> dict[str, Any]:
    """{need, figures_shown, said, open}, from the conversation only."""
    with asked():
        found = _readable(hands, who, identity)
        after, thread = max(0, found["last_seq"] - _SUMMED), []
        while page := hands.channel.thread(identity, after, _PAGE)["messages"]:
            thread += page
            after = page[-1]["seq"]
    _audit(desk, who, found["customer"], "handoff_summary", identity)
    return summary.summary(found, thread)


@router.get("/customers/{customer}/conversation")
def conversation(
    customer: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")],
    who: Annotated[Who, Depends(require("conversations"))],
    hands: Hands,
    desk: AnyService,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=_PAGE)] = 30,
) -> dict[str, Any]:
    """A customer's conversation; without their consent nothing of it, unless they are with me (then /handoffs)."""
    found = customer_for(desk, who, customer, "conversations")
    with asked():
        page = hands.channel.conversation(found.id, before, limit)
    _audit(desk, who, found.id, "conversation", "")
    return page


def _find(hands: Dispatcher, who: Who, identity: str) -> dict[str, Any]:
    hands.seen(who.account)
    found = hands.find(who, identity)
    if found is None:
        raise Problem(404, "not_found")
    return found


def _readable(hands: Dispatcher, who: Who, identity: str) -> dict[str, Any]:
    found = _find(hands, who, identity)
    if not may_read(who, found):
        raise Problem(404, "not_found")
    return found


def _mine(hands: Dispatcher, who: Who, identity: str) -> dict[str, Any]:
    found = _find(hands, who, identity)
    if found.get("staff") != who.account:
        raise Problem(409, "not_yours")
    return found


def _moved(
    hands: Dispatcher, desk: Services, who: Who, row: dict[str, Any], customer: str, step: str
) -> dict[str, Any]:
    _audit(desk, who, customer, f"handoff_{step}", row["id"], kind="handoff")
    # Other pages hear of it now, not at the next look.
    hands.refresh()
    return hands.shown(row)


def _audit(desk: Services, who: Who, customer: str, why: str, identity: str, kind: str = "look") -> None:
    with desk.store.write() as connection:
        audit.note(connection, kind, who.account, customer=customer, why=why, handoff=identity)


async def _dispatch(hands: Dispatcher) -> None:
    while True:
        try:
            await run_in_threadpool(hands.step)
        except Exception as error:
            # One wrong step must not end the queue for good; the text of an error may quote a customer.
            logger.error("dispatching failed: %s", type(error).__name__)
        await asyncio.sleep(data("hours")["queue"]["step_seconds"])
