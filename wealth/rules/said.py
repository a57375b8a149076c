"""Everything a Reply says, as text: where the word rules look and where masking writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wealth.reply import QuickReply, Reply
from wealth.wording import say

# Machine fields: never read out or shown, so no rule on wording applies to them.
_SILENT = {"type", "kind", "code", "url", "id", "key", "align", "tone", "date", "x", "values", "value_type"}


def texts(reply: Reply) -> Iterator[str]:
    """Every string that a person would see or hear, sentences first. Buttons say what the customer says: left out."""
    yield from reply.sentences
    yield from reply.spoken
    for block in reply.blocks:
        yield from _strings(block)


def whole(reply: Reply) -> str:
    """All texts, one a line."""
    return "\n".join(texts(reply))


def rewrite(reply: Reply, change: Callable[[str], str]) -> Reply:
    """The Reply with every shown or spoken string passed through `change`; the same object if nothing changed."""
    sentences = [change(text) for text in reply.sentences]
    spoken = [change(text) for text in reply.spoken]
    blocks = [_map(block, change) for block in reply.blocks]
    options = [QuickReply(change(option.title), change(option.text)) for option in reply.quick_replies]
    if (
        sentences == list(reply.sentences)
        and spoken == list(reply.spoken)
        and blocks == list(reply.blocks)
        and options == list(reply.quick_replies)
    ):
        return reply
    return replace(reply, sentences=sentences, spoken=spoken, blocks=blocks, quick_replies=options)


def _strings(node: Any, key: str = "") -> Iterator[str]:
    if isinstance(node, str):
        if key not in _SILENT:
            yield node
    elif isinstance(node, Mapping):
        for name, value in node.items():
            if name != "actions":
                yield from _strings(value, name)
    elif isinstance(node, Sequence):
        for value in node:
            yield from _strings(value, key)


def _map(node: Any, change: Callable[[str], str], key: str = "") -> Any:
    if isinstance(node, str):
        return node if key in _SILENT else change(node)
    if isinstance(node, Mapping):
        return {name: _map(value, change, name) for name, value in node.items()}
    if isinstance(node, Sequence):
        return [_map(value, change, key) for value in node]
    return node


def without_purchase(reply: Reply) -> Reply:
    """The Reply without any way to buy at once; a person is offered instead (rules 4 and 5)."""
    kept = [
        {name: value for name, value in block.items() if name != "link"}
        for block in reply.blocks
        if not (block.get("type") == "link" and block.get("kind") == "purchase")
    ]
    text = say("push.ask_person")
    person = QuickReply(say("dialogue.call_person"), say("dialogue.topics.human_handoff"))
    options = [person, *(option for option in reply.quick_replies if option.text != person.text)]
    control = {**reply.control, "pending": {"kind": "next", "skill": "human_handoff", "params": {}}}
    return replace(
        reply,
        sentences=[*reply.sentences, text],
        blocks=kept,
        quick_replies=options,
        next_step=person,
        control=control,
    )
