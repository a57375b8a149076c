"""Hours of visits in simulated time (make soak): no growth, no hang, no lost turn. PEIBAN_SOAK_HOURS, default 8.

A turn that the recogniser misheard is not a lost one: the robot asks back or answers what it heard, and the visitor
says it again. Lost is a turn to which the robot did nothing, or that it did not ask although it had heard it right.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from lobby_stage import Stage

QUESTIONS = ["什么是七日年化", "我有多少钱", "取个号谢谢", "什么是净值", "你能查一下我的余额"]
_PATIENCE = 20.0
_ATTEMPTS = 3


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def attempt(lobby: Stage, question: str) -> str:
    """Say it once: right, misheard or lost."""
    asked, said, finals = len(lobby.assistant.asked), len(lobby.said), len(lobby.recogniser.finals)
    lobby.say(question)
    lobby.until(lambda: not lobby.visitor_speaking)
    began = lobby.time
    while not (len(lobby.said) > said and lobby.quiet):
        if lobby.time - began > _PATIENCE:
            break
        lobby.step()
    new = [text for _, text in lobby.assistant.asked[asked:]]
    heard = lobby.recogniser.finals[finals:]
    if new == [question]:
        return "right"
    print(f"{lobby.time:9.0f} s {question}: heard {heard}, asked {new}, said {lobby.said[said:]}")
    sure = [final for final in heard if final.confidence >= lobby.settings.hearing.confidence]
    answered = len(lobby.said) > said and lobby.quiet
    return "misheard" if answered and all(final.text != question for final in sure) else "lost"


@pytest.mark.soak
def test_hours_of_visits(stage: Callable[..., Stage]) -> None:
    lobby = stage()
    hours = float(os.environ.get("PEIBAN_SOAK_HOURS", "8"))
    visits, early = 0, 0.0
    outcomes: Counter[str] = Counter()
    while lobby.time < hours * 3600:
        lobby.screen.touch({"type": "wake"})
        lobby.until(lambda: lobby.mouth.speaking)
        lobby.until(lambda: lobby.quiet)
        for number in range(2):
            question = QUESTIONS[(visits + number) % len(QUESTIONS)]
            for _ in range(_ATTEMPTS):
                outcome = attempt(lobby, question)
                outcomes[outcome] += 1
                if outcome == "right":
                    break
            else:
                outcomes["given up"] += 1
        lobby.until(lambda: lobby.state == "idle", 60)
        visits += 1
        assert len(lobby.assistant.ended) == visits
        # What the harness itself remembers is not the robot's growth.
        lobby.forget()
        if visits == 20:
            early = rss_mb()
    turns = sum(outcomes.values()) - outcomes["given up"]
    grown = f"{early:.0f} → {rss_mb():.0f} MB"
    print(f"{visits} visits, {turns} turns {dict(outcomes)}, {lobby.time / 3600:.1f} h, {grown}")
    assert outcomes["lost"] == 0 and outcomes["given up"] == 0, outcomes
    assert outcomes["misheard"] <= turns * 0.05, outcomes
    assert not early or rss_mb() - early < 30
