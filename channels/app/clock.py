"""Time of day at the bank: Asia/Shanghai, always with its zone."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_BEGUN = time.monotonic()


def now() -> datetime:
    """Now in Shanghai; where PEIBAN_NOW plays another moment, that one and what has passed since the start."""
    played = os.environ.get("PEIBAN_NOW")
    if not played:
        return datetime.now(SHANGHAI)
    moment = datetime.fromisoformat(played)
    moment = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    return moment + timedelta(seconds=time.monotonic() - _BEGUN)


def stamp(moment: datetime | None = None) -> str:
    """RFC 3339 to the millisecond, e.g. 2026-03-02T10:15:00.123+08:00."""
    return (moment or now()).astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def from_unix(seconds: float) -> str:
    """RFC 3339 of Unix seconds."""
    return datetime.fromtimestamp(seconds, SHANGHAI).isoformat(timespec="seconds")
