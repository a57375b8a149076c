"""The parts of the app channel, put together once per process."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from channels import bindings, wording
from channels.app import conversation, handoff, inbox, preferences, purchases, push, ratings, tables
from channels.app.assistant import Assistant, NotReady
from channels.app.audit import Audit
from channels.app.clock import stamp
from channels.app.conversation import Message
from channels.app.database import Database, insert_once
from channels.app.handoffs import Handoffs
from channels.app.hub import Hub
from channels.app.identity import Identity
from channels.app.inbox import Turn
from channels.app.limits import Limits
from channels.app.settings import AppSettings
from channels.app.stream import Stream
from channels.app.suggesting import Suggestions
from channels.app.turns import Turns
from channels.problems import Problem

logger = logging.getLogger(__name__)

_REVOCATIONS_SECONDS = 5.0
_SWITCH_SECONDS = 0.0005


class Services:
    """What the routes work with; also the Python API for this process (push, hand-over, bindings)."""

    def __init__(self, settings: AppSettings, assistant: Assistant) -> None:
        rules = wording.load("app")
        self.settings = settings
        self.assistant = assistant
        self.database = Database(settings.store_url)
        self.identity = Identity(settings)
        self.limits = Limits(rules["limits"])
        self.text_limit: int = rules["limits"]["text_characters"]
        self.audit = Audit(settings.service_key)
        self.hub = Hub(rules["limits"]["streams"], rules["limits"]["streams_per_customer"])
        self.stream = Stream(self.database, self.hub, rules["timing"])
        self.handoffs = Handoffs(self.database, self.hub, self.audit)
        self.suggestions = Suggestions(self.database, assistant)
        self.turns = Turns(
            self.database,
            self.hub,
            assistant,
            self.handoffs.way,
            self._record,
            self._after,
            rules["limits"],
            rules["timing"],
        )
        self.bindings = bindings.Bindings(self.database)
        self.bindings.forward = self._forward
        # Parts of this server beside the channel that keep something of customers; may be called twice.
        self.also_forget: list[Callable[[str], Awaitable[None]]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin the background work; needs the running loop."""
        # Store threads wait for the interpreter after every statement; with the default of 5 ms a busy event loop
        # makes each turn wait tens of milliseconds for nothing.
        sys.setswitchinterval(_SWITCH_SECONDS)
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(self.turns.sweep()))
        self._tasks.append(loop.create_task(self._watch_revocations()))
        self._tasks.append(loop.create_task(self.handoffs.watch_desk()))
        if self.settings.poll_seconds > 0:
            self._tasks.append(loop.create_task(self._watch_replicas()))

    async def stop(self) -> None:
        """End streams, give back unfinished turns, close the store."""
        self.hub.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.turns.stop()
        await asyncio.get_running_loop().run_in_executor(None, self.database.close)

    async def push(
        self, customer: str, push_id: str, push_type: str, reply: Mapping[str, Any]
    ) -> tuple[list[Message], bool]:
        """Send a Reply of the assistant's own accord; see channels.app.push.put for what may be raised."""

        def work(connection: Connection) -> tuple[list[Message], bool]:
            messages, repeated = push.put(connection, customer, push_id, push_type, reply)
            if not repeated:
                self.audit.note(connection, "push", customer, push_id, push_type)
            return messages, repeated

        put = await self.database.write(work)
        self.hub.changed(customer)
        slots = push.context(reply)
        # Also for a repeat: the server may have died between the two.
        last = await self.database.read(push.is_last, customer, push_id)
        if slots and last:
            try:
                await self.assistant.remember(f"app:{customer}", slots)
            except NotReady:
                raise Problem("not_ready", retry_after=2) from None
        return put

    async def delete_customer(self, customer: str) -> None:
        """Forget a customer: log, settings, ratings, bindings, the assistant's memory, and what others here keep."""

        def work(connection: Connection) -> None:
            for part in (conversation, inbox, ratings, preferences, purchases, handoff, push, bindings):
                part.forget(connection, customer)
            self.audit.note(connection, "delete", customer, "data", "deleted")

        async with self.turns.paused(customer):
            # The store first: a turn that another replica is in the middle of then finds nothing to answer.
            await self.database.write(work)
            await self.assistant.forget(f"app:{customer}")
            for forget in self.also_forget:
                await forget(customer)
        self.hub.changed(customer)

    async def revoke_token(self, token_id: str, expires: float) -> bool:
        """Refuse a token everywhere; false when it was refused already."""
        new = await self.database.write(_remember_revoked, token_id, expires)
        self.identity.revoke(token_id, expires)
        self.hub.end_token(token_id)
        return new

    def _record(
        self, connection: Connection, turn: Turn, state: str, messages: list[Message], controls: dict[str, Any]
    ) -> None:
        self.audit.note(connection, "answer", turn.customer, turn.message_id, f"{state}:{len(messages)}")
        if bindings.is_carried_over(turn.message_id):
            bindings.done(connection, turn.message_id)
        self.handoffs.settle(connection, turn, state, controls)
        if controls.get("push_off"):
            push.off(connection, turn.customer, str(controls["push_off"]))

    def _after(self, turn: Turn, controls: dict[str, Any]) -> None:
        if self.handoffs.ordered(controls):
            self.hub.changed(turn.customer)

    async def _forward(self, customer: str, message_id: str, question: str) -> None:
        await self.turns.submit(customer, message_id, question, {})

    async def _watch_revocations(self) -> None:
        while True:
            try:
                for token_id, expires in await self.database.read(_revoked):
                    if token_id not in self.identity.revoked:
                        self.identity.revoke(token_id, expires)
                        self.hub.end_token(token_id)
            except SQLAlchemyError as error:
                logger.error("app store does not answer: %s", type(error).__name__)
            await asyncio.sleep(_REVOCATIONS_SECONDS)

    async def _watch_replicas(self) -> None:
        """Notice what other replicas wrote: one query for all who listen here."""
        seen: dict[str, Any] = {}
        while True:
            try:
                listening = self.hub.customers()
                heads = await self.database.read(conversation.heads, listening) if listening else {}
                for customer in listening:
                    before, head = seen.get(customer), heads.get(customer)
                    if before is not None and head is not None and before.read_seq != head.read_seq:
                        self.hub.tell(customer, "read", {"read_seq": head.read_seq})
                    if before != head:
                        self.hub.changed_elsewhere(customer)
                seen = dict(heads)
            except SQLAlchemyError as error:
                logger.error("app store does not answer: %s", type(error).__name__)
            await asyncio.sleep(self.settings.poll_seconds)


def _remember_revoked(connection: Connection, token_id: str, expires: float) -> bool:
    r = tables.revoked_tokens
    connection.execute(delete(r).where(r.c.expires < time.time() - 3600))
    return insert_once(connection, r, jti=token_id, expires=expires)


def _revoked(connection: Connection) -> list[tuple[str, float]]:
    r = tables.revoked_tokens
    rows = connection.execute(select(r.c.jti, r.c.expires).where(r.c.expires > time.time()))
    return [(row.jti, row.expires) for row in rows]


def export(connection: Connection, customer: str) -> dict[str, Any]:
    """Everything the app store holds about a customer (schema Export, without the assistant's memory)."""
    entries = conversation.after(connection, customer, 0, 1_000_000)
    return {
        "schema": "peiban.export/1",
        "customer": customer,
        "exported_at": stamp(),
        "messages": [entry.body for entry in entries if entry.kind == "message"],
        "preferences": preferences.get(connection, customer),
        "consent_history": preferences.history(connection, customer),
        "ratings": ratings.of_customer(connection, customer),
        "purchase_events": purchases.of_customer(connection, customer),
        "handoffs": handoff.of_customer(connection, customer),
    }
