"""Puts recognised speech right by sound: finance terms (data/lexicon/terms.txt) and product names.

A right sentence must stay as it is, so a stretch is changed only where it makes no words of its own: 鸡精 is a
word and stays, 稳件理财 is none and becomes 稳健理财.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ahocorasick

from zhtext import lexicon, sound
from zhtext.match import Catalogue
from zhtext.normalise import normalise

_GRAMMAR = frozenset(
    "的了着过吗呢吧啊我你他她它们这那哪个是不没有在也都就还才只又再很太更最把被给让对从到和与跟或为以要会能可想去来"
    "上下里外前后多少大小好啥么怎几一二三四五六七八九十两百千万亿年月日天号点元块钱已全各每请问看说做买卖"
)
_SURE = 0.78
"""The product score from which a name is written as the catalogue has it."""


@dataclass(frozen=True)
class Change:
    """One correction: the place in the recognised text (normalised), what was heard, what it became."""

    start: int
    end: int
    heard: str
    written: str


def correct(text: str, catalogue: Catalogue | None = None) -> tuple[str, list[Change]]:
    """The normalised text with terms and product names as they are spelled, and what was changed, in order."""
    plain = normalise(text)
    changes = _products(plain, catalogue) if catalogue else []
    taken = {at for change in changes for at in range(change.start, change.end)}
    for change in _terms(plain):
        span = range(change.start, change.end)
        if not taken.intersection(span):
            taken.update(span)
            changes.append(change)
    changes.sort(key=lambda change: change.start)
    pieces: list[str] = []
    at = 0
    for change in changes:
        pieces += [plain[at : change.start], change.written]
        at = change.end
    return "".join(pieces) + plain[at:], changes


def _products(plain: str, catalogue: Catalogue) -> list[Change]:
    changes: list[Change] = []
    for match in catalogue.find(plain, k=6):
        heard = plain[match.start : match.end]
        free = all(match.end <= c.start or c.end <= match.start for c in changes)
        if free and match.score >= _SURE and match.form != heard:
            changes.append(Change(match.start, match.end, heard, match.form))
    return changes


def _terms(plain: str) -> list[Change]:
    """Longest first: stretches that sound like a term and are not words themselves."""
    found: list[Change] = []
    heard = sound.code(plain)
    for last, terms in _automaton().iter(heard):
        size = len(terms[0])
        start = last + 1 - size
        said = plain[start : last + 1]
        if said in terms:
            continue
        term = max(terms, key=lambda term: sum(a == b for a, b in zip(term, said, strict=True)))
        if _worth(term, said, plain, start):
            found.append(Change(start, last + 1, said, term))
    return sorted(found, key=lambda change: change.start - change.end)


def _worth(term: str, said: str, plain: str, start: int) -> bool:
    """Whether `said` is a mishearing of `term` rather than words of its own."""
    places = [at for at, (heard, meant) in enumerate(zip(said, term, strict=True)) if heard != meant]
    if len(term) < 4 and any(said[at] in _GRAMMAR for at in places):
        return False
    if len(term) == 2:
        exact = [sound.syllable(char) for char in said] == [sound.syllable(char) for char in term]
        if not exact or len(places) == 2 or term not in _short_terms():
            return False
    end = start + len(said)
    for first, last in _segment(plain):
        if last - first == 1 or last <= start or first >= end:
            continue
        # Part of a longer word around the stretch, or a wrong character inside a word of its own.
        if first < start or last > end or any(first <= start + at < last for at in places):
            return False
    return True


@lru_cache(maxsize=1)
def _short_terms() -> frozenset[str]:
    return frozenset(lexicon.words("heard_terms.txt"))


@lru_cache(maxsize=8)
def _segment(plain: str) -> tuple[tuple[int, int], ...]:
    return tuple((s, e) for _, s, e in _tokenizer().tokenize(plain, HMM=False))


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    import logging

    import jieba

    # A tokenizer of its own: the bank's lexicon must not leak into jieba's global one.
    jieba.default_logger.setLevel(logging.WARNING)
    own = jieba.Tokenizer()
    own.initialize()
    for word in lexicon.words("heard_right.txt"):
        own.add_word(word)
    return own


@lru_cache(maxsize=1)
def _automaton() -> Any:
    listed: dict[str, list[str]] = {}
    for term in lexicon.words("terms.txt"):
        if len(term) < 2:
            continue
        listed.setdefault(sound.code(term), []).append(term)
    automaton = ahocorasick.Automaton()
    for key, terms in listed.items():
        automaton.add_word(key, tuple(terms))
    automaton.make_automaton()
    return automaton
