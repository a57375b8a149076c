"""Work through customers' messages: one at a time and in order per customer, each answered once.

A message is stored, then worked on, then its answer is stored, then delivered. Whatever dies in between is picked up
again, here or by another replica once the lease has run out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from channels.app import inbox
from channels.app.assistant import Assistant, NotReady
from channels.app.conversation import Message
from channels.app.database import Database
from channels.app.hub import Hub
from channels.app.inbox import ANSWERED, PENDING, WITH_MANAGER, Turn
from channels.problems import Problem
from channels.rendering import turn as rendering

logger = logging.getLogger(__name__)

_SWEEP_SECONDS = 2.0
_HELD_ELSEWHERE_SECONDS = 0.2
_SWEEP_CUSTOMERS = 100
# A message that brought the server down this often gets an apology instead of another chance.
_MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Answer:
    """state: answered, pending or with_manager."""

    message_id: str
    state: str
    messages: list[Message]

    def to_dict(self) -> dict[str, Any]:
        return {"message_id": self.message_id, "status": self.state, "messages": self.messages}


@dataclass(frozen=True)
class Way:
    """Who answers a message: the assistant, given metadata; a manager; or the channel with one of its own sentences."""

    metadata: dict[str, Any] = field(default_factory=dict)
    with_manager: bool = False
    notice: str = ""
    controls: dict[str, Any] = field(default_factory=dict)


class Turns:
    """Runs turns. way says who answers; record is called in the transaction that stores an answer, with the turn's
    orders to the channel, and after is told them once that is done."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        assistant: Assistant,
        way: Callable[[Turn], Awaitable[Way]],
        record: Callable[[Connection, Turn, str, list[Message], dict[str, Any]], None],
        after: Callable[[Turn, dict[str, Any]], None],
        limits: dict[str, Any],
        timing: dict[str, Any],
    ) -> None:
        self._database = database
        self._hub = hub
        self._assistant = assistant
        self._way = way
        self._record = record
        self._after = after
        self._waiting_limit = limits["turns_waiting"]
        self._turn_seconds = timing["turn"]
        self._answer_seconds = timing["answer_wait"]
        self._lease = self._turn_seconds * 2.0 + 10
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"[-64:]
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._claimed: dict[str, Turn] = {}
        # A lock lives as long as somebody holds or awaits it.
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._waiting = 0

    async def submit(
        self, customer: str, message_id: str, text: str, payload: dict[str, Any], *, shown: bool = True
    ) -> Answer:
        """Take a message and wait for its answer, or for as long as a client likes to wait (then state pending)."""
        if self._waiting >= self._waiting_limit:
            raise Problem("not_ready", retry_after=3)
        self._waiting += 1
        listener = self._hub.watch(customer, message_id)

        try:
            state, turn, logged = await self._database.write(
                inbox.accept, customer, message_id, text, payload, shown, self.worker, self._lease
            )
            if state == PENDING:
                self._hub.changed(customer, logged)
                self._start(customer, turn)
                with contextlib.suppress(asyncio.TimeoutError):
                    return await asyncio.wait_for(self._wait(customer, message_id, listener), self._answer_seconds)
            return await self._look(customer, message_id)
        finally:
            self._hub.leave(customer, listener)
            self._waiting -= 1

    async def sweep(self) -> None:
        """Pick up, again and again, what nobody is working on: after a restart, or when another replica died."""
        if self._database.embedded:
            await self._database.write(inbox.release_all)
        while True:
            try:
                for customer in await self._database.read(inbox.orphans, _SWEEP_CUSTOMERS):
                    self._start(customer)
            except SQLAlchemyError as error:
                logger.error("app store does not answer: %s", type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)

    @contextlib.asynccontextmanager
    async def paused(self, customer: str) -> Any:
        """Nothing of this customer is worked on meanwhile."""
        async with self._lock(customer):
            yield

    async def stop(self) -> None:
        """Give back what is not finished."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._database.write(inbox.release, self.worker)

    async def _wait(self, customer: str, message_id: str, listener: Any) -> Answer:
        while True:
            if listener.bye:
                raise Problem("not_ready", retry_after=2)
            changed, _, _ = listener.take()
            if listener.answer is not None:
                return listener.answer
            if changed:
                answer = await self._look(customer, message_id)
                if answer.state != PENDING:
                    return answer
            await listener.wake.wait()

    async def _look(self, customer: str, message_id: str) -> Answer:
        state, messages = await self._database.read(inbox.state_of, customer, message_id)
        # Unknown after it was accepted: the customer deleted everything meanwhile.
        return Answer(message_id, state or ANSWERED, messages)

    def _start(self, customer: str, turn: Turn | None = None) -> None:
        self._again.add(customer)
        if turn is not None:
            self._claimed[customer] = turn
        if customer not in self._running:
            self._running[customer] = asyncio.get_running_loop().create_task(self._drain(customer))

    def _lock(self, customer: str) -> asyncio.Lock:
        lock = self._locks.get(customer)
        if lock is None:
            lock = self._locks[customer] = asyncio.Lock()
        return lock

    async def _drain(self, customer: str) -> None:
        try:
            while customer in self._again:
                self._again.discard(customer)
                open_still = True
                while open_still:
                    worked, open_still = await self._one(customer)
                    if open_still and not worked:
                        # Another replica has the oldest: it comes first.
                        await asyncio.sleep(_HELD_ELSEWHERE_SECONDS)
        except NotReady:
            logger.info("assistant not ready, messages wait")
        except SQLAlchemyError as error:
            logger.error("app store does not answer, messages wait: %s", type(error).__name__)
        finally:
            self._again.discard(customer)
            del self._running[customer]

    async def _one(self, customer: str) -> tuple[bool, bool]:
        """Work on the next message. Returns whether there was one to take, and whether to look for another."""
        async with self._lock(customer):
            turn, open_still = self._claimed.pop(customer, None), True
            if turn is None:
                turn, open_still = await self._database.write(inbox.claim, customer, self.worker, self._lease)
            if turn is None:
                return False, open_still
            self._hub.tell(customer, "typing", {"on": True, "origin": "assistant"})
            try:
                state, messages, controls = await self._answer(turn)
                settled, open_still = await self._database.write(self._settle, turn, state, messages, controls)
                self._hub.changed(customer, settled)
                self._hub.answered(customer, turn.message_id, Answer(turn.message_id, state, settled))
            except (NotReady, SQLAlchemyError):
                await self._database.write(inbox.put_back, turn)
                raise
            finally:
                self._hub.tell(customer, "typing", {"on": False, "origin": "assistant"})
        self._after(turn, controls)
        return True, open_still

    def _settle(
        self, connection: Connection, turn: Turn, state: str, messages: list[Message], controls: dict[str, Any]
    ) -> tuple[list[Message], bool]:
        settled = inbox.settle(connection, turn, state, messages)
        if settled or state == WITH_MANAGER:
            self._record(connection, turn, state, settled, controls)
        return settled, inbox.any_open(connection, turn.customer)

    async def _answer(self, turn: Turn) -> tuple[str, list[Message], dict[str, Any]]:
        sender = f"app:{turn.customer}"
        try:
            way = await self._way(turn)
            if way.with_manager:
                return WITH_MANAGER, [], {}
            if way.notice:
                return ANSWERED, [rendering.notice(way.notice, turn.message_id)], way.controls
            metadata = {**way.metadata, "message_id": turn.message_id, "payload": turn.payload}
            sent = await self._assistant.recall(sender, turn.message_id) if turn.attempts > 1 else None
            if sent is None:
                if turn.attempts > _MAX_ATTEMPTS:
                    logger.error("message given up after %d tries", turn.attempts - 1)
                    return ANSWERED, [rendering.notice("failed", turn.message_id)], {}
                asked = self._assistant.ask(sender, turn.message_id, turn.text, metadata)
                sent = await asyncio.wait_for(asked, self._turn_seconds)
        except (NotReady, SQLAlchemyError):
            # Not the message's fault: it waits.
            raise
        except Exception as error:
            # The type only: an exception's text may quote the message.
            logger.error("turn failed: %s", type(error).__name__)
            return ANSWERED, [rendering.notice("failed", turn.message_id)], {}
        return ANSWERED, rendering.messages(sent, turn.message_id), rendering.controls(sent)
