"""An engine for tests: real store, guard and rules; the phone and the receiver are lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from journeys.engine import Engine, until_quiet
from journeys.events.intake import Report, intake
from journeys.outbox import Outcome
from journeys.store import Journal
from journeys.store.journal import put
from wealth.rules.guard import Guard


class Run:
    """phone: messages as they came, with their customer; office: leads as the planning system got them."""

    def __init__(self, journal: Journal, scanned: datetime | None = None) -> None:
        self.journal = journal
        self.phone: list[tuple[str, Mapping[str, Any]]] = []
        self.office: list[Mapping[str, Any]] = []
        self.engine = Engine(journal, Guard.load(journal.store), self._deliver, self._post)
        if scanned is not None:
            with journal.write() as connection:
                put(connection, "scan.day", scanned.date().isoformat())

    def send(self, now: datetime, *events: dict[str, Any]) -> Report:
        """Take events in and work until nothing is due."""
        report = intake(self.journal, list(events), now)
        self.at(now)
        return report

    def at(self, now: datetime) -> None:
        until_quiet(self.engine, now)

    def sentences(self, customer: str) -> list[str]:
        return [line for who, message in self.phone if who == customer for line in message["reply"]["sentences"]]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.journal.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def _deliver(self, customer: str, message: Mapping[str, Any]) -> bool:
        self.phone.append((customer, message))
        return True

    def _post(self, key: str, payload: Mapping[str, Any]) -> Outcome:
        self.office.append(payload)
        return Outcome(True)
