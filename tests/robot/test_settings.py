"""robot.yml: what it says is taken, what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot.settings import SettingsError, load


def test_the_shipped_file_is_valid_and_says_what_the_defaults_are() -> None:
    assert load(env={}) == load(Path("/dev/null"), env={})


def test_the_environment_wins(tmp_path: Path) -> None:
    env = {"PEIBAN_SERVER_URL": "http://bank:1", "PEIBAN_KIOSK_PORT": "7001", "PEIBAN_VAR": str(tmp_path)}
    settings = load(env=env)
    assert settings.server.url == "http://bank:1" and settings.screen.port == 7001 and settings.key == ""


@pytest.mark.parametrize(
    "text,words",
    [
        ("sever: {}", "没有 sever"),
        ("server: {url: 5}", "server.url 应为文字"),
        ("server: {anwser: 5}", "server.anwser"),
        ("server: {answer: 0}", "server.answer 应在"),
        ("server: {answer: soon}", "server.answer 应为数字"),
        ("hearing: {guess: 1}", "hearing.guess 应为 true"),
        ("hearing: {speech_on: 0.3}", "speech_off 应小于"),
        ("wake: {words: []}", "wake.words 应为至少一个词"),
        ("chassis: {kind: legs}", "chassis.kind 只能是"),
        ("server: [1]", "server. 应为"),
        ("- 1", "最外层 应为"),
        ("a: [", "格式不对"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "robot.yml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(file, env={})
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="找不到设置文件"):
        load(tmp_path / "no.yml", env={})
