"""What a conversation was about, from its messages only: nothing is concluded, nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from desk.wording import data

Message = Mapping[str, Any]

_FIGURE = re.compile(r"\d")


def summary(handoff: Mapping[str, Any], messages: Sequence[Message]) -> dict[str, Any]:
    """{need, figures_shown, said, open} for taking over and for handing back.

    need: what the customer wants, in their words. figures_shown: figures that the assistant showed, with their as-of
    line. said: what the manager promised, or else said. open: the customer's words that nobody has answered yet.
    """
    rules = data("hours")["summary"]
    return {
        "need": _need(handoff, messages)[: rules["need_characters"]],
        "figures_shown": _figures(messages)[-rules["figures"] :],
        "said": _said(messages)[-rules["said"] :],
        "open": _open(messages)[-rules["said"] :],
    }


def _need(handoff: Mapping[str, Any], messages: Sequence[Message]) -> str:
    if handoff.get("need") or handoff.get("note"):
        return str(handoff.get("need") or handoff["note"])
    spoken = [message for message in messages if message.get("origin") == "customer" and message.get("text")]
    since = [message for message in spoken if message["at"] >= handoff["requested_at"]]
    before = [message for message in spoken if message["at"] < handoff["requested_at"]]
    # The last words before somebody was called, and the first ones after it: what it is about.
    return "；".join(str(message["text"]) for message in [*before[-2:], *since[:1]])


def _figures(messages: Sequence[Message]) -> list[dict[str, str]]:
    as_of = {message.get("reply_to"): message["text"] for message in messages if message["type"] == "source"}
    found = []
    for message in messages:
        if message.get("origin") not in ("assistant", "push"):
            continue
        since = as_of.get(message.get("reply_to"), "") if message.get("reply_to") else ""
        for label, value in _pairs(message):
            found.append({"label": label, "value": value, "as_of": since})
    return found


def _pairs(message: Message) -> list[tuple[str, str]]:
    kind = message["type"]
    if kind == "card":
        return [(row["label"], row["value"]) for row in message["rows"] if _FIGURE.search(row["value"])]
    if kind == "list":
        return [(item["title"], item["value"]) for item in message["items"] if item.get("value")]
    if kind == "product":
        return [(message["name"], fact["value"]) for fact in message["facts"] if _FIGURE.search(fact["value"])]
    if kind == "text" and message.get("reply_to") and _FIGURE.search(message["text"]):
        return [("", message["text"])]
    return []


def _said(messages: Sequence[Message]) -> list[dict[str, str]]:
    spoken = [message for message in messages if message.get("origin") == "manager" and message.get("text")]
    promises = data("hours")["summary"]["promises"]
    promised = [message for message in spoken if any(word in message["text"] for word in promises)]
    return [{"text": message["text"], "at": message["at"]} for message in promised or spoken]


def _open(messages: Sequence[Message]) -> list[dict[str, str]]:
    unanswered: list[dict[str, str]] = []
    for message in messages:
        if message.get("origin") == "customer" and message.get("text"):
            unanswered.append({"text": message["text"], "at": message["at"]})
        elif message.get("origin") in ("manager", "assistant"):
            unanswered = []
    return unanswered
