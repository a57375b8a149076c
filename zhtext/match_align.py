"""Aligning product names with a sentence, character by character, by sound: what it costs and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from zhtext import lexicon

SAME_SOUND = 0.12
"""What a same-sounding wrong character costs, against 1 for a missing, extra or different one."""

LEAST = 0.74
"""The lowest score that counts as a match."""

_KEPT = 6
"""How many of the nearest forms are aligned in full."""


@dataclass(frozen=True)
class Form:
    entry: int
    chars: str
    sounds: str


@dataclass(frozen=True)
class Hit:
    entry: int
    score: float
    start: int
    end: int
    length: int
    form: str

    @property
    def rank(self) -> tuple[float, float]:
        return (self.score * self.length, self.score)


def near(forms: list[Form], text: str, heard: str) -> list[tuple[Form, int]]:
    """The forms found somewhere in the text at a score of LEAST or more, nearest first, with where they end.

    Edit distance with free ends (Sellers 1980), all forms at once: rows are forms, columns places in the text.
    """
    if not forms or not text:
        return []
    longest = max(len(form.sounds) for form in forms)
    mine = np.stack([_ordinals(form.sounds, longest) for form in forms])
    written = np.stack([_ordinals(form.chars, longest) for form in forms])
    sounds, chars = _ordinals(heard, len(heard)), _ordinals(text, len(text))
    sizes = np.array([len(form.sounds) for form in forms])
    places = np.arange(len(text) + 1, dtype=np.float32)
    row = np.zeros((len(forms), len(text) + 1), dtype=np.float32)
    last = row.copy()
    for at in range(longest):
        change = np.where(sounds == mine[:, at, None], np.where(chars == written[:, at, None], 0, SAME_SOUND), 1)
        fresh = row + 1
        np.minimum(fresh[:, 1:], row[:, :-1] + change, out=fresh[:, 1:])
        # An extra character in the text costs 1: the running minimum along the row.
        row = np.minimum.accumulate(fresh - places, axis=1) + places
        last[sizes == at + 1] = row[sizes == at + 1]
    ends = last.argmin(axis=1)
    scores = 1 - last[np.arange(len(forms)), ends] / sizes
    order = np.argsort(-scores * sizes)[:_KEPT]
    return [(forms[at], int(ends[at])) for at in order if scores[at] >= LEAST]


def _ordinals(text: str, size: int) -> np.ndarray:
    return np.frombuffer(text.ljust(size, "\0").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def align(form: Form, text: str, heard: str, end: int) -> Hit | None:
    """Where the form begins, given the place where it ends at the least cost; None for a poor match."""
    size = len(form.sounds)
    low = max(0, end - size - 3)
    width = end - low
    row = [(0.0, low + at, 0) for at in range(width + 1)]
    for at in range(size):
        mine, written = form.sounds[at], form.chars[at]
        previous = row[0]
        row[0] = (at + 1.0, low, 0)
        for to in range(1, width + 1):
            here = low + to - 1
            if heard[here] == mine:
                same = text[here] == written
                step = (previous[0] + (0.0 if same else SAME_SOUND), previous[1], previous[2] + same)
            else:
                step = (previous[0] + 1, previous[1], previous[2])
            up, left = row[to], row[to - 1]
            if up[0] + 1 < step[0]:
                step = (up[0] + 1, up[1], up[2])
            if left[0] + 1 < step[0]:
                step = (left[0] + 1, left[1], left[2])
            previous, row[to] = row[to], step
    cost, start, agree = row[width]
    if end - start < 3 or agree < 3 or agree * 2 < size or is_generic(text[start:end], 1):
        return None
    return Hit(form.entry, 1 - cost / size, start, end, size, form.chars)


@lru_cache(maxsize=4096)
def is_generic(said: str, least: int = 2) -> bool:
    """Whether fewer than `least` characters remain without finance words (稳健理财): then it names no product."""
    rest = _generic_words().sub("", said)
    return len(re.sub(r"[\W\da-z]", "", rest)) < least


@lru_cache(maxsize=1)
def _generic_words() -> re.Pattern[str]:
    listed = {*lexicon.words("terms.txt"), *lexicon.words("product_kinds.txt")}
    return re.compile("|".join(re.escape(word.lower()) for word in sorted(listed, key=len, reverse=True)))
