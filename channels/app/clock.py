"""Time of day at the bank: Asia/Shanghai, always with its zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Now in Shanghai."""
    return datetime.now(SHANGHAI)


def stamp(moment: datetime | None = None) -> str:
    """RFC 3339 to the millisecond, e.g. 2026-03-02T10:15:00.123+08:00."""
    return (moment or now()).astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def from_unix(seconds: float) -> str:
    """RFC 3339 of Unix seconds."""
    return datetime.fromtimestamp(seconds, SHANGHAI).isoformat(timespec="seconds")
