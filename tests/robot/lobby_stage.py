"""A lobby in simulated time: visitors' voices, the robot's own echo, noise and touches, frame by frame.

Everything but the room is real: voices are synthesised speech, the robot is the whole programme, its assistant the
real channel on a running server. Time passes by frames, so that a minute takes as long as its computing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from robot.asr import BUNDLED, Heard, Recogniser
from robot.audio import FRAME, FRAME_SECONDS, RATE, SILENCE, Samples
from robot.cache import CachedVoice
from robot.chassis import Map, Simulator
from robot.client import Answer, Client
from robot.ears import Ears
from robot.echo import EchoCanceller
from robot.errands import Errands
from robot.guide import Guide
from robot.mouth import Mouth
from robot.reception import Embedded
from robot.robot import Parts, Robot
from robot.screen import ScreenState
from robot.settings import ROOT, Settings
from robot.tts import WorkerVoice
from robot.vad import VoiceActivity
from robot.wording import SHANGHAI

ECHO_DELAY = 0.06
ECHO_GAIN = 0.5


class Later(Future[Any]):
    """A result that simulated time must reach first."""

    def __init__(self, now: Callable[[], float], at: float) -> None:
        super().__init__()
        self._now, self._at = now, at

    def done(self) -> bool:
        return super().done() and self._now() >= self._at


class SimulatedJobs:
    """Does the work at once; its result counts after a delay in simulated seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.voice_delay = 0.02
        self.net_delay = 0.05

    def voice(self, work: Any, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._run(self.voice_delay, work, *args, **kwargs)

    def net(self, work: Any, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._run(self.net_delay, work, *args, **kwargs)

    guess = net

    def stop(self) -> None:
        pass

    def _run(self, delay: float, work: Any, *args: Any, **kwargs: Any) -> Future[Any]:
        later = Later(self._now, self._now() + delay)
        try:
            later.set_result(work(*args, **kwargs))
        except Exception as error:
            later.set_exception(error)
        return later


class RecordedScreen(ScreenState):
    """Remembers every state that was shown, with its time."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self.history: list[tuple[float, dict[str, Any]]] = []

    def changed(self) -> None:
        self.history.append((self._now(), dict(self.state)))


class RecordingRecogniser(Recogniser):
    """Remembers what it made of each utterance."""

    def __init__(self) -> None:
        super().__init__(BUNDLED)
        self.finals: list[Heard] = []

    def finish(self) -> Heard:
        self.finals.append(super().finish())
        return self.finals[-1]


class Assistant:
    """The real client; remembers what was asked and can be cut off."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.asked: list[tuple[str, str]] = []
        self.ended: list[str] = []

    @property
    def connected(self) -> bool:
        return self._client.connected

    def ask(self, visit: str, message_id: str, text: str) -> Answer:
        self.asked.append((visit, text))
        return self._client.ask(visit, message_id, text)

    def guess(self, visit: str, text: str) -> Answer | None:
        return self._client.guess(visit, text)

    def end_visit(self, visit: str) -> None:
        self.ended.append(visit)
        self._client.end_visit(visit)


def room(seed: int = 3) -> np.ndarray:
    """An impulse response from loudspeaker to microphone: direct path after 60 ms, then a quarter second of room."""
    noise = np.random.default_rng(seed)
    response = np.zeros(int(0.35 * RATE))
    start = int(ECHO_DELAY * RATE)
    response[start] = ECHO_GAIN
    tail = int(0.2 * RATE)
    response[start + 80 : start + 80 + tail] += (
        noise.normal(size=tail) * np.exp(-np.arange(tail) / (0.04 * RATE)) * ECHO_GAIN * 0.1
    )
    return response


class EchoPath:
    """Convolves what the robot plays with the room, as it plays."""

    def __init__(self, response: np.ndarray) -> None:
        self._response = response
        self._tail = np.zeros(FRAME + len(response) - 1)

    def hear(self, played: Samples) -> np.ndarray:
        heard = self._tail.copy()
        if np.any(played):
            size = FRAME + len(self._response) - 1
            heard += np.fft.irfft(np.fft.rfft(played.astype(float), size) * np.fft.rfft(self._response, size), size)
        self._tail[:-FRAME], self._tail[-FRAME:] = heard[FRAME:], 0
        return heard[:FRAME]


@dataclass
class Stage:
    """The lobby with one robot in it."""

    settings: Settings
    client: Client
    folder: Path
    voices: dict[str, WorkerVoice]
    canceller: bool = True
    noise: float = 12.0
    time: float = 0.0
    heard_by_visitor: list[tuple[float, str]] = field(default_factory=list)
    loud: list[bool] = field(default_factory=list)
    deaf_while_speaking: bool = False

    def __post_init__(self) -> None:
        now = lambda: self.time  # noqa: E731
        self.jobs = SimulatedJobs(now)
        self.screen = RecordedScreen(now)
        self.assistant = Assistant(self.client)
        branch = Map(ROOT / "data" / "robot" / "map.yml")
        self.wheels = Simulator(branch)
        self.own_voice = CachedVoice(WorkerVoice(self.settings.speaking), self.folder / "voice", 50)
        self.mouth = Mouth(self.settings.speaking, self.own_voice, self.jobs)
        self.recogniser = RecordingRecogniser()
        self.ears = Ears(self.settings.hearing, self.recogniser, VoiceActivity(), EchoCanceller(self.canceller))
        self.reception = Embedded(self.folder / "queue.json")
        parts = Parts(
            ears=self.ears,
            mouth=self.mouth,
            assistant=self.assistant,
            screen=self.screen,
            guide=Guide(self.wheels, branch, 20),
            errands=Errands(self.reception, self.jobs),
            jobs=self.jobs,
            now=now,
            wall=lambda: datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI),
        )
        self.metrics = parts.metrics
        self.robot = Robot(self.settings, parts)
        self._echo = EchoPath(room())
        self._speech: deque[np.ndarray] = deque()
        self._random = np.random.default_rng(7)
        self._last: Samples = SILENCE
        self._noise_until = 0.0
        self._noise_gain = 0.0

    def close(self) -> None:
        self.own_voice.close()

    def forget(self) -> None:
        """Drop what the harness remembers of past visits."""
        for record in (self.screen.history, self.loud, self.recogniser.finals, self.assistant.asked):
            record.clear()

    # -- what happens in the lobby

    def say(self, text: str, voice: str = "f5", gain: float = 0.25, pace: float = 1.0) -> None:
        """A visitor begins to speak now."""
        self.sound(self.voices[voice].render(text, pace), gain)

    def sound(self, samples: Samples, gain: float = 1.0) -> None:
        """Any sound begins now, over what already sounds."""
        padded = np.concatenate([samples.astype(float) * gain, np.zeros(-len(samples) % FRAME)])
        frames = padded.reshape(-1, FRAME)
        for number, frame in enumerate(frames):
            if number < len(self._speech):
                self._speech[number] = self._speech[number] + frame
            else:
                self._speech.append(frame)

    def make_noise(self, seconds: float, gain: float) -> None:
        """Broad noise for a while."""
        self._noise_until, self._noise_gain = self.time + seconds, gain

    @property
    def visitor_speaking(self) -> bool:
        return bool(self._speech)

    def step(self) -> None:
        """32 ms."""
        mic = self._echo.hear(self._last) + self._random.normal(size=FRAME) * self.noise
        if self._speech:
            mic = mic + self._speech.popleft()
        if self.deaf_while_speaking and self.mouth.speaking:
            mic = np.zeros(FRAME)
        if self.time < self._noise_until:
            mic = mic + self._random.normal(size=FRAME) * self._noise_gain
        self._last = self.robot.step(np.clip(mic, -32768, 32767).astype(np.int16))
        self.loud.append(bool(np.abs(self._last).max() > 100))
        self.time += FRAME_SECONDS

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / FRAME_SECONDS)):
            self.step()

    def until(self, what: Callable[[], bool], most: float = 30.0) -> float:
        """Let time pass until something is so; seconds it took. Raises AssertionError after too long."""
        began = self.time
        while not what():
            assert self.time - began < most, f"nothing after {most} s in state {self.robot.session.state}"
            self.step()
        return self.time - began

    def turn(self, text: str, **kwargs: Any) -> str:
        """Say something in a pause and hear the whole answer; what the robot said to it."""
        begin = len(self.said)
        self.say(text, **kwargs)
        self.until(lambda: not self.visitor_speaking)
        self.until(lambda: len(self.said) > begin and self.quiet, 40)
        return "".join(self.said[begin:])

    # -- what came of it

    @property
    def state(self) -> str:
        return self.robot.session.state.value

    @property
    def quiet(self) -> bool:
        return not self.mouth.speaking and self.state in ("listening", "idle", "guiding")

    @property
    def said(self) -> list[str]:
        """The sentences begun so far, in order."""
        found: list[str] = []
        last = ""
        for _, state in self.screen.history:
            if state["said"] and state["said"] != last:
                found.append(state["said"])
            last = state["said"]
        return found

    @property
    def shown(self) -> str:
        """Everything that was ever on the screen, as text."""
        return repr([state for _, state in self.screen.history])
