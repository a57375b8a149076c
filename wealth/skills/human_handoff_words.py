"""The words around a hand-over, from data/wealth/handoff.yml, and which appointment a customer means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import yaml

from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.request import Request
from wealth.wording import say

_WEEKDAYS = "一二三四五六日"
_HOURS = {word: hour for hour, word in enumerate(["", *"一二三四五六七八九十", "十一", "十二"]) if word} | {"两": 2}
_HOUR = re.compile(r"(\d{1,2}|十[一二]?|[一二两三四五六七八九])\s*[点:：时](半|[0-5]\d)?")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_DATE = re.compile(r"(\d{1,2})[日号]")
_NEAR = {"大后天": 3, "后天": 2, "明天": 1, "明早": 1, "今天": 0, "今早": 0}


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """data/wealth/handoff.yml."""
    content: dict[str, Any] = yaml.safe_load((DATA / "wealth" / "handoff.yml").read_text(encoding="utf-8"))
    return content


def cue(text: str) -> str | None:
    """What the customer wants to do: cancel, change, book, wait, more, stop; None for anything else."""
    return next((name for name, known in words()["cues"].items() if any(word in text for word in known)), None)


def about_handoff(text: str) -> bool:
    """Whether these words are about an open hand-over or an appointment, whatever they mean elsewhere."""
    return bare(text) in words()["says"]


def asks_again(text: str) -> bool:
    """Whether the customer only repeats that they want a person."""
    return bare(text) in words()["again"]


def bare(text: str) -> str:
    """Letters and digits only."""
    return "".join(sign for sign in text if sign.isalnum())


def slot_title(slot: datetime) -> str:
    """11月24日（周二）10:00"""
    at = slot.astimezone(SHANGHAI)
    return say("handoff.slot", month=at.month, day=at.day, weekday=_WEEKDAYS[at.weekday()], time=f"{at:%H:%M}")


def chosen(slots: Sequence[datetime], shown: Sequence[datetime], request: Request) -> list[datetime]:
    """The free times that the words fit: one when it is clear, several to ask between, none when nothing fits.

    shown: those on the screen, which "第二个" counts.
    """
    text = request.text
    named = [slot for slot in slots if bare(slot_title(slot)) == bare(text)]
    if named:
        return named
    if request.ordinal is not None:
        index = request.ordinal - 1 if request.ordinal > 0 else request.ordinal
        return [shown[index]] if -len(shown) <= index < len(shown) else []
    tests = [test for test in (_of_day(request), _of_hour(text), _of_half(text)) if test is not None]
    return [slot for slot in slots if all(test(slot.astimezone(SHANGHAI)) for test in tests)] if tests else []


def _of_day(request: Request) -> Any:
    text, today = request.text, request.now.astimezone(SHANGHAI).date()
    near = next((days for word, days in _NEAR.items() if word in text), None)
    if near is not None:
        return lambda at: at.date() == today + timedelta(days=near)
    if match := _WEEKDAY.search(text):
        weekday = _WEEKDAYS.index(match[1].replace("天", "日"))
        return lambda at: at.weekday() == weekday
    if match := _DATE.search(text):
        day = int(match[1])
        return lambda at: at.day == day
    return None


def _of_hour(text: str) -> Any:
    match = _HOUR.search(text)
    if match is None:
        return None
    hour = _HOURS.get(match[1]) or int(match[1])
    minute = 30 if match[2] == "半" else int(match[2] or 0)
    # "三点" at a bank is 15:00: nobody works at three in the morning.
    return lambda at: (at.hour in (hour, hour + 12) if hour <= 12 else at.hour == hour) and at.minute == minute


def _of_half(text: str) -> Any:
    if any(word in text for word in ("上午", "早上", "明早", "今早")):
        return lambda at: at.hour < 12
    if any(word in text for word in ("下午", "中午")):
        return lambda at: at.hour >= 12
    return None
