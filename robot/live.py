"""The robot on its own computer: microphone and loudspeaker, or streams of samples, until it is stopped."""

from __future__ import annotations

import contextlib
import logging
import queue
import sys
import time
from concurrent.futures import Future
from datetime import datetime
from typing import Any, BinaryIO, Protocol

import numpy as np

from robot import wording
from robot.asr import Recogniser, model_folder
from robot.audio import FRAME, FRAME_SECONDS, RATE, SILENCE, Samples
from robot.cache import CachedVoice
from robot.chassis import open_chassis
from robot.client import Client
from robot.ears import Ears
from robot.echo import EchoCanceller
from robot.errands import Errands
from robot.guide import Guide
from robot.jobs import Threads
from robot.kiosk import Kiosk
from robot.metrics import Metrics
from robot.mouth import Mouth
from robot.products import Products
from robot.reception import open_reception
from robot.robot import Parts, Robot
from robot.settings import Settings, SettingsError
from robot.tts import open_voice
from robot.vad import VoiceActivity
from robot.watchdog import Watchdog

logger = logging.getLogger(__name__)

_LOOK_FOR_DEVICES_SECONDS = 3.0
_NEW_NAMES_SECONDS = 24 * 3600.0
_NAMES_AGAIN_SECONDS = 60.0


class Sound(Protocol):
    """Where sound comes from and goes to. read gives a frame (silence when there is none in time), None at the end."""

    state: dict[str, str]

    def read(self) -> Samples | None: ...

    def write(self, frame: Samples) -> None: ...

    def close(self) -> None: ...


class Stream:
    """Raw PCM (16 kHz, mono, 16 bit) on standard input and output: another programme owns the hardware."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink
        self.state = {"microphone": "ok", "speaker": "ok"}

    def read(self) -> Samples | None:
        """The next frame; a last part is filled up."""
        content = self._source.read(FRAME * 2)
        if not content:
            return None
        content = content[: len(content) - len(content) % 2]
        return np.frombuffer(content.ljust(FRAME * 2, b"\0"), dtype="<i2").astype(np.int16)

    def write(self, frame: Samples) -> None:
        """A listener that hung up must not end the robot."""
        try:
            self._sink.write(frame.astype("<i2").tobytes())
            self._sink.flush()
        except (BrokenPipeError, OSError):
            self.state["speaker"] = "missing"

    def close(self) -> None:
        """The streams belong to the caller."""


class Devices:
    """Microphone and loudspeaker by sounddevice, found by a part of their names; looked for again when unplugged."""

    def __init__(self, microphone: str, speaker: str) -> None:
        try:
            import sounddevice
        except OSError:
            raise SettingsError("缺少系统软件包 libportaudio2，请先安装（apt-get install libportaudio2）") from None
        self._lib: Any = sounddevice
        self._names = {"input": microphone, "output": speaker}
        self._in: queue.Queue[Samples] = queue.Queue(maxsize=50)
        self._out: queue.Queue[Samples] = queue.Queue(maxsize=3)
        self._streams: dict[str, Any] = {}
        self.state = {"microphone": "missing", "speaker": "missing"}
        self._looked = -_LOOK_FOR_DEVICES_SECONDS
        self._next = time.monotonic()

    def read(self) -> Samples | None:
        """A frame of the microphone; silence at the same pace while there is none."""
        self._look()
        if self.state["microphone"] == "ok":
            with contextlib.suppress(queue.Empty):
                frame = self._in.get(timeout=0.5)
                self._next = time.monotonic() + FRAME_SECONDS
                return frame
            self._lose("input", "microphone")
        wait = self._next - time.monotonic()
        self._next = max(self._next, time.monotonic() - 1) + FRAME_SECONDS
        if wait > 0:
            time.sleep(wait)
        return SILENCE

    def write(self, frame: Samples) -> None:
        if self.state["speaker"] == "ok":
            try:
                self._out.put(frame, timeout=0.5)
            except queue.Full:
                self._lose("output", "speaker")

    def close(self) -> None:
        for stream in self._streams.values():
            with contextlib.suppress(Exception):
                stream.close()

    def _look(self) -> None:
        if all(state == "ok" for state in self.state.values()):
            return
        if time.monotonic() - self._looked < _LOOK_FOR_DEVICES_SECONDS:
            return
        self._looked = time.monotonic()
        if not self._streams:
            # PortAudio lists devices once; a device plugged in later shows only after it began anew.
            with contextlib.suppress(Exception):
                self._lib._terminate()
                self._lib._initialize()
        self._open("input", "microphone", self._lib.InputStream, self._on_input)
        self._open("output", "speaker", self._lib.OutputStream, self._on_output)

    def _open(self, kind: str, name: str, stream: Any, callback: Any) -> None:
        if self.state[name] == "ok":
            return
        try:
            device = self._names[kind] or None
            opened = stream(
                samplerate=RATE, channels=1, dtype="int16", blocksize=FRAME, device=device, callback=callback
            )
            opened.start()
        except Exception as error:
            logger.warning("no %s: %s", name, type(error).__name__)
            return
        self._streams[kind] = opened
        self.state[name] = "ok"

    def _lose(self, kind: str, name: str) -> None:
        logger.warning("%s is gone", name)
        self.state[name] = "missing"
        with contextlib.suppress(Exception):
            self._streams.pop(kind).close()

    def _on_input(self, data: Any, frames: int, when: Any, status: Any) -> None:
        with contextlib.suppress(queue.Full):
            self._in.put_nowait(data[:, 0].copy())

    def _on_output(self, data: Any, frames: int, when: Any, status: Any) -> None:
        try:
            data[:, 0] = self._out.get_nowait()
        except queue.Empty:
            data[:] = 0


def run(settings: Settings, pcm: str | None = None) -> int:
    """Run until stopped (or the stream's end). Returns the exit code. Raises SettingsError."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    if pcm is not None and pcm != "-":
        raise SettingsError("--pcm 只支持 -，也就是标准输入")
    sound: Sound = (
        Stream(sys.stdin.buffer, sys.stdout.buffer)
        if pcm
        else Devices(settings.hearing.device, settings.speaking.device)
    )
    assembled = Assembled(settings, sound)
    try:
        assembled.run()
    finally:
        assembled.close()
    return 0


class Assembled:
    """A robot with everything it needs, to be run and closed."""

    def __init__(self, settings: Settings, sound: Sound) -> None:
        self.metrics = Metrics()
        self._sound = sound
        self._ears_state = "ok"
        self._products = Products(settings.var / "robot" / "products.json")
        self._products.load()
        self._names_due = 0.0
        self._names: Future[bool] | None = None
        ears = self._make_ears(settings)
        self.client = Client(settings.server, settings.key, self.health)
        self.kiosk = Kiosk(settings.screen, self.metrics, self.health)
        self._jobs = Threads()
        self._chassis, branch = open_chassis(settings.chassis)
        voice = CachedVoice(open_voice(settings.speaking), settings.var / "robot" / "voice", settings.speaking.cache_mb)
        self.mouth = Mouth(settings.speaking, voice, self._jobs)
        parts = Parts(
            ears=ears,
            mouth=self.mouth,
            assistant=self.client,
            screen=self.kiosk,
            guide=Guide(self._chassis, branch, settings.chassis.battery_low),
            errands=Errands(open_reception(settings.reception, settings.var), self._jobs),
            jobs=self._jobs,
            now=time.monotonic,
            wall=lambda: datetime.now(wording.SHANGHAI),
            metrics=self.metrics,
            trouble=self._trouble,
        )
        self.robot = Robot(settings, parts)
        self._watchdog = Watchdog()

    def run(self) -> None:
        """Step with the sound until it ends."""
        self.client.start()
        self.kiosk.start()
        self._watchdog.ready()
        while (frame := self._sound.read()) is not None:
            self._sound.write(self.robot.step(frame))
            self._renew_names()
            self._watchdog.alive()

    def close(self) -> None:
        """End everything; nothing of a visit stays."""
        self._sound.close()
        if self.robot.visit is not None:
            self.client.end_visit(self.robot.visit.id)
        self.kiosk.stop()
        self.client.stop()
        self._jobs.stop()
        self.mouth.voice.close()
        self._chassis.close()

    def _trouble(self) -> str:
        if self._ears_state != "ok" or self._sound.state["microphone"] != "ok":
            return wording.say("asr_dead")
        return "" if self._sound.state["speaker"] == "ok" else wording.say("voice_dead")

    def _renew_names(self) -> None:
        """Product names, once connected and then daily; sooner again where it failed."""
        if self._names is not None and self._names.done():
            wait = _NEW_NAMES_SECONDS if self._names.result() else _NAMES_AGAIN_SECONDS
            self._names_due, self._names = time.monotonic() + wait, None
        if self._names is None and self.client.connected and time.monotonic() >= self._names_due:
            self._names = self._jobs.net(self._products.refresh, self.client.products)

    def health(self) -> dict[str, Any]:
        """Parts and figures for the fleet view."""
        parts = {
            **self._sound.state,
            "recognition": self._ears_state,
            "voice": "ok" if self.metrics.view().get("voice_failures", 0) == 0 else "failing",
            "disk": self.mouth.voice.disk,
            "server": "ok" if self.client.connected else "offline",
        }
        return {"parts": parts, "metrics": self.metrics.view()}

    def _make_ears(self, settings: Settings) -> Ears | None:
        """None where there is no usable model: the robot then works by touch."""
        try:
            folder, notice = model_folder(settings.hearing.model)
            if notice:
                logger.warning(notice)
            recogniser = Recogniser(folder, self._products)
        except SettingsError as error:
            logger.error("%s", error)
            self._ears_state = "no_model"
            return None
        return Ears(settings.hearing, recogniser, VoiceActivity(), EchoCanceller(settings.hearing.canceller))
