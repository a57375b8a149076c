"""Orders of the demo bank: started, then completed or broken off; each change is a signed event, sent until taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from channels import signing
from channels.app.clock import stamp

logger = logging.getLogger(__name__)

# Nobody thinks about an order for half an hour with the page open: it was left.
ABANDONED_SECONDS = 1800
_EVENTS_PATH = "/webhooks/app/purchase-events"
_RETRY_SECONDS = 5.0


class Orders:
    """Orders and their unsent events in a small SQLite file, so that a restart loses none."""

    def __init__(self, file: Path, key: str, base: Callable[[], str]) -> None:
        """base gives the address that takes the events, e.g. http://127.0.0.1:5005."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._store = sqlite3.connect(file, isolation_level=None)
        self._store.execute("pragma journal_mode=wal")
        self._store.execute(
            "create table if not exists orders (id text primary key, customer text, product text, state text,"
            " started real)"
        )
        self._store.execute("create table if not exists events (id text primary key, body text)")
        self._key = key
        self._base = base
        self._wake = asyncio.Event()

    def start(self, ticket_id: str, customer: str, product: str) -> bool:
        """Open an order for a ticket; false when the ticket was used."""
        cursor = self._store.execute(
            "insert or ignore into orders values (?, ?, ?, 'started', ?)", (ticket_id, customer, product, time.time())
        )
        if not cursor.rowcount:
            return False
        self._event(ticket_id, "started", None)
        return True

    def finish(self, ticket_id: str, event: str, amount: str | None = None) -> bool:
        """completed or broken_off, once; false when it was finished before."""
        changed = self._store.execute(
            "update orders set state = ? where id = ? and state = 'started'", (event, ticket_id)
        ).rowcount
        if changed:
            self._event(ticket_id, event, amount)
        return bool(changed)

    async def deliver(self) -> None:
        """Send events in order, again and again until they are taken; runs as long as the server."""
        while True:
            self._give_up_abandoned()
            sent = await self._send_all()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _RETRY_SECONDS if not sent else 60)
            self._wake.clear()

    def _event(self, order: str, event: str, amount: str | None) -> None:
        customer, product = self._store.execute(
            "select customer, product from orders where id = ?", (order,)
        ).fetchone()
        body: dict[str, Any] = {
            "event_id": uuid.uuid4().hex,
            "event": event,
            "customer": customer,
            "product": product,
            "occurred_at": stamp(),
        }
        if amount is not None:
            body |= {"amount": amount, "currency": "CNY"}
        self._store.execute("insert into events values (?, ?)", (body["event_id"], json.dumps(body)))
        self._wake.set()

    def _give_up_abandoned(self) -> None:
        limit = time.time() - ABANDONED_SECONDS
        for (order,) in self._store.execute(
            "select id from orders where state = 'started' and started < ?", (limit,)
        ).fetchall():
            self.finish(order, "broken_off")

    async def _send_all(self) -> bool:
        rows = self._store.execute("select id, body from events order by rowid").fetchall()
        if not rows:
            return True
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
                for identity, text in rows:
                    body = text.encode()
                    headers = signing.headers(self._key, "POST", _EVENTS_PATH, body)
                    headers["Content-Type"] = "application/json"
                    async with session.post(self._base() + _EVENTS_PATH, data=body, headers=headers) as response:
                        if response.status >= 500 or response.status == 429:
                            return False
                        if response.status != 200:
                            logger.error("purchase event refused: %d", response.status)
                    self._store.execute("delete from events where id = ?", (identity,))
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False
        return True
