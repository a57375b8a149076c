"""Server-side sessions: a random id in the cookie, its hash in the store, idle and absolute end."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from desk import tables
from desk.wording import data

COOKIE = "peiban_desk"
# Writing "seen" on every request would make each read a write.
_SEEN_STEP_S = 20.0


def begin(connection: Connection, account: str, now: float, before: str | None = None) -> str:
    """A new session; one the browser came with is ended, so that nobody can plant an id. Returns the cookie's value."""
    if before:
        end(connection, before)
    secret = secrets.token_urlsafe(32)
    table = tables.sessions
    oldest = now - _absolute()
    connection.execute(delete(table).where((table.c.created <= oldest) | (table.c.seen <= now - _idle())))
    connection.execute(insert(table).values(id_hash=_hash(secret), account=account, created=now, seen=now))
    return secret


def account_of(connection: Connection, secret: str, now: float) -> str | None:
    """The account of a live session."""
    table = tables.sessions
    row = connection.execute(select(table).where(table.c.id_hash == _hash(secret))).first()
    if row is None or now - row.created >= _absolute() or now - row.seen >= _idle():
        return None
    return str(row.account)


def needs_touch(connection: Connection, secret: str, now: float) -> bool:
    """Whether `touch` is due."""
    table = tables.sessions
    seen = connection.execute(select(table.c.seen).where(table.c.id_hash == _hash(secret))).scalar()
    return seen is not None and now - seen >= _SEEN_STEP_S


def touch(connection: Connection, secret: str, now: float) -> None:
    """The person is still there."""
    table = tables.sessions
    connection.execute(update(table).where(table.c.id_hash == _hash(secret)).values(seen=now))


def end(connection: Connection, secret: str) -> None:
    """Sign out."""
    connection.execute(delete(tables.sessions).where(tables.sessions.c.id_hash == _hash(secret)))


def end_all(connection: Connection, account: str, but: str | None = None) -> None:
    """End an account's sessions (a new password, a closed account), except the one given."""
    table = tables.sessions
    mine = table.c.account == account
    if but is not None:
        mine &= table.c.id_hash != _hash(but)
    connection.execute(delete(table).where(mine))


def csrf(secret: str) -> str:
    """The token that a page of this session sends back with every change."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _idle() -> float:
    return float(data("limits")["session"]["idle_minutes"]) * 60


def _absolute() -> float:
    return float(data("limits")["session"]["absolute_hours"]) * 3600
