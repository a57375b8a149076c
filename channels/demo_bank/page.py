"""The demo bank's purchase page at /demo/bank/purchase; no money moves anywhere."""

from __future__ import annotations

import asyncio
import html
import os
import re
from asyncio import AbstractEventLoop
from pathlib import Path
from typing import Any

import jwt
from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse, empty, raw

from channels.app.page import file_response, security_headers
from channels.app.purchases import TICKET_AUDIENCE
from channels.app.settings import AppSettings
from channels.demo_bank.orders import Orders
from channels.wording import ROOT

_FOLDER = Path(__file__).parent / "static"
_TEMPLATE = (Path(__file__).parent / "purchase.html").read_text(encoding="utf-8")
_AMOUNT = re.compile(r"[1-9][0-9]{0,8}(\.[0-9]{1,2})?")


def purchase_blueprint(settings: AppSettings) -> Blueprint:
    """Pages and static files under /demo/bank; only for PEIBAN_MODE=demo."""
    blueprint = Blueprint("demo_bank", url_prefix="/demo/bank")
    var = Path(os.environ.get("PEIBAN_VAR") or ROOT / "var")

    def base() -> str:
        return f"http://127.0.0.1:{os.environ.get('PEIBAN_PORT', '5005')}"

    @blueprint.listener("before_server_start")
    async def prepare(app: Sanic, loop: AbstractEventLoop) -> None:
        app.ctx.demo_orders = Orders(var / "demo-bank.db", settings.bank_events_key, base)

    @blueprint.listener("after_server_start")
    async def start(app: Sanic, loop: AbstractEventLoop) -> None:
        app.ctx.demo_delivery = loop.create_task(app.ctx.demo_orders.deliver())

    @blueprint.listener("before_server_stop")
    async def stop(app: Sanic, loop: AbstractEventLoop) -> None:
        app.ctx.demo_delivery.cancel()
        await asyncio.gather(app.ctx.demo_delivery, return_exceptions=True)

    @blueprint.get("/purchase")
    async def show(request: Request) -> HTTPResponse:
        ticket = request.args.get("ticket") or ""
        claims = _claims(ticket, settings)
        if claims is None:
            return _page("链接已失效", "请回到聊天里重新点一次购买。", {})
        if not request.app.ctx.demo_orders.start(claims["jti"], claims["sub"], claims["product"]["code"]):
            return _page("链接已用过", "请回到聊天里重新点一次购买。", {})
        return _page("确认购买", "", {**claims["product"], "ticket": ticket})

    @blueprint.post("/purchase/<outcome:completed|broken_off>")
    async def finish(request: Request, outcome: str) -> HTTPResponse:
        form = request.form or {}
        claims = _claims(form.get("ticket") or "", settings)
        if claims is None:
            return _page("链接已失效", "请回到聊天里重新点一次购买。", {})
        amount = (form.get("amount") or "").strip()
        if outcome == "completed" and not _AMOUNT.fullmatch(amount):
            order = {**claims["product"], "ticket": form.get("ticket")}
            return _page("确认购买", "请填写购买金额，例如 10000。", order)
        request.app.ctx.demo_orders.finish(claims["jti"], outcome, amount if outcome == "completed" else None)
        if outcome == "broken_off":
            return empty()
        return _page("已受理(演示)", f"演示订单:{amount} 元。这里没有真实的资金变动。", {})

    @blueprint.get("/static/<name:[a-z]+\\.(?:js|css)>")
    async def static(request: Request, name: str) -> HTTPResponse:
        return file_response(_FOLDER, name, request.headers.get("if-none-match"))

    return blueprint


def _claims(ticket: str, settings: AppSettings) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = jwt.decode(
            ticket,
            settings.bank_events_key,
            algorithms=["HS256"],
            audience=TICKET_AUDIENCE,
            options={"require": ["exp", "sub", "jti"]},
        )
    except (jwt.PyJWTError, ValueError, UnicodeError):
        return None
    return claims


def _page(title: str, note: str, product: dict[str, Any]) -> HTTPResponse:
    values = {
        "title": title,
        "note": note,
        "name": product.get("name", ""),
        "risk": product.get("risk", ""),
        "minimum": product.get("minimum", "以产品说明书为准"),
        "ticket": product.get("ticket", ""),
        "form": "" if product else "hidden",
    }
    content = _TEMPLATE
    for name, value in values.items():
        content = content.replace("{{" + name + "}}", html.escape(str(value), quote=True))
    headers = {**security_headers(), "Cache-Control": "no-store"}
    return raw(content.encode(), headers=headers, content_type="text/html; charset=utf-8")
