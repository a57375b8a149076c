"""`python -m robot.check`: tells a technician, in plain words, what works and what to do about the rest."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robot import wording
from robot.asr import Recogniser, model_folder
from robot.audio import RATE, Samples, frames, level_db
from robot.chassis import open_chassis
from robot.client import Client, ServerUnavailable
from robot.echo import EchoCanceller
from robot.kiosk import PAGE
from robot.reception import ReceptionError, open_reception
from robot.settings import Settings, SettingsError, load
from robot.tts import VoiceError, open_voice
from robot.vad import VoiceActivity

_PHRASE = "我有多少钱"


@dataclass(frozen=True)
class Finding:
    """good: None for what is missing but can be done without."""

    good: bool | None
    text: str


def check_wording(settings: Settings) -> Finding:
    count = len(wording.fixed())
    return Finding(True, f"话术文件齐全，共 {count} 句")


def check_ears(settings: Settings) -> Finding:
    folder, notice = model_folder(settings.hearing.model)
    began = time.perf_counter()
    Recogniser(folder)
    if notice:
        return Finding(None, notice)
    return Finding(True, f"语音模型 {folder.name} 正常，加载 {time.perf_counter() - began:.1f} 秒")


def check_voice(settings: Settings) -> Finding:
    voice = open_voice(settings.speaking)
    try:
        voice.render("你好")
        began = time.perf_counter()
        samples = voice.render(_PHRASE)
        took = time.perf_counter() - began
    finally:
        voice.close()
    return Finding(True, f"能说话({len(samples) / RATE:.1f} 秒的句子合成用了 {took * 1000:.0f} 毫秒)")


def check_loop(settings: Settings) -> Finding:
    """The robot's own voice through its own ears, without the air between."""
    voice = open_voice(settings.speaking)
    try:
        samples = voice.render(_PHRASE)
    finally:
        voice.close()
    recogniser = Recogniser(model_folder(settings.hearing.model)[0])
    for frame in frames(np.concatenate([samples, np.zeros(RATE, np.int16)])):
        recogniser.hear(frame)
    heard = recogniser.finish().text
    return Finding(bool(heard) or None, f"自己说“{_PHRASE}”，自己听成“{heard or '没听出来'}”")


def check_canceller(settings: Settings) -> Finding:
    if EchoCanceller(settings.hearing.canceller).installed:
        return Finding(True, "回声消除已装，机器人说话时可以打断")
    return Finding(None, "没有回声消除，机器人说话时打断会慢一些（装 pyaec，或用自带回声消除的麦克风）")


def check_devices(settings: Settings) -> Finding:
    """Record two seconds, play a sentence, and see whether the microphone hears it."""
    try:
        import sounddevice
    except OSError:
        return Finding(False, "缺少系统软件包 libportaudio2，用不了麦克风和喇叭，请先 apt-get install libportaudio2")
    try:
        quiet = sounddevice.rec(
            RATE, samplerate=RATE, channels=1, dtype="int16", device=settings.hearing.device or None
        )
        sounddevice.wait()
    except Exception:
        names = [device["name"] for device in sounddevice.query_devices() if device["max_input_channels"]]
        return Finding(False, f"麦克风打不开。现有的输入设备：{'、'.join(names) or '一个也没有'}")
    voice = open_voice(settings.speaking)
    try:
        sentence = voice.render(_PHRASE)
    finally:
        voice.close()
    try:
        devices = (settings.hearing.device or None, settings.speaking.device or None)
        heard = sounddevice.playrec(sentence, samplerate=RATE, channels=1, dtype="int16", device=devices)
        sounddevice.wait()
    except Exception:
        return Finding(False, "喇叭打不开，请检查接线和 robot.yml 里的 speaking.device")
    return judge_levels(quiet[:, 0], heard[:, 0])


def judge_levels(quiet: Samples, heard: Samples) -> Finding:
    """What the levels of a quiet second and of the robot's own sentence say about microphone and loudspeaker."""
    floor, loud = level_db(quiet), level_db(heard)
    if floor < -90:
        return Finding(False, "麦克风一点声音也没有，可能被静音或没插好")
    if loud - floor < 6:
        return Finding(False, f"麦克风听不到喇叭（环境 {floor:.0f} 分贝，放音时 {loud:.0f} 分贝），请检查喇叭音量")
    if loud > -3:
        return Finding(False, f"麦克风太响，声音会失真（放音时 {loud:.0f} 分贝），请调低增益")
    vad = VoiceActivity()
    voiced = sum(vad.probability(frame) > 0.5 for frame in frames(heard))
    text = f"麦克风和喇叭正常（环境 {floor:.0f} 分贝，放音时 {loud:.0f} 分贝）"
    return Finding(True if voiced else None, text if voiced else text + "，但听不出人声")


def check_server(settings: Settings) -> Finding:
    if not settings.key:
        return Finding(
            False, "没有设备密钥：请在服务器上运行 python -m channels.robot.keys add，把 PEIBAN_ROBOT_KEY 写进 .env"
        )
    client = Client(settings.server, settings.key)
    client.start()
    try:
        began = time.perf_counter()
        client.ask("check", f"check.{time.time_ns()}", "你好")
        took = time.perf_counter() - began
        client.end_visit("check")
        return Finding(True, f"对话服务正常，回答用了 {took * 1000:.0f} 毫秒")
    except ServerUnavailable as error:
        reasons = {"key": "设备密钥不对或已吊销", "slow": "太久没有回答", "busy": "还没准备好"}
        return Finding(False, f"对话服务 {settings.server.url} {reasons.get(error.reason, '连不上')}")
    finally:
        client.stop()


def check_screen(settings: Settings) -> Finding:
    if not (PAGE / "index.html").is_file():
        return Finding(False, "屏幕页面还没有构建，请运行 make pages")
    url = f"http://{settings.screen.host}:{int(settings.screen.port)}/health"
    try:
        with urllib.request.urlopen(url, timeout=2):
            return Finding(True, "屏幕页面已构建，机器人程序正在运行")
    except (OSError, urllib.error.URLError):
        return Finding(None, "屏幕页面已构建；机器人程序现在没有运行")


def check_chassis(settings: Settings) -> Finding:
    chassis, branch = open_chassis(settings.chassis)
    try:
        deadline = time.monotonic() + (5 if settings.chassis.kind == "ros" else 0)
        motion = chassis.motion(0)
        while motion.state == "lost" and time.monotonic() < deadline:
            time.sleep(0.2)
            motion = chassis.motion(0.2)
    finally:
        chassis.close()
    kinds = {"simulator": "模拟底盘（不会真的走）", "none": "没有底盘，只用话指路", "ros": "ROS 底盘"}
    kind = kinds[settings.chassis.kind]
    good = True if settings.chassis.kind == "ros" and motion.state != "lost" else None
    return Finding(good, f"{kind}，地图上有 {len(branch.places)} 个位置，电量 {motion.battery:.0f}%")


def check_reception(settings: Settings) -> Finding:
    waiting = open_reception(settings.reception, settings.var).waiting("general")
    kind = "银行排队机" if settings.reception.kind == "http" else "自带叫号"
    return Finding(True, f"{kind}正常，现在 {waiting} 人等候")


def check_disk(settings: Settings) -> Finding:
    folder = settings.var / "robot"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b"0" * 1_000_000)
        file.flush()
    return Finding(True, "磁盘可写")


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "话术": check_wording,
    "听": check_ears,
    "说": check_voice,
    "自说自听": check_loop,
    "回声": check_canceller,
    "麦克风和喇叭": check_devices,
    "对话服务": check_server,
    "屏幕": check_screen,
    "底盘": check_chassis,
    "叫号": check_reception,
    "磁盘": check_disk,
}


def examine(settings: Settings) -> list[tuple[str, Finding]]:
    """All checks, each on its own: one that breaks does not hide the others."""
    found = []
    for name, check in CHECKS.items():
        try:
            finding = check(settings)
        except (SettingsError, VoiceError) as error:
            finding = Finding(False, str(error))
        except ReceptionError:
            finding = Finding(False, "叫号连不上")
        except OSError as error:
            finding = Finding(False, "磁盘满了" if error.errno == 28 else f"读写不了({type(error).__name__})")
        found.append((name, finding))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="检查机器人各部件；全部正常时返回 0")
    parser.add_argument("--config", type=Path, help="设置文件，默认 robot.yml")
    try:
        settings = load(parser.parse_args().config)
    except SettingsError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    findings = examine(settings)
    marks = {True: "✓", False: "✗", None: "·"}
    for name, finding in findings:
        print(f"{marks[finding.good]} {name}:{finding.text}")
    bad = sum(finding.good is False for _, finding in findings)
    print(f"\n{'可以营业' if not bad else f'有 {bad} 项要处理'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
