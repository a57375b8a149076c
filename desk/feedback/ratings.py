"""Customers' ratings, from the app channel's signed feed."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import httpx

_PATH = "/webhooks/app/internal/feed/ratings"
_TIMEOUT = 5.0


class NoRatings(Exception):
    """The app channel does not answer, or says no; try again later."""


def ratings(app_url: str, key: str, after: int, limit: int = 500) -> list[dict[str, Any]]:
    """Ratings after a number, in order: id, customer, entry_id, rating up|down|None, reason, comment, at.

    Raises NoRatings.
    """
    target = f"{_PATH}?after={after}&limit={limit}"
    timestamp = str(int(time.time()))
    signature = hmac.new(key.encode(), f"{timestamp}.GET.{target}.".encode(), hashlib.sha256).hexdigest()
    headers = {"X-PeiBan-Timestamp": timestamp, "X-PeiBan-Signature": signature}
    try:
        answer = httpx.get(app_url + target, headers=headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise NoRatings(type(error).__name__) from None
    return items
