"""GET /health: 200 with each part's state, 503 while one that answers need is missing."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from server.settings import ROOT, Settings


def health_blueprint(settings: Settings) -> Blueprint:
    """Blueprint with /health; part states are "ok" or one word that says what is wrong."""
    blueprint = Blueprint("health")

    @blueprint.get("/health")
    async def health(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        parts: dict[str, Any] = {
            "model": "ok" if agent is not None and agent.is_ready() else "loading",
            "actions": await _actions(settings.actions_url + "/health"),
            "bank": await asyncio.get_event_loop().run_in_executor(None, _bank, settings.var / "peiban.db"),
            "page": "ok" if (ROOT / "web" / "app" / "dist" / "index.html").exists() else "missing",
        }
        well = all(state == "ok" for state in parts.values())
        return json({"status": "ok" if well else "degraded", "parts": parts}, status=200 if well else 503)

    return blueprint


async def _actions(url: str) -> str:
    try:
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return "ok" if response.status == 200 else "failing"
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return "unreachable"


def _bank(path: Path) -> str:
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1) as connection:
            connection.execute("select 1 from sqlite_master limit 1").fetchone()
        return "ok"
    except sqlite3.Error:
        return "missing"
