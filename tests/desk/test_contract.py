"""Whatever schemathesis makes of the desk's own OpenAPI description, no answer is a 500."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from desk_client import API, sign_in
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from starlette.testclient import TestClient

# The stream does not end, and who signs out or changes the password is out.
_ALONE = ("/stream", "/session", "/me/password")


@pytest.fixture
def schema(desk_app: FastAPI) -> Any:
    made = schemathesis.openapi.from_dict(desk_app.openapi())
    made.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return made


def test_no_500(desk_app: FastAPI, schema: Any) -> None:
    # Sent on, not raised: as the server would answer it.
    client = TestClient(desk_app, raise_server_exceptions=False)
    token = sign_in(client, "zh01")
    cookie = f"peiban_desk={client.cookies['peiban_desk']}"
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.removeprefix(API) in _ALONE:
            continue
        tried += 1

        _try(operation, client, {**token, "Cookie": cookie})
    routes = [route for route in desk_app.routes if isinstance(route, APIRoute) and route.path.startswith(API)]
    assert tried >= len(routes) - len(_ALONE) - 2


def _try(operation: Any, client: TestClient, headers: dict[str, str]) -> None:
    @settings(max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def one(case: Any) -> None:
        arguments = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
        arguments.pop("cookies", None)
        response = client.request(**arguments)
        assert response.status_code != 500, f"{operation.label}: {response.text}"
        assert response.status_code != 401

    one()
