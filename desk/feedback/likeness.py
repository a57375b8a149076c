"""How alike texts are: cosine of TF-IDF over character pieces, and the clusters that follow from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.cluster import DBSCAN
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from zhtext.normalise import normalise

_MARKS = re.compile(r"[\W_]+")
_CHUNK = 1000
_FEATURES = 2**20


def plain(text: str) -> str:
    """The text without marks, width and case: what is equal then is the same thing said."""
    return _MARKS.sub("", normalise(text)) or text.strip()


class Weights:
    """How telling each piece is, learned from the training text: what is seldom there, or never, tells most.

    Learned from what is compared they would change with every text that comes, and be wrong where there are few.
    """

    def __init__(self, background: Sequence[str]) -> None:
        self._pieces = HashingVectorizer(
            analyzer="char", ngram_range=(1, 2), n_features=_FEATURES, alternate_sign=False, norm=None, dtype=np.float32
        )
        self._tfidf = TfidfTransformer(sublinear_tf=True)
        self.rows = self._tfidf.fit_transform(self._pieces.transform(background))

    def of(self, texts: Sequence[str]) -> Any:
        """A row of length one per plain text."""
        return self._tfidf.transform(self._pieces.transform(texts))


def nearest(rows: Any, others: Any) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each row the place of the likest of the others, and how alike they are. `others` must not be empty."""
    places, values = [], []
    for likeness in _products(rows, others):
        place = np.asarray(likeness.argmax(axis=1)).ravel()
        places.append(place)
        values.append(np.asarray(likeness[np.arange(likeness.shape[0]), place]).ravel())
    return np.concatenate(places).astype(np.int64), np.concatenate(values).astype(np.float32)


def clusters(rows: Any, alike: float) -> list[int]:
    """A number for each row: the same for rows that hang together by likeness of at least `alike`."""
    near = []
    for likeness in _products(rows, rows):
        likeness.data[likeness.data < alike] = 0
        likeness.eliminate_zeros()
        # As distances; zero would mean "not near" in a sparse matrix.
        likeness.data = np.maximum(1 - likeness.data, 1e-6)
        near.append(likeness)
    # Three that are alike make a core: two alone must not chain groups together that only they connect.
    graph = _sorted(vstack(near, format="csr"))
    return _with_leftovers(DBSCAN(eps=1 - alike, min_samples=3, metric="precomputed").fit(graph).labels_, graph)


def _sorted(graph: csr_matrix) -> csr_matrix:
    """With the entries of each row in the order of their distance, as scikit-learn wants them."""
    order = np.lexsort((graph.data, np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))))
    return csr_matrix((graph.data[order], graph.indices[order], graph.indptr), shape=graph.shape)


def _with_leftovers(labels: NDArray[np.int64], graph: csr_matrix) -> list[int]:
    """What belongs to no core: pairs that have only each other stay together, the rest stand alone."""
    numbers: list[int] = labels.tolist()
    following = max(numbers, default=-1) + 1
    for row, number in enumerate(numbers):
        if number != -1:
            continue
        mates = [int(other) for other in graph[row].indices if other != row and numbers[other] == -1]
        for member in (row, *mates):
            numbers[member] = following
        following += 1
    return numbers


def _products(rows: Any, others: Any) -> Iterator[csr_matrix]:
    across = others.T.tocsr()
    for start in range(0, rows.shape[0], _CHUNK):
        yield (rows[start : start + _CHUNK] @ across).tocsr()
