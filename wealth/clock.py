"""The bank's clock: Asia/Shanghai, and PEIBAN_NOW where a demo or a test needs a fixed moment."""

from __future__ import annotations

import os
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from wealth.errors import BadSetting

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, zone-aware. PEIBAN_NOW (ISO 8601, Shanghai time if it names no zone) replaces it."""
    fixed = os.environ.get("PEIBAN_NOW")
    if not fixed:
        return datetime.now(SHANGHAI)
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError:
        raise BadSetting(f"PEIBAN_NOW 不是时间：{fixed}（应写成 2026-11-20T10:00）") from None
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)


def end_of(day: date) -> datetime:
    """The last second of a day in Shanghai."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)
