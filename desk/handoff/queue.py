"""Whom to ask next, and in which order: plain decisions over what is known, without any state."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desk.wording import data

Row = dict[str, Any]

WAITING = ("requested", "queued")


@dataclass(frozen=True)
class Colleague:
    """Someone who takes hand-offs now. busy: conversations they have and offers they think about."""

    account: str
    name: str
    staff_id: str
    branch: str
    capacity: int
    busy: int = 0

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.busy)


def waiting(rows: Iterable[Row]) -> list[Row]:
    """Who waits for a person: the highest priority, then the oldest first."""
    found = [row for row in rows if row["state"] in WAITING]
    return sorted(found, key=lambda row: (-row.get("priority", 0), row["requested_at"], row["id"]))


def choose(
    colleagues: Sequence[Colleague],
    *,
    manager: str | None,
    branch: str | None,
    waited: float,
    not_now: Collection[str],
) -> Colleague | None:
    """Whom to ask: the customer's own manager, then the least busy one of the branch, after a while of any branch.

    waited: seconds since the customer asked. not_now: accounts that were asked a short while ago.
    """
    able = [one for one in colleagues if one.free and one.account not in not_now]
    own = [one for one in able if manager and one.staff_id == manager]
    if own:
        return own[0]
    near = [one for one in able if branch and one.branch == branch]
    if not near and (waited >= data("hours")["queue"]["spill_seconds"] or not branch):
        near = able
    return min(near, key=lambda one: (one.busy / one.capacity, one.account), default=None)


def minutes(count: int, colleagues: Iterable[Colleague]) -> int:
    """About how long the last of `count` waiting customers will wait."""
    hands = max(1, sum(one.capacity for one in colleagues))
    return math.ceil(count / hands) * int(data("hours")["queue"]["minutes_each"])
