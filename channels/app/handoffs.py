"""Hand-overs as the running channel sees them: each change in one transaction with its announcement and its trail,
then told to the customer's devices."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from channels import wording
from channels.app import conversation, handoff, handoff_thread, preferences
from channels.app.audit import Audit
from channels.app.clock import now
from channels.app.database import Database
from channels.app.desk_status import DeskStatus
from channels.app.handoff import Handoff
from channels.app.hub import Hub
from channels.app.inbox import ANSWERED, WITH_MANAGER, Turn
from channels.app.turns import Answer, Way
from channels.problems import Problem

logger = logging.getLogger(__name__)

_REFRESH_SECONDS = 5.0


class Handoffs:
    """Asked for by the customer or a Reply, moved by the desk."""

    def __init__(self, database: Database, hub: Hub, audit: Audit) -> None:
        self._database = database
        self._hub = hub
        self._audit = audit
        self._rules = wording.load("app")["handoff"]
        self.desk = DeskStatus(database)

    async def watch_desk(self) -> None:
        """Take over, again and again, what the desk told another replica."""
        while True:
            try:
                await self.desk.refresh()
            except SQLAlchemyError as error:
                logger.error("app store does not answer: %s", type(error).__name__)
            await asyncio.sleep(_REFRESH_SECONDS)

    async def request(self, customer: str, reason: str, note: str | None = None) -> Handoff:
        """The customer's button (schema HandoffForDesk); the open one if there is one. Nobody there is told at once."""
        desk = self.desk.now()

        def work(connection: Connection) -> Handoff:
            found, new = self._request(connection, customer, reason, note)
            if new and desk is not None and desk["state"] == "closed":
                handoff_thread.announce(connection, found, "closed", hours=desk["hours"])
            return found

        found = await self._database.write(work)
        self._hub.changed(customer)
        return found

    async def book(self, customer: str, slot: str, need: str, **more: Any) -> Handoff:
        """The desk makes an appointment, and the customer is told of it. Raises Problem conflict."""

        def work(connection: Connection) -> Handoff:
            made, changed = handoff.book(connection, customer, slot, need, **more)
            if changed:
                handoff_thread.announce(connection, made, "booked")
                self._audit.note(connection, "handoff", customer, made["id"], "booked")
            return made

        made = await self._database.write(work)
        self._hub.changed(customer)
        return made

    async def move(self, identity: str, state: str, changes: dict[str, Any]) -> Handoff:
        """The desk moves one on; changes may hold a `notice` for the customer. For Problems see handoff.move."""

        def work(connection: Connection) -> Handoff:
            before = handoff.by_id(connection, identity)
            moved, changed = handoff.move(connection, identity, state, changes)
            if not changed:
                return moved
            if before["state"] != state:
                self._audit.note(connection, "handoff", moved["customer"], identity, state)
            if changes.get("notice"):
                # With the name of who had it: after the move nobody has.
                handoff_thread.announce(connection, {**before, **moved}, changes["notice"])
            elif state == "ended" and before["state"] == "active":
                handoff_thread.hand_back(connection, before, changes.get("summary"))
            return moved

        moved = await self._database.write(work)
        self._hub.changed(moved["customer"])
        return moved

    async def end(self, customer: str) -> Handoff:
        """The customer goes back to the assistant. Returns the state after (schema Handoff)."""

        def work(connection: Connection) -> Handoff:
            self._end(connection, customer)
            return handoff.current(connection, customer)

        state = await self._database.write(work)
        self._hub.changed(customer)
        return state

    async def say(self, identity: str, message_id: str, text: str) -> Answer:
        """A manager's words."""
        customer, messages, new = await self._database.write(handoff_thread.say, identity, message_id, text)
        if new:
            self._hub.changed(customer)
        return Answer(message_id, ANSWERED, messages)

    async def way(self, turn: Turn) -> Way:
        """Who answers a message: the assistant with its metadata, the manager, or we ourselves."""

        def work(connection: Connection) -> tuple[Any, bool]:
            row = handoff.latest(connection, turn.customer)
            return row, preferences.get(connection, turn.customer)["personalised"]

        row, personalised = await self._database.read(work)
        if row is not None and row.state in handoff.OPEN and _bare(turn.text) in self._rules["end_words"]:
            return Way(notice="handoff_ended", controls={"handoff_end": True})
        if row is not None and row.state == "active":
            return Way(with_manager=True)
        metadata: dict[str, Any] = {"channel": "app", "customer": turn.customer, "device": None, "visit": None}
        metadata["personalised"] = personalised
        desk = self.desk.now()
        if desk is not None:
            metadata["desk"] = desk
        if row is not None and self._remembered(row):
            metadata["handoff"] = {
                **handoff.for_customer(row),
                **({"summary": row.summary} if row.summary else {}),
            }
        return Way(metadata=metadata)

    def settle(self, connection: Connection, turn: Turn, state: str, controls: dict[str, Any]) -> None:
        """Carry out what a Reply orders, in the transaction that stores the Reply: neither can be lost alone."""
        customer = turn.customer
        if state == WITH_MANAGER:
            handoff.said(connection, customer, turn.message_id)
        if controls.get("handoff_end"):
            self._end(connection, customer)
        booking = controls.get("handoff_booking")
        if isinstance(booking, dict) and booking.get("cancel"):
            cancelled = handoff.cancel(connection, customer)
            if cancelled is not None:
                self._audit.note(connection, "handoff", customer, cancelled["id"], "ended")
        elif isinstance(booking, dict):
            # A manager who took the conversation in this very moment is better than an appointment.
            with contextlib.suppress(Problem):
                made, _ = handoff.book(connection, customer, str(booking["slot"]), str(booking["need"])[:500])
                self._audit.note(connection, "handoff", customer, made["id"], "booked")
        elif controls.get("handoff"):
            note = controls.get("handoff_note")
            self._request(connection, customer, str(controls["handoff"])[:40], str(note)[:500] if note else None)

    @staticmethod
    def ordered(controls: dict[str, Any]) -> bool:
        """Whether a Reply orders anything here, so that devices must look again."""
        return any(controls.get(name) for name in ("handoff", "handoff_booking", "handoff_end"))

    def _request(self, connection: Connection, customer: str, reason: str, note: str | None) -> tuple[Handoff, bool]:
        found, new = handoff.request(connection, customer, reason, note)
        if new:
            self._audit.note(connection, "handoff", customer, found["id"], "requested")
        return found, new

    def _end(self, connection: Connection, customer: str) -> None:
        ended = handoff.end(connection, customer)
        if ended is not None:
            self._audit.note(connection, "handoff", customer, ended["id"], "ended")

    def _remembered(self, row: Any) -> bool:
        if row.state != "ended":
            return True
        since = now() - timedelta(hours=self._rules["remembered_hours"])
        return row.ended_at is not None and datetime.fromisoformat(row.ended_at) > since


def read_thread(connection: Connection, audit: Audit, identity: str, after: int, limit: int) -> dict[str, Any]:
    """The thread for the manager, with the look at it on record. Raises Problem not_found."""
    customer, messages, last_seq = handoff_thread.thread(connection, identity, after, limit)
    audit.note(connection, "manager_view", customer, identity, str(len(messages)))
    return {"messages": messages, "last_seq": last_seq}


def read_history(connection: Connection, audit: Audit, customer: str, before: int | None, limit: int) -> dict[str, Any]:
    """The customer's conversation for a manager who may look at the customer, with the look on record."""
    messages, more, consent = handoff_thread.history(connection, customer, before, limit)
    seq = conversation.head(connection, customer).seq
    audit.note(connection, "manager_view", customer, "conversation", str(len(messages)))
    return {"messages": messages, "has_more": more, "consent": consent, "last_seq": seq}


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())
