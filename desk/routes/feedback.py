"""Feedback: what went wrong, what should be done about it, and the patch that a second person approved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Path, Query
from pydantic import BaseModel, Field

from desk import audit
from desk.auth.access import AnyService, customer_for, require
from desk.auth.roles import Who
from desk.feedback import inbox
from desk.feedback.background import Background
from desk.feedback.collect import keep
from desk.feedback.corpus import corpus
from desk.feedback.findings import Finding
from desk.feedback.jobs import patch_file
from desk.feedback.proposal import Refused, Suggestion, change, tidy
from desk.feedback.settings import FeedbackSettings
from desk.feedback.tracker import Tracker
from desk.problems import Problem
from desk.services import Services
from desk.wording import data


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Collecting and checking go on as long as the desk is up."""
    desk: Services = app.state.services
    background = Background(desk, FeedbackSettings.of(desk.settings))
    background.start()
    yield
    await asyncio.to_thread(background.stop)


router = APIRouter(tags=["feedback"], lifespan=lifespan)
Reporter = Annotated[Who, Depends(require("feedback_report"))]
Reader = Annotated[Who, Depends(require("feedback"))]
Suggester = Annotated[Who, Depends(require("feedback_suggest"))]
Approver = Annotated[Who, Depends(require("feedback_approve"))]
Identity = Annotated[int, Path(ge=1, lt=2**31)]
_LIMITS = data("limits")["lists"]


class Report(BaseModel):
    """ "这里答错了". message_id: the customer's message, or one of the answers to it."""

    message_id: str = Field(min_length=1, max_length=128)
    customer: str = Field(min_length=1, max_length=64)
    kind: Literal["intent", "answer"]
    intent: str = Field("", max_length=60)
    answer: str = Field("", max_length=1000)
    note: str = Field("", max_length=500)


class Proposal(BaseModel):
    """The right intent for the texts, or the right answer to them. text: one utterance a line.

    An answer makes a new entry, of this title, in a collection of the knowledge base; entry names one that is there
    and gets the texts as more ways to ask for it.
    """

    text: str = Field(min_length=1, max_length=5000)
    intent: str = Field("", max_length=60)
    answer: str = Field("", max_length=2000)
    title: str = Field("", max_length=40)
    collection: str = Field("concepts", max_length=20)
    entry: str = Field("", max_length=40)


class Approval(BaseModel):
    """suggestion: the id of the one that was read, so that none is approved unseen."""

    suggestion: int | None = None


class Dismissal(BaseModel):
    """Why nothing is to be done."""

    why: str = Field(min_length=1, max_length=200)


@router.get("/feedback")
def listing(
    who: Reader,
    desk: AnyService,
    state: Literal["open", "suggested", "approved", "dismissed"] | None = None,
    kind: Literal["desk", "corrected", "badly_rated", "handed_over", "asked_back", "low_confidence"] | None = None,
    limit: Annotated[int, Query(ge=1, le=_LIMITS["most"])] = _LIMITS["default"],
) -> dict[str, Any]:
    """Groups of turns that went wrong, the largest first; a branch sees its own customers' turns only."""
    with desk.store.read() as connection:
        return {
            "groups": inbox.listing(connection, branch=_branch(who, "feedback"), state=state, kind=kind, limit=limit)
        }


@router.get("/feedback/intents")
def intents(who: Reporter, desk: AnyService) -> dict[str, Any]:
    """The intents that a text can be given, and what they are called."""
    names = corpus(_settings(desk).root).intents
    return {"intents": [{"id": name, "title": inbox.intent_title(name)} for name in names]}


@router.get("/feedback/entries")
def entries(who: Reader, desk: AnyService) -> dict[str, Any]:
    """The entries of the knowledge base that a text can be another question for."""
    return {
        "entries": [
            {"collection": name, "id": entry.id, "title": entry.title}
            for name in data("feedback")["suggestion"]["collections"]
            for entry in desk.bank.knowledge[name].entries
        ]
    }


@router.post("/feedback", status_code=201)
def report(given: Report, who: Reporter, desk: AnyService) -> dict[str, Any]:
    """Mark an answer as wrong; the same person marking it again changes nothing. It is in the list after a minute."""
    customer = customer_for(desk, who, given.customer, "feedback_report")
    tracker = Tracker(_settings(desk).tracker_url)
    try:
        with tracker.read() as reader:
            turn = reader.message(f"app:{customer.id}", given.message_id, time.time())
            if turn is None:
                raise inbox.trouble(404, "no_turn")
            answer = reader.answer(turn)
    finally:
        tracker.close()
    said = "；".join(part for part in (given.answer.strip(), given.note.strip()) if part)
    found = Finding("desk", turn, answer, meant_intent=given.intent, reason=said, account=who.account)
    keep(desk, [found])
    with desk.store.write() as connection:
        audit.note(connection, "feedback", who.account, customer=customer.id, why=f"report_{given.kind}")
    return {"kept": True}


@router.get("/feedback/{identity}")
def show(identity: Identity, who: Reader, desk: AnyService) -> dict[str, Any]:
    """One group, with its suggestion and how far its check is."""
    with desk.store.read() as connection:
        return inbox.show(connection, identity, _branch(who, "feedback"))


@router.post("/feedback/{identity}/suggest")
def suggest(identity: Identity, given: Proposal, who: Suggester, desk: AnyService) -> dict[str, Any]:
    """The first person says what would be right. Refused, with the reason, where it would do harm."""
    branch = _branch(who, "feedback_suggest")
    with desk.store.read() as connection:
        inbox.show(connection, identity, branch)
    suggestion = Suggestion(
        texts=tidy(given.text),
        intent=given.intent.strip(),
        answer=given.answer.strip(),
        title=given.title.strip(),
        collection=given.collection.strip(),
        entry=given.entry.strip(),
    )
    _check(desk, suggestion, identity)
    with desk.store.write() as connection:
        inbox.suggest(connection, identity, who.account, suggestion)
        audit.note(connection, "feedback", who.account, why="suggest", group=identity)
        return inbox.show(connection, identity, branch)


@router.post("/feedback/{identity}/approve", status_code=202)
def approve(identity: Identity, who: Approver, desk: AnyService, given: Approval | None = None) -> dict[str, Any]:
    """The second person agrees: the check is queued, and writes the patch if it passes. Twice is once."""
    branch = _branch(who, "feedback_approve")
    with desk.store.read() as connection:
        group = inbox.show(connection, identity, branch)
        inbox.may_approve(group, who.account, given.suggestion if given else None)
        suggestion = inbox.suggestion_of(connection, group)
    if group["state"] != "approved":
        _check(desk, suggestion, identity)
    with desk.store.write() as connection:
        if inbox.approve(connection, group, who.account):
            audit.note(connection, "feedback", who.account, why="approve", group=identity)
        return _result(desk, connection, identity, branch)


@router.post("/feedback/{identity}/cancel")
def cancel(identity: Identity, who: Approver, desk: AnyService) -> dict[str, Any]:
    """Stop the check."""
    branch = _branch(who, "feedback_approve")
    with desk.store.write() as connection:
        inbox.show(connection, identity, branch)
        inbox.cancel(connection, identity)
        audit.note(connection, "feedback", who.account, why="cancel", group=identity)
        return inbox.show(connection, identity, branch)


@router.post("/feedback/{identity}/dismiss")
def dismiss(identity: Identity, given: Dismissal, who: Suggester, desk: AnyService) -> dict[str, Any]:
    """Nothing is to be done."""
    branch = _branch(who, "feedback_suggest")
    with desk.store.write() as connection:
        inbox.show(connection, identity, branch)
        inbox.dismiss(connection, identity, who.account, given.why.strip())
        audit.note(connection, "feedback", who.account, why="dismiss", group=identity)
        return inbox.show(connection, identity, branch)


@router.get("/feedback/{identity}/patch")
def patch(identity: Identity, who: Reader, desk: AnyService) -> dict[str, Any]:
    """The patch with the scores before and after. 409 until the check has passed."""
    with desk.store.read() as connection:
        found = _result(desk, connection, identity, _branch(who, "feedback"))
    if found["patch"] is None:
        raise inbox.trouble(409, "no_patch")
    return found


def _result(desk: Services, connection: Any, identity: int, branch: str | None) -> dict[str, Any]:
    group = inbox.show(connection, identity, branch)
    if group["job"] is None:
        raise inbox.trouble(409, "no_patch")
    found = inbox.result(connection, identity)
    intent = group["suggestion"]["intent"] if group["suggestion"] else ""
    file = patch_file(_settings(desk).folder, identity)
    written = found is not None and file.exists()
    return {
        "id": identity,
        "state": group["state"],
        "job": group["job"],
        "patch": file.read_text(encoding="utf-8") if written else None,
        "before": inbox.score(found["before"], intent) if found and written else None,
        "after": inbox.score(found["after"], intent) if found and written else None,
        "files": found["files"] if found and written else [],
        "branch_file": f"feedback/{file.name}" if written else None,
    }


def _branch(who: Who, permission: str) -> str | None:
    """What a person's permission reaches: a branch, or all (None). A role reaching no branch reaches nothing."""
    scope = who.scope(permission)
    if scope == "all":
        return None
    if scope == "branch" and who.branch:
        return who.branch
    raise Problem(403, "not_allowed")


def _check(desk: Services, suggestion: Suggestion, identity: int) -> None:
    try:
        change(_settings(desk).root, suggestion, identity)
    except Refused as error:
        raise Problem(422, f"refused_{error.code}", detail=str(error)) from None


def _settings(desk: Services) -> FeedbackSettings:
    return FeedbackSettings.of(desk.settings)
