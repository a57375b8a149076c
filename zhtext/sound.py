"""How Chinese text sounds: toneless pinyin keys in which what recognisers and accents mix up is the same.

Folded together: n/l, h/f, z/zh, c/ch, s/sh at the beginning, an/ang, en/eng, in/ing at the end. A key is one
string per character; characters that are not Chinese stand for themselves, lower-case.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache

_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=32768)
def syllable(char: str) -> str:
    """The toneless pinyin of one character in its commonest reading (中 → zhong); other characters unchanged."""
    if not is_chinese(char):
        return char.lower()
    # Characters only: without its phrase dictionary pypinyin needs a third of the memory.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(char)[0])


@lru_cache(maxsize=2048)
def blur(spelled: str) -> str:
    """A pinyin syllable with the confusable beginnings and ends folded (zhang → zan, niu → liu)."""
    for plain, folded in _INITIALS:
        if spelled.startswith(plain) and len(spelled) > len(plain):
            spelled = folded + spelled[len(plain) :]
            break
    for plain, folded in _FINALS:
        if spelled.endswith(plain):
            return spelled[: -len(plain)] + folded
    return spelled


@lru_cache(maxsize=32768)
def sound(char: str) -> str:
    """The folded sound of one character."""
    return blur(syllable(char)) if is_chinese(char) else char.lower()


def key(text: str) -> tuple[str, ...]:
    """The folded sound of each character."""
    return tuple(sound(char) for char in text)


def code(text: str) -> str:
    """`key` with one private-use character per syllable, so that string search works on sounds."""
    return "".join(_letter(char) for char in text)


def similarity(one: str, other: str) -> float:
    """How alike two texts sound, 0 to 1: edit distance over syllables, half price for a shared beginning or end."""
    first, second = key(one), key(other)
    if not first or not second:
        return 1.0 if first == second else 0.0
    row = [float(at) for at in range(len(second) + 1)]
    for at, left in enumerate(first, 1):
        previous, row[0] = row[0], float(at)
        for to, right in enumerate(second, 1):
            cost = min(row[to] + 1, row[to - 1] + 1, previous + _difference(left, right))
            previous, row[to] = row[to], cost
    return 1 - row[-1] / max(len(first), len(second))


def ngrams(text: str, low: int = 1, high: int = 3) -> Iterator[str]:
    """Sound n-grams for classifiers, joined by `_`: 基金 → ji, jin, ji_jin."""
    sounds = [s for s in key(text) if s.strip()]
    for size in range(low, high + 1):
        for at in range(len(sounds) - size + 1):
            yield "_".join(sounds[at : at + size])


def is_chinese(char: str) -> bool:
    """Whether the character is a Han ideograph."""
    return "\u3400" <= char <= "\u9fff" or char >= "\U00020000"


_codes: dict[str, str] = {}


@lru_cache(maxsize=32768)
def _letter(char: str) -> str:
    if not is_chinese(char):
        return char.lower()
    spelled = sound(char)
    return _codes.setdefault(spelled, chr(0xE000 + len(_codes)))


@lru_cache(maxsize=4096)
def _difference(left: str, right: str) -> float:
    if left == right:
        return 0.0
    if left[:1] == right[:1] or (len(left) > 1 and left[1:] == right[1:]):
        return 0.5
    return 1.0
