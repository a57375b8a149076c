"""One fault at a time into a working robot: what the visitor still hears and sees (the table in docs/robot.md)."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fault_parts import Hardware, Misbehaving, Mute, Running
from fault_table import FaultTable, Record
from lobby_client import ROOT, LobbyServer
from lobby_stage import Stage

import robot.live
import robot.tts
from robot import wording
from robot.audio import FRAME_SECONDS, RATE, AudioError
from robot.cache import CachedVoice
from robot.chassis import Map, Simulator
from robot.client import Client, ServerUnavailable
from robot.errands import Errands
from robot.events import AllSaid, VoiceLost
from robot.guide import Guide
from robot.jobs import Threads
from robot.mouth import Mouth
from robot.reception import Embedded, QueueMachine, ReceptionError
from robot.settings import Screen, Server, Settings, SettingsError, Speaking, load
from robot.tts import WorkerVoice


@pytest.fixture(scope="module")
def table() -> Iterator[FaultTable]:
    """Rows of what was seen and heard; written to results/robot_faults.md after the last test."""
    made = FaultTable()
    yield made
    made.write()


class Visit:
    """A visitor in front of a robot that is about to break."""

    def __init__(self, lobby: Stage) -> None:
        self.lobby = lobby
        lobby.run(0.1)
        self.since = lobby.time

    def greet(self) -> None:
        lobby = self.lobby
        lobby.screen.touch({"type": "wake"})
        lobby.until(lambda: lobby.mouth.speaking)
        lobby.until(lambda: lobby.quiet)

    def ask(self, text: str) -> str:
        """Touch a question; what was said to it."""
        lobby, begin = self.lobby, len(self.lobby.said)
        lobby.screen.touch({"type": "say", "text": text})
        lobby.until(lambda: len(lobby.said) > begin and lobby.quiet, 60)
        return "".join(lobby.said[begin:])

    def record(self) -> Record:
        return record_of(self.lobby)


def record_of(lobby: Stage) -> Record:
    loud = [number * FRAME_SECONDS for number, is_loud in enumerate(lobby.loud) if is_loud]
    return Record(lobby.screen.history, loud)


def wait_until(what: Callable[[], Any], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert what()


def on_this_machine(server: LobbyServer, folder: Path) -> Settings:
    """Settings for the assembled programme; it never says that it is thinking, however busy this machine is."""
    settings = load(env={"PEIBAN_SERVER_URL": server.url, "PEIBAN_ROBOT_KEY": server.key, "PEIBAN_VAR": str(folder)})
    speaking, answer = replace(settings.speaking, cue_ms=60_000), replace(settings.server, answer=60.0)
    return replace(settings, speaking=speaking, server=answer, screen=Screen(port=0))


def plugged_in(record: Record) -> Any:
    """Microphone and loudspeaker of the running programme."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "sounddevice", Hardware(record))
        return robot.live.Devices("", "")


@pytest.fixture
def voice() -> Any:
    made = WorkerVoice(Speaking())
    yield made
    made.close()


Stages = Callable[..., Stage]
MEANING = "买入的成本会比较平均"


def worker(lobby: Stage) -> WorkerVoice:
    """The robot's voice with its process started."""
    voice = lobby.own_voice._voice
    assert isinstance(voice, WorkerVoice)
    voice.render("好")
    return voice


def test_a_killed_synthesis_process_costs_a_moment_only(stage: Stages, voice: WorkerVoice, table: FaultTable) -> None:
    before = voice.render("你好")
    assert voice._process is not None
    os.kill(voice._process.pid, signal.SIGKILL)
    again = voice.render("你好")
    assert abs(len(again) - len(before)) < RATE // 10 and voice.restarts == 1
    visit = Visit(stage())
    process = worker(visit.lobby)._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert MEANING in visit.ask("什么是净值")
    assert MEANING in table.add("synthesis process killed", visit.record(), visit.since)


def test_a_hung_synthesis_process_is_killed(stage: Stages, table: FaultTable) -> None:
    visit = Visit(stage())
    hung = worker(visit.lobby)
    begun = hung.restarts
    hung._settings = replace(hung._settings, worker=1.0)
    assert hung._process is not None
    os.kill(hung._process.pid, signal.SIGSTOP)
    assert MEANING in visit.ask("什么是净值") and hung.restarts > begun
    assert MEANING in table.add("synthesis process hung", visit.record(), visit.since)


def test_a_damaged_wav_is_made_again(
    stage: Stages, tmp_path: Path, table: FaultTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = robot.tts.read_wav
    for content in (b"", b"RIFF", b"RIFF\xff\xff\xff\xffWAVEfmt \x00"):
        (tmp_path / "bad.wav").write_bytes(content)
        with pytest.raises(AudioError):
            read(tmp_path / "bad.wav")
    damaged: list[Path] = []

    def read_damaged(file: Path) -> Any:
        if not damaged:
            damaged.append(file)
            file.write_bytes(file.read_bytes()[:30])
        return read(file)

    visit = Visit(stage())
    voice = worker(visit.lobby)
    begun = voice.restarts
    monkeypatch.setattr(robot.tts, "read_wav", read_damaged)
    assert MEANING in visit.ask("什么是净值") and damaged and voice.restarts > begun
    assert MEANING in table.add("synthesised WAV corrupt", visit.record(), visit.since)


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


def test_without_any_voice_the_words_are_shown_and_turns_go_on(
    stage: Stages, tmp_path: Path, table: FaultTable
) -> None:
    jobs = Threads()
    mouth = Mouth(Speaking(), CachedVoice(Mute(), tmp_path / "mute", 1), jobs)
    mouth.say(["好的。"])
    events: list[Any] = []
    deadline = time.monotonic() + 5
    while not any(isinstance(event, AllSaid) for event in events) and time.monotonic() < deadline:
        mouth.frame()
        events += mouth.take_events()
        time.sleep(0.001)
    jobs.stop()
    assert next(type(event) for event in events) is VoiceLost and isinstance(events[-1], AllSaid)
    visit = Visit(stage())
    lobby = visit.lobby
    whole, lobby.mouth.voice = lobby.mouth.voice, CachedVoice(Mute(), tmp_path / "mute", 1)
    assert MEANING in visit.ask("什么是净值")
    assert lobby.screen.state["notice"] == wording.say("voice_dead")
    row = table.add("no voice at all", visit.record(), visit.since)
    assert wording.say("voice_dead") in row and row.endswith("| nothing |") and MEANING in row
    # The notice goes with the fault.
    lobby.mouth.voice = whole
    assert MEANING in visit.ask("什么是定投") and lobby.screen.state["notice"] == ""


def test_a_damaged_cache_file_and_an_unwritable_disk_cost_speed_only(
    stage: Stages, tmp_path: Path, voice: WorkerVoice, table: FaultTable
) -> None:
    text = "好的。"
    blocked = tmp_path / "file"
    blocked.touch()
    cached = CachedVoice(voice, blocked / "cache", 50)
    assert len(cached.render(text, fixed_as=text)) > 1000
    assert cached.disk == "failing"
    lobby = stage()
    visit = Visit(lobby)
    visit.greet()
    lobby.screen.touch({"type": "bye"})
    lobby.until(lambda: lobby.state == "idle")
    kept = list((tmp_path / "voice").glob("*.npy"))
    for file in kept:
        file.write_bytes(b"damaged")
    visit = Visit(lobby)
    visit.greet()
    assert any(file.read_bytes() != b"damaged" for file in kept)
    assert "早上好" in table.add("cached sound damaged", visit.record(), visit.since)


def test_a_full_disk_costs_speed_and_tickets_only(
    stage: Stages, tmp_path: Path, table: FaultTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def full(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        writes = tmp_path in self.parents and mode[0] in "wa"
        return opened(Path("/dev/full") if writes else self, mode, *args, **kwargs)

    lobby = stage()
    monkeypatch.setattr(Path, "open", full)
    visit = Visit(lobby)
    visit.greet()
    assert "取不了号" in visit.ask("取个号") and MEANING in visit.ask("什么是净值")
    assert lobby.own_voice.disk == "full" and not list((tmp_path / "voice").glob("*"))
    assert "取不了号" in table.add("disk full", visit.record(), visit.since)


def test_words_of_a_visit_are_never_written_to_disk(tmp_path: Path, voice: WorkerVoice) -> None:
    cached = CachedVoice(voice, tmp_path, 50)
    cached.render("我想投诉", fixed_as="我想投诉")
    assert not list(tmp_path.iterdir())
    cached.render("我想投诉")
    assert cached.hits == 1
    cached.forget()
    cached.render("我想投诉")
    assert cached.hits == 1


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
def test_a_server_that_misbehaves_is_told_apart(kind: str, reason: str) -> None:
    with Misbehaving(kind) as server:
        client = Client(Server(url=server.url, answer=1.0), "demo.x")
        client.start(lasting=False)
        with pytest.raises(ServerUnavailable) as caught:
            client.ask("v", "m", "你好")
        client.stop()
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


def test_a_killed_server_is_said_and_the_lobby_goes_on(
    stage: Stages, lobby_server: LobbyServer, table: FaultTable
) -> None:
    visit = Visit(stage())
    lobby_server.kill()
    try:
        wait_until(lambda: not visit.lobby.assistant.connected)
        assert "您的号是 A001" in visit.ask("取个号")
        assert "连不上后台" in visit.ask("什么是净值")
        row = table.add("server killed", visit.record(), visit.since)
    finally:
        lobby_server.start()
    assert "amber" in row and "sorry" in row
    wait_until(lambda: visit.lobby.assistant.connected)
    visit.lobby.run(0.1)
    visit.since = visit.lobby.time
    assert MEANING in visit.ask("什么是定投")
    row = table.add("server back", visit.record(), visit.since)
    assert MEANING in row and "amber" not in row


def test_a_slow_answer_gets_a_cue_then_an_apology_and_comes_no_more(stage: Stages, table: FaultTable) -> None:
    visit = Visit(stage())
    lobby = visit.lobby
    visit.greet()
    visit.since = lobby.time
    lobby.jobs.net_delay = 30.0
    said = lobby.turn("什么是净值")
    assert said.startswith("嗯，我看看。") and "有点慢" in said
    lobby.run(2)
    assert "定投就是" not in "".join(lobby.said)
    row = table.add("server slow", visit.record(), visit.since)
    assert "有点慢" in row and "sorry" in row


def test_garbage_frames_are_dropped_and_garbage_answers_apologised_for(
    voices: dict[str, WorkerVoice], tmp_path: Path, table: FaultTable
) -> None:
    with Misbehaving("frames") as server:
        settings = load(env={"PEIBAN_SERVER_URL": server.url, "PEIBAN_ROBOT_KEY": "demo.x"})
        client = Client(settings.server, settings.key)
        client.start()
        wait_until(lambda: client.connected)
        lobby = Stage(settings, client, tmp_path, voices)
        visit = Visit(lobby)
        assert visit.ask("什么是净值") == "净值是基金每一份的价钱。"
        assert "价钱" in table.add("garbage frames around the answer", visit.record(), visit.since)
        visit.since = lobby.time
        assert "答不了" in visit.ask("介绍一下基金")
        assert "sorry" in table.add("garbage for an answer", visit.record(), visit.since)
        lobby.close()
        client.stop()


def test_without_a_speech_model_the_robot_works_by_touch(
    stage: Stages, lobby_server: LobbyServer, tmp_path: Path, table: FaultTable
) -> None:
    lobby = stage()
    lobby.robot._parts.ears = None
    lobby.screen.touch({"type": "say", "text": "什么是净值"})
    lobby.until(lambda: "定投就是" in "".join(lobby.said) and lobby.quiet, 40)
    lobby.screen.touch({"type": "bye"})
    lobby.until(lambda: lobby.state == "idle", 20)
    record, settings = Record(), on_this_machine(lobby_server, tmp_path)
    settings = replace(settings, hearing=replace(settings.hearing, model=str(tmp_path / "none")))
    with Running(settings, plugged_in(record), record) as running:
        running.until(lambda: running.shown["light"] == "ok")
        since = time.monotonic()
        running.ask("什么是净值", MEANING[-5:])
        row = table.add("speech model missing", record, since)
    assert wording.say("asr_dead") in row and MEANING in row


@pytest.mark.parametrize("device", ["microphone", "speaker"])
def test_an_unplugged_device_is_said_on_the_screen_and_found_again(
    device: str, lobby_server: LobbyServer, tmp_path: Path, table: FaultTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robot.live, "_LOOK_FOR_DEVICES_SECONDS", 0.1)
    monkeypatch.setattr(robot.live, "FRAME_SECONDS", 0.004)
    record = Record()
    sound = plugged_in(record)
    hardware: Hardware = sound._lib
    with Running(on_this_machine(lobby_server, tmp_path), sound, record) as running:
        running.until(lambda: sound.state == {"microphone": "ok", "speaker": "ok"})
        hardware.plugged[device] = False
        running.until(lambda: running.shown["notice"] and running.shown["light"] == "ok")
        since = time.monotonic()
        running.ask("什么是净值", MEANING[-5:])
        row = table.add(f"{device} unplugged", record, since)
        hardware.plugged[device] = True
        running.until(lambda: not running.shown["notice"])
    if device == "microphone":
        assert wording.say("asr_dead") in row and row.endswith(f"{MEANING}。 |")
    else:
        assert wording.say("voice_dead") in row and row.endswith("| nothing |") and MEANING in row


def test_a_blocked_path_is_said_and_then_the_way_in_words(stage: Stages, table: FaultTable) -> None:
    lobby = stage()
    lobby.screen.touch({"type": "say", "text": "带我去理财室"})
    lobby.until(lambda: lobby.state == "guiding", 30)
    since = lobby.time
    lobby.wheels.obstacle = True
    lobby.until(lambda: lobby.quiet and "走不过去" in "".join(lobby.said), 40)
    assert "前面有人" in "".join(lobby.said) and lobby.wheels.motion(0).state == "standing"
    assert "走不过去" in table.add("path blocked", record_of(lobby), since)


def test_a_low_battery_points_instead_of_walking_and_goes_home_when_alone(stage: Stages, table: FaultTable) -> None:
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
    visit = Visit(stage())
    # Away from its dock, where it would charge.
    visit.lobby.wheels.go(branch.places["seats"])
    for _ in range(40):
        visit.lobby.wheels.motion(1.0)
    visit.lobby.wheels.battery = 10.0
    visit.lobby.run(0.1)
    assert "大厅最里面" in visit.ask("带我去理财室")
    assert "大厅最里面" in table.add("battery low", visit.record(), visit.since)


def test_tickets_count_up_and_survive_a_restart_and_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "queue.json"
    first, second = Embedded(file).ticket("general"), Embedded(file).ticket("general")
    assert (first.number, first.waiting, second.number, second.waiting) == ("A001", 0, "A002", 1)
    assert Embedded(file).ticket("wealth").number == "B001"
    Embedded(file).served("general")
    assert Embedded(file).waiting("general") == 1
    file.write_text("{")
    assert Embedded(file).ticket("general").number == "A001"


def test_a_dead_queue_machine_and_manager_call_are_said(stage: Stages, table: FaultTable) -> None:
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
    visit = Visit(stage())
    visit.greet()
    visit.since = visit.lobby.time
    visit.lobby.robot._parts.errands = Errands(QueueMachine("http://127.0.0.1:9"), visit.lobby.jobs)
    assert "取不了号" in visit.ask("取个号") and "没能叫到" in visit.ask("我想投诉")
    assert "没能叫到" in table.add("queue machine and manager's call dead", visit.record(), visit.since)


def test_the_document_holds_every_row(table: FaultTable) -> None:
    document = (ROOT / "docs" / "robot.md").read_text(encoding="utf-8")
    assert [row for row in table.rows if row not in document] == []
