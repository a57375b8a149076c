"""Kinds of leads and of results from data/journeys/leads.yml, checked on load with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from journeys import frames
from journeys.datafile import FOLDER, Section, load
from journeys.tags.definitions import definitions
from journeys.triggers import KEYS, Trigger, columns, trigger

_FIGURE = re.compile(r"\{([a-z_0-9]+)\}")
_STATES = ("open", "contacted", "won", "lost")


@dataclass(frozen=True)
class LeadKind:
    """One kind of lead. reason, evidence, talk: expressions that make its texts; value: money in CNY."""

    trigger: Trigger
    value: pl.Expr
    expires: timedelta
    reason: pl.Expr
    evidence: Sequence[pl.Expr]
    talk: Sequence[str]

    @property
    def id(self) -> str:
        return self.trigger.id


@dataclass(frozen=True)
class Outcome:
    """What a result brings: the lead's state, tags (→ days), and rules or kinds that pause (→ days)."""

    title: str
    state: str
    tags: Mapping[str, int]
    pause: Mapping[str, int]


@dataclass(frozen=True)
class LeadRules:
    """leads.yml, checked. said: how the assistant passes on what a manager entered."""

    kinds: Mapping[str, LeadKind]
    outcomes: Mapping[str, Outcome]
    open_per_manager: int
    said: Mapping[str, str]


@lru_cache(maxsize=1)
def lead_rules() -> LeadRules:
    """The rules in force. Raises DataFault."""
    return read(FOLDER / "leads.yml")


def read(path: Path) -> LeadRules:
    """Read and check one file. Raises DataFault with file and line."""
    raw = load(path)
    return LeadRules(
        kinds={name: _kind(name, section) for name, section in raw.need("kinds", Section).items()},
        outcomes={name: _outcome(section) for name, section in raw.need("results", Section).items()},
        open_per_manager=raw.need("open_per_manager", int),
        said=raw.need("said", Section),
    )


def _kind(name: str, section: Section) -> LeadKind:
    section.only(*KEYS, "value", "expires_days", "reason", "evidence", "talk")
    made = trigger(name, section)
    over = columns(made.on)
    evidence = section.need("evidence", list)
    return LeadKind(
        trigger=made,
        value=frames.expression(section, "value", over).cast(frames.MONEY),
        expires=timedelta(days=section.need("expires_days", int)),
        reason=_text(section, "reason", section.need("reason"), over),
        evidence=[_text(section, "evidence", str(text), over) for text in evidence],
        talk=[str(text) for text in section.need("talk", list)],
    )


def _outcome(section: Section) -> Outcome:
    section.only("title", "state", "tags", "pause")
    if section.need("state") not in _STATES:
        raise section.fault(f"state 只能是 {'、'.join(_STATES)}", "state")
    tags = section.typed("tags", Section, {})
    for tag in tags:
        if tag not in definitions().manual:
            raise section.fault(f"tags.yml 的 manual 里没有 {tag}", "tags")
    return Outcome(section.need("title"), section["state"], tags, section.typed("pause", Section, {}))


def _text(section: Section, key: str, written: str, over: pl.Schema) -> pl.Expr:
    names = _FIGURE.findall(written)
    for name in names:
        if name not in over:
            raise section.fault(f"不认识 {{{name}}}", key)
    parts = [_shown(name, over[name]) for name in names]
    return pl.format(_FIGURE.sub("{}", written), *parts) if parts else pl.lit(written)


def _shown(name: str, kind: Any) -> pl.Expr:
    if name == "stage":
        values = definitions().tags["stage"].values
        return pl.col(name).replace(dict(values)).fill_null("未知")
    sort = (
        "money" if isinstance(kind, pl.Decimal) else {pl.Float64: "share", pl.Boolean: "flag"}.get(type(kind), "text")
    )
    return frames.shown(name, sort).fill_null("未知")
