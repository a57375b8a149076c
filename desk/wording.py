"""What the desk says, from data/desk/wording.yml, and its other data files."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from desk.settings import DATA


@cache
def data(name: str) -> Any:
    """A file of data/desk by its stem, read once per process."""
    return yaml.safe_load((DATA / f"{name}.yml").read_text(encoding="utf-8")) or {}


def say(key: str, **figures: Any) -> str:
    """The wording for `section.name` with {figures} filled in. Raises KeyError for one that is not there."""
    node = data("wording")
    for name in key.split("."):
        node = node[name]
    return str(node).format(**figures)
