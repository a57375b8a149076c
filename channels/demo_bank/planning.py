"""The demo bank's planning system: takes signed leads, each once by its idempotency key, and shows what it got."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from channels import signing
from channels.app.clock import stamp
from channels.app.gate import reply
from channels.problems import Problem
from channels.wording import ROOT

_TABLE = """
CREATE TABLE IF NOT EXISTS leads (
  key TEXT PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL, deliveries INTEGER NOT NULL)
"""
_MOST = 200


def planning_blueprint(key: str) -> Blueprint:
    """POST /demo/bank/leads (signed with key) and GET of the newest; only for PEIBAN_MODE=demo."""
    blueprint = Blueprint("demo_planning", url_prefix="/demo/bank")
    file = Path(os.environ.get("PEIBAN_VAR") or ROOT / "var") / "demo-bank.db"

    @blueprint.listener("before_server_start")
    async def prepare(app: Any, loop: Any) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        app.ctx.demo_leads = sqlite3.connect(file, isolation_level=None)
        app.ctx.demo_leads.execute("PRAGMA journal_mode=WAL")
        app.ctx.demo_leads.execute(_TABLE)

    @blueprint.post("/leads")
    async def take(request: Request) -> HTTPResponse:
        try:
            identity = _checked(request, key)
        except Problem as problem:
            return problem.response()
        request.app.ctx.demo_leads.execute(
            "INSERT INTO leads VALUES (?, ?, ?, 1) ON CONFLICT (key) DO UPDATE SET deliveries = deliveries + 1",
            (identity, stamp(), request.body.decode()),
        )
        return reply({"accepted": True})

    @blueprint.get("/leads")
    async def show(request: Request) -> HTTPResponse:
        rows = request.app.ctx.demo_leads.execute(
            "SELECT key, at, body, deliveries FROM leads ORDER BY at DESC LIMIT ?", (_MOST,)
        )
        names = ("key", "received_at", "lead", "deliveries")
        return reply({"leads": [dict(zip(names, (*row[:2], json.loads(row[2]), row[3]), strict=True)) for row in rows]})

    return blueprint


def _checked(request: Request, key: str) -> str:
    """The idempotency key of a lead that is signed and whole. Raises Problem."""
    target = request.path + (f"?{request.query_string}" if request.query_string else "")
    given = request.headers.get(signing.TIMESTAMP), request.headers.get(signing.SIGNATURE)
    if not signing.valid(key, *given, request.method, target, request.body):
        raise Problem("signature_invalid")
    identity = request.headers.get("idempotency-key") or ""
    if not 0 < len(identity) <= 64:
        raise Problem("invalid", field="Idempotency-Key")
    try:
        json.loads(request.body)
    except (ValueError, RecursionError):
        raise Problem("bad_json") from None
    return identity
