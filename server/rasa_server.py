"""The Rasa server: both channels, the page and /health in one process. Rasa's REST channel and HTTP API stay off."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from server import keys
from server import settings as peiban_settings

settings = peiban_settings.load()
keys.share(settings)
# Rasa logs each message's text at debug level through structlog; what customers say never reaches a log.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

from rasa.core.agent import Agent, load_agent  # noqa: E402
from rasa.core.channels import channel as rasa_channel  # noqa: E402
from rasa.core.utils import AvailableEndpoints  # noqa: E402
from rasa.model import get_latest_model  # noqa: E402
from sanic import Sanic  # noqa: E402

from channels.app.channel import AppChannel  # noqa: E402
from channels.app.page import page_blueprint  # noqa: E402
from channels.demo_bank.page import purchase_blueprint  # noqa: E402
from channels.demo_bank.planning import planning_blueprint  # noqa: E402
from channels.events import events_blueprint  # noqa: E402
from channels.robot.channel import RobotChannel  # noqa: E402
from journeys.events.http import taker  # noqa: E402
from journeys.forget import forget  # noqa: E402
from journeys.store import Journal  # noqa: E402
from server.action_endpoint import SmallPosts, check_answers_compiled  # noqa: E402
from server.health import health_blueprint  # noqa: E402
from server.train import model_path  # noqa: E402
from wealth.errors import StoreUnavailable  # noqa: E402
from wealth.store import open_store  # noqa: E402

logger = logging.getLogger(__name__)


def create_app(model: str) -> Sanic:
    """The Sanic application around one trained model."""
    app = Sanic("peiban", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.REQUEST_MAX_SIZE = 256 * 1024
    app.config.FALLBACK_ERROR_FORMAT = "json"
    endpoints = AvailableEndpoints.read_endpoints(str(peiban_settings.ROOT / "endpoints.yml"))

    async def load(running: Sanic, loop: AbstractEventLoop) -> None:
        running.ctx.agent = await load_agent(model_path=model, endpoints=endpoints, loop=loop)
        agent: Agent = running.ctx.agent
        if not agent.is_ready():
            # Rasa has logged why; usually the code is newer than the model.
            logger.error("模型 %s 加载不了，请重新训练: make train", model)
            os._exit(3)
        check_answers_compiled()
        agent.action_endpoint = SmallPosts(agent.action_endpoint)
        agent.processor.action_endpoint = agent.action_endpoint
        await _warm_up(agent)

    async def close(running: Sanic, loop: AbstractEventLoop) -> None:
        await running.ctx.agent.action_endpoint.close()

    app.register_listener(load, "before_server_start")
    app.register_listener(close, "after_server_stop")
    app_channel = AppChannel.from_settings()
    rasa_channel.register([app_channel, RobotChannel.from_settings()], app, "/webhooks/")
    if settings.mode == "demo":
        app.blueprint(purchase_blueprint(app_channel.settings))
        app.blueprint(planning_blueprint(os.environ["PEIBAN_LEADS_KEY"]))
    journal = Journal(open_store())
    app.blueprint(events_blueprint(taker(journal), app_channel.settings.bank_events_key, (StoreUnavailable,)))
    app_channel.services.also_forget.append(_forgetting(journal))
    app.blueprint(health_blueprint(settings))
    app.blueprint(page_blueprint())
    return app


def _forgetting(journal: Journal) -> Callable[[str], Awaitable[None]]:
    async def run(customer: str) -> None:
        await asyncio.get_running_loop().run_in_executor(None, forget, journal, customer)

    return run


async def _warm_up(agent: Agent) -> None:
    """Parse once so that the first customer does not pay for lazily loaded dictionaries."""
    await agent.parse_message("你好")


def _quiet(name: str, level: int) -> Any:
    logging.getLogger(name).setLevel(level)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("apscheduler", "sanic.access", "rasa.shared", "tensorflow", "matplotlib"):
        _quiet(noisy, logging.WARNING)
    exact = model_path()
    model = str(exact) if exact.exists() else get_latest_model(str(settings.models))
    if not model:
        print("没有找到训练好的模型，请先运行 make train", file=sys.stderr)
        return 2
    app = create_app(model)
    app.run(host=settings.host, port=settings.port, workers=1, access_log=False, debug=False, motd=False)
    return 0


if __name__ == "__main__":
    os.chdir(peiban_settings.ROOT)
    asyncio.set_event_loop_policy(None)
    raise SystemExit(main())
