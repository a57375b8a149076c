"""Reception: queue tickets, how many wait, calling the lobby manager. Embedded, or the bank's queue machine by HTTP.

The bank's machine: POST {url}/tickets {"service"} and GET {url}/queue?service=…, POST {url}/manager {"reason"}; answers
{"number", "waiting"} and {"waiting"}.
"""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from robot.settings import Reception as ReceptionSettings
from robot.wording import SHANGHAI

logger = logging.getLogger(__name__)

_LETTERS = {"general": "A", "wealth": "B", "business": "C", "vip": "V"}
_SECONDS = 3.0


class ReceptionError(Exception):
    """The queue machine or the call does not work."""


@dataclass(frozen=True)
class Ticket:
    """A place in the queue: the number as printed, and how many are before it."""

    number: str
    waiting: int


class Reception(Protocol):
    """Any queue machine. All may raise ReceptionError and may take seconds: call them beside the beat."""

    def ticket(self, service: str) -> Ticket: ...

    def waiting(self, service: str) -> int: ...

    def call_manager(self, reason: str) -> None: ...


class Embedded:
    """Numbers of its own, counted anew each day and kept over a restart."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def ticket(self, service: str) -> Ticket:
        """The next number of a service."""
        state = self._load()
        letter = _LETTERS.get(service, "A")
        queue = state["queues"].setdefault(letter, {"last": 0, "served": 0})
        waiting = queue["last"] - queue["served"]
        queue["last"] += 1
        self._store(state)
        return Ticket(f"{letter}{queue['last']:03d}", waiting)

    def waiting(self, service: str) -> int:
        """How many have a number and were not called."""
        queue = self._load()["queues"].get(_LETTERS.get(service, "A"), {"last": 0, "served": 0})
        return int(queue["last"] - queue["served"])

    def served(self, service: str) -> None:
        """A counter called the next number."""
        state = self._load()
        queue = state["queues"].setdefault(_LETTERS.get(service, "A"), {"last": 0, "served": 0})
        queue["served"] = min(queue["last"], queue["served"] + 1)
        self._store(state)

    def call_manager(self, reason: str) -> None:
        """Kept for the managers' display (var/robot/calls.jsonl): time and reason, nothing of the visitor."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            call = {"at": datetime.now(SHANGHAI).isoformat(timespec="seconds"), "reason": reason}
            with self._file.with_name("calls.jsonl").open("a", encoding="utf-8") as calls:
                calls.write(json.dumps(call, ensure_ascii=False) + "\n")
        except OSError as error:
            raise ReceptionError(type(error).__name__) from None

    def _load(self) -> dict[str, Any]:
        today = date.today().isoformat()
        try:
            state = json.loads(self._file.read_text())
            if state["day"] == today:
                return dict(state)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError):
            logger.warning("ticket file not readable, counting begins anew")
        return {"day": today, "queues": {}}

    def _store(self, state: dict[str, Any]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(state))
            fresh.replace(self._file)
        except OSError as error:
            raise ReceptionError(type(error).__name__) from None


class QueueMachine:
    """The bank's own machine."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def ticket(self, service: str) -> Ticket:
        body = self._call("/tickets", {"service": service})
        try:
            return Ticket(str(body["number"])[:12], int(body["waiting"]))
        except (KeyError, TypeError, ValueError):
            raise ReceptionError("answer") from None

    def waiting(self, service: str) -> int:
        try:
            return int(self._call(f"/queue?service={urllib.parse.quote(service)}", None)["waiting"])
        except (KeyError, TypeError, ValueError):
            raise ReceptionError("answer") from None

    def call_manager(self, reason: str) -> None:
        self._call("/manager", {"reason": reason})

    def _call(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data=data, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as response:
                found = json.loads(response.read(10_000) or b"{}")
        except (OSError, ValueError, urllib.error.URLError) as error:
            raise ReceptionError(type(error).__name__) from None
        return found if isinstance(found, dict) else {}


def open_reception(settings: ReceptionSettings, var: Path) -> Reception:
    """The queue machine of the settings."""
    return QueueMachine(settings.url) if settings.kind == "http" else Embedded(var / "robot" / "queue.json")
