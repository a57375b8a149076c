"""Ten scripted visits (lobby/visits.yml) through the whole robot, with its own echo in its microphone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from lobby_client import LobbyServer
from lobby_stage import Stage

from robot.audio import FRAME_SECONDS, RATE, read_wav
from robot.settings import ROOT

VISITS = yaml.safe_load((Path(__file__).parent / "lobby" / "visits.yml").read_text(encoding="utf-8"))


class Player:
    """Plays the steps of one visit."""

    def __init__(self, stage: Stage, server: LobbyServer) -> None:
        self.stage, self.server = stage, server
        self.checked = 0
        self.asked = 0

    def play(self, step: dict[str, Any]) -> None:
        stage = self.stage
        if "over" in step:
            stage.until(lambda: stage.mouth.speaking)
            stage.run(step["over"])
        began = stage.time
        ended = self.act(step)
        if step.get("begin"):
            stage.until(lambda: not stage.visitor_speaking)
            stage.until(lambda: stage.state == "speaking" and stage.loud[-1])
            self.asked = len(stage.assistant.asked)
            return
        if "stopped_within" in step:
            silent = stage.until(lambda: not any(stage.loud[-3:]), 3)
            assert silent - 2 * FRAME_SECONDS <= step["stopped_within"] + self.onset, silent
        if any(key in step for key in ("said", "hear")):
            stage.until(lambda: not stage.visitor_speaking)
            ended = ended or stage.time
            if step.get("said") is not None:
                stage.until(lambda: step["said"] in self.said and stage.quiet, 45)
                if "within" in step:
                    first = next(at for at, text in self.spoken if at > ended - 1.0)
                    assert first - ended <= step["within"], first - ended
            else:
                stage.until(lambda: stage.quiet, 45)
        if "hear" in step:
            assert stage.assistant.asked[self.asked][1] == step["hear"]
            self.asked = len(stage.assistant.asked)
        self.asked = max(self.asked, len(stage.assistant.asked)) if "said" in step else self.asked
        if "said" in step:
            assert step["said"] in self.said, self.said
            self.checked = len(stage.said)
        if "shown" in step:
            assert step["shown"] in repr(stage.screen.state)
        if "face" in step:
            assert any(state["face"] == step["face"] for at, state in stage.screen.history if at >= began)
        if "not_said" in step:
            assert step["not_said"] not in "".join(stage.said)
        if "not_shown" in step:
            assert step["not_shown"] not in stage.shown

    onset = 0.0

    def act(self, step: dict[str, Any]) -> float:
        stage = self.stage
        if "say" in step:
            sound = {key: step[key] for key in ("voice", "gain", "pace") if key in step}
            # A synthesised sentence begins with a breath of silence; the clock starts with its first sound.
            voice = stage.voices[step.get("voice", "f5")].render(step["say"], step.get("pace", 1.0))
            self.onset = float(np.flatnonzero(np.abs(voice) > 800)[0]) / RATE
            stage.say(step["say"], **sound)
        if "mumble" in step:
            clip = read_wav(ROOT / "tests" / "fixtures" / "clips" / step["mumble"])
            stage.sound(clip[::2], 0.4)
        if "touch" in step:
            stage.screen.touch(step["touch"])
            stage.run(0.1)
        if "wait" in step:
            stage.run(step["wait"])
        if "noise" in step:
            stage.make_noise(**step["noise"])
        if step.get("server") == "kill":
            self.server.kill()
            until(lambda: not stage.assistant.connected)
        elif step.get("server") == "start":
            self.server.start()
            until(lambda: stage.assistant.connected)
        if step.get("alone"):
            stage.until(lambda: stage.state == "idle", 60)
        return 0.0

    @property
    def said(self) -> str:
        return "".join(self.stage.said[self.checked :])

    @property
    def spoken(self) -> list[tuple[float, str]]:
        found, last = [], ""
        for at, state in self.stage.screen.history:
            if state["said"] and state["said"] != last:
                found.append((at, state["said"]))
            last = state["said"]
        return found


def until(what: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert what()


@pytest.mark.parametrize("visit", VISITS, ids=[visit["name"] for visit in VISITS])
def test_a_visit(visit: dict[str, Any], stage: Callable[..., Stage], lobby_server: LobbyServer) -> None:
    lobby = stage()
    player = Player(lobby, lobby_server)
    for number, step in enumerate(visit["steps"]):
        try:
            player.play(step)
        except AssertionError as error:
            told = f"step {number} {step}\nsaid {lobby.said}\nasked {lobby.assistant.asked}\n{lobby.metrics.view()}"
            raise AssertionError(f"{error}\n{told}") from error
    # The robot never took its own voice for a question.
    spoken_to = sum(1 for step in visit["steps"] if "say" in step or "touch" in step or "mumble" in step)
    assert len(lobby.assistant.asked) <= spoken_to
    # The visit is over: nothing of it is on the screen, and the server was told to wipe it.
    assert lobby.screen.state["cards"] == [] and lobby.screen.state["heard"] == lobby.screen.state["said"] == ""
    assert lobby.assistant.ended == [lobby.assistant.asked[0][0]] if lobby.assistant.asked else lobby.assistant.ended


def test_a_robot_that_is_deaf_while_it_speaks_fails_the_interruption(
    stage: Callable[..., Stage], lobby_server: LobbyServer
) -> None:
    """The harness notices a muted microphone: without it the case above would prove nothing."""
    lobby = stage(deaf_while_speaking=True)
    player = Player(lobby, lobby_server)
    steps = next(visit for visit in VISITS if visit["name"] == "喊停")["steps"]
    for step in steps[:2]:
        player.play(step)
    with pytest.raises(AssertionError):
        player.play(steps[2])


def test_without_a_canceller_words_decide_and_the_robot_does_not_answer_itself(
    stage: Callable[..., Stage], lobby_server: LobbyServer
) -> None:
    lobby = stage(canceller=False)
    lobby.screen.touch({"type": "wake"})
    lobby.until(lambda: lobby.mouth.speaking)
    lobby.until(lambda: lobby.quiet)
    # Without a canceller the robot waits until the room has stopped ringing.
    lobby.run(0.6)
    lobby.turn("什么是七日年化")
    lobby.run(2)
    # One question, the visitor's, with nothing of the robot's own voice stuck to it.
    assert [text for _, text in lobby.assistant.asked] == ["什么是七日年化"]


def test_a_disclosure_is_not_cut_off_and_the_question_over_it_is_answered_afterwards(
    stage: Callable[..., Stage], lobby_server: LobbyServer
) -> None:
    lobby = stage()
    lobby.screen.touch({"type": "wake"})
    lobby.until(lambda: lobby.mouth.speaking)
    lobby.until(lambda: lobby.quiet)
    lobby.say("介绍一下货币基金")
    lobby.until(lambda: lobby.mouth.protected, 40)
    lobby.say("带我去理财室")
    lobby.until(lambda: len(lobby.assistant.asked) == 2, 20)
    assert "产品有风险，投资需谨慎。" in lobby.said
    protected_ends = lobby.time
    lobby.until(lambda: lobby.quiet or lobby.state == "guiding", 30)
    assert "理财室" in lobby.said[-1] and protected_ends
    # The disclosure played to its end: no gap longer than a breath in it.
    assert lobby.metrics.view().get("state_yielding", 0) <= 2


def test_the_next_visitor_sees_and_hears_nothing_of_the_last(
    stage: Callable[..., Stage], lobby_server: LobbyServer
) -> None:
    lobby = stage()
    lobby.screen.touch({"type": "say", "text": "我想投诉你们"})
    lobby.until(lambda: lobby.quiet and lobby.said, 30)
    lobby.until(lambda: lobby.state == "idle", 40)
    first = lobby.assistant.asked[0][0]
    lobby.screen.history.clear()
    lobby.screen.touch({"type": "wake"})
    lobby.until(lambda: lobby.mouth.speaking)
    lobby.until(lambda: lobby.quiet, 30)
    assert "说过" in lobby.turn("再说一遍")
    lobby.screen.touch({"type": "say", "text": "你好"})
    lobby.run(0.2)
    assert lobby.assistant.asked[-1][0] != first
    assert "投诉" not in lobby.shown
    assert [sender for sender, text, _ in lobby_server.turns() if text == "DELETED"][-1].endswith(first)
