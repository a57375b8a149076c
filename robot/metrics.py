"""Numbers about the robot's work, measured by an observer that the work does not know of. No words, ever."""

from __future__ import annotations

import resource
from collections import defaultdict, deque
from typing import Any

_KEPT = 500


class Metrics:
    """Counters and the last durations of each stage, in seconds."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = defaultdict(int)
        self._durations: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_KEPT))

    def count(self, name: str) -> None:
        """One more."""
        self._counts[name] += 1

    def took(self, stage: str, seconds: float) -> None:
        """A stage took so long."""
        self._durations[stage].append(seconds)

    def view(self) -> dict[str, float]:
        """All figures, flat: counters, p50 and p95 of each stage in ms, memory in MB."""
        figures: dict[str, float] = dict(self._counts)
        for stage, values in self._durations.items():
            for share in (50, 95):
                figures[f"{stage}_p{share}_ms"] = round(percentile(list(values), share) * 1000, 1)
        figures["rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
        return figures


def percentile(values: list[float], share: float) -> float:
    """The value below which this share (0–100) lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] if ordered else 0.0


def prometheus(figures: dict[str, Any]) -> str:
    """The figures in Prometheus' text format."""
    return "".join(f"peiban_robot_{name} {value:g}\n" for name, value in sorted(figures.items()))
