"""One fault at a time into a working robot: what the visitor still hears and sees (the table in docs/robot.md)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from lobby_client import ROOT, LobbyServer
from lobby_stage import Stage

from robot.audio import RATE, SILENCE, frames, read_wav
from robot.cache import CachedVoice
from robot.chassis import Map, Simulator
from robot.client import Client, ServerUnavailable
from robot.errands import Errands
from robot.events import AllSaid, VoiceLost
from robot.guide import Guide
from robot.jobs import Threads
from robot.mouth import Mouth
from robot.reception import Embedded, QueueMachine, ReceptionError
from robot.settings import Server, Settings, SettingsError, Speaking
from robot.tts import VoiceError, WorkerVoice


@pytest.fixture
def voice() -> Any:
    made = WorkerVoice(Speaking())
    yield made
    made.close()


def test_a_killed_synthesis_process_costs_a_moment_only(voice: WorkerVoice) -> None:
    before = voice.render("你好")
    assert voice._process is not None
    os.kill(voice._process.pid, signal.SIGKILL)
    again = voice.render("你好")
    assert abs(len(again) - len(before)) < RATE // 10 and voice.restarts == 1


def test_a_hung_synthesis_process_is_killed(voice: WorkerVoice) -> None:
    voice._settings = replace(voice._settings, worker=0.5)
    voice.render("你好")
    assert voice._process is not None
    os.kill(voice._process.pid, signal.SIGSTOP)
    assert len(voice.render("你好")) > 1000 and voice.restarts == 1


def test_a_voice_that_is_not_there_is_named() -> None:
    made = WorkerVoice(Speaking(voice="sit/klingon"))
    with pytest.raises(SettingsError, match="没有声音"):
        made.render("你好")
    made.close()


def test_a_neural_voice_needs_its_files(tmp_path: Path) -> None:
    from robot.neural_voice import NeuralVoice

    with pytest.raises(SettingsError, match=r"tokens\.txt"):
        NeuralVoice(tmp_path)
    (tmp_path / "tokens.txt").touch()
    with pytest.raises(SettingsError, match=r"model\.onnx"):
        NeuralVoice(tmp_path)


class Mute:
    """A voice that fails every time."""

    name = "mute"

    def render(self, text: str, pace: float = 1.0) -> Any:
        raise VoiceError("没有声音")

    def close(self) -> None:
        pass


def test_without_any_voice_the_words_are_shown_and_turns_go_on(tmp_path: Path) -> None:
    jobs = Threads()
    mouth = Mouth(Speaking(), CachedVoice(Mute(), tmp_path, 1), jobs)
    mouth.say(["好的。"])
    events: list[Any] = []
    deadline = time.monotonic() + 5
    while not any(isinstance(event, AllSaid) for event in events) and time.monotonic() < deadline:
        mouth.frame()
        events += mouth.take_events()
        time.sleep(0.001)
    jobs.stop()
    assert next(type(event) for event in events) is VoiceLost and isinstance(events[-1], AllSaid)


def test_a_damaged_cache_file_and_an_unwritable_disk_cost_speed_only(tmp_path: Path, voice: WorkerVoice) -> None:
    text = "好的。"
    folder = tmp_path / "cache"
    CachedVoice(voice, folder, 50).render(text, fixed_as=text)
    (file,) = folder.glob("*.npy")
    file.write_bytes(b"damaged")
    assert len(CachedVoice(voice, folder, 50).render(text, fixed_as=text)) > 1000
    blocked = tmp_path / "file"
    blocked.touch()
    cached = CachedVoice(voice, blocked / "cache", 50)
    assert len(cached.render(text, fixed_as=text)) > 1000
    assert cached.disk == "failing"


def test_words_of_a_visit_are_never_written_to_disk(tmp_path: Path, voice: WorkerVoice) -> None:
    cached = CachedVoice(voice, tmp_path, 50)
    cached.render("我想投诉", fixed_as="我想投诉")
    assert not list(tmp_path.iterdir())
    cached.render("我想投诉")
    assert cached.hits == 1
    cached.forget()
    cached.render("我想投诉")
    assert cached.hits == 1


async def _misbehaving(kind: str) -> web.AppRunner:
    """A server that answers wrongly."""

    async def say(request: web.Request) -> web.Response:
        bodies = {
            "garbage": web.Response(text="<html>", content_type="text/html"),
            "list": web.json_response([1, 2]),
            "empty": web.json_response({}),
            "busy": web.json_response({}, status=503),
            "key": web.json_response({}, status=401),
        }
        if kind == "slow":
            import asyncio

            await asyncio.sleep(3)
        return bodies[kind] if kind in bodies else web.json_response({"spoken": ["晚了"], "messages": []})

    app = web.Application()
    app.router.add_post("/webhooks/robot/messages", say)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


@pytest.mark.parametrize(
    "kind,reason",
    [
        ("garbage", "network"),
        ("list", "refused"),
        ("empty", "refused"),
        ("busy", "busy"),
        ("key", "key"),
        ("slow", "slow"),
    ],
)
async def test_a_server_that_misbehaves_is_told_apart(kind: str, reason: str) -> None:
    import asyncio

    runner = await _misbehaving(kind)
    client = Client(Server(url=f"http://127.0.0.1:{runner.addresses[0][1]}", answer=1.0), "demo.x")
    client.start(lasting=False)
    with pytest.raises(ServerUnavailable) as caught:
        await asyncio.to_thread(client.ask, "v", "m", "你好")
    await asyncio.to_thread(client.stop)
    await runner.cleanup()
    assert caught.value.reason == reason


def test_a_visit_that_ended_while_the_server_was_away_is_wiped_when_it_is_back(lobby_server: LobbyServer) -> None:
    settings = Server(url=lobby_server.url, retry_first=0.2, retry_most=0.5)
    client = Client(settings, lobby_server.key)
    lobby_server.kill()
    client.start()
    client.end_visit("v-late")
    lobby_server.start()
    deadline = time.monotonic() + 15
    wiped = ["robot:demo:v-late", "DELETED"]
    while not any(turn[:2] == wiped for turn in lobby_server.turns()) and time.monotonic() < deadline:
        time.sleep(0.1)
    client.stop()
    assert any(turn[:2] == wiped for turn in lobby_server.turns())


def test_a_slow_answer_gets_a_cue_then_an_apology_and_comes_no_more(stage: Callable[..., Stage]) -> None:
    lobby = stage()
    lobby.screen.touch({"type": "wake"})
    lobby.until(lambda: lobby.mouth.speaking)
    lobby.until(lambda: lobby.quiet)
    lobby.jobs.net_delay = 30.0
    said = lobby.turn("什么是净值")
    assert said.startswith("嗯，我看看。") and "有点慢" in said
    lobby.run(2)
    assert "定投就是" not in "".join(lobby.said)


def test_without_a_speech_model_the_robot_works_by_touch(stage: Callable[..., Stage]) -> None:
    lobby = stage()
    lobby.robot._parts.ears = None
    lobby.screen.touch({"type": "say", "text": "什么是净值"})
    lobby.until(lambda: "定投就是" in "".join(lobby.said) and lobby.quiet, 40)
    lobby.screen.touch({"type": "bye"})
    lobby.until(lambda: lobby.state == "idle", 20)


def test_a_blocked_path_is_said_and_then_the_way_in_words(stage: Callable[..., Stage]) -> None:
    lobby = stage()
    lobby.screen.touch({"type": "say", "text": "带我去理财室"})
    lobby.until(lambda: lobby.state == "guiding", 30)
    lobby.wheels.obstacle = True
    lobby.until(lambda: lobby.quiet and "走不过去" in "".join(lobby.said), 40)
    assert "前面有人" in "".join(lobby.said) and lobby.wheels.motion(0).state == "standing"


def test_a_low_battery_points_instead_of_walking_and_goes_home_when_alone() -> None:
    branch = Map(ROOT / "data" / "robot" / "map.yml")
    wheels = Simulator(branch)
    guide = Guide(wheels, branch, 20)
    wheels.go(branch.places["seats"])
    for _ in range(40):
        guide.step(1.0)
    wheels.battery = 10.0
    guide.step(1.0)
    assert guide.low and "大厅最里面" in guide.start("manager_desk") and not guide.walking
    guide.home()
    for _ in range(60):
        guide.step(1.0)
    assert guide.motion.state == "charging"


def test_tickets_count_up_and_survive_a_restart_and_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "queue.json"
    first, second = Embedded(file).ticket("general"), Embedded(file).ticket("general")
    assert (first.number, first.waiting, second.number, second.waiting) == ("A001", 0, "A002", 1)
    assert Embedded(file).ticket("wealth").number == "B001"
    Embedded(file).served("general")
    assert Embedded(file).waiting("general") == 1
    file.write_text("{")
    assert Embedded(file).ticket("general").number == "A001"


def test_a_dead_queue_machine_and_manager_call_are_said() -> None:
    class Now(Threads):
        def net(self, work: Any, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            try:
                future.set_result(work(*args, **kwargs))
            except ReceptionError as error:
                future.set_exception(error)
            return future

    errands = Errands(QueueMachine("http://127.0.0.1:9"), Now())
    errands.run({"ticket": "general", "call_manager": True})
    said = [text for done in errands.poll() for text in done.say]
    assert any("取不了号" in text for text in said) and any("没能叫到" in text for text in said)


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
