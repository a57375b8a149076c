"""The desk's application: `create_app(settings)`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from desk import problems
from desk.auth import accounts, demo
from desk.auth.access import SignedIn
from desk.routes import bookings, customers, day, feedback, groups, handoffs, leads, numbers, session, stream
from desk.services import Services
from desk.settings import ROOT, DeskSettings, SettingsError
from desk.web import Frontier
from journeys.store.migrate import migrate

PAGE = ROOT / "web" / "desk" / "dist"
API = "/desk/api"
PARTS = (session, leads, customers, handoffs, bookings, groups, feedback, numbers, day, stream)


def create_app(settings: DeskSettings) -> FastAPI:
    """The desk over its stores. Raises SettingsError, StoreUnavailable."""
    services = prepared(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.services.hub.bind(asyncio.get_running_loop())
        yield
        app.state.services.store.close()

    app = FastAPI(
        title="PeiBan desk",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.services = services
    api = APIRouter(prefix=API)
    for part in PARTS:
        api.include_router(part.router)
    _description(api)
    app.include_router(api)
    problems.install(app)
    app.add_middleware(Frontier, settings=settings)
    _page(app)
    return app


def prepared(settings: DeskSettings) -> Services:
    """The stores with their tables and, in the demo, its accounts. Raises SettingsError, StoreUnavailable."""
    services = Services.open(settings)
    services.store.create()
    migrate(settings.bank_url)
    _accounts(services)
    return services


def _description(api: APIRouter) -> None:
    @api.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request, who: SignedIn) -> dict[str, Any]:
        """The desk's own description, for whoever is signed in."""
        found: dict[str, Any] = request.app.openapi()
        return found


def _accounts(services: Services) -> None:
    with services.store.write() as connection:
        if services.settings.demo:
            demo.write(connection, services.bank.store)
        elif any(one.demo for one in accounts.listed(connection)):
            raise SettingsError("工作台里还有演示账号：正式环境请换一个库，或先用 desk.accounts disable 停用")


def _page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    @app.get("/desk", include_in_schema=False)
    def start() -> RedirectResponse:
        return RedirectResponse("/desk/")

    if PAGE.is_dir():
        app.mount("/desk", StaticFiles(directory=PAGE, html=True), name="page")
