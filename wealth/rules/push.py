"""Rule 19, with 10 and 11: whether a customer may be pushed something now. A pure function over what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from wealth.clock import SHANGHAI
from wealth.rules.book import RuleBook

Reason = Literal["", "no_consent", "personalised_off", "quiet_hours", "weekly_cap", "kind_cap"]
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Sent:
    """One push that went out: its kind (the MOT rule or alert) and when (zone-aware)."""

    kind: str
    at: datetime


@dataclass(frozen=True)
class Verdict:
    """Whether to push; if not, why, and for quiet hours from when on it may go."""

    allowed: bool
    reason: Reason = ""
    not_before: datetime | None = None


def may_push(
    book: RuleBook,
    consents: Mapping[str, bool],
    now: datetime,
    kind: str,
    history: Sequence[Sent],
    *,
    personal: bool = True,
) -> Verdict:
    """Decide one push. consents: as `Store.consents`; a purpose that was never decided is not granted.

    personal: chosen by the customer's own traits, so that switching personalised recommendation off stops it (rule 10);
    an alert that the customer set is not. history: this customer's pushes, any order; future ones don't count.
    """
    if book[11].on and not consents.get("push", False):
        return Verdict(False, "no_consent")
    if book[10].on and personal and not consents.get("personalised", False):
        return Verdict(False, "personalised_off")
    rule = book[19]
    if not rule.on:
        return Verdict(True)
    start, end = (time.fromisoformat(str(rule.settings[name])) for name in ("quiet_from", "quiet_until"))
    local = now.astimezone(SHANGHAI)
    if _quiet(local.time(), start, end):
        return Verdict(False, "quiet_hours", _next(local, end))
    lately = [one for one in history if now - _WEEK < one.at <= now]
    if len(lately) >= int(rule.settings["per_week"]):
        return Verdict(False, "weekly_cap")
    if sum(one.kind == kind for one in lately) >= int(rule.settings["per_kind_per_week"]):
        return Verdict(False, "kind_cap")
    return Verdict(True)


def _quiet(moment: time, start: time, end: time) -> bool:
    """Whether a time of day lies in [start, end), which may run over midnight."""
    return start <= moment < end if start <= end else moment >= start or moment < end


def _next(local: datetime, end: time) -> datetime:
    """The next moment at which quiet hours are over."""
    today = datetime.combine(local.date(), end, SHANGHAI)
    return today if local < today else today + timedelta(days=1)
