"""Errands beside the talk: a queue ticket, the number waiting, the lobby manager. They take a while and may fail."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from robot import wording
from robot.jobs import Jobs
from robot.reception import Reception, ReceptionError, Ticket


@dataclass(frozen=True)
class Done:
    """What came of an errand: what to say, and cards for the screen (None leaves those shown)."""

    say: list[str]
    cards: list[dict[str, Any]] | None = None
    name: str = field(default="")


class Errands:
    """Runs what a reply's control asks for."""

    def __init__(self, reception: Reception, jobs: Jobs) -> None:
        self._reception = reception
        self._jobs = jobs
        self._open: list[tuple[str, Future[Any]]] = []

    def run(self, control: Mapping[str, Any]) -> None:
        """Begin what is asked for: ticket (a service), queue, call_manager, handoff (a reason)."""
        if control.get("ticket"):
            self._open.append(("ticket", self._jobs.net(self._reception.ticket, str(control["ticket"]))))
        if control.get("queue"):
            self._open.append(("queue", self._jobs.net(self._reception.waiting, "general")))
        if control.get("call_manager") or control.get("handoff"):
            reason = str(control.get("handoff") or "robot")
            self._open.append(("manager", self._jobs.net(self._reception.call_manager, reason)))

    def poll(self) -> list[Done]:
        """Errands that ended since the last call."""
        ended = [(name, job) for name, job in self._open if job.done()]
        self._open = [(name, job) for name, job in self._open if not job.done()]
        return [_told(name, job) for name, job in ended]

    def forget(self) -> None:
        """The visitor left: what still runs is not told any more."""
        self._open = []


def _told(name: str, job: Future[Any]) -> Done:
    try:
        result = job.result()
    except ReceptionError:
        return Done([wording.say("manager_failed" if name == "manager" else "ticket_failed")], name=name)
    if name == "ticket":
        return _ticket(result)
    if name == "queue":
        return Done([wording.say("waiting", waiting=result) if result else wording.say("nobody_waiting")], name=name)
    return Done([wording.say("manager_called")], name=name)


def _ticket(ticket: Ticket) -> Done:
    key = "ticket" if ticket.waiting else "ticket_first"
    text = wording.say(key, number=ticket.number, waiting=ticket.waiting)
    rows = [{"label": "您的号", "value": ticket.number}, {"label": "前面等候", "value": f"{ticket.waiting} 位"}]
    card = {"id": f"ticket.{ticket.number}", "type": "card", "privacy": "public", "title": "排队号", "rows": rows}
    return Done([text], [card], "ticket")
