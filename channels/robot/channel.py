"""The robot channel as Rasa's server loads it: routes under /webhooks/robot by HTTP and by WebSocket."""

from __future__ import annotations

import asyncio
import logging
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse, empty
from sqlalchemy.exc import SQLAlchemyError

from channels import problems, signing, wording
from channels.app.assistant import Assistant
from channels.app.audit import Audit
from channels.app.database import Database
from channels.app.gate import address, reply
from channels.app.limits import Limits
from channels.problems import Problem
from channels.robot import frames, keys
from channels.robot.catalogue import products
from channels.robot.fleet import Fleet
from channels.robot.guessing import Guesses
from channels.robot.keys import DeviceKeys
from channels.robot.settings import RobotSettings
from channels.robot.socket import serve
from channels.robot.visits import Codes, Visits

logger = logging.getLogger(__name__)


class RobotChannel(InputChannel):
    """Visitors at lobby robots: anonymous, by device key, wiped when they leave."""

    def __init__(self, settings: RobotSettings) -> None:
        self.settings = settings
        rules = wording.load("robot")
        self.keys = DeviceKeys(settings)
        self.fleet = Fleet(rules["timing"]["device_lost"])
        self.limits = Limits(rules["limits"])
        self._audit = Audit(settings.app.service_key)
        self._database: Database | None = None
        self._guesses = Guesses(self.name())
        self._app: Sanic | None = None

    @classmethod
    def name(cls) -> str:
        return "robot"

    @classmethod
    def from_settings(cls) -> RobotChannel:
        """With the settings of the environment. Raises SettingsError with one clear line."""
        return cls(RobotSettings.from_env())

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RobotChannel:
        """For `rasa run`: secrets come from the environment, never from credentials.yml."""
        return cls.from_settings()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """All routes under /webhooks/robot."""
        blueprint = Blueprint("robot_channel")
        assistant = Assistant(on_new_message, self.name())
        self.visits = Visits(assistant, self._guesses, self._codes, self.settings.page_url, self._note)

        @blueprint.listener("before_server_start")
        async def prepare(app: Sanic, loop: AbstractEventLoop) -> None:
            problems.install(app)
            assistant.app = self._guesses.app = self._app = app
            self._database = Database(self.settings.app.store_url)

        @blueprint.listener("after_server_stop")
        async def stop(app: Sanic, loop: AbstractEventLoop) -> None:
            if self._database is not None:
                await asyncio.get_running_loop().run_in_executor(None, self._database.close)

        @blueprint.post("/messages")
        async def say(request: Request) -> HTTPResponse:
            return reply(await self.work("say", self.device(request), _body(request)))

        @blueprint.post("/guesses")
        async def guess(request: Request) -> HTTPResponse:
            answer = await self.work("guess", self.device(request), _body(request))
            return reply(answer) if answer is not None else empty()

        @blueprint.delete("/visits/<visit:str>")
        async def end(request: Request, visit: str) -> HTTPResponse:
            await self.work("end", self.device(request), {"visit": visit})
            return empty()

        @blueprint.get("/codes/<code:str>")
        async def code_state(request: Request, code: str) -> HTTPResponse:
            return reply({"state": await self.code_state(self.device(request), code)})

        @blueprint.put("/health")
        async def health(request: Request) -> HTTPResponse:
            await self.work("health", self.device(request), _body(request))
            return empty()

        @blueprint.get("/catalogue")
        async def catalogue(request: Request) -> HTTPResponse:
            self.limits.spend("requests_per_device", self.device(request))
            return reply(await asyncio.to_thread(products, self.settings.catalogue))

        @blueprint.get("/fleet")
        async def fleet(request: Request) -> HTTPResponse:
            given = request.headers.get(signing.TIMESTAMP), request.headers.get(signing.SIGNATURE)
            if not signing.valid(self.settings.app.service_key, *given, "GET", request.path, b""):
                raise Problem("signature_invalid")
            return reply({"robots": self.fleet.view()})

        @blueprint.websocket("/socket")
        async def socket(request: Request, connection: Any) -> None:
            await serve(self, request, connection)

        return blueprint

    def device(self, request: Request) -> str:
        """The device that calls, by its key. Raises Problem for a missing, wrong or revoked key, or too many."""
        caller = address(request)
        self.limits.spent("failed_logins_per_address", caller)
        try:
            return self.keys.device(request.headers.get(keys.HEADER))
        except Problem:
            self.limits.spend("failed_logins_per_address", caller)
            raise

    async def work(self, kind: str, device: str, body: Any) -> dict[str, Any] | None:
        """One request of a device, whichever way it came. Raises Problem."""
        self.limits.spend("guesses_per_device" if kind == "guess" else "requests_per_device", device)
        asked = frames.checked(kind, body)
        self.fleet.seen(device)
        if kind == "say":
            return await self.visits.say(device, asked["visit"], asked["message_id"], asked["text"])
        if kind == "guess":
            return await self.visits.guess(device, asked["visit"], asked["text"])
        if kind == "end":
            await self.visits.end(device, asked["visit"])
        elif kind == "health":
            self.fleet.report(device, asked)
        return None

    async def code_state(self, device: str, code: str) -> str:
        """How far a code on the device's screen is; "unknown" for another robot's. Raises Problem not_ready."""
        self.limits.spend("requests_per_device", device)
        codes = self._codes()
        try:
            return await codes.state(code, device) if codes is not None else "unknown"
        except SQLAlchemyError as error:
            raise Problem("not_ready", retry_after=5) from RuntimeError(type(error).__name__)

    def _codes(self) -> Codes | None:
        return getattr(self._app.ctx, "bindings", None) if self._app is not None else None

    async def _note(self, device: str, message_id: str, decision: str) -> None:
        if self._database is None:
            return
        try:
            await self._database.write(self._audit.note, "robot_answer", f"robot:{device}", message_id, decision)
        except SQLAlchemyError as error:
            # No trail, no answer: the visitor asks again once the store is back.
            raise Problem("not_ready", retry_after=5) from RuntimeError(type(error).__name__)


def _body(request: Request) -> Any:
    media_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem("wrong_media_type")
    return frames.decoded(request.body)
