"""Mouth, synthesis: a sentence in, samples out. pyttsx3 in a worker process, or a neural voice that a bank supplies."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from robot.audio import RATE, AudioError, Samples, level_db, read_wav, resample, to_samples
from robot.settings import ROOT, SettingsError, Speaking

_SENTENCES_PER_WORKER = 2000
"""A fresh worker now and then, before a leak of the speech library can matter."""


class VoiceError(Exception):
    """A sentence could not be spoken; the message is one line in Chinese."""


class Voice(Protocol):
    """Any voice: renders one sentence at `pace` times its usual speed. Raises VoiceError."""

    name: str

    def render(self, text: str, pace: float = 1.0) -> Samples: ...

    def close(self) -> None: ...


def open_voice(settings: Speaking) -> Voice:
    """The voice of the settings. Raises SettingsError when it can't be had."""
    if settings.neural:
        from robot.neural_voice import NeuralVoice

        folder = Path(settings.neural)
        return NeuralVoice(folder if folder.is_absolute() else ROOT / folder)
    return WorkerVoice(settings)


class WorkerVoice:
    """pyttsx3 in a process that is killed and started again when it does not answer in time."""

    def __init__(self, settings: Speaking) -> None:
        self.name = f"{settings.voice}@{settings.rate:g}"
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory(prefix="peiban-voice-")
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._spoken = 0
        self.restarts = -1

    def render(self, text: str, pace: float = 1.0) -> Samples:
        """The sentence at about -20 dB. A worker that fails is replaced once. Raises VoiceError."""
        with self._lock:
            for attempt in (1, 2):
                try:
                    return self._render(text, pace)
                except (OSError, ValueError, queue.Empty, AudioError):
                    self._kill()
                    if attempt == 2:
                        raise VoiceError("语音合成没有出声，已重启合成进程") from None
        raise AssertionError

    def close(self) -> None:
        """End the worker and delete its files."""
        with self._lock:
            self._kill()
            self._folder.cleanup()

    def _render(self, text: str, pace: float) -> Samples:
        if self._process is None or self._process.poll() is not None or self._spoken >= _SENTENCES_PER_WORKER:
            self._kill()
            self._start()
        process = self._process
        assert process is not None and process.stdin is not None
        file = Path(self._folder.name) / "sentence.wav"
        file.unlink(missing_ok=True)
        order = {"text": text, "rate": int(self._settings.rate * pace), "file": str(file)}
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        answer = json.loads(self._answers.get(timeout=self._settings.worker))
        if "error" in answer:
            raise ValueError(answer["error"])
        self._spoken += 1
        return trimmed(levelled(read_wav(file), -20.0))

    def _start(self) -> None:
        self._answers = queue.Queue()
        self._spoken = 0
        self.restarts += 1
        self._process = subprocess.Popen(
            [sys.executable, "-m", "robot.tts_worker", self._settings.voice],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )
        threading.Thread(target=_forward, args=(self._process, self._answers), daemon=True).start()
        try:
            ready = json.loads(self._answers.get(timeout=self._settings.worker + 6))
        except (queue.Empty, ValueError):
            raise ValueError("no worker") from None
        if ready.get("error") == "voice":
            self._kill()
            raise SettingsError(f"speaking.voice:这台机器上没有声音 {self._settings.voice}")

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            self._process = None


def _forward(process: Any, answers: queue.Queue[str]) -> None:
    for line in process.stdout:
        answers.put(line)
    answers.put("")


def levelled(samples: Samples, target_db: float) -> Samples:
    """The same at a loudness (RMS of what is not silence) relative to full scale, never clipped."""
    active = samples[np.abs(samples) > 200]
    if not len(active):
        return samples
    gain = 10 ** ((target_db - level_db(active)) / 20)
    peak = float(np.abs(samples.astype(np.float64)).max())
    return to_samples(samples.astype(np.float64) * min(gain, 32000 / peak))


def trimmed(samples: Samples, before: int = RATE // 100, after: int = RATE // 25) -> Samples:
    """Without the silence around it, but for 10 ms before, which nobody should wait for, and 40 ms after."""
    loud = np.flatnonzero(np.abs(samples) > 150)
    if not len(loud):
        return samples
    return samples[max(0, loud[0] - before) : loud[-1] + after]


def from_float(signal: Any, rate: int) -> Samples:
    """Samples of a voice that speaks in floats of -1 to 1 at its own rate."""
    return to_samples(resample(np.asarray(signal, dtype=np.float64) * 32767, rate, RATE))
