"""The word lists of data/lexicon/entities.yml: entity words, and names that intents mask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from zhtext import lexicon
from zhtext.normalise import normalise

FILE = "entities.yml"


@dataclass(frozen=True)
class Word:
    """One way to say something: `kind` (asset_class, house, …), `value` (the entity's value; "" for names)."""

    text: str
    kind: str
    value: str = ""


@lru_cache(maxsize=1)
def entity_words() -> tuple[Word, ...]:
    """Words that become entities, normalised."""
    return tuple(
        Word(text, kind, str(value))
        for kind, values in _section("entities").items()
        for value, spellings in _mapping(kind, values).items()
        for text in _spellings(f"{kind}.{value}", spellings)
    )


@lru_cache(maxsize=1)
def names() -> tuple[Word, ...]:
    """Names of houses, sectors, indices and the like, normalised."""
    return tuple(
        Word(text, kind) for kind, spellings in _section("names").items() for text in _spellings(kind, spellings)
    )


def words() -> Iterable[str]:
    """Every word, for the tokeniser."""
    return dict.fromkeys(word.text for word in (*entity_words(), *names()))


def _section(name: str) -> dict[str, object]:
    return _mapping(name, lexicon.table(FILE).get(name) or {})


def _mapping(name: str, given: object) -> dict[str, object]:
    if not isinstance(given, dict):
        raise lexicon.LexiconError(lexicon.folder() / FILE, None, f"“{name}”下面应为“键: 值”")
    return given


def _spellings(name: str, given: object) -> Iterator[str]:
    if not isinstance(given, list):
        raise lexicon.LexiconError(lexicon.folder() / FILE, None, f"“{name}”应为一列词")
    for word in given:
        if text := normalise(str(word)):
            yield text
