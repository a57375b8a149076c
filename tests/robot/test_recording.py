"""`python -m robot --wav`: a recorded question in, a spoken answer out, and what bad recordings do."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from lobby_client import ROOT, LobbyServer

from robot.asr import BUNDLED, Recogniser
from robot.audio import frames, read_wav

CLIPS = ROOT / "tests" / "fixtures" / "clips"
ASSETS = CLIPS / "clip_21.wav"  # 你能查一下我的余额


def robot(*arguments: str | Path, server: LobbyServer | None = None, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PEIBAN_SERVER_URL": "http://127.0.0.1:9"}
    if server is not None:
        environment |= {"PEIBAN_SERVER_URL": server.url, "PEIBAN_ROBOT_KEY": server.key}
    return subprocess.run(
        [sys.executable, "-m", "robot", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment | extra,
        cwd=ROOT,
    )


def spoken_in(file: Path) -> str:
    recogniser = Recogniser(BUNDLED)
    for frame in frames(np.concatenate([read_wav(file), np.zeros(12000, dtype=np.int16)])):
        recogniser.hear(frame)
    return recogniser.finish().text


def test_a_balance_asked_aloud_is_answered_on_the_phone_only(lobby_server: LobbyServer, tmp_path: Path) -> None:
    out = tmp_path / "answer.wav"
    done = robot("--wav", ASSETS, "--out", out, "--json", server=lobby_server)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["heard"] == "你能查一下我的余额"
    assert outcome["spoken"] == ["这涉及您的个人信息，请扫码在手机上查看。"]
    assert [message["type"] for message in outcome["shown"]] == ["text", "qr"]
    assert {"recognise", "assistant", "first_sound"} <= outcome["timings_ms"].keys()
    assert "128" not in done.stdout
    # The answer is sound, and it says what it should: the robot's own ears understand it.
    assert "扫" in spoken_in(out) or "手机" in spoken_in(out)


def test_the_visit_is_wiped_afterwards(lobby_server: LobbyServer) -> None:
    assert robot("--wav", CLIPS / "clip_02.wav", server=lobby_server).returncode == 0
    assert lobby_server.turns()[-1][1] == "DELETED"


def test_without_a_server_the_robot_answers_what_it_can_and_says_so(tmp_path: Path) -> None:
    done = robot("--wav", CLIPS / "clip_14.wav", "--out", tmp_path / "a.wav", "--json", PEIBAN_ROBOT_KEY="x.y")
    assert done.returncode == 5 and "连不上对话服务" in done.stderr
    assert json.loads(done.stdout)["spoken"] == ["好的，给您取号。"]
    assert (tmp_path / "a.wav").stat().st_size > 10_000


def test_a_wrong_key_is_named(lobby_server: LobbyServer) -> None:
    done = robot("--wav", CLIPS / "clip_02.wav", server=lobby_server, PEIBAN_ROBOT_KEY="demo.no")
    assert done.returncode == 5 and "设备密钥" in done.stderr


def wav(path: Path, samples: bytes, rate: int = 16000, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples)
    return path


def bad_recordings(folder: Path) -> dict[str, tuple[Path, int, str]]:
    """Case → (file, exit code, a part of the line)."""
    silence = bytes(32000)
    truncated = folder / "truncated.wav"
    truncated.write_bytes(ASSETS.read_bytes()[:30])
    text = folder / "text.wav"
    text.write_text("不是声音")
    empty = folder / "empty.wav"
    empty.touch()
    floats = folder / "float.wav"
    data = struct.pack("<100f", *[0.1] * 100)
    header = b"fmt " + struct.pack("<IHHIIHH", 16, 3, 1, 16000, 64000, 4, 32)
    body = b"WAVE" + header + b"data" + struct.pack("<I", len(data)) + data
    floats.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return {
        "missing": (folder / "missing.wav", 3, "找不到文件"),
        "folder": (folder, 3, "是文件夹"),
        "empty": (empty, 3, "空文件"),
        "text": (text, 3, "不是 WAV 文件"),
        "truncated": (truncated, 3, "truncated.wav"),
        "float": (floats, 3, "浮点"),
        "no data": (wav(folder / "nodata.wav", b""), 3, "没有声音数据"),
        "huge": (wav(folder / "huge.wav", bytes(8000 * 130), rate=8000, width=1), 3, "超过 120 秒"),
        "rate": (wav(folder / "rate.wav", silence, rate=1000), 3, "采样率"),
        "silence": (wav(folder / "silence.wav", silence * 3), 4, "没有听到人说话"),
    }


CASES = ["missing", "folder", "empty", "text", "truncated", "float", "no data", "huge", "rate", "silence"]


@pytest.mark.parametrize("case", CASES)
def test_bad_recordings_get_one_clear_line(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from robot.__main__ import main

    file, code, words = bad_recordings(tmp_path)[case]
    assert main(["--wav", str(file), "--out", str(tmp_path / "out.wav")]) == code
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("✗")]
    assert len(lines) == 1 and words in lines[0]
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize(
    "rate,channels,width", [(48000, 2, 2), (44100, 1, 3), (8000, 1, 2), (22050, 2, 4), (16000, 1, 1)]
)
def test_other_kinds_of_wav_are_understood_alike(tmp_path: Path, rate: int, channels: int, width: int) -> None:
    from robot.audio import resample

    signal = resample(read_wav(ASSETS).astype(float), 16000, rate)
    level = np.repeat(np.clip(signal, -32768, 32767)[:, None], channels, axis=1)
    if width == 1:
        data = (level / 256 + 128).astype(np.uint8).tobytes()
    elif width == 3:
        whole = (level * 256).astype(np.int32).ravel()
        data = whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        data = (level * (65536 if width == 4 else 1)).astype(f"<i{width}").tobytes()
    heard = spoken_in(wav(tmp_path / "other.wav", data, rate, channels, width))
    assert heard == ("你能查一下我的余额" if rate > 8000 and width > 1 else heard)
    assert "余额" in heard or rate == 8000


def test_resampling_keeps_a_tone_and_its_length() -> None:
    from robot.audio import resample

    for rate in (8000, 22050, 44100, 48000, 192000):
        time = np.arange(rate) / rate
        tone = 10000 * np.sin(2 * np.pi * 440 * time)
        out = resample(tone, rate, 16000)
        assert len(out) == 16000
        expected = 10000 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
        middle = slice(2000, 14000)
        assert np.abs(out - expected)[middle].max() < 60


@pytest.mark.parametrize(
    "arguments,words", [(["--text", " ", "--out", "x.wav"], "空的"), (["--text", "你好"], "--out")]
)
def test_speaking_a_text_needs_words_and_a_file(
    arguments: list[str], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from robot.__main__ import main

    assert main(arguments) == 2
    assert words in capfd.readouterr().err


def test_a_text_is_spoken_as_it_is_read_in_words(tmp_path: Path) -> None:
    from robot.__main__ import main

    assert main(["--text", "我有多少钱", "--out", str(tmp_path / "a.wav")]) == 0
    assert spoken_in(tmp_path / "a.wav") == "我有多少钱"
    assert main(["--text", "你好", "--out", str(tmp_path / "no" / "a.wav")]) == 3
