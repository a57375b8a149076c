"""The running server against docs/openapi.yaml, by schemathesis; and fuzzed messages, by hypothesis."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests
import schemathesis
from app_client import KEYS, ROOT, Phone, Server, signed, token
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from channels import signing

schema = schemathesis.openapi.from_path(str(ROOT / "docs" / "openapi.yaml"))
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
# The stream does not end; test_app_stream reads it.
load_all_checks()
REQUEST = ("method", "url", "headers", "files", "data", "params", "json", "cookies")
contract = schema.exclude(operation_id="openStream")
CUSTOMERS = [uuid.uuid4().hex[:16] for _ in range(400)]


@contract.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_in_the_contract(case: Any, server: Server) -> None:
    number = uuid.uuid4().int
    caller = {
        "X-Forwarded-For": f"10.{number % 250}.{number // 250 % 250}.{number // 62500 % 250}",
        "Authorization": f"Bearer {token(CUSTOMERS[number % len(CUSTOMERS)])}",
    }
    key = "PEIBAN_BANK_EVENTS_KEY" if case.path.endswith("events") else "PEIBAN_SERVICE_KEY"
    arguments = case.as_transport_kwargs(base_url=server.url, headers=caller)
    prepared = requests.Request(**{k: v for k, v in arguments.items() if k in REQUEST}).prepare()
    body = prepared.body.encode() if isinstance(prepared.body, str) else (prepared.body or b"")
    # Who gets in is test_app_authorisation's business; here everybody does, whatever headers were made up.
    prepared.headers.update({**caller, **signing.headers(KEYS[key], case.method, str(prepared.path_url), body)})
    with requests.Session() as session:
        response = session.send(prepared, timeout=20)
    checks = [
        CHECKS.get_one(name)
        for name in (
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
        )
    ]
    case.validate_response(response, checks=checks)
    assert response.status_code != 401, response.text


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


MESSAGES = st.fixed_dictionaries({"message_id": anything, "text": anything}, optional={"payload": anything})


@pytest.fixture(scope="module")
def many(server: Server) -> list[Phone]:
    return [Phone(server) for _ in range(40)]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=400), number=st.integers(0, 39))
def test_any_text_is_answered_or_refused_clearly(many: list[Phone], text: str, number: int) -> None:
    answer = many[number].post("/messages", {"message_id": uuid.uuid4().hex, "text": text})
    assert answer.status_code in (200, 400, 422, 429), answer.text
    if answer.status_code == 200:
        assert answer.json()["messages"]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=anything | MESSAGES)
def test_any_json_is_refused_clearly(many: list[Phone], body: Any) -> None:
    phone = many[uuid.uuid4().int % 40]
    content = json.dumps(body).encode()
    answer = phone.request("POST", "/messages", data=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 413, 422, 429), answer.text


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.binary(max_size=300),
    media=st.sampled_from(["application/json", "text/plain", "", "application/json; x"]),
)
def test_any_bytes_are_refused_clearly(many: list[Phone], content: bytes, media: str) -> None:
    phone = many[uuid.uuid4().int % 40]
    answer = phone.request("POST", "/messages", data=content, headers={"Content-Type": media})
    assert answer.status_code in (400, 415, 422, 429), answer.text


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(reply=st.dictionaries(st.sampled_from(["sentences", "blocks", "privacy", "sources", "quick_replies"]), anything))
def test_any_reply_to_push_is_taken_or_refused(server: Server, reply: dict[str, Any]) -> None:
    body = {"push_id": uuid.uuid4().hex, "customer": CUSTOMERS[0], "push_type": "alert", "reply": reply}
    answer = signed(server, "PEIBAN_SERVICE_KEY", "POST", "/internal/push", body)
    assert answer.status_code in (200, 400, 422), answer.text
