"""A view of the ensemble that reads a pretrained encoder's vectors: a linear model on top, trained with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.encoder import Encoder, EncoderError, load, named_folder
from nlu.linear import Floats


@dataclass(frozen=True)
class EncodedModel:
    """Weights [dimensions × classes] over an encoder's vectors. `weight`: what its margins count beside the others."""

    encoder: Encoder
    weights: Floats
    intercept: Floats
    weight: float = 1.0

    def scores(self, text: str) -> Floats:
        """The weighed margin of each class for one normalised text."""
        return self.scores_of(self.encoder.encode([text]))[0]

    def scores_of(self, vectors: Floats) -> Floats:
        """The same for vectors that are already there."""
        scores: Floats = self.weight * (vectors @ self.weights + self.intercept)
        return scores

    def save(self, path: Path) -> None:
        """Write the weights and which encoder they belong to; the encoder itself stays where the bank keeps it."""
        np.savez_compressed(
            path,
            weights=self.weights,
            intercept=self.intercept,
            weight=np.float32(self.weight),
            folder=np.frombuffer(str(self.encoder.folder.resolve()).encode(), dtype=np.uint8),
            content=np.frombuffer(self.encoder.content.encode(), dtype=np.uint8),
        )

    @classmethod
    def load(cls, path: Path) -> EncodedModel:
        """Read what `save` wrote, with the encoder it was trained on. Raises EncoderError."""
        with np.load(path, allow_pickle=False) as stored:
            encoder = load(named_folder() or Path(bytes(stored["folder"]).decode()))
            if encoder.content != bytes(stored["content"]).decode():
                raise EncoderError(f"编码器 {encoder.folder} 和训练时的不是同一个，请运行 make train 重新训练")
            return cls(encoder, stored["weights"], stored["intercept"], float(stored["weight"]))


class EncodedCorpus:
    """Texts encoded once, to train on all of them or on some rows; the counterpart of nlu.linear.Corpus."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self._encoder = encoder
        self._vectors = encoder.encode(texts)

    def fit(self, labels: Sequence[str], rows: Sequence[int] | None = None) -> EncodedModel:
        """Train on the given rows (None: all); one column per sorted label."""
        from sklearn.linear_model import LogisticRegression

        chosen = list(range(len(labels)) if rows is None else rows)
        model = LogisticRegression(C=30.0, max_iter=300, tol=1e-3)
        model.fit(self._vectors[chosen], [labels[row] for row in chosen])
        weights, intercept = model.coef_, model.intercept_
        if len(model.classes_) == 2:
            weights, intercept = np.vstack([-weights, weights]) / 2, np.concatenate([-intercept, intercept]) / 2
        return EncodedModel(self._encoder, weights.T.astype(np.float32), intercept.astype(np.float32))

    def scores(self, model: EncodedModel, rows: Sequence[int]) -> Floats:
        """The margins [rows × classes] of a model trained on this corpus."""
        return model.scores_of(self._vectors[list(rows)])
