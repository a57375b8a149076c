"""data/journeys/outreach.yml, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import lru_cache

from journeys.datafile import FOLDER, Section, load


@dataclass(frozen=True)
class Settings:
    """push_types: type → consents needed beside "push". holdout: share of customers kept as a control group, 0..100.

    scan_at: when the daily rules run. merge: how many further matters one message may carry.
    """

    push_types: Mapping[str, frozenset[str]]
    holdout: int
    scan_at: time
    merge: int
    attempts: int
    acted: timedelta
    also: str


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings in force. Raises DataFault."""
    raw = load(FOLDER / "outreach.yml")
    types: Mapping[str, Section] = raw.need("push_types", Section)
    holdout = raw.need("holdout_percent", int)
    if not 0 <= holdout <= 50:
        raise raw.fault("holdout_percent 应在 0 到 50 之间", "holdout_percent")
    try:
        scan_at = time.fromisoformat(raw.need("scan_at"))
    except ValueError:
        raise raw.fault('scan_at 应写成 "08:00"', "scan_at") from None
    return Settings(
        push_types={name: frozenset(entry.need("needs", list)) for name, entry in types.items()},
        holdout=holdout,
        scan_at=scan_at,
        merge=raw.need("merge", int),
        attempts=raw.need("deliver_attempts", int),
        acted=timedelta(days=raw.need("acted_days", int)),
        also=raw.need("also"),
    )
