"""How a classifier looks at a text: n-grams of characters, of masked characters, of words and of sounds."""

from __future__ import annotations

from itertools import pairwise

from nlu.masks import fold, mask
from nlu.words import cut
from zhtext.sound import key

_START, _END = "^", "$"


def written(text: str) -> list[str]:
    """Character 1–4-grams of the text and of its masked form, words and word pairs of the masked form."""
    masked = mask(text)
    return [*_grams(fold(text), 4), *("m" + gram for gram in _grams(masked, 4)), *_words(masked)]


def heard(text: str) -> list[str]:
    """Toneless, fuzzy pinyin 1–3-grams: what two sound-alike texts have in common."""
    return _joined([_START, *key(text), _END], 3)


def both(text: str) -> list[str]:
    """Written and heard n-grams in one list."""
    return [*written(text), *("p" + gram for gram in heard(text))]


def heard_masked(text: str) -> list[str]:
    """Sound 1–4-grams of the masked text: a view that sound-alikes leave as it is."""
    return _joined([_START, *key(mask(text)), _END], 4)


VIEWS = {"written": written, "both": both, "heard_masked": heard_masked}


def _joined(sounds: list[str], longest: int) -> list[str]:
    return [" ".join(sounds[at : at + size]) for size in range(1, longest + 1) for at in range(len(sounds) - size + 1)]


def _grams(text: str, longest: int) -> list[str]:
    framed = f"{_START}{text}{_END}"
    return [framed[at : at + size] for size in range(1, longest + 1) for at in range(len(framed) - size + 1)]


def _words(masked: str) -> list[str]:
    words = [_START, *cut(masked), _END]
    pairs = (f"w{one}_{two}" for one, two in pairwise(words))
    skips = (f"w{one}~{two}" for one, two in zip(words, words[2:], strict=False))
    return [*("w" + word for word in words), *pairs, *skips]
