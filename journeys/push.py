"""Delivery into the app over its signed push endpoint (docs/openapi.yaml, operation push)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from journeys.outbox import TIMEOUT, signed
from journeys.outreach.sending import Deliver

# The app says no for good: not allowed, no such customer, or a message that it cannot show.
_REFUSED = frozenset({400, 404, 413, 415, 422})


class Undelivered(Exception):
    """The app cannot take it now; try again later."""


def app_push(url: str, key: str) -> Deliver:
    """Deliver over POST {url}: True once it is in the customer's log, False if the app refuses it for good."""
    session = requests.Session()

    def deliver(customer: str, message: Mapping[str, Any]) -> bool:
        wanted = {name: message[name] for name in ("push_id", "push_type", "reply")}
        body = json.dumps({"customer": customer, **wanted}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **signed(key, url, body)}
        try:
            answer = session.post(url, data=body, headers=headers, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise Undelivered(type(error).__name__) from None
        if answer.status_code == 200:
            return True
        if answer.status_code in _REFUSED:
            return False
        if answer.status_code == 409 and _code(answer) == "push_not_allowed":
            return False
        raise Undelivered(f"HTTP {answer.status_code}")

    return deliver


def _code(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("code"))
    except ValueError:
        return ""
