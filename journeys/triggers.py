"""Triggers: when a rule or a kind of lead fires, as data; checked on load, evaluated set-wise over polars frames.

`on` names what is looked at: a kind of event, `daily` (every customer once a day) or `holding` (every product held,
once a day). `when` is a condition over the columns of that frame (see `columns`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from journeys import frames
from journeys.datafile import Section
from journeys.events.kinds import kinds
from journeys.tags.definitions import definitions
from journeys.tags.vocabulary import TYPES, vocabulary

logger = logging.getLogger(__name__)

# Fires when a person sends it to a group, over the same columns as `daily`.
GROUP = "group"
SCANS = ("daily", "holding", GROUP)
KEYS = ("on", "when", "after_minutes", "unless", "once", "cooldown_days", "priority", "owner", "title")
_FIELD_TYPES = {**TYPES, "choice": pl.String(), "seconds": pl.Float64()}
# Beside the facts, of the product that an event or a holding is about.
PRODUCT = {
    "product": pl.String(),
    "product_kind": pl.String(),
    "product_risk": pl.Int64(),
    "product_class": pl.String(),
}
EVENT = {
    **PRODUCT,
    "event_id": pl.String(),
    "occurred_at": pl.String(),
    "same_product_1d": pl.Int64(),
    "market_move": pl.Float64(),
}
# Thresholds are the customer's own, null where none was set; band the bank's default where null.
HOLDING = {
    **PRODUCT,
    "value": frames.MONEY,
    "product_gain": pl.Float64(),
    "move": pl.Float64(),
    "band": pl.Float64(),
    "target": pl.Float64(),
    "stop": pl.Float64(),
    "share": pl.Float64(),
    "due_days": pl.Int64(),
    "due": frames.MONEY,
    "held_years": pl.Int64(),
    "anniversary": pl.Boolean(),
}


@dataclass(frozen=True)
class Trigger:
    """When something fires. once: day|event|product|product_day|month|ever, what counts as the same matter.

    after: wait this long after the event, and only fire unless one of `unless` (same customer and product) followed.
    """

    id: str
    title: str
    owner: str
    on: str
    when: pl.Expr
    after: timedelta | None
    unless: Sequence[str]
    once: str
    cooldown: timedelta
    priority: int
    section: Section


@lru_cache(maxsize=64)
def columns(on: str) -> pl.Schema:
    """What a condition over this may use: all facts, tags as tag_<name>, and what the event or holding brings."""
    words = vocabulary()
    found: dict[str, Any] = dict(words.schema)
    found.update({f"tag_{name}": pl.String() for name in (*definitions().tags, *definitions().manual)})
    if on == "holding":
        found.update(HOLDING)
    elif on not in ("daily", GROUP):
        found.update(EVENT)
        found.update({name: _FIELD_TYPES[kind] for name, kind in kinds().kinds[on].fields.items()})
    return pl.Schema(found)


_ONCE = {
    "day": pl.col("today"),
    "event": pl.col("event_id"),
    "product": pl.col("product"),
    "product_day": pl.concat_str("product", "today", separator=" "),
    "month": pl.col("today").str.slice(0, 7),
    "ever": pl.lit("-"),
}


def trigger(name: str, section: Section) -> Trigger:
    """Read and check one. Raises DataFault with file and line."""
    on = section.need("on")
    known = kinds().kinds
    if on not in SCANS and on not in known:
        raise section.fault(f"on 只能是 daily、holding 或一种事件，没有 {on}", "on")
    unless = section.typed("unless", list, [])
    for kind in unless:
        if kind not in known:
            raise section.fault(f"unless 里没有 {kind} 这种事件", "unless")
    after = section.typed("after_minutes", int)
    if (after is not None or unless) and on in SCANS:
        raise section.fault("after_minutes 和 unless 只用于事件", "after_minutes" if after is not None else "unless")
    if unless and after is None:
        raise section.fault("unless 要和 after_minutes 一起用", "unless")
    if after is not None and not 0 < after <= 60 * 24 * 7:
        raise section.fault("after_minutes 应在 1 到 10080 之间", "after_minutes")
    once = section.typed("once", str, "day" if on in SCANS else "event")
    if once not in _ONCE or (once == "event" and on in SCANS):
        raise section.fault(f"once 不能是 {once}", "once")
    cooldown = section.need("cooldown_days", int)
    if cooldown < 0:
        raise section.fault("cooldown_days 不能小于 0", "cooldown_days")
    return Trigger(
        id=name,
        title=section.need("title"),
        owner=section.need("owner"),
        on=on,
        when=frames.expression(section, "when", columns(on), flag=True),
        after=None if after is None else timedelta(minutes=after),
        unless=tuple(unless),
        once=once,
        cooldown=timedelta(days=cooldown),
        priority=section.need("priority", int),
        section=section,
    )


def fired(one: Trigger, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows for which it fires, with `subject`: what makes it the same matter. frame also has today (text).

    In an order of their own, so that the same rows give the same messages: of one matter only the first counts.
    A condition that fails on these rows (a text that is no number) fires for none of them; the log has its line.
    """
    subject = _ONCE[one.once].fill_null("-")
    try:
        hits = frame.filter(one.when).with_columns(subject=subject)
    except PolarsError as error:
        # The type only: a message may quote a customer's data.
        logger.error("%s", one.section.fault(f"{one.id} 这次没有算出来（{type(error).__name__}）", "when"))
        hits = frame.clear().with_columns(subject=subject)
    return hits.sort("customer", "subject", *(name for name in ("product", "event_id") if name in hits.columns))


def check_unique(found: Mapping[str, Trigger], name: str, section: Section) -> None:
    """Raises DataFault where a name is used in two files."""
    if name in found:
        raise section.fault(f"{name} 在别处已经用过")
