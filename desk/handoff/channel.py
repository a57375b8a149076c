"""The app channel as the desk reaches it: its signed endpoints (docs/openapi.yaml, tag person)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

Row = dict[str, Any]
_BASE = "/webhooks/app/internal"
_SECONDS = 12.0


class Unreachable(Exception):
    """The app channel does not answer now."""


class Refused(Exception):
    """The app channel says no; code as in its problem+json (taken, conflict, not_found, invalid, …)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AppChannel:
    """Blocking calls over one kept connection; safe to share between threads. All raise Unreachable and Refused."""

    def __init__(self, url: str, key: str, client: httpx.Client | None = None) -> None:
        self._key = key
        self._client = client or httpx.Client(base_url=url, timeout=_SECONDS)

    def close(self) -> None:
        self._client.close()

    def handoffs(self, state: str | None = None) -> list[Row]:
        """The open and booked ones, the most urgent first; or those in one state."""
        query = f"?limit=500{f'&state={state}' if state else ''}"
        return list(self._call("GET", f"/handoffs{query}")["handoffs"])

    def handoff(self, identity: str) -> Row:
        """One of them, also an ended one."""
        return self._call("GET", f"/handoffs/{identity}")

    def move(self, identity: str, state: str, **changes: Any) -> Row:
        """Move one on; `expected` is the state it must be in."""
        if "expected" in changes:
            changes["from"] = changes.pop("expected")
        return self._call("PUT", f"/handoffs/{identity}", {"state": state, **changes})

    def book(self, customer: str, slot: str, need: str, **more: Any) -> Row:
        """Make an appointment, or move the customer's."""
        return self._call("POST", "/handoffs", {"customer": customer, "slot": slot, "need": need, **more})

    def thread(self, identity: str, after: int = 0, limit: int = 100) -> Row:
        """{messages, last_seq} of a hand-off."""
        return self._call("GET", f"/handoffs/{identity}/messages?after={after}&limit={limit}")

    def say(self, identity: str, message_id: str, text: str) -> Row:
        """A manager's words; the message as it stands in the thread."""
        body = {"message_id": message_id, "text": text}
        return dict(self._call("POST", f"/handoffs/{identity}/messages", body)["messages"][0])

    def suggestions(self, identity: str) -> list[Row]:
        """What the assistant would answer to the customer's last words."""
        return list(self._call("POST", "/suggest", {"handoff_id": identity})["suggestions"])

    def conversation(self, customer: str, before: int | None, limit: int) -> Row:
        """{messages, has_more, consent, last_seq} of a customer."""
        earlier = f"&before={before}" if before is not None else ""
        return self._call("GET", f"/conversations/{customer}?limit={limit}{earlier}")

    def report(self, status: Mapping[str, Any]) -> None:
        """How the desk stands."""
        self._call("PUT", "/desk", status)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Row:
        target = _BASE + path
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {**_signed(self._key, method, target, content), "Content-Type": "application/json"}
        try:
            answer = self._client.request(method, target, content=content, headers=headers)
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(type(error).__name__) from None
        if answer.is_success:
            return dict(found)
        if answer.status_code >= 500 or answer.status_code in (401, 429):
            raise Unreachable(f"HTTP {answer.status_code}")
        raise Refused(str(found.get("code")))


def _signed(key: str, method: str, target: str, body: bytes) -> dict[str, str]:
    """Time stamp and HMAC-SHA256 over "{timestamp}.{METHOD}.{path and query}.{body}"."""
    timestamp = str(int(time.time()))
    content = f"{timestamp}.{method}.{target}.".encode() + body
    signature = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
    return {"X-PeiBan-Timestamp": timestamp, "X-PeiBan-Signature": signature}
