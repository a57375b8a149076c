"""The way to the action server: one kept connection and small posts.

Rasa posts the whole tracker with every action and opens a connection for each. Actions here look at slots, the last
message and at most the last answer, so that is what travels; a turn costs the same after 300 messages as after one.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import jsonschema_rs
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

# Enough for the turn at hand and the answer before it ("再说一遍").
LAST_EVENTS = 24
# A restart of the action server takes some seconds; a customer waits rather than hears an apology.
RETRY_AFTER_S = (0.1, 0.5, 1.5, 3.0)


class SmallPosts(EndpointConfig):
    """Action endpoint with a session that stays open; give it to the agent in place of the plain one."""

    def __init__(self, plain: EndpointConfig, timeout_s: float = 20.0) -> None:
        super().__init__(plain.url, plain.params, plain.headers, plain.basic_auth, plain.token, plain.token_name)
        self.kwargs = dict(plain.kwargs)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Post one action call. Raises ClientResponseError as Rasa's own endpoint does."""
        body = kwargs.get("json")
        if isinstance(body, dict) and isinstance(body.get("tracker"), dict):
            kwargs["json"] = {**body, "tracker": {**body["tracker"], "events": _recent(body["tracker"])}}
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        parameters = self.combine_parameters(kwargs)
        for wait in (*RETRY_AFTER_S, None):
            try:
                return await self._once(self._session, method, parameters, kwargs)
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
                # The action server is being restarted, or the kept connection was closed or reset just as we used it.
                if wait is None:
                    raise
                await asyncio.sleep(wait)

    async def _once(
        self, session: aiohttp.ClientSession, method: str, parameters: dict[str, Any], kwargs: dict[str, Any]
    ) -> Any:
        async with session.request(method, str(self.url), params=parameters, **kwargs) as response:
            if response.status >= 400:
                raise ClientResponseError(response.status, str(response.reason), (await response.read()).decode())
            return await response.json()

    async def close(self) -> None:
        """Close the kept connection when the server stops."""
        if self._session is not None:
            await self._session.close()


def _recent(tracker: dict[str, Any]) -> list[dict[str, Any]]:
    return list(tracker.get("events") or [])[-LAST_EVENTS:]


def check_answers_compiled() -> None:
    """Have Rasa check what actions answer against the same schema, compiled once.

    Rasa 3.6 compiles it anew for each action, which is over a third of a turn with a chart in it.
    """
    validator = jsonschema_rs.Draft7Validator(RemoteAction.action_response_format_spec())

    def valid(self: RemoteAction, result: Any) -> bool:
        # Raises jsonschema_rs.ValidationError; the processor treats it as any failed action.
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = valid
