"""Tags as data: data/journeys/tags.yml read, checked against the facts, and turned into polars expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from journeys import frames
from journeys.datafile import FOLDER, Section, load
from journeys.tags.vocabulary import vocabulary

_FACT = re.compile(r"\{([a-z_0-9]+)\}")


@dataclass(frozen=True)
class Tag:
    """One tag. value: text expression over facts; why: the reason in words; values: value → what people call it."""

    id: str
    name: str
    value: pl.Expr
    why: pl.Expr
    values: Mapping[str, str]


@dataclass(frozen=True)
class Tags:
    """tags.yml, checked. manual: tags that come with a manager's result, id → (name, values)."""

    tags: Mapping[str, Tag]
    manual: Mapping[str, tuple[str, Mapping[str, str]]]

    def title(self, tag: str, value: str) -> str:
        """ "闲置资金：五万以上", as a manager reads it."""
        if tag in self.tags:
            found = self.tags[tag]
            return f"{found.name}：{found.values.get(value, value)}"
        if tag in self.manual:
            name, values = self.manual[tag]
            return f"{name}：{values.get(value, value)}"
        return f"{tag}：{value}"


@lru_cache(maxsize=1)
def definitions() -> Tags:
    """The tags in force. Raises DataFault."""
    return read(FOLDER / "tags.yml")


def read(path: Path) -> Tags:
    """Read and check one file. Raises DataFault with file and line."""
    raw = load(path)
    manual = raw.typed("manual", Section, {})
    for section in manual.values():
        section.only("name", "values")
    return Tags(
        tags={name: _tag(name, section) for name, section in raw.need("tags", Section).items()},
        manual={name: (section.need("name"), section.need("values", Section)) for name, section in manual.items()},
    )


def _tag(name: str, section: Section) -> Tag:
    section.only("name", "value", "when", "values", "why")
    words = vocabulary()
    value = frames.expression(section, "value", words.schema).cast(pl.String)
    if "when" in section:
        value = pl.when(frames.expression(section, "when", words.schema, flag=True)).then(value)
    why = section.need("why")
    unknown = [fact for fact in _FACT.findall(why) if fact not in words.kinds]
    if unknown:
        raise section.fault(f"why 里的 {unknown[0]} 不是 facts.yml 里的量", "why")
    parts = [frames.shown(fact, words.kinds[fact]).fill_null("未知") for fact in _FACT.findall(why)]
    reason = pl.format(_FACT.sub("{}", why), *parts) if parts else pl.lit(why)
    return Tag(name, section.need("name"), value, reason, section.typed("values", Section, {}))
