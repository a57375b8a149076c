"""Reply: what one skill answers, neutral of channel. The contract between skills, guard, actions and channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

SCHEMA = "peiban.reply/1"


class Privacy(str, Enum):
    """Who may hear or see a reply: anyone near, only the customer, or nobody outside the app session."""

    PUBLIC = "public"
    PERSONAL = "personal"
    SECRET = "secret"


class Purpose(str, Enum):
    """Why products or figures are shown; the rules on offering bind ADVICE and PUSH only."""

    SERVICE = "service"
    ADVICE = "advice"
    PUSH = "push"
    EDUCATION = "education"


@dataclass(frozen=True)
class Source:
    """Where a figure comes from: a row id, a title a customer understands, and its time (zone-aware)."""

    id: str
    title: str
    as_of: datetime

    def to_dict(self) -> dict[str, str]:
        return {"id": self.id, "title": self.title, "as_of": self.as_of.isoformat()}


@dataclass(frozen=True)
class QuickReply:
    """A button: what it shows and what it says for the customer when tapped."""

    title: str
    text: str

    def to_dict(self) -> dict[str, str]:
        return {"title": self.title, "text": self.text}


@dataclass(frozen=True)
class Reply:
    """One answer.

    sentences: shown, one paragraph each. spoken: one or two sentences for the robot's voice; for a personal reply the
    channel replaces them by the invitation to scan. blocks: cards, charts and so on as JSON objects by
    docs/architecture.md. disclosures: ids of data/compliance; the guard turns them into {id, text}. offered: product
    codes this reply puts forward, in the order shown ("第二个" refers to it). params: what the skill understood, kept
    for follow-ups. control: orders to the dialogue and the channel: "pending" (what a "好的" or the next message
    answers: {"kind": "next"|"confirm"|"form", "skill", "params", ...}), "form_done", "keep_topic" (small talk: the
    topic before it goes on), {"guide": place id}, {"handoff": reason} with {"handoff_note": what it is about},
    {"handoff_booking": {"slot", "need"} or {"cancel": true}}, {"ticket": service}, {"call_manager": true},
    {"push_off": "this"|"all"} (no more messages of this sort, or none), and in a push {"topic"}: what a "为什么" asks.
    """

    skill: str
    sentences: Sequence[str]
    spoken: Sequence[str] = ()
    blocks: Sequence[Mapping[str, Any]] = ()
    quick_replies: Sequence[QuickReply] = ()
    next_step: QuickReply | None = None
    sources: Sequence[Source] = ()
    disclosures: Sequence[str | Mapping[str, str]] = ()
    privacy: Privacy = Privacy.PUBLIC
    purpose: Purpose = Purpose.SERVICE
    offered: Sequence[str] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    control: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON shape that travels to the channels (schema peiban.reply/1)."""
        return {
            "schema": SCHEMA,
            "skill": self.skill,
            "sentences": list(self.sentences),
            "spoken": list(self.spoken),
            "blocks": [dict(block) for block in self.blocks],
            "quick_replies": [option.to_dict() for option in self.quick_replies],
            "next_step": self.next_step.to_dict() if self.next_step else None,
            "sources": [source.to_dict() for source in self.sources],
            "disclosures": list(self.disclosures),
            "privacy": self.privacy.value,
            "purpose": self.purpose.value,
            "offered": list(self.offered),
            "control": dict(self.control),
        }
