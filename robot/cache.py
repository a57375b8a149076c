"""Rendered sentences: fixed ones on disk across restarts, everything else in memory until the visitor leaves."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections import OrderedDict
from pathlib import Path

import numpy as np

from robot import wording
from robot.audio import Samples
from robot.tts import Voice

logger = logging.getLogger(__name__)
_IN_MEMORY = 200


class CachedVoice:
    """A voice that remembers. Words of a visit are never written to disk. A full or missing disk costs speed only."""

    def __init__(self, voice: Voice, folder: Path, most_mb: float) -> None:
        self.name = voice.name
        self._voice = voice
        self._folder = folder
        self._most = int(most_mb * 1_000_000)
        self._fixed = frozenset(wording.fixed())
        self._memory: OrderedDict[str, Samples] = OrderedDict()
        self.disk = "ok"
        self.hits = 0

    def render(self, text: str, pace: float = 1.0, fixed_as: str = "") -> Samples:
        """One sentence as it is to be read. fixed_as: the wording it comes from, if any. Raises VoiceError."""
        kept = self.kept(text, pace)
        if kept is not None:
            return kept
        key = self._key(text, pace)
        on_disk = (fixed_as or text) in self._fixed
        file = self._folder / f"{key}.npy"
        samples = self._load(file) if on_disk else None
        if samples is None:
            samples = self._voice.render(text, pace)
            if on_disk:
                self._save(file, samples)
        else:
            self.hits += 1
        self._memory[key] = samples
        while len(self._memory) > _IN_MEMORY:
            self._memory.popitem(last=False)
        return samples

    def kept(self, text: str, pace: float = 1.0) -> Samples | None:
        """The sentence if it is in memory: at once, without a worker or a disk."""
        found = self._memory.get(self._key(text, pace))
        if found is not None:
            self.hits += 1
        return found

    def _key(self, text: str, pace: float) -> str:
        return hashlib.sha256(f"{self.name}|{pace:g}|{text}".encode()).hexdigest()[:32]

    def forget(self) -> None:
        """The visitor left: no sound of the visit stays in memory."""
        self._memory.clear()

    def close(self) -> None:
        self._voice.close()

    def _load(self, file: Path) -> Samples | None:
        try:
            return np.asarray(np.load(file, allow_pickle=False), dtype=np.int16)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError):
            # Half-written or damaged: render again.
            with contextlib.suppress(OSError):
                file.unlink()
            return None

    def _save(self, file: Path, samples: Samples) -> None:
        fresh = file.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if sum(kept.stat().st_size for kept in self._folder.glob("*.npy")) + samples.nbytes > self._most:
                return
            with fresh.open("wb") as out:
                np.save(out, samples)
            os.replace(fresh, file)
            self.disk = "ok"
        except OSError as error:
            self.disk = "full" if error.errno == 28 else "failing"
            logger.warning("sentence not kept on disk: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                fresh.unlink()
