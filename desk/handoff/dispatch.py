"""The desk's hand-offs at work: asks managers one after the other, notices who is gone, tells customers where they
stand and the assistant how the desk stands.

What counts is in the app's store; a desk that is killed and started again goes on from there. Kept here is only what
may be forgotten: when somebody was asked, who was seen last, how far a page has read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk import people, tables
from desk.auth import accounts
from desk.auth.roles import Who
from desk.handoff import hours, queue
from desk.handoff.channel import AppChannel, Refused, Unreachable
from desk.handoff.news import News
from desk.handoff.queue import WAITING, Colleague, Row
from desk.handoff.views import view, visible
from desk.services import Services
from desk.wording import data
from wealth import clock
from wealth.errors import StoreUnavailable
from wealth.store import Customer

logger = logging.getLogger(__name__)


class Dispatcher:
    """One per process. `step` is one look at everything; the routes use the rest. Blocking, for worker threads.

    now: the bank's time, for hours and appointments; services.wall: seconds, for patience.
    """

    def __init__(
        self, services: Services, channel: AppChannel | None = None, now: Callable[[], datetime] = clock.now
    ) -> None:
        self.services = services
        self.channel = channel or AppChannel(services.settings.app_url, services.settings.service_key)
        self._now = now
        self._rules = data("hours")["queue"]
        self._lock = threading.RLock()
        self._rows: dict[str, Row] | None = None
        self._customers: dict[str, Customer] = {}
        # (hand-off, account) → when they were asked.
        self._asked: dict[tuple[str, str], float] = {}
        self._seen: dict[str, float] = {}
        self._read: dict[str, int] = {}
        self._reported = (0.0, "")
        self._news = News(services.hub, self)
        self._reachable = True

    # the loop -------------------------------------------------------------------------------------------------------
    def step(self) -> None:
        """Look once. An app channel that does not answer is tried again at the next step."""
        try:
            with self._lock:
                rows = self.refresh()
                staff = self._staff()
                self._free_the_left(rows, staff)
                self._call_the_booked(rows)
                colleagues = self._colleagues(rows, staff)
                self._ask_around(rows, colleagues)
                self._report(rows, colleagues)
            self._reached(True)
        except (Unreachable, StoreUnavailable):
            self._reached(False)

    def refresh(self) -> list[Row]:
        """All open and booked ones as they are now; pages hear what is new. Raises Unreachable, StoreUnavailable."""
        with self._lock:
            rows = self.channel.handoffs()
            before, self._rows = self._rows, {row["id"]: row for row in rows}
            unknown = {row["customer"] for row in rows} - self._customers.keys()
            self._customers.update(people.customers(self.services.bank.store, unknown))
            if before is not None:
                self._news.tell(before, self._rows)
            self._forget_the_ended(before or {})
            return rows

    # for the routes -------------------------------------------------------------------------------------------------
    def shown(self, row: Row) -> dict[str, Any]:
        """The hand-off for a page."""
        waited = _waited(row["requested_at"], self.services.wall())
        return view(row, self.customer(row["customer"]), waited, self.read_up_to(row["id"]))

    def customer(self, identity: str) -> Customer | None:
        """The bank's customer behind a hand-off."""
        if identity not in self._customers:
            self._customers.update(people.customers(self.services.bank.store, [identity]))
        return self._customers.get(identity)

    def listed(self, who: Who) -> list[dict[str, Any]]:
        """What stands on a person's list, appointments aside."""
        shown = [self.shown(row) for row in self.refresh() if row["state"] != "booked"]
        return [one for one in shown if visible(who, one)]

    def find(self, who: Who, identity: str) -> dict[str, Any] | None:
        """One that the person may see, also an ended one; None otherwise. Raises Refused, Unreachable."""
        shown = self.shown(self.channel.handoff(identity))
        return shown if visible(who, shown) else None

    def known(self, customer: str) -> list[Row]:
        """A customer's open and booked ones as last seen, without asking the app channel."""
        return [row for row in list((self._rows or {}).values()) if row["customer"] == customer]

    def lost(self, who: Who, identity: str) -> bool:
        """Whether a colleague of the branch was faster, so that it left this person's list a moment ago."""
        shown = self.shown(self.channel.handoff(identity))
        return shown["state"] == "active" and bool(who.branch) and shown["branch"] == who.branch

    def declined(self, who: Who, identity: str) -> Row:
        """The person does not want it now: the next one is asked. Raises Refused, Unreachable."""
        with self._lock:
            self._asked[(identity, who.account)] = self.services.wall()
            return self.channel.move(identity, "queued", offered_to=None)

    def now(self) -> datetime:
        """The bank's time."""
        return self._now()

    def state(self) -> dict[str, Any]:
        """{open, free, waiting, next_slot} for the page's head."""
        rows = list((self._rows or {}).values())
        colleagues = self._colleagues(rows, self._staff())
        slots = hours.slots(self._now(), _booked(rows))
        return {
            "open": hours.is_open(self._now()),
            "free": sum(one.free for one in colleagues),
            "waiting": len(queue.waiting(rows)),
            "next_slot": slots[0].isoformat() if slots else None,
        }

    def seen(self, account: str) -> None:
        """Somebody is there: they just did something."""
        self._seen[account] = self.services.wall()

    def has_read(self, identity: str, seq: int) -> None:
        """A page shows the thread up to here."""
        self._read[identity] = max(seq, self.read_up_to(identity))

    def read_up_to(self, identity: str) -> int:
        """How far the page of whoever has it has read; 0 where that is not known."""
        return self._read.get(identity, 0)

    # steps ----------------------------------------------------------------------------------------------------------
    def _free_the_left(self, rows: list[Row], staff: Mapping[str, accounts.Account]) -> None:
        """Whose manager is gone waits again, first of all, and is told kindly."""
        for number, row in enumerate(rows):
            account = row.get("staff")
            # Somebody who is no account of this desk works elsewhere, over the same endpoints.
            if row["state"] != "active" or account is None or account not in staff or self._present(account):
                continue
            priority = max(row.get("priority", 0), self._rules["gone_priority"])
            with suppress(Refused):
                rows[number] = {
                    **row,
                    **self.channel.move(
                        row["id"], "queued", expected="active", priority=priority, notice="manager_gone"
                    ),
                    "staff": None,
                    "manager": None,
                }

    def _call_the_booked(self, rows: list[Row]) -> None:
        """Whose time has come waits for their manager now; with the desk closed, from its opening on."""
        if not hours.is_open(self._now()):
            return
        for number, row in enumerate(rows):
            if row["state"] != "booked" or datetime.fromisoformat(row["slot"]) > self._now():
                continue
            try:
                moved = self.channel.move(
                    row["id"], "requested", expected="booked", priority=self._rules["due_priority"], notice="due"
                )
                rows[number] = {**row, **moved}
            except Refused:
                # The customer is with a person already.
                with suppress(Refused):
                    self.channel.move(row["id"], "ended", expected="booked")

    def _ask_around(self, rows: list[Row], colleagues: list[Colleague]) -> None:
        """Give every waiting customer their position, and each in turn somebody who thinks about them."""
        for position, row in enumerate(queue.waiting(rows), start=1):
            asked = row.get("offered_to")
            if asked and not self._still_thinks(row["id"], asked, colleagues):
                asked = None
            if not asked and hours.is_open(self._now()):
                asked = self._next(row, colleagues)
            unchanged = row["state"] == "queued" and row.get("position") == position and row.get("offered_to") == asked
            if unchanged:
                continue
            # Refused: somebody took it, or the customer ended it, in this very moment.
            with suppress(Refused):
                moved = self.channel.move(row["id"], "queued", position=position, offered_to=asked)
                self._note(row, moved)

    def _next(self, row: Row, colleagues: list[Colleague]) -> str | None:
        customer, now = self.customer(row["customer"]), self.services.wall()
        recently = now - self._rules["ask_again_seconds"]
        # Who made the appointment comes before everybody else.
        host = [one for one in colleagues if one.free and one.account == row.get("staff")]
        chosen = queue.choose(
            host or colleagues,
            manager=customer.manager if customer else None,
            branch=customer.branch if customer and not host else None,
            waited=_waited(row["requested_at"], now),
            not_now={who for (identity, who), at in self._asked.items() if identity == row["id"] and at > recently},
        )
        if chosen is None:
            return None
        self._asked[(row["id"], chosen.account)] = now
        place = colleagues.index(chosen)
        colleagues[place] = Colleague(**{**vars(chosen), "busy": chosen.busy + 1})
        return chosen.account

    def _still_thinks(self, identity: str, account: str, colleagues: list[Colleague]) -> bool:
        # After a restart nobody knows when they were asked: they get their whole time.
        since = self._asked.setdefault((identity, account), self.services.wall())
        there = any(one.account == account for one in colleagues)
        return there and self.services.wall() - since < self._rules["offer_seconds"]

    def _report(self, rows: list[Row], colleagues: list[Colleague]) -> None:
        waiting = len(queue.waiting(rows))
        free = max(0, sum(one.free for one in colleagues))
        here = hours.is_open(self._now()) and bool(colleagues)
        status = {
            "state": "closed" if not here else "open" if free and not waiting else "busy",
            "free": free,
            "waiting": waiting,
            "minutes": queue.minutes(waiting + 1, colleagues) if here else 0,
            "slots": [slot.isoformat() for slot in hours.slots(self._now(), _booked(rows))],
            "hours": data("hours")["hours"]["text"],
        }
        at, last = self._reported
        if last == str(status) and self.services.wall() - at < self._rules["report_seconds"]:
            return
        self.channel.report(status)
        self._reported = (self.services.wall(), str(status))

    # who is there ---------------------------------------------------------------------------------------------------
    def _staff(self) -> dict[str, accounts.Account]:
        for who in self.services.hub.people():
            self.seen(who.account)
        with self.services.store.read() as connection:
            return {one.account: one for one in accounts.listed(connection)}

    def _present(self, account: str) -> bool:
        """Has a page open, or had one a moment ago. After a restart everybody has time to come back."""
        return self.services.wall() - self._seen.setdefault(account, self.services.wall()) < self._rules["gone_seconds"]

    def _colleagues(self, rows: list[Row], staff: Mapping[str, accounts.Account]) -> list[Colleague]:
        with self.services.store.read() as connection:
            ready = connection.execute(select(tables.presence).where(tables.presence.c.available.is_(True))).all()
        found = []
        for row in ready:
            one = staff.get(row.account)
            if one is None or row.account not in self._seen or not self._present(row.account):
                continue
            busy = sum(item.get("staff") == row.account and item["state"] == "active" for item in rows)
            busy += sum(item.get("offered_to") == row.account and item["state"] in WAITING for item in rows)
            found.append(Colleague(one.account, one.name, one.staff_id, one.branch, row.capacity, busy))
        return sorted(found, key=lambda one: one.account)

    # what pages hear ------------------------------------------------------------------------------------------------
    def _note(self, row: Row, moved: Row) -> None:
        """A move of ours, in what we know, told at once."""
        after = {**moved, "last_seq": row.get("last_seq", 0)}
        if self._rows is not None:
            before = dict(self._rows)
            self._rows[row["id"]] = after
            self._news.tell(before, self._rows)

    def _forget_the_ended(self, before: Mapping[str, Row]) -> None:
        gone = before.keys() - (self._rows or {}).keys()
        for identity in gone:
            self._read.pop(identity, None)
        if gone:
            self._asked = {key: at for key, at in self._asked.items() if key[0] not in gone}

    def _reached(self, reachable: bool) -> None:
        if reachable != self._reachable:
            logger.log(logging.INFO if reachable else logging.ERROR, "app channel reachable: %s", reachable)
        self._reachable = reachable


def _waited(requested_at: str, now: float) -> float:
    return now - datetime.fromisoformat(requested_at).timestamp()


def _booked(rows: list[Row]) -> list[datetime]:
    return [datetime.fromisoformat(row["slot"]) for row in rows if row["state"] == "booked"]
