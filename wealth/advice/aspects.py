"""Which side of a product a question is about: fee, risk, term … (data/wealth/aspects.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import yaml

from wealth.classes import DATA


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Sequence[str]]:
    with (DATA / "wealth" / "aspects.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


def asked(text: str, *names: str) -> list[str]:
    """The aspects in a question, in the file's order; names of products in it may hold such words and go first."""
    for name in names:
        text = text.replace(name, "")
    folded = text.lower()
    return [aspect for aspect, words in _words().items() if any(word.lower() in folded for word in words)]
