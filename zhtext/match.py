"""Which products a sentence names, among tens of thousands: by full or partial name, nickname, code, or sound.

Built once per catalogue: an automaton over what is written exactly, and an index of sound pairs for the rest.
A near miss is aligned character by character; a same-sounding character costs little, a missing one more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log

import ahocorasick
import numpy as np

from zhtext import lexicon, sound
from zhtext.match_align import SAME_SOUND, Form, Hit, align, is_generic, near
from zhtext.normalise import Traced, trace

_SHORTLIST = 14
_SHARED_BY = 12
"""A partial name is one only where at most so many products share it."""


@dataclass(frozen=True)
class Entry:
    """A product as the catalogue knows it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """A product found: its score (0–1) and where in the sentence it was named (`end` exclusive).

    `form` is the part of the name, alias or code that was meant, as the catalogue spells it (normalised).
    """

    code: str
    name: str
    score: float
    start: int
    end: int
    form: str


class Catalogue:
    """Products to be found in sentences. Building takes about 0.1 ms a product; finding is read-only."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._forms: list[list[Form]] = []
        self._exact = ahocorasick.Automaton()
        postings: dict[str, list[int]] = {}
        exact: dict[str, list[int]] = {}
        for at, entry in enumerate(self.entries):
            forms = [Form(at, chars, sound.code(chars)) for chars in _spellings(entry)]
            self._forms.append(forms)
            for chars in (*(form.chars for form in forms), entry.code.lower()):
                if len(chars) >= 2:
                    exact.setdefault(chars, []).append(at)
            for pair in {pair for form in forms for pair in _pairs(form.sounds)}:
                postings.setdefault(pair, []).append(at)
        for chars, owners in exact.items():
            self._exact.add_word(chars, (len(chars), tuple(dict.fromkeys(owners))))
        if exact:
            self._exact.make_automaton()
        size = max(1, len(self.entries))
        self._postings = {pair: np.asarray(owners, dtype=np.int32) for pair, owners in postings.items()}
        self._weights = {pair: log(1 + size / len(owners)) for pair, owners in postings.items()}

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, text: str, k: int = 3) -> list[Match]:
        """The at most `k` products that `text` names, best first; an empty list where it names none."""
        if not self.entries or not text.strip():
            return []
        traced = trace(text)
        best: dict[int, Hit] = {}
        for hit in (*self._written(traced.text), *self._sounding(traced.text)):
            if hit.entry not in best or hit.rank > best[hit.entry].rank:
                best[hit.entry] = hit
        ordered = sorted(best.values(), key=lambda hit: hit.rank, reverse=True)
        return [self._match(hit, traced) for hit in ordered[:k]]

    def _match(self, hit: Hit, traced: Traced) -> Match:
        entry = self.entries[hit.entry]
        start, end = traced.span(hit.start, hit.end)
        return Match(entry.code, entry.name, round(hit.score, 3), start, end, hit.form)

    def _written(self, text: str) -> list[Hit]:
        """Names, nicknames and codes that stand in the text as they are written."""
        found: list[tuple[int, int, tuple[int, ...]]] = []
        if not len(self._exact):
            return []
        for last, (length, owners) in self._exact.iter(text):
            start = last + 1 - length
            if _whole_word(text, start, last + 1) and not (len(owners) > _SHARED_BY and length < 5):
                found.append((start, last + 1, owners))
        longest = [
            (start, end, owners)
            for start, end, owners in found
            if not any(s <= start and end <= e and (s, e) != (start, end) for s, e, _ in found)
        ]
        return [
            Hit(owner, 1.0, start, end, end - start, text[start:end])
            for start, end, owners in longest
            for owner in owners
        ]

    def _sounding(self, text: str) -> list[Hit]:
        """Names that are nearly in the text: by sound, with a character missing or wrong, or in part."""
        heard = sound.code(text)
        where: dict[str, list[int]] = {}
        for at, pair in _placed_pairs(heard):
            where.setdefault(pair, []).append(at)
        known = [pair for pair in where if pair in self._postings]
        if len(known) < 2:
            return []
        owners = np.concatenate([self._postings[pair] for pair in known])
        weights = np.concatenate(
            [np.full(len(self._postings[pair]), self._weights[pair], dtype=np.float32) for pair in known]
        )
        totals = np.bincount(owners, weights=weights, minlength=len(self.entries))
        wanted = min(_SHORTLIST, len(totals))
        shortlist = np.argpartition(totals, -wanted)[-wanted:]
        entries = [int(at) for at in shortlist[np.argsort(-totals[shortlist])] if totals[at] > 0]
        forms = [form for entry in entries for form in self._forms[entry] if len(form.sounds) >= 4]
        hits = [hit for form, end in near(forms, text, heard) if (hit := align(form, text, heard, end))]
        if not hits:
            found = (self._part(self._forms[entry][0], text, heard, where) for entry in entries)
            hits = [hit for hit in found if hit]
        return hits

    def _part(self, form: Form, text: str, heard: str, where: dict[str, list[int]]) -> Hit | None:
        """A stretch of the name that few products share: four sounds or more, or three characters as written."""
        at, to, size = _longest_common(form.sounds, heard, where)
        if size < 3 or size == len(form.sounds):
            return None
        said = text[to : to + size]
        agree = sum(a == b for a, b in zip(said, form.chars[at : at + size], strict=True))
        if agree * 4 < size * 3 or (size == 3 and agree < 3) or is_generic(said):
            return None
        shared: set[int] | None = None
        for pair in pairwise(form.sounds[at : at + size]):
            owners = set(self._postings["".join(pair)].tolist())
            shared = owners if shared is None else shared & owners
        stretch = form.sounds[at : at + size]
        owners_of_it = [o for o in shared or () if any(stretch in f.sounds for f in self._forms[o])]
        if len(owners_of_it) > _SHARED_BY:
            return None
        score = 0.75 + 0.2 * size / len(form.sounds) - SAME_SOUND * (size - agree) / size
        return Hit(form.entry, score, to, to + size, size, form.chars[at : at + size])


def _spellings(entry: Entry) -> list[str]:
    """The name as written, without share class and kind of product, with figures spelled out, and the aliases."""
    name = trace(entry.name).text
    found = [name, *(trace(alias).text for alias in entry.aliases)]
    bare = _class_letters().sub("", name)
    found.append(bare)
    while cut := _kinds().search(bare):
        bare = bare[: cut.start()]
        if len(bare) < 4:
            break
        found.append(bare)
    found += [spelled for form in found if (spelled := _spelled_figures(form)) != form]
    return [form for form in dict.fromkeys(found) if len(form) >= 2]


@lru_cache(maxsize=1)
def _class_letters() -> re.Pattern[str]:
    return re.compile(r"[\(]?[a-e]类?[\)]?(?:份额)?$")


@lru_cache(maxsize=1)
def _kinds() -> re.Pattern[str]:
    listed = sorted(lexicon.words("product_kinds.txt"), key=len, reverse=True)
    return re.compile("(?:" + "|".join(re.escape(word.lower()) for word in listed) + ")$")


def _spelled_figures(form: str) -> str:
    if not re.search(r"\d", form):
        return form
    import cn2an

    return re.sub(r"\d{1,6}", lambda found: cn2an.an2cn(found.group(), "low"), form)


def _pairs(sounds: str) -> list[str]:
    """Neighbours, and neighbours but one: a missing or extra character in between leaves the pair."""
    return [pair for _, pair in _placed_pairs(sounds)]


def _placed_pairs(sounds: str) -> list[tuple[int, str]]:
    near = [(at, a + b) for at, (a, b) in enumerate(pairwise(sounds))]
    return near + [(at, a + b) for at, (a, b) in enumerate(zip(sounds, sounds[2:], strict=False))]


def _longest_common(form: str, heard: str, where: dict[str, list[int]]) -> tuple[int, int, int]:
    """The longest stretch of the form in the text: (its place in the form, in the text, its length)."""
    best = (0, 0, 0)
    for at, (a, b) in enumerate(pairwise(form)):
        for to in where.get(a + b, ()):
            if at and to and form[at - 1] == heard[to - 1]:
                continue
            size = 2
            while at + size < len(form) and to + size < len(heard) and form[at + size] == heard[to + size]:
                size += 1
            if size > best[2]:
                best = (at, to, size)
    return best


def _whole_word(text: str, start: int, end: int) -> bool:
    """Whether a code or a Latin name stands alone, not inside a longer figure or word."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    first, last = text[start], text[end - 1]
    if before.isascii() and before.isalnum() and first.isascii() and first.isalnum():
        return False
    return not (after.isascii() and after.isalnum() and last.isascii() and last.isalnum() and last.isdigit())
