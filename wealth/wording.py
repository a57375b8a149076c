"""What the assistant says, from data/wording/*.yml: one file per topic, edited by conversation designers.

`say("overview.total", total="¥1,000")` takes the key `total` of overview.yml and fills in the figures. A list of
wordings is several ways to say the same; which one is taken depends on the figures only, so a test can rely on it.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "data" / "wording"


class WordingError(Exception):
    """A key that is missing or a figure that a wording needs and was not given."""


@cache
def _topic(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.yml"
    if not path.exists():
        raise WordingError(f"没有文案文件 {path.name}")
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def say(key: str, **figures: Any) -> str:
    """The wording for `topic.name[.name…]` with {figures} filled in. Raises WordingError."""
    topic, *path = key.split(".")
    node: Any = _topic(topic)
    for name in path:
        if not isinstance(node, dict) or name not in node:
            raise WordingError(f"文案 {key} 不存在")
        node = node[name]
    if isinstance(node, list):
        node = node[zlib.crc32(repr(sorted(figures.items())).encode()) % len(node)]
    try:
        return str(node).format(**figures)
    except KeyError as missing:
        raise WordingError(f"文案 {key} 需要 {missing},没有给出") from missing
