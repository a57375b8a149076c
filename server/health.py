"""GET /health: each part's state. 503 while one that answers need is missing, 200 when only a side part is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import aiohttp
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from journeys.store.journal import Journal, heartbeat
from server.settings import ROOT, Settings
from wealth.errors import WealthError
from wealth.store import Store, open_store

# The worker tells of itself every few seconds; a daily scan of a large bank may hold it up for half a minute.
SILENT = timedelta(seconds=60)
# Customers are answered without these: a balancer must not take the house out for them.
SIDE_PARTS = ("journeys", "desk")


def health_blueprint(settings: Settings) -> Blueprint:
    """Blueprint with /health; part states are "ok" or one word that says what is wrong."""
    blueprint = Blueprint("health")
    store = _Opened()

    @blueprint.get("/health")
    async def health(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        loop = asyncio.get_running_loop()
        actions, desk, bank, journeys = await asyncio.gather(
            _answers(settings.actions_url + "/health"),
            _answers(settings.desk_url + "/desk/api/me"),
            loop.run_in_executor(None, store.state, _bank),
            loop.run_in_executor(None, store.state, _journeys),
        )
        parts: dict[str, Any] = {
            "model": "ok" if agent is not None and agent.is_ready() else "loading",
            "actions": actions,
            "bank": bank,
            "page": "ok" if (ROOT / "web" / "app" / "dist" / "index.html").exists() else "missing",
            "journeys": journeys,
            "desk": desk,
        }
        bad = [name for name, state in parts.items() if state != "ok"]
        needed = [name for name in bad if name not in SIDE_PARTS]
        return json({"status": "degraded" if bad else "ok", "parts": parts}, status=503 if needed else 200)

    return blueprint


class _Opened:
    """The bank store, opened when it is first asked for; a bank that comes later is found."""

    def __init__(self) -> None:
        self._store: Store | None = None

    def state(self, look: Callable[[Store], str]) -> str:
        try:
            self._store = self._store or open_store()
            return look(self._store)
        except WealthError:
            return "missing"


def _bank(store: Store) -> str:
    with store.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM customers LIMIT 1").fetchone()
    return "ok"


def _journeys(store: Store) -> str:
    last = heartbeat(Journal(store))
    return "ok" if last is not None and datetime.now(timezone.utc) - last < SILENT else "silent"


async def _answers(url: str) -> str:
    """Whether a part answers at all; a polite refusal (401) is an answer."""
    try:
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return "ok" if response.status < 500 else "failing"
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return "unreachable"
