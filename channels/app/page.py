"""The page (web/app/dist) with strict headers, and in demo mode the demo customers and their tokens."""

from __future__ import annotations

import mimetypes
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, raw

from channels import wording
from channels.app.clock import from_unix
from channels.app.gate import address, reply
from channels.app.limits import Limits
from channels.app.settings import AppSettings, SettingsError
from channels.app.token import issue
from channels.contract import operations
from channels.problems import Problem

DIST = wording.ROOT / "web" / "app" / "dist"
_PERSONAS = wording.ROOT / "data" / "demo" / "personas.yml"
# Vite puts a hash of the content into these names, so they never change.
_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_SECONDS_PER_YEAR = 31_536_000
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.*-]+(:[0-9]+)?")


@lru_cache(maxsize=1)
def security_headers() -> dict[str, str]:
    """Headers of every page. PEIBAN_FRAME_ANCESTORS names the origins that may embed it, separated by blanks."""
    embedders = os.environ.get("PEIBAN_FRAME_ANCESTORS", "").split()
    if any(not _ORIGIN.fullmatch(origin) for origin in embedders):
        raise SettingsError("PEIBAN_FRAME_ANCESTORS 只能写用空格分开的网址来源，例如 https://app.example.bank")
    ancestors = " ".join(["'self'", *embedders])
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
            f"form-action 'self'; frame-ancestors {ancestors}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


def page_blueprint(settings: AppSettings | None = None, dist: Path = DIST) -> Blueprint:
    """Files of the page at "/", and /demo/customers and /demo/token where PEIBAN_MODE is demo."""
    settings = settings or AppSettings.from_env()
    security_headers()
    blueprint = Blueprint("app_page")
    if settings.demo:
        _add_demo(blueprint, settings)

    @blueprint.get("/")
    @blueprint.get("/<name:[a-zA-Z0-9_.-]+>", name="file")
    @blueprint.get("/assets/<name:path>", name="asset")
    async def page(request: Request, name: str = "index.html") -> HTTPResponse:
        folder = dist / "assets" if request.path.startswith("/assets/") else dist
        return file_response(folder, name, request.headers.get("if-none-match"))

    return blueprint


def file_response(folder: Path, name: str, known: str | None) -> HTTPResponse:
    """One file below folder, 304 when the client has it. Raises Problem not_found; never leaves the folder."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file() or file.name.startswith("."):
        raise Problem("not_found")
    stat = file.stat()
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    forever = _HASHED.search(file.name) is not None and file.suffix != ".html"
    headers = {
        **security_headers(),
        "ETag": tag,
        "Cache-Control": f"public, max-age={_SECONDS_PER_YEAR}, immutable" if forever else "no-cache",
    }
    if known == tag:
        return raw(b"", status=304, headers=headers)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind == "application/javascript":
        kind += "; charset=utf-8"
    return raw(file.read_bytes(), headers=headers, content_type=kind)


def demo_customers() -> list[dict[str, Any]]:
    """Who can be played: the demo bank's personas with a line for the picker, rung by rung.

    Raises SettingsError when data/demo/personas.yml shows nobody.
    """
    personas = yaml.safe_load(_PERSONAS.read_text(encoding="utf-8"))["personas"]
    rungs = list(dict.fromkeys(one["stage"] for one in personas))
    shown = sorted((one for one in personas if one.get("picker")), key=lambda one: rungs.index(one["stage"]))
    if not shown:
        raise SettingsError("data/demo/personas.yml 里没有一位客户写了 picker，演示页面没有人可选")
    return [
        {
            "id": one["id"],
            "name": one["name"],
            "title": one["stage"],
            "text": one["picker"],
            "topics": [{"title": words, "text": words} for words in one["try"]],
        }
        for one in shown
    ]


def _add_demo(blueprint: Blueprint, settings: AppSettings) -> None:
    limits = Limits(wording.load("app")["limits"])
    customers = demo_customers()

    @blueprint.get("/demo/customers")
    async def demo_picker(request: Request) -> HTTPResponse:
        limits.spend("per_address", address(request))
        return reply({"customers": customers})

    @blueprint.post("/demo/token")
    async def demo_token(request: Request) -> HTTPResponse:
        limits.spend("per_address", address(request))
        customer = operations()["demoToken"].body(request)["customer"]
        # Only who is listed: the rest of the demo bank is for tests by `make token`.
        if customer not in {entry["id"] for entry in customers}:
            raise Problem("not_found", field="customer")
        token, expires = issue(settings, customer)
        return reply({"token": token, "expires_at": from_unix(expires)})
