"""How intents stand in a message's output."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SHOWN = 10


def ranked(ranking: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    """The likeliest readings in Rasa's shape."""
    return [{"name": name, "confidence": share} for name, share in ranking][:SHOWN]
