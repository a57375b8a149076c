"""The second wall: what of an answer may be said and shown in a lobby. The first is the reply's own privacy class.

Rules 12 and 13: no balance, holding, gain or full name; no card or phone number. What the skills marked as personal
is replaced by an invitation to scan; what they marked as public is looked through all the same.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from channels import wording
from channels.rendering import turn as rendering

logger = logging.getLogger(__name__)

Message = dict[str, Any]


@dataclass(frozen=True)
class LobbyAnswer:
    """What the robot may get. personal: something was held back that the customer can see on their own phone.

    protected: those of the spoken sentences that must not be cut off (disclosures).
    """

    messages: list[Message]
    spoken: list[str]
    protected: list[str] = field(default_factory=list)
    personal: bool = False
    control: dict[str, Any] = field(default_factory=dict)


class Blocked(Exception):
    """A public text that holds something personal; rule is the name of the wall's rule."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def lobby_answer(sent: Sequence[Mapping[str, Any]], prefix: str) -> LobbyAnswer:
    """Render a turn for the lobby. Never raises on any content: what can't be shown safely is left out."""
    personal = False
    messages: list[Message] = []
    spoken: list[str] = []
    protected: list[str] = []
    for number, part in enumerate(sent):
        reply = _reply(part)
        if reply is not None and reply.get("privacy") != "public":
            personal = True
            continue
        rendered = rendering.messages([part], f"{prefix}.{number}" if len(sent) > 1 else prefix)
        try:
            shown = [_wall(message) for message in rendered if message["privacy"] == "public"]
            said = [checked(text) for text in _spoken(reply, rendered)]
            warned = [checked(message["text"]) for message in rendered if message["type"] == "disclosure"]
        except Blocked as blocked:
            # The rule's name only: the words are what must not get out.
            logger.error("public reply held back by the lobby wall: %s", blocked.rule)
            personal = True
            continue
        personal = personal or len(shown) < len(rendered)
        messages.extend(shown)
        spoken.extend([*said, *warned])
        protected.extend(warned)
    return LobbyAnswer(messages, spoken, protected, personal, _control(sent))


def checked(text: str) -> str:
    """The text with names shortened. Raises Blocked when it holds what may not be in a lobby at all."""
    for rule in _rules():
        if rule.replacement is None:
            if rule.pattern.search(text):
                raise Blocked(rule.name)
        else:
            text = rule.pattern.sub(rule.replacement, text)
    return text


@dataclass(frozen=True)
class _Rule:
    name: str
    pattern: re.Pattern[str]
    replacement: str | None


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    rules = []
    for entry in wording.load("robot")["wall"]:
        replacement = entry["with"] if entry["action"] == "mask" else None
        rules.append(_Rule(entry["name"], re.compile(entry["pattern"]), replacement))
    return tuple(rules)


def _wall(value: Any) -> Any:
    """Look through every string of a message; rows, items and columns marked private are left out."""
    if isinstance(value, str):
        return checked(value)
    if isinstance(value, list):
        return [_wall(item) for item in value if not (isinstance(item, Mapping) and item.get("private"))]
    if isinstance(value, dict):
        if value.get("private"):
            raise Blocked("private")
        hidden = {column["key"] for column in value.get("columns") or () if column.get("private")}
        if hidden:
            value = {**value, "rows": [{k: v for k, v in row.items() if k not in hidden} for row in value["rows"]]}
        # Addresses and ids are machine-made and may look like numbers.
        return {key: item if key in ("url", "link", "id", "code") else _wall(item) for key, item in value.items()}
    return value


def _spoken(reply: Mapping[str, Any] | None, rendered: Sequence[Message]) -> list[str]:
    """What to say: the skill's own spoken sentences, else the texts shown, a paragraph at a time."""
    own = [str(text) for text in (reply or {}).get("spoken") or ()]
    shown = [message["text"] for message in rendered if message["type"] == "text"]
    return own or [paragraph for text in shown for paragraph in text.split("\n\n") if paragraph.strip()]


def _control(sent: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Orders that the robot acts on; the dialogue's own bookkeeping stays here."""
    wanted = ("guide", "ticket", "handoff", "call_manager", "stop", "speech", "navigate", "end_visit", "queue")
    return {name: value for name, value in rendering.controls(sent).items() if name in wanted}


def _reply(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    custom = part.get("custom")
    reply = custom.get("reply") if isinstance(custom, Mapping) else None
    return reply if isinstance(reply, Mapping) else None
