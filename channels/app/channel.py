"""The app channel as Rasa's server loads it: routes under /webhooks/app, background work with the server's life."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic

from channels import problems
from channels.app import customer_routes, desk_routes, service_routes
from channels.app.assistant import Assistant
from channels.app.services import Services
from channels.app.settings import AppSettings


class AppChannel(InputChannel):
    """Customers of the bank's app. services exists once the blueprint is made; other parts use it for push,
    hand-over and bindings."""

    def __init__(self, settings: AppSettings) -> None:
        self.settings = settings
        self._services: Services | None = None

    @classmethod
    def name(cls) -> str:
        return "app"

    @classmethod
    def from_settings(cls) -> AppChannel:
        """With the settings of the environment. Raises SettingsError with one clear line."""
        return cls(AppSettings.from_env())

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> AppChannel:
        """For `rasa run`: secrets come from the environment, never from credentials.yml."""
        return cls.from_settings()

    @property
    def services(self) -> Services:
        """Raises RuntimeError before the server has asked for the blueprint."""
        if self._services is None:
            raise RuntimeError("the app channel has no blueprint yet")
        return self._services

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """All routes of docs/openapi.yaml under /webhooks/app."""
        blueprint = Blueprint("app_channel")
        assistant = Assistant(on_new_message, self.name())
        services = self._services = Services(self.settings, assistant)
        customer_routes.add(blueprint, services)
        service_routes.add(blueprint, services)
        desk_routes.add(blueprint, services)

        @blueprint.listener("before_server_start")
        async def prepare(app: Sanic, loop: AbstractEventLoop) -> None:
            problems.install(app)
            assistant.app = app
            app.ctx.bindings = services.bindings
            if self.settings.trusted_proxies:
                app.config.PROXIES_COUNT = self.settings.trusted_proxies

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, loop: AbstractEventLoop) -> None:
            await services.start()

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, loop: AbstractEventLoop) -> None:
            await services.stop()

        return blueprint
