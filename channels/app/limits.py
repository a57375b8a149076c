"""Rate limits per customer and per address: GCRA from pyrate-limiter, its state in a bounded table."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import Any

from pyrate_limiter import GCRA, Rate

from channels.problems import Problem

# One number per key: a hundred thousand addresses are about ten megabytes, the longest unseen are forgotten.
_KEYS = 100_000


class Limits:
    """Counts per (name, key). rules: name → {requests, seconds} (data/channels/app.yml, limits)."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._rates = {
            name: [Rate(rule["requests"], rule["seconds"] * 1000, burst=rule["requests"])]
            for name, rule in rules.items()
            if isinstance(rule, dict)
        }
        self._algorithm = GCRA()
        self._state: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def spend(self, name: str, key: str) -> None:
        """Count one. Raises Problem too_many_requests with retry_after."""
        wait = self._step(name, key)
        if wait is not None:
            raise Problem("too_many_requests", retry_after=wait)

    def spent(self, name: str, key: str) -> None:
        """Raise if nothing is left, without counting (used before a login is tried)."""
        rates = self._rates[name]
        state = self._state.get((name, key))
        if state is None:
            return
        _, decision = self._algorithm.step(rates, state, _now(), 1)
        if not decision.allowed:
            raise Problem("too_many_requests", retry_after=_seconds(decision.retry_after_ms))

    def _step(self, name: str, key: str) -> int | None:
        rates = self._rates[name]
        state = self._state.pop((name, key), None) or self._algorithm.initial(rates)
        state, decision = self._algorithm.step(rates, state, _now(), 1)
        self._state[(name, key)] = state
        if len(self._state) > _KEYS:
            self._state.popitem(last=False)
        return None if decision.allowed else _seconds(decision.retry_after_ms)


def _now() -> int:
    return int(time.monotonic() * 1000)


def _seconds(milliseconds: int | None) -> int:
    return max(1, math.ceil((milliseconds or 1000) / 1000))
