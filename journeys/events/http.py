"""The callable behind POST /webhooks/events: a batch as bytes in, counts as JSON out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journeys.errors import BadBatch
from journeys.events.intake import intake
from journeys.store import Journal
from wealth.clock import now


def taker(journal: Journal) -> Callable[[bytes], tuple[dict[str, Any] | None, str]]:
    """(report, "") for a batch, (None, why) for one that is none. Raises StoreUnavailable: try again."""

    def take(body: bytes) -> tuple[dict[str, Any] | None, str]:
        try:
            return intake(journal, body, now(), source="http").to_dict(), ""
        except BadBatch as fault:
            return None, str(fault)

    return take
