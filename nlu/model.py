"""The intent model: a calibrated ranking of the intents and an estimate of "none of our business"."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.linear import Floats, LinearModel

OUTSIDE = "out_of_scope"
_SETTINGS, _WEIGHTS = "settings.json", "weights.npz"


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
    """Linear scores made into confidences; `temperature` and `refuse_at` come from text that was held out."""

    intents: tuple[str, ...]
    scorer: LinearModel
    temperature: float
    refuse_at: float

    def read(self, text: str) -> Reading:
        """Read one normalised text."""
        shares = temper(shares_of(self.scorer.scores(text)), self.temperature)
        order = np.argsort(-shares, kind="stable")
        return Reading(tuple((self.intents[at], float(shares[at])) for at in order), self._outside(shares))

    def _outside(self, shares: Floats) -> float:
        if OUTSIDE not in self.intents:
            return 0.0
        share, at = float(shares[self.intents.index(OUTSIDE)]), self.refuse_at
        # Odds relative to the threshold: exactly there it is one half.
        return share * (1 - at) / (share * (1 - at) + (1 - share) * at)

    def save(self, folder: Path) -> None:
        """Write the weights and, readable, the settings."""
        folder.mkdir(parents=True, exist_ok=True)
        self.scorer.save(folder / _WEIGHTS)
        settings = {"intents": list(self.intents), "temperature": self.temperature, "refuse_at": self.refuse_at}
        (folder / _SETTINGS).write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what `save` wrote."""
        settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
        return cls(
            tuple(settings["intents"]),
            LinearModel.load(folder / _WEIGHTS),
            settings["temperature"],
            settings["refuse_at"],
        )


def shares_of(scores: Floats) -> Floats:
    """Log-odds [… × intents] of one-against-the-rest models → shares that sum to one."""
    odds = 1.0 / (1.0 + np.exp(-scores))
    shares: Floats = odds / odds.sum(axis=-1, keepdims=True)
    return shares


def temper(shares: Floats, temperature: float) -> Floats:
    """Flatten (temperature > 1) or sharpen (< 1) shares, keeping their order."""
    powered = np.power(np.maximum(shares, 1e-12), 1.0 / temperature)
    tempered: Floats = powered / powered.sum(axis=-1, keepdims=True)
    return tempered
