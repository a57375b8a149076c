"""What is told from words alone: orders, unfinished sentences, wake word, own words, offline answers."""

from __future__ import annotations

import pytest

from robot import offline, phrases, wording
from robot.client import ServerUnavailable
from robot.own_words import own_share
from robot.settings import Hearing


@pytest.mark.parametrize(
    "text,order",
    [
        ("停", "stop"),
        ("给我停一下", "stop"),
        ("别说了", "stop"),
        ("你好再说一遍", "repeat"),
        ("没听清", "repeat"),
        ("你能说慢一点吗", None),
        ("慢一点", "slower"),
        ("大声点", "louder"),
        ("我想声音小一点", "softer"),
        ("再见", "goodbye"),
        ("没事了谢谢", "goodbye"),
        ("基金停牌了怎么办", None),
        ("再说一遍七日年化", None),
        ("我走了以后钱怎么办", None),
        ("", None),
    ],
)
def test_orders_to_the_robot(text: str, order: str | None) -> None:
    assert phrases.command(text) == order


def test_an_unfinished_sentence_gets_more_time_and_a_finished_one_less() -> None:
    settings = Hearing()
    assert phrases.end_wait("我想", settings) == settings.end_unfinished
    assert phrases.end_wait("我想买点基金然后", settings) == settings.end_unfinished
    assert phrases.end_wait("我有多少钱", settings) == settings.end_complete
    assert phrases.end_wait("什么是净值", settings) == settings.end_usual
    assert phrases.end_wait("", settings) == settings.end_usual


@pytest.mark.parametrize(
    "text,rest",
    [
        ("小财小财", ""),
        ("小才小才带我去厕所", "带我去厕所"),
        ("嗯小财小财我想问", "我想问"),
        ("小心小财", None),
        ("理财", None),
    ],
)
def test_the_wake_word_by_sound(text: str, rest: str | None) -> None:
    assert phrases.after_wake_word(text, ["小财小财"]) == rest


def test_own_words_are_known_by_their_sound() -> None:
    spoken = "货币基金是一种现金管理产品，风险等级是二级。"
    assert own_share("火币基金是一中现金管理", spoken) > 0.8
    assert own_share("带我去理财室", spoken) < 0.3
    assert own_share("", spoken) == 0.0


@pytest.mark.parametrize(
    "text,control",
    [
        ("取个号谢谢", "ticket"),
        ("厕所在哪", "guide"),
        ("理才室怎么走", "guide"),
        ("我要投诉", "call_manager"),
        ("有人叫我转账给陌生人", "call_manager"),
        ("前面有几位", "queue"),
    ],
)
def test_fixed_questions_need_no_server(text: str, control: str) -> None:
    assert control in offline.answer(text, ServerUnavailable("network")).control


def test_the_rest_gets_an_honest_sentence() -> None:
    assert "连不上" in offline.answer("什么是净值", ServerUnavailable("network")).spoken[0]
    assert "有点慢" in offline.answer("什么是净值", ServerUnavailable("slow")).spoken[0]


def test_every_sentence_of_the_wording_can_be_filled_and_is_clean() -> None:
    for text in wording.fixed():
        assert text.strip() == text and "{" not in text
    assert "人工智能" in offline.answer("你是机器人吗").spoken[0]
