"""What is wrong with a training text: the same thing said twice, once for two intents, personal data."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.corpus import Utterance
from zhtext.mask import mask
from zhtext.normalise import normalise

_PLAIN = re.compile(r"[\W_]+")
_NEAR = 0.88
_CHUNK = 2000


@dataclass(frozen=True)
class Pair:
    """Two utterances that are nearly the same; `clash` where their intents differ."""

    one: Utterance
    other: Utterance
    likeness: float

    @property
    def clash(self) -> bool:
        return self.one.intent != self.other.intent


def same(rows: Sequence[Utterance]) -> list[Pair]:
    """Utterances that differ in marks, width or case only; clashes first."""
    seen: dict[str, Utterance] = {}
    pairs = []
    for row in rows:
        plain = _PLAIN.sub("", normalise(row.text))
        if plain and plain in seen:
            pairs.append(Pair(seen[plain], row, 1.0))
        seen.setdefault(plain, row)
    return sorted(pairs, key=lambda pair: not pair.clash)


def near(rows: Sequence[Utterance]) -> list[Pair]:
    """Utterances whose character pairs are nearly the same (cosine of TF-IDF), clashes and the likest first."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(
        [_PLAIN.sub("", normalise(row.text)) for row in rows]
    )
    pairs = []
    for start in range(0, len(rows), _CHUNK):
        likeness = (matrix[start : start + _CHUNK] @ matrix.T).tocoo()
        close = (likeness.data >= _NEAR) & (likeness.row + start < likeness.col)
        for one, other, value in zip(likeness.row[close], likeness.col[close], likeness.data[close], strict=True):
            pairs.append(Pair(rows[one + start], rows[other], float(value)))
    return sorted(pairs, key=lambda pair: (not pair.clash, -pair.likeness))


def personal(rows: Sequence[Utterance]) -> list[tuple[Utterance, str]]:
    """Utterances with a card, phone or ID number, and the same with the number masked."""
    return [(row, masked) for row in rows if (masked := mask(row.text)) != row.text]


def counts(rows: Sequence[Utterance]) -> dict[str, int]:
    """Utterances by intent."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.intent] += 1
    return dict(sorted(found.items()))
