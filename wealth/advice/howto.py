"""Which way of buying or selling a question without a product is about (data/wealth/howto.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

import yaml

from wealth.classes import DATA


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    with (DATA / "wealth" / "howto.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


def topic_of(text: str, way: Literal["purchase", "redeem"]) -> str | None:
    """The first topic of the file whose word is in the text."""
    return next((name for name, words in _words()[way].items() if any(word in text for word in words)), None)
