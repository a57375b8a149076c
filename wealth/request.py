"""Request: what a skill is asked, by whom and in which context. The other half of the contract beside Reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from wealth.errors import UnknownCustomer


@dataclass(frozen=True)
class Period:
    """Days from start up to, not including, end; invalid ones ("昨天的明天") say why in reason."""

    name: str
    start: date | None
    end: date | None
    valid: bool = True
    reason: str = ""


@dataclass(frozen=True)
class Request:
    """One question to one skill.

    customer: bank customer id, None for an anonymous visitor. now: zone-aware (Asia/Shanghai). products: codes that
    were named, best match first; candidates: several equally good matches to ask back about. ordinal: "第二个" as 2
    (-1 is the last), resolved against context["offered"]. personalised: consent to personal recommendation.
    context: the last topic's {skill, params, offered}. desk: how the managers' desk stands {state open|busy|closed,
    waiting, minutes, slots, hours}, None without one. handoff: the customer's own hand-over {state, position, manager,
    slot, need}, empty without one. dry_run: only what would be answered is asked for; nothing may be written, not even
    the trail.
    """

    customer: str | None
    channel: Literal["app", "robot"]
    text: str
    now: datetime
    period: Period | None = None
    asset_class: str | None = None
    products: Sequence[str] = ()
    candidates: Sequence[str] = ()
    ordinal: int | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    rating: str | None = None
    place: str | None = None
    personalised: bool = True
    context: Mapping[str, Any] = field(default_factory=dict)
    desk: Mapping[str, Any] | None = None
    handoff: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False

    @property
    def owner(self) -> str:
        """The customer, for what is only asked about one's own money. Raises UnknownCustomer for a visitor."""
        if self.customer is None:
            raise UnknownCustomer("")
        return self.customer
