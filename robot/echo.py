"""Ears, echo: the robot's own voice taken out of what the microphone hears, where a canceller is installed.

Speex's canceller (pyaec) learns the room while the robot speaks. `trusted` says whether what is left can be taken for
other people's voices at once; until then, and without a canceller, only words decide (robot.own_words).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from robot.audio import FRAME, FRAME_SECONDS, RATE, Samples

_TAIL_SECONDS = 0.25
_GOOD_DB, _POOR_DB = 18.0, 3.0
_SMOOTH = FRAME_SECONDS / 0.5
_POOR_FRAMES = int(5 / FRAME_SECONDS)
_GOOD_FRAMES = int(0.5 / FRAME_SECONDS)
_FREE_FRAMES = int(1 / FRAME_SECONDS)
_FREE_SHARE = 1e-4
_RING_FRAMES = int(0.4 / FRAME_SECONDS)


class EchoCanceller:
    """Give it every frame; it works only while the robot speaks and shortly after."""

    def __init__(self, wanted: bool) -> None:
        self._engine = _engine() if wanted else None
        self.installed = self._engine is not None
        self._ringing = 0
        self._mic = self._left = 1.0
        self._quality = 0.0
        self._poor = 0
        self._learned = False
        self._free_frames = self._good = 0

    @property
    def trusted(self) -> bool:
        """Whether a voice in the rest can't be the robot's own."""
        return self._learned or self._free_frames > _FREE_FRAMES or self._ringing == 0

    @property
    def ringing(self) -> bool:
        """Whether the room may still hold what was played."""
        return self._ringing > 0

    @property
    def quality_db(self) -> float:
        """How much weaker the own voice is after cancelling (ERLE, smoothed)."""
        return self._quality

    def process(self, mic: Samples, played: Samples, *, hold: bool = False) -> Samples:
        """What the microphone heard, without what was played.

        hold: somebody is in the middle of an utterance. The canceller's output is a frame late, so leaving it now
        would drop one.
        """
        playing = int(np.abs(played).max()) > 100
        held = hold and self._engine is not None and self._ringing > 0
        self._ringing = _RING_FRAMES if playing else max(int(held), self._ringing - 1)
        if not self._ringing:
            return mic
        if self._engine is None:
            self._watch(mic, mic, played, playing)
            return mic
        out = self._engine.cancel_echo(mic.tolist(), played.tolist())
        left: Samples = np.array(out, dtype=np.int16)
        self._watch(mic, left, played, playing)
        return left

    def _watch(self, mic: Samples, left: Samples, played: Samples, playing: bool) -> None:
        if not playing:
            return
        self._mic += (_power(mic) - self._mic) * _SMOOTH
        self._left += (_power(left) - self._left) * _SMOOTH
        self._quality = 10 * math.log10(max(self._mic, 1.0) / max(self._left, 1.0))
        # A loudspeaker that the microphone does not hear at all needs no cancelling.
        self._free_frames = self._free_frames + 1 if _power(mic) < _power(played) * _FREE_SHARE else 0
        self._good = self._good + 1 if self._quality > _GOOD_DB else 0
        if self._good > _GOOD_FRAMES:
            self._learned, self._poor = True, 0
        elif self._quality < _POOR_DB:
            self._poor += 1
            if self._poor > _POOR_FRAMES:
                self._learned = False


def _power(frame: Samples) -> float:
    return float(np.mean(np.square(frame.astype(np.float64)))) + 1.0


def _engine() -> Any:
    try:
        from pyaec import Aec
    except (ImportError, OSError, AttributeError):
        return None
    return Aec(FRAME, int(_TAIL_SECONDS * RATE), RATE, True)
