"""How the robots are: what each last said of its parts, and when. Kept in memory; a robot reports every few seconds."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

from channels.app.clock import from_unix

_DEVICES = 10_000


class Fleet:
    """Health by device. lost_seconds: silence after which a robot counts as lost."""

    def __init__(self, lost_seconds: float) -> None:
        self._lost_seconds = lost_seconds
        self._last: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()

    def report(self, device: str, health: dict[str, Any]) -> None:
        """A robot tells how it is."""
        self._last[device] = (time.time(), health)
        self._last.move_to_end(device)
        while len(self._last) > _DEVICES:
            self._last.popitem(last=False)

    def seen(self, device: str) -> None:
        """A robot spoke to us: it lives, whatever its parts do."""
        _, health = self._last.get(device, (0.0, {}))
        self.report(device, health)

    def view(self) -> list[dict[str, Any]]:
        """All robots: {"device", "state": ok|degraded|lost, "seen", "parts", "metrics"}."""
        return [self._row(device, at, health) for device, (at, health) in sorted(self._last.items())]

    def _row(self, device: str, at: float, health: dict[str, Any]) -> dict[str, Any]:
        parts = dict(health.get("parts") or {})
        well = all(state == "ok" for state in parts.values())
        state = "lost" if time.time() - at > self._lost_seconds else "ok" if well else "degraded"
        return {
            "device": device,
            "state": state,
            "seen": from_unix(at),
            "parts": parts,
            "metrics": dict(health.get("metrics") or {}),
        }
