"""Ears: frames of the microphone in, events out. Echo, voice activity, recognition and the end of a sentence."""

from __future__ import annotations

from collections import deque

from robot.asr import Recogniser
from robot.audio import FRAME_SECONDS, Samples
from robot.echo import EchoCanceller
from robot.events import EarEvent, Partial, SpeechEnded, SpeechStarted
from robot.phrases import end_wait
from robot.settings import Hearing
from robot.vad import VoiceActivity

_BETWEEN_SENTENCES = 6
"""Frames of silence that the robot itself makes between two sentences."""


class Ears:
    """Feed every frame with what was played meanwhile."""

    def __init__(self, settings: Hearing, recogniser: Recogniser, vad: VoiceActivity, echo: EchoCanceller) -> None:
        self._settings = settings
        self._recogniser = recogniser
        self._vad = vad
        self.echo = echo
        self._start_frames = max(1, round(settings.start_ms / 1000 / FRAME_SECONDS))
        self._interrupt_frames = max(1, round(settings.interrupt_ms / 1000 / FRAME_SECONDS))
        self._before: deque[Samples] = deque(
            maxlen=max(1, round(settings.before_ms / 1000 / FRAME_SECONDS)) + self._start_frames
        )
        self._silent = 0
        self._voiced = 0
        self._speech = False
        self._ring_out = False
        self._begin()

    @property
    def hearing(self) -> bool:
        """Whether somebody is in the middle of an utterance."""
        return self._speech

    def hear(self, mic: Samples, played: Samples) -> list[EarEvent]:
        """One frame."""
        frame = self.echo.process(mic, played, hold=self._speech)
        if self._ring_out:
            self._ring_out = self.echo.ringing
            return []
        self._silent = 0 if played.any() else self._silent + 1
        voice = self._vad.probability(frame, alone=self._silent > _BETWEEN_SENTENCES)
        return self._in_speech(frame, voice) if self._speech else self._in_quiet(frame, voice)

    def forget(self) -> None:
        """Drop whatever is half heard, and what the room still holds of the robot's own voice."""
        self._ring_out = not self.echo.trusted
        self._recogniser.reset()
        self._before.clear()
        self._speech = False
        self._begin()

    def _begin(self) -> None:
        self._voiced = 0
        self._quiet_frames = 0
        self._voice_frames = 0
        self._frames = 0
        self._text = ""
        self._same_frames = 0
        self._told_stable = False

    def _in_quiet(self, frame: Samples, voice: float) -> list[EarEvent]:
        self._before.append(frame)
        self._voiced = self._voiced + 1 if voice >= self._settings.speech_on else 0
        enough = self._interrupt_frames if self.echo.ringing and self.echo.trusted else self._start_frames
        if self._voiced < enough:
            return []
        self._begin()
        self._speech = True
        self._voice_frames = enough
        for earlier in self._before:
            self._recogniser.hear(earlier)
        self._before.clear()
        return [SpeechStarted()]

    def _in_speech(self, frame: Samples, voice: float) -> list[EarEvent]:
        events: list[EarEvent] = []
        self._frames += 1
        if voice >= self._settings.speech_off:
            self._quiet_frames = 0
            self._voice_frames += 1
        else:
            self._quiet_frames += 1
        text = self._recogniser.hear(frame)
        if text != self._text:
            self._text, self._same_frames, self._told_stable = text, 0, False
            events.append(Partial(text, False))
        else:
            self._same_frames += 1
        stable = self._same_frames * FRAME_SECONDS * 1000 >= self._settings.stable_ms
        # Words that stay the same while the voice goes on are not finished; in a pause they may be.
        if text and stable and self._quiet_frames and not self._told_stable:
            self._told_stable = True
            events.append(Partial(text, True))
        waited = self._quiet_frames * FRAME_SECONDS
        over = self._frames * FRAME_SECONDS >= self._settings.longest
        if over or waited >= end_wait(text, self._settings):
            seconds = self._voice_frames * FRAME_SECONDS
            heard = self._recogniser.finish()
            self._speech = False
            self._begin()
            events.append(SpeechEnded(heard, seconds, waited))
        return events
