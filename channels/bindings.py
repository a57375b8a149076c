"""QR codes that bind a visit at the robot to a customer's phone: single use, expiring, revocable.

The robot's side creates a code with the question that must not be answered aloud, and later learns one word: its
state. Who scanned it, and the answer, exist on the app side only.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from channels.app import tables
from channels.app.database import Database
from channels.problems import Problem

Scope = Literal["answer", "visit"]
ANSWER_SECONDS = 180
VISIT_SECONDS = 900
_PREFIX = "bind:"


@dataclass(frozen=True)
class Offer:
    """A fresh code for the robot's screen; expires is Unix seconds."""

    code: str
    expires: float


@dataclass(frozen=True)
class Claim:
    """What the app side gets when a code is scanned: the question, and an id for its answer."""

    message_id: str
    question: str
    scope: Scope
    expires: float


class Bindings:
    """Codes in the app store, hashed. forward(customer, message_id, question) is set by the app channel."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.forward: Callable[[str, str, str], Awaitable[None]] | None = None

    async def create(self, device: str, visit: str, question: str, scope: Scope = "answer") -> Offer:
        """A new code for this visit. Older unused codes of the visit stop working."""
        code = secrets.token_urlsafe(18)
        expires = time.time() + (VISIT_SECONDS if scope == "visit" else ANSWER_SECONDS)
        await self._database.write(_create, _hash(code), device, visit, question, scope, expires)
        return Offer(code, expires)

    async def state(self, code: str, device: str) -> str:
        """waiting, claimed, done, expired, revoked or unknown: all that the robot may know, of its own codes only."""
        return await self._database.read(_state, _hash(code), device)

    async def revoke_visit(self, visit: str) -> None:
        """The visitor left: nothing of this visit can be scanned or forwarded any more."""
        await self._database.write(_revoke_visit, visit)

    async def ask(self, visit: str, question: str) -> bool:
        """Send one more question of a bound visit to the phone. False when no phone is bound (show a code then)."""
        customer = await self._database.read(_bound, visit)
        if customer is None or self.forward is None:
            return False
        await self.forward(customer, _PREFIX + secrets.token_hex(12), question)
        return True

    async def claim(self, code: str, customer: str) -> Claim:
        """Take a code, once. Raises Problem not_found, binding_used, binding_expired or binding_revoked."""
        return await self._database.write(_claim, _hash(code), customer)

    async def unbind(self, code: str, customer: str) -> None:
        """The customer ends the link. Raises Problem not_found for a code that is not theirs."""
        await self._database.write(_unbind, _hash(code), customer)


def is_carried_over(message_id: str) -> bool:
    """Whether a message of the log was asked at the robot."""
    return message_id.startswith(_PREFIX)


def forget(connection: Connection, customer: str) -> None:
    """Delete a customer's bindings."""
    connection.execute(delete(tables.bindings).where(tables.bindings.c.customer == customer))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _create(
    connection: Connection, code_hash: str, device: str, visit: str, question: str, scope: str, expires: float
) -> None:
    b = tables.bindings
    # Words of past visits are wiped here, so that no clock is needed for it.
    connection.execute(delete(b).where(b.c.expires < time.time() - VISIT_SECONDS))
    old = update(b).where(b.c.visit == visit, b.c.state == "waiting")
    connection.execute(old.values(state="revoked", question=None))
    values = {"device": device, "visit": visit, "question": question, "scope": scope, "expires": expires}
    connection.execute(insert(b).values(code_hash=code_hash, state="waiting", **values))


def _state(connection: Connection, code_hash: str, device: str) -> str:
    b = tables.bindings
    mine = select(b.c.state, b.c.expires).where(b.c.code_hash == code_hash, b.c.device == device)
    row = connection.execute(mine).first()
    if row is None:
        return "unknown"
    return "expired" if row.state == "waiting" and row.expires < time.time() else str(row.state)


def _claim(connection: Connection, code_hash: str, customer: str) -> Claim:
    b = tables.bindings
    row = connection.execute(select(b).where(b.c.code_hash == code_hash).with_for_update()).first()
    if row is None:
        raise Problem("not_found")
    if row.state == "revoked":
        raise Problem("binding_revoked")
    if row.expires < time.time():
        raise Problem("binding_expired")
    if row.state in ("claimed", "done"):
        # The same phone asking again after a lost answer gets the stored one.
        if row.customer == customer:
            return Claim(_PREFIX + code_hash[:24], row.question or "", row.scope, row.expires)
        raise Problem("binding_used")
    connection.execute(update(b).where(b.c.code_hash == code_hash).values(state="claimed", customer=customer))
    return Claim(_PREFIX + code_hash[:24], row.question, row.scope, row.expires)


def done(connection: Connection, message_id: str) -> None:
    """The answer to this carried-over question stands on the phone."""
    b = tables.bindings
    mine = b.c.code_hash.startswith(message_id.removeprefix(_PREFIX), autoescape=True)
    connection.execute(update(b).where(mine, b.c.state == "claimed").values(state="done"))


def _unbind(connection: Connection, code_hash: str, customer: str) -> None:
    b = tables.bindings
    mine = update(b).where(b.c.code_hash == code_hash, b.c.customer == customer)
    if not connection.execute(mine.values(state="revoked", question=None)).rowcount:
        raise Problem("not_found")


def _revoke_visit(connection: Connection, visit: str) -> None:
    b = tables.bindings
    connection.execute(update(b).where(b.c.visit == visit).values(state="revoked", question=None))


def _bound(connection: Connection, visit: str) -> str | None:
    b = tables.bindings
    found: str | None = connection.execute(
        select(b.c.customer).where(
            b.c.visit == visit, b.c.scope == "visit", b.c.state.in_(("claimed", "done")), b.c.expires > time.time()
        )
    ).scalar()
    return found
