"""MOT rules from data/journeys/mot/*.yml, checked on load with file and line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from journeys.datafile import FOLDER, Section, load
from journeys.errors import DataFault
from journeys.outreach.figures import NAMES
from journeys.outreach.settings import settings
from journeys.triggers import KEYS, Trigger, check_unique, trigger
from wealth.reply import Purpose, QuickReply
from wealth.skills import TOPICS

_KEYS = (*KEYS, "audience", "valid_hours", "push_type", "purpose", "offers", "skill", "why", "text", "brief", "next")
_FIGURE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Rule:
    """One rule. holders_only: only those who hold the event's product. offers: puts its product forward (rules 1, 2).

    text: sentences with {figures}; brief: the same in one line, for when several matters share a message.
    skill: what the conversation is about afterwards ("好的", "那怎么办"); why: what a "为什么" asks, mostly the same.
    """

    trigger: Trigger
    holders_only: bool
    valid: timedelta
    push_type: str
    purpose: Purpose
    offers: bool
    skill: str
    why: str
    text: Sequence[str]
    brief: str
    next_step: QuickReply

    @property
    def id(self) -> str:
        return self.trigger.id


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """All rules in force, by id. Raises DataFault."""
    return read(FOLDER / "mot")


def read(folder: Path, faults: list[DataFault] | None = None) -> Mapping[str, Rule]:
    """Every *.yml of a folder. Raises DataFault with file and line.

    With a list for the faults, a faulty rule (or a file that can't be read) goes there, and the others are in force.
    """
    found: dict[str, Rule] = {}
    triggers: dict[str, Trigger] = {}
    for path in sorted(folder.glob("*.yml")):
        with _kept(faults):
            for name, section in load(path).need("rules", Section).items():
                with _kept(faults):
                    check_unique(triggers, name, section)
                    found[name] = rule(name, section)
                    triggers[name] = found[name].trigger
    if not found:
        raise DataFault(f"{folder.name}：没有规则")
    return found


@contextmanager
def _kept(faults: list[DataFault] | None) -> Iterator[None]:
    try:
        yield
    except DataFault as fault:
        if faults is None:
            raise
        faults.append(fault)


def rule(name: str, section: Section, given: Collection[str] = ()) -> Rule:
    """One rule; given: names that its wording may use beside the figures. Raises DataFault."""
    section.only(*_KEYS)
    made = trigger(name, section)
    audience = section.typed("audience", str, "all")
    if audience not in ("all", "holds"):
        raise section.fault("audience 只能是 all 或 holds", "audience")
    push_type = section.need("push_type")
    if push_type not in settings().push_types:
        raise section.fault(f"没有 {push_type} 这种推送", "push_type")
    purpose = section.need("purpose")
    if purpose not in ("service", "push"):
        raise section.fault("purpose 只能是 service（服务）或 push（推荐）", "purpose")
    if push_type in ("market", "advice") and purpose != "push":
        raise section.fault(f"{push_type} 是推荐，purpose 要写 push", "purpose")
    if section.need("skill") not in TOPICS:
        raise section.fault(f"没有 {section['skill']} 这项能力", "skill")
    if section.typed("why", str, section["skill"]) not in TOPICS:
        raise section.fault(f"没有 {section['why']} 这项能力", "why")
    text = section.need("text", list)
    step = section.need("next", Section)
    step.only("title", "text")
    for key, written in (
        ("text", "".join(map(str, text))),
        ("brief", section.need("brief")),
        ("next", step.need("text")),
    ):
        for figure in _FIGURE.findall(written):
            if figure not in NAMES and figure not in given:
                raise section.fault(f"不认识 {{{figure}}}（可用：{'、'.join(sorted(NAMES))}）", key)
    hours = section.need("valid_hours", int)
    if hours < 1:
        raise section.fault("valid_hours 至少 1", "valid_hours")
    return Rule(
        trigger=made,
        holders_only=audience == "holds",
        valid=timedelta(hours=hours),
        push_type=push_type,
        purpose=Purpose(purpose),
        offers=bool(section.get("offers")),
        skill=section["skill"],
        why=section.get("why") or section["skill"],
        text=tuple(map(str, text)),
        brief=section["brief"],
        next_step=QuickReply(step.need("title"), step["text"]),
    )
