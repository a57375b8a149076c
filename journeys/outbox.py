"""Transactional outbox: what the bank's planning system must get, at least once, told apart by an idempotency key.

A row is written with what it tells of; delivery tries again with growing, random pauses, and gives up into the dead
letters, from where a person sends it again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from journeys.store import Journal, schema

ATTEMPTS = 10
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 600.0
TIMEOUT = (3.05, 5.0)
# What the receiver will not take however often it is sent.
_FINAL = frozenset(range(400, 500)) - {401, 403, 408, 409, 423, 425, 429}
# (key, payload) → (delivered, HTTP status or 0, what went wrong)
Post = Callable[[str, Mapping[str, Any]], "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended. final: trying again is of no use."""

    delivered: bool
    final: bool = False
    error: str = ""


def queue(
    connection: Connection, key: str, topic: str, customer: str | None, payload: Mapping[str, Any], at: datetime
) -> None:
    """Add a row in the caller's transaction; key is its idempotency key."""
    row = {"key": key, "topic": topic, "customer": customer, "payload": dict(payload), "created_at": at}
    state = {"state": "pending", "attempts": 0, "next_at": at, "sent_at": None, "error": ""}
    connection.execute(insert(schema.outbox).values(**row, **state))


def deliver(journal: Journal, post: Post, now: datetime, limit: int = 100) -> tuple[int, int]:
    """Try what is due, oldest first; returns (delivered, failed). Each outcome is kept as soon as it is known."""
    table = schema.outbox
    with journal.read() as connection:
        due = (table.c.state == "pending") & (table.c.next_at <= now)
        rows = connection.execute(select(table).where(due).order_by(table.c.id).limit(limit)).all()
    delivered = 0
    for row in rows:
        outcome = post(row.key, row.payload)
        attempts = row.attempts + 1
        values: dict[str, Any] = {"attempts": attempts, "error": outcome.error[:80]}
        if outcome.delivered:
            delivered += 1
            values.update(state="sent", sent_at=now)
        elif outcome.final or attempts >= ATTEMPTS:
            values.update(state="dead")
        else:
            values.update(next_at=now + pause(attempts))
        with journal.write() as connection:
            mine = (table.c.id == row.id) & (table.c.state == "pending")
            connection.execute(update(table).where(mine).values(**values))
    return delivered, len(rows) - delivered


def pause(attempts: int) -> timedelta:
    """Full jitter: anything up to the doubled pause, so that many rows do not come back at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1))
    return timedelta(seconds=random.uniform(0.1, longest))


def dead_letters(journal: Journal, limit: int = 200) -> list[dict[str, Any]]:
    """What was given up: id, key, topic, attempts, error, created_at."""
    table = schema.outbox
    columns = [table.c[name] for name in ("id", "key", "topic", "attempts", "error", "created_at")]
    with journal.read() as connection:
        rows = connection.execute(select(*columns).where(table.c.state == "dead").order_by(table.c.id).limit(limit))
        return [dict(row) for row in rows.mappings()]


def replay(journal: Journal, ids: Iterable[int], now: datetime) -> int:
    """Send dead letters again from the first attempt, under the same key; returns how many."""
    table = schema.outbox
    with journal.write() as connection:
        chosen = (table.c.id.in_(list(ids))) & (table.c.state == "dead")
        return connection.execute(
            update(table).where(chosen).values(state="pending", attempts=0, next_at=now, error="")
        ).rowcount


def webhook(url: str, key: str) -> Post:
    """Signed POST (as channels/signing: X-PeiBan-Timestamp, X-PeiBan-Signature) with Idempotency-Key."""
    session = requests.Session()

    def post(identity: str, payload: Mapping[str, Any]) -> Outcome:
        body = json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": identity, **signed(key, url, body)}
        try:
            answer = session.post(url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            return Outcome(False, error=type(error).__name__)
        if 200 <= answer.status_code < 300 or answer.status_code == 409:
            # 409: the receiver has it already under this key.
            return Outcome(True)
        return Outcome(False, final=answer.status_code in _FINAL, error=f"HTTP {answer.status_code}")

    return post


def signed(key: str, url: str, body: bytes) -> dict[str, str]:
    """Time stamp and HMAC-SHA256 over "{timestamp}.POST.{path and query}.{body}"."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # The wall clock, whatever time the bank plays: the receiver refuses old signatures.
    timestamp = str(int(datetime.now().timestamp()))
    content = f"{timestamp}.POST.{target}.".encode() + body
    signature = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
    return {"X-PeiBan-Timestamp": timestamp, "X-PeiBan-Signature": signature}
