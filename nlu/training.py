"""Trains the intent model: held-out folds first, for honest confidences and the refusal threshold, then all text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.linear import Corpus, Floats
from nlu.model import OUTSIDE, IntentModel, combine, temper
from zhtext.normalise import normalise


@dataclass(frozen=True)
class Recipe:
    """What is trained: a model per view, mixed by `mix`. `refused`: the share of own questions that may be refused."""

    views: tuple[str, ...] = ("both",)
    mix: tuple[float, ...] = (1.0,)
    strength: float = 30.0
    folds: int = 4
    refused: float = 0.025


@dataclass(frozen=True)
class HeldOut:
    """Shares [rows × intents] that models gave to rows they had not been trained on."""

    intents: tuple[str, ...]
    labels: tuple[str, ...]
    shares: Floats


def train(texts: Sequence[str], labels: Sequence[str], recipe: Recipe | None = None) -> IntentModel:
    """Train on raw utterances and their intents (cut at "/"). Needs two intents; ValueError in Chinese if fewer."""
    recipe = recipe or Recipe()
    clean = [normalise(text) for text in texts]
    plain = [label.split("/", 1)[0] for label in labels]
    if len(set(plain)) < 2:
        raise ValueError("训练语料至少要有两个意图")
    corpora = [Corpus(view, clean) for view in recipe.views]
    held = _held_out(corpora, plain, recipe)
    temperature = fit_temperature(held)
    return IntentModel(
        intents=tuple(sorted(set(plain))),
        models=tuple(corpus.fit(plain, strength=recipe.strength) for corpus in corpora),
        mix=recipe.mix,
        temperature=temperature,
        refuse_at=_refusal(held, temperature, recipe.refused),
    )


def hold_out(texts: Sequence[str], labels: Sequence[str], recipe: Recipe | None = None) -> HeldOut:
    """Cross-validated shares for the report: every utterance judged by a model that did not see it."""
    recipe = recipe or Recipe()
    clean = [normalise(text) for text in texts]
    plain = [label.split("/", 1)[0] for label in labels]
    return _held_out([Corpus(view, clean) for view in recipe.views], plain, recipe)


def _held_out(corpora: Sequence[Corpus], labels: Sequence[str], recipe: Recipe) -> HeldOut:
    intents = tuple(sorted(set(labels)))
    fold_of = _folds(labels, recipe.folds)
    shares = np.zeros((len(labels), len(intents)), dtype=np.float32)
    for fold in range(recipe.folds):
        out: list[int] = np.flatnonzero(fold_of == fold).tolist()
        rows: list[int] = np.flatnonzero(fold_of != fold).tolist()
        known = tuple(sorted({labels[row] for row in rows}))
        if not len(out) or len(known) < 2:
            continue
        scores = [corpus.scores(corpus.fit(labels, rows, strength=recipe.strength), out) for corpus in corpora]
        columns = [intents.index(intent) for intent in known]
        shares[np.ix_(np.array(out), np.array(columns))] = combine(scores, recipe.mix)
    return HeldOut(intents, tuple(labels), shares)


def _folds(labels: Sequence[str], folds: int) -> NDArray[np.int64]:
    """Each intent dealt out evenly, in a fixed shuffled order."""
    fold_of = np.zeros(len(labels), dtype=np.int64)
    order = np.random.default_rng(7).permutation(len(labels))
    dealt: dict[str, int] = {}
    for row in order:
        dealt[labels[row]] = dealt.get(labels[row], -1) + 1
        fold_of[row] = dealt[labels[row]] % folds
    return fold_of


def fit_temperature(held: HeldOut) -> float:
    """The temperature at which the held-out labels are likeliest."""
    truth = np.array([held.intents.index(label) for label in held.labels])
    rows = np.flatnonzero(held.shares.sum(axis=1) > 0)
    if not len(rows):
        return 1.0
    grid = np.geomspace(0.3, 3.0, 47)
    losses = [
        -np.log(np.maximum(temper(held.shares[rows], t)[np.arange(len(rows)), truth[rows]], 1e-9)).mean() for t in grid
    ]
    return float(grid[int(np.argmin(losses))])


def _refusal(held: HeldOut, temperature: float, refused: float) -> float:
    """The share of OUTSIDE from which a text is refused, so that `refused` of the bank's own questions are."""
    if OUTSIDE not in held.intents:
        return 0.99
    own = np.array([label != OUTSIDE for label in held.labels]) & (held.shares.sum(axis=1) > 0)
    if not own.any():
        return 0.5
    outside = temper(held.shares[own], temperature)[:, held.intents.index(OUTSIDE)]
    return float(np.clip(np.quantile(outside, 1.0 - refused), 0.05, 0.95))
