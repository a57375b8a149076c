"""Mouth: sentences in, frames for the loudspeaker out. The next sentence is made while the last one plays."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from robot.audio import FRAME, FRAME_SECONDS, RATE, SILENCE, Samples, to_samples
from robot.cache import CachedVoice
from robot.events import AllSaid, MouthEvent, SentenceStarted, VoiceLost
from robot.jobs import Jobs
from robot.settings import Speaking
from robot.tts import VoiceError
from zhtext import aloud

_AHEAD = 2
_BACK = RATE // 2
_PAUSE_FRAMES, _COMMA_FRAMES = 5, 2
_READING_SECONDS = 0.18
_REMEMBERED_SECONDS = 20.0
_LOUDEST, _SOFTEST = 12.0, -12.0
_OPENING, _LATER = 20, 45
"""Characters after which a clause is split at a comma: the first sound should come soon, the rest flow."""


@dataclass
class _Sentence:
    shown: str
    read: str
    fixed_as: str
    protected: bool
    sound: Future[Samples] | None = None


class Mouth:
    """Ask for one frame each 32 ms; events are taken with take_events."""

    def __init__(self, settings: Speaking, voice: CachedVoice, jobs: Jobs) -> None:
        self._settings = settings
        self.voice = voice
        self._jobs = jobs
        self._queue: deque[_Sentence] = deque()
        self._now: _Sentence | None = None
        self._samples: Samples = SILENCE[:0]
        self._at = 0
        self._gap = 0
        self._paused = False
        self._events: list[MouthEvent] = []
        self._recent: deque[tuple[str, int]] = deque()
        self._frame_number = 0
        self._prepared: Future[Samples] | None = None
        self.pace = 1.0
        self.louder_db = 0.0

    @property
    def speaking(self) -> bool:
        """Whether something is being said or waits to be (also while paused)."""
        return self._now is not None or bool(self._queue)

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def protected(self) -> bool:
        """Whether what is being said now must not be cut off."""
        return self._now is not None and self._now.protected

    @property
    def recently(self) -> str:
        """What was said in the last twenty seconds and is said now: what an echo could hold."""
        return "".join(text for text, _ in self._recent)

    def say(self, texts: Iterable[str], protected: Iterable[str] = ()) -> None:
        """Queue texts. protected: those that may not be cut off."""
        kept = set(protected)
        if self._prepared is not None:
            # A beginning that nobody waits for any more must not hold up this one.
            self._prepared.cancel()
            self._prepared = None
        for number, text in enumerate(texts):
            for clause in aloud.sentences(text, opening=_LATER if number or self.speaking else _OPENING):
                read = aloud.speak(clause).strip()
                if read:
                    self._queue.append(_Sentence(clause, read, text, text in kept))
        self._render_ahead()

    def prepare(self, text: str) -> None:
        """Make the beginning of what may be said next, so that it is there when it is said."""
        clause = next(iter(aloud.sentences(text, opening=_OPENING)), "")
        read = aloud.speak(clause).strip()
        if self._prepared is not None:
            self._prepared.cancel()
        if read and self.voice.kept(read, self.pace) is None:
            self._prepared = self._jobs.voice(self.voice.render, read, self.pace, text)

    def pause(self) -> None:
        """Fall silent at once; `resume` goes on half a second before."""
        self._paused = True

    def resume(self) -> None:
        """Go on after a false interruption."""
        self._paused = False
        self._at = max(0, self._at - _BACK)

    def stop(self) -> None:
        """Fall silent and forget the rest, but for a protected sentence that is being said."""
        kept = self._now if self._now is not None and self._now.protected else None
        self._queue.clear()
        self._paused = False
        if kept is None:
            self._now, self._samples, self._at = None, SILENCE[:0], 0

    def hush(self) -> None:
        """Fall silent whatever it is: the visitor is gone."""
        self._now = None
        self.stop()
        self._recent.clear()
        self.pace, self.louder_db = 1.0, 0.0
        self.voice.forget()

    def change_volume(self, up: bool) -> bool:
        """Louder or softer for this visit; False at the end of the scale."""
        step = self._settings.louder_db if up else -self._settings.louder_db
        wanted = self.louder_db + step
        if not _SOFTEST <= wanted <= _LOUDEST:
            return False
        self.louder_db = wanted
        return True

    def change_pace(self, faster: bool) -> None:
        """Faster or slower for this visit."""
        factor = 1 / self._settings.slower if faster else self._settings.slower
        self.pace = min(1.6, max(0.5, self.pace * factor))

    def take_events(self) -> list[MouthEvent]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def frame(self) -> Samples:
        """The next 32 ms for the loudspeaker."""
        self._frame_number += 1
        while self._recent and self._frame_number - self._recent[0][1] > _REMEMBERED_SECONDS / FRAME_SECONDS:
            if self._now is not None and self._recent[0][0] == self._now.read:
                break
            self._recent.popleft()
        if self._paused:
            return SILENCE
        if self._gap:
            self._gap -= 1
            return SILENCE
        if self._now is None and not self._begin():
            return SILENCE
        part = self._samples[self._at : self._at + FRAME]
        self._at += FRAME
        if self._at >= len(self._samples):
            self._end()
        if len(part) < FRAME:
            part = np.concatenate([part, SILENCE[: FRAME - len(part)]])
        gain_db = self._settings.level_db + 20 + self.louder_db
        return part if not gain_db else to_samples(part.astype(np.float64) * 10 ** (gain_db / 20))

    def _begin(self) -> bool:
        self._render_ahead()
        if not self._queue:
            return False
        first = self._queue[0]
        assert first.sound is not None
        if not first.sound.done():
            return False
        self._queue.popleft()
        self._now, self._at = first, 0
        try:
            self._samples = first.sound.result()
            self._recent.append((first.read, self._frame_number))
        except VoiceError:
            # Shown for as long as it takes to read, so that captions and turns go on.
            self._samples = np.zeros(int(len(first.shown) * _READING_SECONDS * RATE), dtype=np.int16)
            self._events.append(VoiceLost(first.shown))
        self._events.append(SentenceStarted(first.shown, first.protected))
        self._render_ahead()
        return True

    def _end(self) -> None:
        if self._now is not None and self._recent:
            self._recent[-1] = (self._recent[-1][0], self._frame_number)
        breath = _COMMA_FRAMES if self._now is not None and self._now.read.endswith("，") else _PAUSE_FRAMES
        self._now, self._samples, self._at = None, SILENCE[:0], 0
        if self._queue:
            self._gap = breath
        else:
            self._events.append(AllSaid())

    def _render_ahead(self) -> None:
        for sentence in list(self._queue)[:_AHEAD]:
            if sentence.sound is None:
                kept = self.voice.kept(sentence.read, self.pace)
                sentence.sound = (
                    _done(kept)
                    if kept is not None
                    else self._jobs.voice(self.voice.render, sentence.read, self.pace, sentence.fixed_as)
                )


def _done(samples: Samples) -> Future[Samples]:
    future: Future[Samples] = Future()
    future.set_result(samples)
    return future
