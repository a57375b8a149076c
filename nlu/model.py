"""The intent model: a calibrated ranking of the intents and an estimate of "none of our business"."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlu.linear import Floats, LinearModel
from nlu.masks import fold
from zhtext.correct import correct

if TYPE_CHECKING:
    from nlu.encoded import EncodedModel

OUTSIDE = "out_of_scope"
UNFAMILIAR = 0.65
"""A text of whose character pairs the training text knows a smaller share may be misheard: its sound is read too."""
LISTENING = 0.2
"""How much the sound then counts beside the words put right by it."""
_SETTINGS, _WEIGHTS, _SOUND_WEIGHTS, _ENCODED_WEIGHTS = "settings.json", "weights.npz", "sound.npz", "encoded.npz"


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
    """Linear margins made into confidences; `temperature` and `refuse_at` come from text that was held out.

    `scorer` reads what is written (and how it sounds); `listener` only how it sounds; `encoded`, where the bank
    supplies a pretrained encoder, what that makes of it.
    """

    intents: tuple[str, ...]
    scorer: LinearModel
    listener: LinearModel
    temperature: float
    refuse_at: float
    encoded: EncodedModel | None = None

    def read(self, text: str) -> Reading:
        """Read one normalised text."""
        shares = soften(self._margins(text), self.temperature)
        if self.intents[int(shares.argmax())] != OUTSIDE and self._familiar(text) < UNFAMILIAR:
            righted = soften(self._margins(correct(text)[0]), self.temperature)
            shares = (1 - LISTENING) * righted + LISTENING * soften(self.listener.scores(text), self.temperature)
        order = np.argsort(-shares, kind="stable")
        return Reading(tuple((self.intents[at], float(shares[at])) for at in order), self._outside(shares))

    def _margins(self, text: str) -> Floats:
        written = self.scorer.scores(text)
        return written if self.encoded is None else written + self.encoded.scores(text)

    def _familiar(self, text: str) -> float:
        """The share of the text's character pairs that training text has at least twice."""
        pairs = [one + other for one, other in pairwise(fold(text))]
        return sum(pair in self.scorer.vocabulary for pair in pairs) / len(pairs) if pairs else 1.0

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
        self.listener.save(folder / _SOUND_WEIGHTS)
        if self.encoded is not None:
            self.encoded.save(folder / _ENCODED_WEIGHTS)
        settings = {"intents": list(self.intents), "temperature": self.temperature, "refuse_at": self.refuse_at}
        (folder / _SETTINGS).write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what `save` wrote. Raises nlu.encoder.EncoderError where its encoder is gone or another one."""
        encoded = None
        if (folder / _ENCODED_WEIGHTS).exists():
            from nlu.encoded import EncodedModel

            encoded = EncodedModel.load(folder / _ENCODED_WEIGHTS)
        settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
        return cls(
            tuple(settings["intents"]),
            LinearModel.load(folder / _WEIGHTS),
            LinearModel.load(folder / _SOUND_WEIGHTS),
            settings["temperature"],
            settings["refuse_at"],
            encoded,
        )


def soften(margins: Floats, temperature: float) -> Floats:
    """Margins [… × intents] → shares that sum to one; the higher the temperature the flatter."""
    scaled = (margins - margins.max(axis=-1, keepdims=True)) / temperature
    powers = np.exp(scaled)
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares
