"""One recorded question through the whole loop: WAV → words → assistant → words → WAV, with the time of each stage."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from robot import offline
from robot.asr import Recogniser, model_folder
from robot.audio import RATE, SILENCE, Samples, frames, read_wav, write_wav
from robot.client import Client, ServerUnavailable
from robot.settings import Settings
from robot.tts import Voice, open_voice
from zhtext import aloud

_PAUSE: Samples = np.zeros(RATE // 5, dtype=np.int16)


class NothingHeard(Exception):
    """The recording holds no words."""


@dataclass
class Outcome:
    """What `python -m robot --json` prints. server is ok, or why the robot had to answer by itself."""

    heard: str
    spoken: list[str] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    server: str = "ok"

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


def answer_recording(settings: Settings, question: Path, answer: Path | None) -> Outcome:
    """Raises AudioError, NothingHeard, SettingsError or VoiceError."""
    clock = _Stopwatch()
    samples = read_wav(question)
    clock.lap("read")
    recogniser = Recogniser(model_folder(settings.hearing.model)[0])
    clock.lap("load_model")
    # Half a second of silence after the last word lets the recogniser finish it.
    for frame in [*frames(samples), *[SILENCE] * 16]:
        recogniser.hear(frame)
    heard = recogniser.finish()
    clock.lap("recognise")
    if not heard.text:
        raise NothingHeard
    outcome = Outcome(heard.text, timings_ms=clock.laps)
    client = Client(settings.server, settings.key)
    client.start(lasting=False)
    visit = f"v{secrets.token_hex(8)}"
    try:
        found = client.ask(visit, secrets.token_hex(8), heard.text)
        clock.lap("assistant")
        client.end_visit(visit)
        clock.lap("wipe")
    except ServerUnavailable as error:
        found = offline.answer(heard.text, error)
        outcome.server = error.reason
        clock.lap("assistant")
    finally:
        client.stop()
    outcome.spoken, outcome.shown = found.spoken, found.messages
    if answer is not None:
        clock.skip()
        voice = open_voice(settings.speaking)
        try:
            spoken = render(voice, " ".join(found.spoken), clock)
        finally:
            voice.close()
        write_wav(answer, spoken)
        clock.lap("write")
    return outcome


def render(voice: Voice, text: str, clock: _Stopwatch | None = None) -> Samples:
    """A whole text as one piece of sound, sentence by sentence. Raises VoiceError."""
    pieces: list[Samples] = []
    for sentence in aloud.sentences(aloud.speak(text)):
        pieces += [voice.render(sentence), _PAUSE]
        if clock is not None:
            clock.lap("first_sound" if "first_sound" not in clock.laps else "rest_of_speech")
    return np.concatenate(pieces) if pieces else SILENCE


class _Stopwatch:
    """Milliseconds per stage; a stage that comes again adds up."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = round(self.laps.get(stage, 0.0) + (now - self._last) * 1000, 1)
        self._last = now

    def skip(self) -> None:
        self._last = time.perf_counter()
