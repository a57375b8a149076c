"""Trains the intent model: on a part first, for confidences and the refusal threshold, then on all text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nlu import encoder
from nlu.linear import Corpus, Floats
from nlu.model import OUTSIDE, IntentModel, soften
from zhtext.normalise import normalise

if TYPE_CHECKING:
    from nlu.encoded import EncodedCorpus

FOLDS = 4
SHARPER = 0.8
"""Times the temperature that fits held-out utterances. Writers were asked to repeat nothing, so a held-out utterance
is harder (0.74 right) than what customers ask (0.82 to 0.91): its confidences come out too low (docs/nlu.md).
"""
REFUSED = 0.08
"""The share of held-out utterances of our own that may be refused: 2 to 3 % of what customers ask (docs/nlu.md)."""
ENCODED_WEIGHTS = (0.25, 0.5, 1.0, 2.0)
"""What the margins of a bank's encoder may count beside our own; the held-out part chooses."""
_UNCOUNTED = frozenset({OUTSIDE, "chitchat", "affirm", "deny", "stop", "repeat", "ask_why", "inform", "navigate",
                        "speech_control"})  # fmt: skip
"""Intents that no refusal harms: small talk, and control words that only a running dialogue makes plain."""


@dataclass(frozen=True)
class HeldOut:
    """Margins and shares [rows × intents] that models gave to utterances they had not been trained on."""

    intents: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    margins: Floats
    temperature: float

    @property
    def shares(self) -> Floats:
        """Confidences at the temperature that customers get."""
        return soften(self.margins, self.temperature)


def train(texts: Sequence[str], labels: Sequence[str], view: str = "both") -> IntentModel:
    """Train on raw utterances and their intents (cut at "/"), with the bank's encoder where `PEIBAN_ENCODER` names one.

    Needs two intents; ValueError in Chinese if fewer, EncoderError if the encoder cannot be used.
    """
    plain = plain_intents(labels)
    clean = [normalise(text) for text in texts]
    corpus, encoded = Corpus(view, clean), _encoded_corpus(clean)
    held, weight = _held_out(corpus, encoded, texts, plain, folds=(0,))
    return IntentModel(
        intents=tuple(sorted(set(plain))),
        scorer=corpus.fit(plain),
        listener=Corpus("heard_masked", clean).fit(plain),
        temperature=held.temperature,
        refuse_at=_refusal(held),
        encoded=replace(encoded.fit(plain), weight=weight) if encoded else None,
    )


def cross_validate(texts: Sequence[str], labels: Sequence[str], view: str = "both") -> HeldOut:
    """Every utterance judged by a model that did not see it, with the confidences that customers would get."""
    plain = plain_intents(labels)
    clean = [normalise(text) for text in texts]
    return _held_out(Corpus(view, clean), _encoded_corpus(clean), texts, plain, folds=tuple(range(FOLDS)))[0]


def _encoded_corpus(clean: Sequence[str]) -> EncodedCorpus | None:
    folder = encoder.named_folder()
    if folder is None:
        return None
    from nlu.encoded import EncodedCorpus

    return EncodedCorpus(encoder.load(folder), clean)


def plain_intents(labels: Sequence[str]) -> list[str]:
    """Intents without their sub-intent."""
    plain = [label.split("/", 1)[0] for label in labels]
    if len(set(plain)) < 2:
        raise ValueError("训练语料至少要有两个意图")
    return plain


def _held_out(
    corpus: Corpus, encoded: EncodedCorpus | None, texts: Sequence[str], labels: list[str], folds: tuple[int, ...]
) -> tuple[HeldOut, float]:
    """The judged utterances, and what the encoder's margins count in them (0 without one)."""
    intents = tuple(sorted(set(labels)))
    fold_of = _folds(labels)
    judged = sorted(row for row in range(len(labels)) if fold_of[row] in folds)
    truth = [intents.index(labels[row]) for row in judged]
    margins = _margins(corpus.fit, corpus.scores, intents, fold_of, labels, folds)[judged]
    weight, (temperature, loss) = 0.0, _temperature(margins, truth)
    if encoded is not None:
        loss, alone = np.inf, margins
        beside = _margins(encoded.fit, encoded.scores, intents, fold_of, labels, folds)[judged]
        for tried in ENCODED_WEIGHTS:
            both = alone + tried * beside
            fitting, off = _temperature(both, truth)
            if off < loss:
                weight, margins, temperature, loss = tried, both, fitting, off
    held = HeldOut(
        intents,
        tuple(texts[row] for row in judged),
        tuple(labels[row] for row in judged),
        margins,
        SHARPER * temperature,
    )
    return held, weight


def _margins(
    fit: Callable[..., Any],
    scores: Callable[..., Floats],
    intents: tuple[str, ...],
    fold_of: NDArray[np.int64],
    labels: list[str],
    folds: tuple[int, ...],
) -> Floats:
    """The margins of each utterance of the folds by a model that was trained on the others."""
    # An intent that a part of the text lacks cannot be its answer.
    margins = np.full((len(labels), len(intents)), -20.0, dtype=np.float32)
    for fold in folds:
        out: list[int] = np.flatnonzero(fold_of == fold).tolist()
        rows: list[int] = np.flatnonzero(fold_of != fold).tolist()
        known = sorted({labels[row] for row in rows})
        if not out or len(known) < 2:
            continue
        columns = np.array([intents.index(intent) for intent in known])
        margins[np.ix_(np.array(out), columns)] = scores(fit(labels, rows), out)
    return margins


def _folds(labels: Sequence[str]) -> NDArray[np.int64]:
    """Each intent dealt out evenly, in a fixed shuffled order."""
    fold_of = np.zeros(len(labels), dtype=np.int64)
    dealt: dict[str, int] = {}
    for row in np.random.default_rng(7).permutation(len(labels)):
        dealt[labels[row]] = dealt.get(labels[row], -1) + 1
        fold_of[row] = dealt[labels[row]] % FOLDS
    return fold_of


def _temperature(margins: Floats, truth: list[int]) -> tuple[float, float]:
    """The temperature at which the true intents are likeliest, and the loss (mean negative logarithm) there."""
    if not truth:
        return 1.0, 0.0
    rows = np.arange(len(truth))
    grid = np.geomspace(0.1, 8.0, 80)
    losses = [-np.log(np.maximum(soften(margins, t)[rows, truth], 1e-9)).mean() for t in grid]
    best = int(np.argmin(losses))
    return float(grid[best]), float(losses[best])


def _refusal(held: HeldOut) -> float:
    """The share of OUTSIDE from which a text is refused."""
    own = [row for row, label in enumerate(held.labels) if label not in _UNCOUNTED]
    if OUTSIDE not in held.intents or not own:
        return 0.9
    outside = held.shares[own, held.intents.index(OUTSIDE)]
    return float(np.clip(np.quantile(outside, 1.0 - REFUSED), 0.3, 0.9))
