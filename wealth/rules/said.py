"""Everything a Reply says, as text: where the word rules look and where masking writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wealth.reply import QuickReply, Reply

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
