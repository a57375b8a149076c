"""What a voice means: the robot's own echo, a stray syllable, a listener's murmur, or somebody's words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from robot.session import Session
from robot.settings import Turns as TurnSettings
from robot.turns import Turns


def turns(*, speaking: bool, trusted: bool) -> Turns:
    """Turn-taking right after a voice began, over the robot's own or in silence."""
    mouth = SimpleNamespace(speaking=speaking, protected=False, paused=False, recently="好的，给您取号。")
    made = Turns(TurnSettings(), mouth, Session(lambda *_: None))  # type: ignore[arg-type]
    made.speech_started(trusted)
    return made


@pytest.mark.parametrize("text", ["卖", "好去保险", "的"])
def test_a_few_words_over_its_own_voice_are_nothing_before_it_knows_the_room(text: str) -> None:
    assert turns(speaking=True, trusted=False).is_scrap(text)


@pytest.mark.parametrize("text", ["停", "我要问的是保险怎么买"])
def test_an_order_or_a_whole_sentence_counts_all_the_same(text: str) -> None:
    assert not turns(speaking=True, trusted=False).is_scrap(text)


@pytest.mark.parametrize(("text", "scrap"), [("卖", True), ("那个", True), ("要", False), ("取号", False)])
def test_in_silence_only_stray_syllables_and_beginnings_are_nothing(text: str, scrap: bool) -> None:
    assert turns(speaking=False, trusted=False).is_scrap(text) is scrap


def test_its_own_words_are_its_own() -> None:
    assert turns(speaking=True, trusted=True).is_own("好的给您取号")
    assert not turns(speaking=False, trusted=True).is_own("好的给您取号")
