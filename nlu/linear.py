"""A trained linear model over n-grams that reads one text in well under a millisecond, without scikit-learn."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.views import VIEWS

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LinearModel:
    """Weights [n-grams × classes] of one-against-the-rest logistic regressions on TF-IDF (sublinear, L2 norm)."""

    view: str
    vocabulary: dict[str, int]
    idf: Floats
    weights: NDArray[np.float16]
    intercept: Floats

    def scores(self, text: str) -> Floats:
        """The margin of each class for one normalised text."""
        counts = Counter(VIEWS[self.view](text))
        known = [(self.vocabulary[gram], n) for gram, n in counts.items() if gram in self.vocabulary]
        if not known:
            return self.intercept
        rows = np.fromiter((row for row, _ in known), dtype=np.int64, count=len(known))
        weight = np.fromiter((1.0 + math.log(n) for _, n in known), dtype=np.float32, count=len(known))
        weight *= self.idf[rows]
        weight /= math.sqrt(float(weight @ weight))
        scores: Floats = weight @ self.weights[rows].astype(np.float32) + self.intercept
        return scores

    def save(self, path: Path) -> None:
        """Write one .npz without pickled objects; n-grams never hold a line end (see zhtext.normalise)."""
        grams = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        np.savez_compressed(
            path,
            view=np.frombuffer(self.view.encode(), dtype=np.uint8),
            grams=np.frombuffer("\n".join(grams).encode(), dtype=np.uint8),
            idf=self.idf,
            weights=self.weights,
            intercept=self.intercept,
        )

    @classmethod
    def load(cls, path: Path) -> LinearModel:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            grams = bytes(stored["grams"]).decode().split("\n")
            return cls(
                view=bytes(stored["view"]).decode(),
                vocabulary={gram: row for row, gram in enumerate(grams)},
                idf=stored["idf"],
                weights=stored["weights"],
                intercept=stored["intercept"],
            )


class Corpus:
    """Normalised texts with their n-grams counted once, to train on all of them or on some rows."""

    def __init__(self, view: str, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.view = view
        self._vectoriser = TfidfVectorizer(analyzer=VIEWS[view], sublinear_tf=True, min_df=2, dtype=np.float32)
        self._matrix = self._vectoriser.fit_transform(texts)

    def fit(self, labels: Sequence[str], rows: Sequence[int] | None = None) -> LinearModel:
        """Train on the given rows (None: all); one column per sorted label."""
        from sklearn.linear_model import LogisticRegression

        chosen = range(len(labels)) if rows is None else rows
        # Against a linear SVM: a point better on real questions, two on refusal, half as long again (docs/nlu.md).
        model = LogisticRegression(C=12.0, solver="liblinear", tol=1e-2, random_state=0)
        model.fit(self._matrix[list(chosen)], [labels[row] for row in chosen])
        weights, intercept = model.coef_, model.intercept_
        if len(model.classes_) == 2:
            weights, intercept = np.vstack([-weights, weights]), np.concatenate([-intercept, intercept])
        return LinearModel(
            view=self.view,
            vocabulary={gram: int(row) for gram, row in self._vectoriser.vocabulary_.items()},
            idf=self._vectoriser.idf_.astype(np.float32),
            weights=weights.T.astype(np.float16),
            intercept=intercept.astype(np.float32),
        )

    def scores(self, model: LinearModel, rows: Sequence[int]) -> Floats:
        """The margins [rows × classes] of a model trained on this corpus."""
        scores: Floats = self._matrix[list(rows)] @ model.weights.astype(np.float32) + model.intercept
        return scores
