"""Render one Reply (schema peiban.reply/1, JSON only) as messages, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from channels import schema

Message = dict[str, Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")
_PRIVACY = ("public", "personal", "secret")


def messages(reply: Mapping[str, Any], prefix: str, origin: str = "assistant") -> list[Message]:
    """The sentences as one text, blocks, sources, disclosures, then the buttons. Ids are "<prefix>.<n>".

    Raises schema.InvalidMessage when the reply does not give valid messages; then none of it may be shown: half an
    answer could be a figure without its warning.
    """
    privacy = reply.get("privacy")
    if privacy not in _PRIVACY:
        raise schema.InvalidMessage("reply/privacy", "enum")
    try:
        bodies = list(_bodies(reply))
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise schema.InvalidMessage("reply", type(error).__name__) from None
    rendered = []
    for number, body in enumerate(bodies):
        # A block may be stricter than its reply, never laxer.
        own = body.get("privacy", privacy)
        strictest = max(own, privacy, key=_PRIVACY.index) if own in _PRIVACY else own
        message = {**body, "id": f"{prefix}.{number}", "privacy": strictest, "origin": origin}
        schema.check(message)
        rendered.append(message)
    return rendered


def _bodies(reply: Mapping[str, Any]) -> Iterable[Message]:
    sentences = reply.get("sentences") or ()
    if sentences:
        yield {"type": "text", "text": _paragraphs(sentences)}
    for block in reply.get("blocks") or ():
        block = {key: value for key, value in block.items() if value is not None}
        if block.get("type") == "disclosure" and "id" in block:
            block["disclosure"] = block.pop("id")
        yield block
    sources = reply.get("sources") or ()
    if sources:
        yield {"type": "source", "text": as_of(source["as_of"] for source in sources), "items": list(sources)}
    for wording in reply.get("disclosures") or ():
        if isinstance(wording, Mapping):
            yield {"type": "disclosure", "disclosure": wording["id"], "text": wording["text"]}
        else:
            yield {"type": "disclosure", "text": wording}
    options = list(reply.get("quick_replies") or ())
    next_step = reply.get("next_step")
    if next_step:
        options = [next_step, *(option for option in options if option["text"] != next_step["text"])]
    if options:
        yield {"type": "quick_replies", "options": options}


def _paragraphs(sentences: Sequence[str]) -> str:
    """One message to read, copy and rate as a whole. Raises ValueError for a sentence that says nothing."""
    if isinstance(sentences, str) or not all(sentence.strip() for sentence in sentences):
        raise ValueError("no sentences")
    return "\n\n".join(sentences)


def as_of(moments: Iterable[str]) -> str:
    """The line under an answer: its newest time, and its oldest where that is of another day."""
    times = sorted(datetime.fromisoformat(moment).astimezone(SHANGHAI) for moment in moments)
    newest, oldest = times[-1], times[0]
    text = f"数据截至 {_day(newest)}"
    if oldest.date() != newest.date():
        return f"{text}（最早一项 {_day(oldest)}）"
    return text if (newest.hour, newest.minute) == (0, 0) else f"{text} {newest:%H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日"
