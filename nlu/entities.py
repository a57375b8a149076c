"""Entities that need no catalogue: typed values from zhtext, and the lexicon's words through spaCy's entity ruler."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nlu import lexicon
from zhtext.normalise import trace
from zhtext.values import extract

if TYPE_CHECKING:
    from spacy.language import Language

Entity = dict[str, Any]

_VALUE_KINDS = frozenset({"amount", "percent", "period", "date", "duration", "ordinal", "rating"})
_IGNORED = "none"
"""The lexicon's kind for words that hold an entity word but mean something else (理财经理)."""


def entity(kind: str, text: str, start: int, end: int, value: Any, by: str) -> Entity:
    """One entity in Rasa's shape; positions are in the text as it was typed, `end` exclusive."""
    return {"entity": kind, "value": value, "start": start, "end": end, "text": text[start:end], "extractor": by}


def find_values(text: str, now: datetime) -> list[Entity]:
    """Amounts, percents, periods, dates, durations, ordinals and ratings, typed as docs/architecture.md has them."""
    found = []
    for value in extract(text, now):
        if value.type in _VALUE_KINDS:
            shown = value.value if value.type == "rating" else value.entity()
            found.append(entity(value.type, text, value.start, value.end, shown, "values"))
            if value.type == "date" and value.valid:
                day = {
                    "name": value.text,
                    "start": value.value.isoformat(),
                    "end": (value.value + timedelta(days=1)).isoformat(),
                    "grain": "day",
                    "valid": True,
                    "future": value.future,
                }
                # "昨天赚了多少" asks for a period of one day: both readings are given.
                found.append(entity("period", text, value.start, value.end, day, "values"))
    return found


def find_words(text: str) -> list[Entity]:
    """Asset classes and places by the lexicon; of overlapping words the longest."""
    traced = trace(text)
    if not traced.text:
        return []
    found = []
    for span in _ruler()(traced.text).ents:
        if span.label_ == _IGNORED:
            continue
        start, end = traced.span(span.start_char, span.end_char)
        value: Any = {"id": span.ent_id_} if span.label_ == "place" else span.ent_id_
        found.append(entity(span.label_, text, start, end, value, "lexicon"))
    return found


@lru_cache(maxsize=1)
def _ruler() -> Language:
    import spacy

    # Blank Chinese cuts into characters: a word is found wherever it stands, without word boundaries.
    language = spacy.blank("zh")
    ruler = language.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": word.kind, "pattern": word.text, "id": word.value} for word in lexicon.entity_words()]
    )
    return language


def without_overlaps(entities: list[Entity]) -> list[Entity]:
    """Of entities that overlap the first stays, or both readings of one value; the result is in reading order."""
    kept: list[Entity] = []
    for one in entities:
        if not any(_collide(one, other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: int(one["start"]))


def _collide(one: Entity, other: Entity) -> bool:
    if one["end"] <= other["start"] or other["end"] <= one["start"]:
        return False
    same = (one["start"], one["end"], one["extractor"]) == (other["start"], other["end"], other["extractor"])
    return not (same and one["entity"] != other["entity"])
