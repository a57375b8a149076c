"""Which facts conditions may use (data/journeys/facts.yml) and with what type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from journeys import frames
from journeys.datafile import FOLDER, Section, load

TYPES = {
    "text": pl.String(),
    "whole": pl.Int64(),
    "money": frames.MONEY,
    "share": pl.Float64(),
    "flag": pl.Boolean(),
}


@dataclass(frozen=True)
class Vocabulary:
    """kinds: fact → text|whole|money|share|flag; titles: fact → what people call it; age_bands: from which age."""

    kinds: Mapping[str, str]
    titles: Mapping[str, str]
    age_bands: Mapping[str, int]

    @property
    def schema(self) -> pl.Schema:
        """The columns of facts(), the customer first."""
        return pl.Schema({"customer": pl.String(), **{name: TYPES[kind] for name, kind in self.kinds.items()}})


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The file in force. Raises DataFault."""
    raw = load(FOLDER / "facts.yml")
    entries: Mapping[str, Section] = raw.need("facts", Section)
    for entry in entries.values():
        if entry.need("type") not in TYPES:
            raise entry.fault(f"没有 {entry['type']} 这种类型", "type")
    return Vocabulary(
        kinds={name: entry["type"] for name, entry in entries.items()},
        titles={name: entry.need("title") for name, entry in entries.items()},
        age_bands=raw.need("bands", Section).need("age", Section),
    )
