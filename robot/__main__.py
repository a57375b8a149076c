"""`python -m robot`: the robot itself, or one recording through it.

Exit codes: 0 all well · 2 settings or usage · 3 the sound can't be used · 4 nobody spoke in it · 5 the server was away
and the robot answered by itself · 6 no voice.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from robot.audio import AudioError
from robot.settings import Settings, SettingsError, load
from robot.tts import VoiceError

OK, USAGE, BAD_AUDIO, NOTHING_HEARD, NO_SERVER, NO_VOICE = 0, 2, 3, 4, 5, 6


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        settings = load(asked.config)
        if asked.text is not None:
            return _speak(settings, asked.text, asked.out)
        if asked.wav is not None:
            return _recording(settings, asked.wav, asked.out, asked.json)
        from robot.live import run

        return run(settings, asked.pcm)
    except SettingsError as error:
        return _fail(str(error), USAGE)
    except AudioError as error:
        return _fail(str(error), BAD_AUDIO)
    except VoiceError as error:
        return _fail(str(error), NO_VOICE)
    except KeyboardInterrupt:
        return OK


def _recording(settings: Settings, wav: Path, out: Path | None, as_json: bool) -> int:
    from robot.asr import model_folder
    from robot.recording import NothingHeard, answer_recording

    notice = model_folder(settings.hearing.model)[1]
    if notice:
        print(f"· {notice}", file=sys.stderr)
    try:
        outcome = answer_recording(settings, wav, out)
    except NothingHeard:
        return _fail(f"{wav.name} 里没有听到人说话", NOTHING_HEARD)
    if as_json:
        print(json.dumps(outcome.to_dict(), ensure_ascii=False))
    else:
        print(f"听到：{outcome.heard}\n回答：{''.join(outcome.spoken)}")
    if outcome.server != "ok":
        reasons = {"key": "设备密钥不对或没有设置 PEIBAN_ROBOT_KEY", "slow": "对话服务太久没有回答"}
        reason = reasons.get(outcome.server, f"连不上对话服务 {settings.server.url}")
        return _fail(f"{reason}，以上是机器人自己的回答", NO_SERVER)
    return OK


def _speak(settings: Settings, text: str, out: Path | None) -> int:
    from robot.audio import write_wav
    from robot.recording import render
    from robot.tts import open_voice

    if not text.strip():
        return _fail("--text 是空的，没有可说的话", USAGE)
    if out is None:
        return _fail("请用 --out 写明要存成哪个 WAV 文件", USAGE)
    voice = open_voice(settings.speaking)
    try:
        write_wav(out, render(voice, text))
    finally:
        voice.close()
    return OK


def _fail(message: str, code: int) -> int:
    print(f"✗ {message}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robot", description="大堂服务机器人：不带参数用麦克风和喇叭运行")
    parser.add_argument("--wav", type=Path, help="把这个录音当作客户的问题")
    parser.add_argument("--out", type=Path, help="把回答的声音存成这个 WAV 文件")
    parser.add_argument("--json", action="store_true", help="用一行 JSON 输出 heard、spoken、shown、timings_ms")
    parser.add_argument("--text", help="只合成这句话，存到 --out")
    parser.add_argument("--pcm", metavar="-", help="从标准输入读 16 kHz 单声道 16 位 PCM 当麦克风，声音写到标准输出")
    parser.add_argument("--config", type=Path, help="设置文件，默认 robot.yml")
    return parser


if __name__ == "__main__":
    sys.exit(main())
