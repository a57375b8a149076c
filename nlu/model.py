"""The intent model: linear models over several views, one calibrated ranking, one estimate of "not ours"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.linear import Floats, LinearModel

OUTSIDE = "out_of_scope"


@dataclass(frozen=True)
class Reading:
    """What one text may mean: (intent, calibrated confidence) from likeliest to least, summing to one.

    `outside`: 0.5 and above, the text is none of the bank's business (at the share of own questions wrongly
    turned away that the model was trained for).
    """

    ranking: tuple[tuple[str, float], ...]
    outside: float


@dataclass(frozen=True)
class IntentModel:
    """Mixes the models' scores by `mix`; `temperature` and `refuse_at` come from text that was held out."""

    intents: tuple[str, ...]
    models: tuple[LinearModel, ...]
    mix: tuple[float, ...]
    temperature: float
    refuse_at: float

    def read(self, text: str) -> Reading:
        """Read one normalised text."""
        raw = combine([model.scores(text) for model in self.models], self.mix)
        calibrated = temper(raw, self.temperature)
        order = np.argsort(-calibrated)
        return Reading(
            ranking=tuple((self.intents[at], float(calibrated[at])) for at in order),
            outside=self._outside(calibrated),
        )

    def _outside(self, shares: Floats) -> float:
        if OUTSIDE not in self.intents:
            return 0.0
        share = float(shares[self.intents.index(OUTSIDE)])
        at = self.refuse_at
        # Odds relative to the threshold: exactly there it is one half.
        return share * (1 - at) / (share * (1 - at) + (1 - share) * at) if 0 < share < 1 else share

    def save(self, folder: Path) -> None:
        """Write settings.json and one .npz per model."""
        folder.mkdir(parents=True, exist_ok=True)
        for at, model in enumerate(self.models):
            model.save(folder / f"model{at}.npz")
        settings = {
            "intents": list(self.intents),
            "mix": list(self.mix),
            "temperature": self.temperature,
            "refuse_at": self.refuse_at,
        }
        (folder / "settings.json").write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what `save` wrote."""
        settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        return cls(
            intents=tuple(settings["intents"]),
            models=tuple(LinearModel.load(folder / f"model{at}.npz") for at in range(len(settings["mix"]))),
            mix=tuple(settings["mix"]),
            temperature=settings["temperature"],
            refuse_at=settings["refuse_at"],
        )


def combine(scores: Sequence[Floats], mix: Sequence[float]) -> Floats:
    """Log-odds of several models [… × classes] → shares that sum to one."""
    shares = sum(weight * _shares(one) for weight, one in zip(mix, scores, strict=True))
    return np.asarray(shares, dtype=np.float32) / np.float32(sum(mix))


def temper(shares: Floats, temperature: float) -> Floats:
    """Flatten (temperature > 1) or sharpen (< 1) shares, keeping their order."""
    powered = np.power(np.maximum(shares, 1e-12), 1.0 / temperature)
    tempered: Floats = powered / powered.sum(axis=-1, keepdims=True)
    return tempered


def _shares(scores: Floats) -> Floats:
    odds = 1.0 / (1.0 + np.exp(-scores))
    shares: Floats = odds / odds.sum(axis=-1, keepdims=True)
    return shares
