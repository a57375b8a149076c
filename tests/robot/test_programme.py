"""The programme as a process, and the technician's check of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import numpy as np
from lobby_client import ROOT, LobbyServer

from robot.audio import RATE, SILENCE, frames, read_wav
from robot.settings import Server, Settings, Speaking
from robot.tts import WorkerVoice


def test_the_whole_programme_on_a_stream_of_samples(lobby_server: LobbyServer, tmp_path: Path) -> None:
    """`python -m robot --pcm -` as a process: wake word and question in, speech out, health and metrics meanwhile."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PEIBAN_SERVER_URL": lobby_server.url,
        "PEIBAN_ROBOT_KEY": lobby_server.key,
        "PEIBAN_KIOSK_PORT": str(port),
        "PEIBAN_VAR": str(tmp_path),
    }
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(tmp_path / "notify"))
    notify.settimeout(20)
    environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "robot", "--pcm", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd=ROOT,
        )
    assert process.stdin and process.stdout
    assert notify.recv(100) == b"READY=1"
    wake = WorkerVoice(Speaking(voice="sit/cmn-latn-pinyin+f5", rate=180))
    sound = np.concatenate(
        [
            np.zeros(RATE, np.int16),
            wake.render("小财小财") // 3,
            read_wav(ROOT / "tests/fixtures/clips/clip_02.wav") // 3,
            np.zeros(RATE * 8, np.int16),
        ]
    )
    wake.close()
    heard = []
    began = time.monotonic()
    for number, frame in enumerate(frames(sound)):
        process.stdin.write(frame.astype("<i2").tobytes())
        process.stdin.flush()
        heard.append(np.frombuffer(process.stdout.read(len(SILENCE) * 2), dtype="<i2"))
        # No faster than people speak: the answer comes from a real server.
        time.sleep(max(0.0, began + number * 0.012 - time.monotonic()))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as response:
        health = json.load(response)
    process.stdin.close()
    assert process.wait(20) == 0
    assert np.abs(np.concatenate(heard)).max() > 3000
    assert health["parts"]["server"] == "ok" and health["metrics"]["turns"] == 1, health
    log_text = (tmp_path / "log").read_text()
    assert "Traceback" not in log_text
    # What people say is not in the log.
    assert "七日" not in log_text
    assert b"WATCHDOG=1" in notify.recv(100)


def test_levels_are_judged_in_words() -> None:
    from robot.check import judge_levels

    quiet = np.random.default_rng(1).integers(-30, 30, RATE).astype(np.int16)
    speech = read_wav(ROOT / "tests/fixtures/clips/clip_02.wav")
    assert judge_levels(np.zeros(RATE, np.int16), speech).good is False
    assert judge_levels(quiet, quiet).good is False
    assert judge_levels(quiet, speech).good is True
    loud = np.tile(np.array([32767, -32768], np.int16), RATE)
    assert "太响" in judge_levels(quiet, loud).text


def test_the_check_names_what_is_wrong_and_what_to_do(lobby_server: LobbyServer) -> None:
    from robot import check

    settings = Settings(server=Server(url=lobby_server.url), key=lobby_server.key)
    assert "正常" in check.check_server(settings).text
    assert "密钥" in check.check_server(replace(settings, key="demo.x")).text
    assert "连不上" in check.check_server(replace(settings, server=Server(url="http://127.0.0.1:9"))).text
