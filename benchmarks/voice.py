"""From the end of speech to the robot's first sound: python -m benchmarks.voice [--clips 12] [--url http://…]

Plays spoken questions in real time through the whole robot against a server on this machine (the running one, or
the whole house started for this). Beside it, as peer, the plain loop that most voice demos have: wait for a second of
silence, recognise the whole recording, ask, synthesise the whole answer, play.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from robot.asr import Recogniser, model_folder
from robot.audio import FRAME_SECONDS, RATE, SILENCE, Samples, frames, read_wav
from robot.cache import CachedVoice
from robot.chassis import NoWheels, open_chassis
from robot.client import Client
from robot.ears import Ears
from robot.echo import EchoCanceller
from robot.errands import Errands
from robot.guide import Guide
from robot.jobs import Threads
from robot.metrics import Metrics, percentile
from robot.mouth import Mouth
from robot.reception import Embedded
from robot.recording import render
from robot.robot import Parts, Robot
from robot.screen import ScreenState
from robot.settings import ROOT, Settings, load
from robot.tts import WorkerVoice
from robot.vad import VoiceActivity
from robot.wording import SHANGHAI

CLIPS = ROOT / "tests" / "fixtures" / "clips"
QUESTIONS = (2, 20, 34, 6, 28, 40, 13, 9, 31, 16, 24, 12)
"""Clips that ask something the assistant answers aloud."""
STAGES = ("end wait", "answer", "voice", "beyond it", "altogether")
"""Silence until the end of speech is believed; until there is an answer; until it sounds; the last two; all three."""


def _voice_end(samples: Samples) -> float:
    loud = np.flatnonzero(np.abs(samples) > 0.05 * np.abs(samples).max())
    return float(loud[-1]) / RATE


def run_robot(settings: Settings, clips: list[Samples], guess: bool, folder: Path) -> dict[str, list[float]]:
    """Seconds per stage, one figure a clip."""
    settings = replace(settings, hearing=replace(settings.hearing, guess=guess))
    jobs, metrics = Threads(), Metrics()
    client = Client(settings.server, settings.key)
    client.start()
    while not client.connected:
        time.sleep(0.02)
    voice = CachedVoice(WorkerVoice(settings.speaking), folder, 50)
    voice.render("好")
    mouth = Mouth(settings.speaking, voice, jobs)
    chassis, branch = open_chassis(settings.chassis)
    ears = Ears(
        settings.hearing, Recogniser(model_folder("")[0]), VoiceActivity(), EchoCanceller(settings.hearing.canceller)
    )
    screen = ScreenState()
    parts = Parts(
        ears=ears,
        mouth=mouth,
        assistant=client,
        screen=screen,
        guide=Guide(NoWheels(), branch, 20),
        errands=Errands(Embedded(folder / "queue.json"), jobs),
        jobs=jobs,
        now=time.monotonic,
        wall=lambda: datetime.now(SHANGHAI),
        metrics=metrics,
    )
    robot = Robot(settings, parts)
    stages: dict[str, list[float]] = {name: [] for name in STAGES}
    for samples in clips:
        screen.touch({"type": "wake"})
        robot.step(SILENCE)
        mouth.stop()
        for _ in range(40):
            robot.step(SILENCE)
        _one(robot, mouth, samples, stages)
        screen.touch({"type": "bye"})
        robot.step(SILENCE)
        while not robot.session.idle:
            # As fast as it goes: the good-bye is not what is measured.
            robot.step(SILENCE)
            time.sleep(0.0005)
    client.stop()
    jobs.stop()
    voice.close()
    chassis.close()
    stages["of them guessed"] = [metrics.view().get("answers_guess", 0.0)]
    return stages


def _one(robot: Robot, mouth: Mouth, samples: Samples, stages: dict[str, list[float]]) -> None:
    ends = _voice_end(samples)
    began = time.monotonic()
    thinking = answered = None
    for number, frame in enumerate([*frames(samples), *[SILENCE] * 200]):
        wait = began + number * FRAME_SECONDS - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        out = robot.step(frame)
        now = time.monotonic()
        # Counted, not the state: with a guess at hand the robot goes from hearing to speaking in one step.
        if thinking is None and robot.visit is not None and robot.visit.messages:
            thinking = now
        if thinking is not None and answered is None and mouth.speaking:
            answered = now
        if thinking is not None and answered is not None and np.abs(out).max() > 100:
            stages["end wait"].append(thinking - began - ends)
            stages["answer"].append(answered - thinking)
            stages["voice"].append(now - answered)
            stages["beyond it"].append(now - thinking)
            stages["altogether"].append(now - began - ends)
            break
    mouth.stop()


def run_plain(settings: Settings, clips: list[Samples]) -> dict[str, list[float]]:
    """The peer: everything after everything, once a second of silence has passed."""
    recogniser = Recogniser(model_folder("")[0])
    voice = WorkerVoice(settings.speaking)
    voice.render("好")
    client = Client(settings.server, settings.key)
    client.start(lasting=False)
    stages: dict[str, list[float]] = {"end wait": [], "beyond it": [], "altogether": []}
    for samples in clips:
        began = time.monotonic()
        for frame in frames(samples):
            recogniser.hear(frame)
        text = recogniser.finish().text
        visit = f"v{secrets.token_hex(6)}"
        answer = client.ask(visit, f"{visit}.1", text)
        render(voice, "".join(answer.spoken))
        took = time.monotonic() - began
        client.end_visit(visit)
        stages["end wait"].append(1.0)
        stages["beyond it"].append(took)
        stages["altogether"].append(1.0 + took)
    client.stop()
    voice.close()
    return stages


@contextlib.contextmanager
def house(url: str) -> Iterator[tuple[str, Path]]:
    """A running server's address and data folder; the whole house is started where none answers."""
    if _answers(url):
        yield url, Path(os.environ.get("PEIBAN_VAR") or ROOT / "var")
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "PEIBAN_VAR": folder,
            "PEIBAN_PORT": "5175",
            "PEIBAN_ACTIONS_PORT": "5176",
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "server.serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 240
            while not _answers("http://127.0.0.1:5175"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the server did not start")
                time.sleep(0.5)
            yield "http://127.0.0.1:5175", Path(folder)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(40)


def _answers(url: str) -> bool:
    """Whether a server is there, well or degraded."""
    try:
        with urllib.request.urlopen(url + "/health", timeout=2) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as error:
        return error.code == 503
    except OSError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description="从说完话到机器人出声要多久,与普通的顺序做法对比")
    parser.add_argument("--clips", type=int, default=len(QUESTIONS), help="用几个录音")
    parser.add_argument("--url", default="http://127.0.0.1:5005", help="对话服务;没有运行就临时启动一个")
    asked = parser.parse_args()
    clips = [read_wav(CLIPS / f"clip_{number:02d}.wav") for number in QUESTIONS[: asked.clips]]
    with house(asked.url) as (url, var):
        os.environ["PEIBAN_VAR"] = str(var)
        os.environ["PEIBAN_SERVER_URL"] = url
        settings = load()
        results = {}
        with tempfile.TemporaryDirectory() as folder:
            began, cpu = time.monotonic(), _cpu()
            for name, guess in (("robot", False), ("robot, answering early", True)):
                results[name] = run_robot(settings, clips, guess, Path(folder))
            share = (_cpu() - cpu) / (time.monotonic() - began)
        results["plain loop (peer)"] = run_plain(settings, clips)
    print(f"{'':26}{'stage':18}{'p50 ms':>9}{'p95 ms':>9}   over {len(clips)} clips")
    for name, stages in results.items():
        for stage, values in stages.items():
            if stage == "of them guessed":
                print(f"{name:26}{stage:18}{values[0]:9.0f}")
            else:
                p50, p95 = percentile(values, 50) * 1000, percentile(values, 95) * 1000
                print(f"{name:26}{stage:18}{p50:9.0f}{p95:9.0f}")
    ours = percentile(results["robot, answering early"]["altogether"], 50)
    peer = percentile(results["plain loop (peer)"]["altogether"], 50)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"end of speech to first sound, peer / robot: {peer / ours:.2f}")
    print(f"robot: {memory:.0f} MB (and {worker:.0f} MB in its largest child), {share * 100:.0f} % of one core")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
