"""Render what Rasa sent in one turn: Replies, and the plain texts and buttons of domain responses."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from channels import schema, wording
from channels.rendering import reply as reply_rendering
from channels.rendering.reply import Message

logger = logging.getLogger(__name__)


def messages(sent: Sequence[Mapping[str, Any]], prefix: str) -> list[Message]:
    """All messages of a turn, valid and numbered through. Silence and faults become a sentence that says so."""
    rendered: list[Message] = []
    for number, part in enumerate(sent):
        part_prefix = f"{prefix}.{number}" if len(sent) > 1 else prefix
        try:
            rendered.extend(_part(part, part_prefix))
        except schema.InvalidMessage as error:
            # The place and the rule only: the content may be a customer's balance.
            logger.error("reply replaced, not valid at %s (%s)", error.where, error.rule)
            rendered.append(notice("unsafe", part_prefix))
    return rendered or [notice("failed", prefix)]


def controls(sent: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Orders to the channel in a turn's Replies, for instance {"handoff": "complaint"}; later ones win."""
    orders: dict[str, Any] = {}
    for part in sent:
        reply = _reply(part)
        if reply is not None and isinstance(reply.get("control"), Mapping):
            orders.update(reply["control"])
    return orders


def notice(name: str, prefix: str) -> Message:
    """One of the channel's own sentences (data/channels/app.yml, messages)."""
    text = wording.load("app")["messages"][name]
    return {"id": f"{prefix}.0", "type": "text", "privacy": "public", "origin": "assistant", "text": text}


def _reply(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    custom = part.get("custom")
    reply = custom.get("reply") if isinstance(custom, Mapping) else None
    return reply if isinstance(reply, Mapping) else None


def _part(part: Mapping[str, Any], prefix: str) -> list[Message]:
    reply = _reply(part)
    if reply is not None:
        return reply_rendering.messages(reply, prefix)
    if part.get("custom") is not None:
        raise schema.InvalidMessage("custom", "unknown")
    plain = {
        "privacy": "public",
        "sentences": [part["text"]] if part.get("text") else [],
        "quick_replies": [
            # A button's payload may be an intent ("/affirm"): the customer says its title, as if typed.
            {"title": button["title"], "text": _spoken(button)}
            for button in part.get("buttons") or ()
        ],
        "blocks": [
            {"type": "link", "title": "查看", "url": part[kind], "kind": "bank"}
            for kind in ("image", "attachment")
            if part.get(kind)
        ],
    }
    return reply_rendering.messages(plain, prefix)


def _spoken(button: Mapping[str, Any]) -> str:
    payload = button.get("payload") or ""
    return str(button["title"] if not payload or payload.startswith("/") else payload)
