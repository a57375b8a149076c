"""Reads a message in its conversation: an answer to what was asked back, a follow-up, or a question of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nlu.entities import Entity
from nlu.priors import Priors, Ranking, damp, profile_factors, shift
from zhtext import lexicon
from zhtext.normalise import normalise

_PUNCTUATION = re.compile(r"[\s,，。.!！?？、~～…:：;；\"“”'‘’()（）]+")
_CARRYING = frozenset({"period", "date", "asset_class", "product", "ordinal", "rating", "amount", "duration"})
_PARTICLES = "吧呢啊呀哦嘛了就要选"
_SURE_OF_ANOTHER = 0.6
"""In the middle of a form, a reading at least this sure is a question of its own."""


@dataclass(frozen=True)
class Context:
    """What the conversation is about: the slots `topic` and `pending`, and the customer's profile."""

    topic: Mapping[str, Any] = field(default_factory=dict)
    pending: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reread:
    """The ranking in context. `settled`: the conversation makes it plain, nothing is to be asked back or refused."""

    ranking: Ranking
    entities: tuple[Entity, ...]
    settled: bool = False


def reread(text: str, ranking: Ranking, entities: Sequence[Entity], context: Context, priors: Priors) -> Reread:
    """The best reading of `text` in its context; without context the shares of mere answers are damped."""
    bare = _bare(text)
    if context.pending:
        answered = _answer(bare, ranking, entities, context.pending)
        if answered:
            return answered
    if context.topic.get("skill"):
        if bare in _words()["why"]:
            return _settled("ask_why", ranking, entities)
        if _only_conditions(text, entities):
            return _settled("inform", ranking, entities)
    if not context.topic.get("skill") and not context.pending:
        ranking = damp(ranking, priors.without_context)
    factors = dict(priors.topic.get(str(context.topic.get("skill") or "")) or {})
    for name, factor in profile_factors(context.profile, priors.profile).items():
        factors[name] = factors.get(name, 1.0) * factor
    return Reread(shift(ranking, factors, priors.close), tuple(entities))


def _answer(bare: str, ranking: Ranking, entities: Sequence[Entity], pending: Mapping[str, Any]) -> Reread | None:
    options = [option for option in pending.get("options") or () if isinstance(option, Mapping)]
    form = pending.get("kind") == "form"
    if options and bare in _words()["neither"]:
        return _settled("deny", ranking, entities)
    at = _chosen(bare, entities, [str(option.get("title") or "") for option in options])
    if at is not None:
        option = options[at]
        if form:
            value = {"index": at, **{key: option[key] for key in ("title", "value") if key in option}}
            choice: Entity = {"entity": "choice", "value": value, "start": 0, "end": len(bare), "extractor": "context"}
            return _settled("inform", ranking, [choice, *entities])
        if option.get("skill"):
            kept = [one for one in pending.get("entities") or () if isinstance(one, Mapping)]
            # What the first message said stays, unless this one says it anew; an ordinal only pointed.
            said = [one for one in entities if one["entity"] != "ordinal"]
            kinds = {one["entity"] for one in said}
            merged = [*(dict(one) for one in kept if one.get("entity") not in kinds), *said]
            return _settled(str(option["skill"]), ranking, merged)
    if form and ranking[0][1] < _SURE_OF_ANOTHER and bare:
        return _settled("inform", ranking, entities)
    return None


def _chosen(bare: str, entities: Sequence[Entity], titles: list[str]) -> int | None:
    """The place of the option that the message names or points to."""
    if not titles or not bare:
        return None
    plain = [_bare(title) for title in titles]
    if bare in plain:
        return plain.index(bare)
    pointed = _words()["choices"].get(bare, _words()["choices"].get(bare.strip(_PARTICLES)))
    if pointed is None:
        ordinals = [one["value"]["value"] for one in entities if one["entity"] == "ordinal"]
        alone = len(ordinals) == 1 and _only_conditions_of(bare, entities)
        pointed = int(ordinals[0]) if alone else None
    if pointed is not None:
        at = len(titles) + pointed if pointed < 0 else pointed - 1
        return at if 0 <= at < len(titles) else None
    holding = [at for at, title in enumerate(plain) if title and (title in bare or (len(bare) >= 2 and bare in title))]
    return holding[0] if len(holding) == 1 else None


def _settled(intent: str, ranking: Ranking, entities: Sequence[Entity]) -> Reread:
    others = [(name, share * 0.05) for name, share in ranking if name != intent]
    return Reread(((intent, 1.0 - sum(share for _, share in others)), *others), tuple(entities), settled=True)


def _only_conditions(text: str, entities: Sequence[Entity]) -> bool:
    """Whether a message is nothing but conditions ("那上个月的基金呢")."""
    carrying = [one for one in entities if one["entity"] in _CARRYING]
    if not carrying:
        return False
    rest = list(text)
    for one in carrying:
        rest[one["start"] : one["end"]] = " " * (one["end"] - one["start"])
    return _nothing_left(_bare("".join(rest)))


def _only_conditions_of(bare: str, entities: Sequence[Entity]) -> bool:
    for one in entities:
        bare = bare.replace(normalise(str(one.get("text") or "")), "")
    return _nothing_left(bare)


def _nothing_left(rest: str) -> bool:
    for filler in _words()["fillers"]:
        rest = rest.replace(filler, "")
    return not rest


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", normalise(text))


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    given = lexicon.table("follow_up.yml")
    return {
        "choices": {normalise(str(word)): int(at) for at, words in given["choices"].items() for word in words},
        "neither": frozenset(map(normalise, given["neither"])),
        # Longest first, so that 换成 goes before 换.
        "fillers": sorted(map(normalise, given["fillers"]), key=len, reverse=True),
        "why": frozenset(map(normalise, given["why"])),
    }
