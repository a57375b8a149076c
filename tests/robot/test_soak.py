"""Hours of visits in simulated time (make soak): no growth, no hang, no lost turn. PEIBAN_SOAK_HOURS, default 8."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lobby_stage import Stage

QUESTIONS = ["什么是七日年化", "我有多少钱", "取个号谢谢", "什么是净值", "你能查一下我的余额"]


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.soak
def test_hours_of_visits(stage: Callable[..., Stage]) -> None:
    lobby = stage()
    hours = float(os.environ.get("PEIBAN_SOAK_HOURS", "8"))
    visits, early = 0, 0.0
    while lobby.time < hours * 3600:
        lobby.screen.touch({"type": "wake"})
        lobby.until(lambda: lobby.mouth.speaking)
        lobby.until(lambda: lobby.quiet)
        for number in range(2):
            question = QUESTIONS[(visits + number) % len(QUESTIONS)]
            before = len(lobby.assistant.asked)
            said = lobby.turn(question)
            assert len(lobby.assistant.asked) == before + 1, (question, said, lobby.metrics.view())
        lobby.until(lambda: lobby.state == "idle", 60)
        visits += 1
        assert len(lobby.assistant.ended) == visits
        # What the harness itself remembers is not the robot's growth.
        lobby.screen.history.clear()
        lobby.loud.clear()
        if visits == 20:
            early = rss_mb()
    asked = len(lobby.assistant.asked)
    print(f"{visits} visits, {asked} turns, {lobby.time / 3600:.1f} h, {early:.0f} → {rss_mb():.0f} MB")
    assert asked == visits * 2
    assert not early or rss_mb() - early < 30
