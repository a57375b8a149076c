"""robot.yml and PEIBAN_* variables, checked item by item: whatever is wrong is said in one line with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import yaml

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting that can't be used; the message is one line for the technician."""


def number(low: float, high: float, default: float) -> Any:
    """A figure between two bounds, both included."""
    return field(default=default, metadata={"low": low, "high": high})


def choice(*options: str) -> Any:
    """One of some words; the first is the default."""
    return field(default=options[0], metadata={"options": options})


def text(default: str = "", env: str = "") -> Any:
    """Words, possibly from a variable of the environment."""
    return field(default=default, metadata={"env": env})


@dataclass(frozen=True)
class Server:
    """Where the assistant is and how long to wait for it; seconds."""

    url: str = text("http://127.0.0.1:5005", "PEIBAN_SERVER_URL")
    answer: float = number(0.5, 60, 8)
    connect: float = number(0.1, 30, 2)
    heartbeat: float = number(1, 60, 10)
    silence: float = number(2, 300, 25)
    retry_first: float = number(0.05, 30, 0.5)
    retry_most: float = number(0.1, 300, 15)


@dataclass(frozen=True)
class Hearing:
    """Microphone, voice activity, recognition and the end of a sentence."""

    device: str = text("", "PEIBAN_MICROPHONE")
    model: str = text("", "PEIBAN_ASR_MODEL")
    speech_on: float = number(0.05, 0.99, 0.5)
    speech_off: float = number(0.01, 0.95, 0.35)
    start_ms: float = number(32, 1000, 96)
    interrupt_ms: float = number(32, 1000, 64)
    before_ms: float = number(0, 2000, 320)
    end_complete: float = number(0.1, 3, 0.4)
    end_usual: float = number(0.1, 3, 0.6)
    end_unfinished: float = number(0.1, 5, 1.2)
    longest: float = number(2, 120, 20)
    confidence: float = number(0, 1, 0.55)
    stable_ms: float = number(32, 3000, 256)
    guess: bool = True
    canceller: bool = True


@dataclass(frozen=True)
class Wake:
    """What begins a visit besides a touch."""

    words: list[str] = field(default_factory=lambda: ["小财小财"])
    by_speech: bool = True
    by_presence: bool = True


@dataclass(frozen=True)
class Speaking:
    """Voice, loudness, speed. level_db and louder_db are relative to full scale."""

    device: str = text("", "PEIBAN_SPEAKER")
    voice: str = text("sit/cmn-latn-pinyin", "PEIBAN_TTS_VOICE")
    neural: str = text("", "PEIBAN_TTS_MODEL")
    rate: float = number(60, 500, 200)
    slower: float = number(0.3, 1, 0.8)
    louder_db: float = number(0, 20, 4)
    level_db: float = number(-60, 0, -20)
    worker: float = number(0.5, 30, 4)
    cache_mb: float = number(0, 10000, 50)
    cue_ms: float = number(100, 10000, 700)


@dataclass(frozen=True)
class Turns:
    """Who may speak when."""

    yield_: float = number(0.3, 10, 1.6)
    own_share: float = number(0.1, 1, 0.4)


@dataclass(frozen=True)
class Visit:
    """How long a visit lasts and when the touch screen is offered."""

    alone: float = number(3, 600, 20)
    again: float = number(1, 10, 2)


@dataclass(frozen=True)
class Screen:
    """The page for the touch screen, on this machine only."""

    host: str = text("127.0.0.1")
    port: float = field(default=5006, metadata={"low": 0, "high": 65535, "env": "PEIBAN_KIOSK_PORT"})


@dataclass(frozen=True)
class Chassis:
    """Wheels, map and battery."""

    kind: str = choice("simulator", "none", "ros")
    ros_url: str = text("ws://127.0.0.1:9090")
    map: str = text("data/robot/map.yml")
    battery_low: float = number(1, 90, 20)


@dataclass(frozen=True)
class Reception:
    """The queue machine."""

    kind: str = choice("embedded", "http")
    url: str = text("")


@dataclass(frozen=True)
class Log:
    """words: whether what people say goes into the log."""

    words: bool = False


@dataclass(frozen=True)
class Settings:
    """All of robot.yml, and what comes from the environment only: the device key and the folder for files."""

    server: Server = field(default_factory=Server)
    hearing: Hearing = field(default_factory=Hearing)
    wake: Wake = field(default_factory=Wake)
    speaking: Speaking = field(default_factory=Speaking)
    turns: Turns = field(default_factory=Turns)
    visit: Visit = field(default_factory=Visit)
    screen: Screen = field(default_factory=Screen)
    chassis: Chassis = field(default_factory=Chassis)
    reception: Reception = field(default_factory=Reception)
    log: Log = field(default_factory=Log)
    key: str = field(default="", metadata={"outside": True})
    var: Path = field(default=ROOT / "var", metadata={"outside": True})


def load(file: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read robot.yml (or PEIBAN_ROBOT_CONFIG) and the environment. Raises SettingsError with one line."""
    if env is None:
        _read_dotenv()
        env = os.environ
    chosen = file or Path(env.get("PEIBAN_ROBOT_CONFIG") or ROOT / "robot.yml")
    try:
        given = yaml.safe_load(chosen.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise SettingsError(f"找不到设置文件 {chosen}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行" if mark else "编码"
        raise SettingsError(f"设置文件 {chosen.name} {where}格式不对") from None
    settings: Settings = _build(Settings, given, env, "")
    hearing = settings.hearing
    if hearing.speech_off >= hearing.speech_on:
        raise SettingsError("hearing.speech_off 应小于 hearing.speech_on")
    var = Path(env.get("PEIBAN_VAR") or "var")
    var = var if var.is_absolute() else ROOT / var
    # frozen dataclasses: the two outside values are set on a copy
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    return Settings(**{**values, "key": env.get("PEIBAN_ROBOT_KEY") or _demo_key(var), "var": var})


def _read_dotenv() -> None:
    """Take `.env` in where python-dotenv is installed; under systemd EnvironmentFile does it."""
    try:
        from dotenv import load_dotenv
    except ImportError:
        return
    load_dotenv(ROOT / ".env", override=False)


def _demo_key(var: Path) -> str:
    """The key of the demo device where robot and server share a machine; empty where there is none."""
    try:
        return "demo." + (var / "demo-keys" / "peiban_robot_key").read_text().strip()
    except OSError:
        return ""


def _build(cls: Any, given: Any, env: Mapping[str, str], place: str) -> Any:
    if not isinstance(given, dict):
        raise SettingsError(f"robot.yml 的 {place or '最外层'} 应为“名字: 值”")
    kinds = get_type_hints(cls)
    known = {item.name.rstrip("_"): item for item in fields(cls) if not item.metadata.get("outside")}
    for name in given:
        if name not in known:
            raise SettingsError(f"robot.yml 里没有 {place}{name} 这一项，请检查拼写")
    values: dict[str, Any] = {}
    for name, item in known.items():
        kind, where = kinds[item.name], f"{place}{name}"
        variable = item.metadata.get("env")
        if variable and env.get(variable):
            values[item.name] = _checked(_typed(env[variable], kind, variable), kind, item, variable)
        elif name in given:
            value = given[name]
            if is_dataclass(kind):
                values[item.name] = _build(kind, value, env, f"{where}.")
            else:
                values[item.name] = _checked(value, kind, item, where)
        elif is_dataclass(kind):
            values[item.name] = _build(kind, {}, env, f"{where}.")
    return cls(**values)


def _typed(value: str, kind: Any, where: str) -> Any:
    if kind is float:
        try:
            return float(value)
        except ValueError:
            raise SettingsError(f"{where}={value!r} 不是数字") from None
    return value


def _checked(value: Any, kind: Any, item: Any, where: str) -> Any:
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SettingsError(f"{where} 应为数字，现在是 {value!r}")
        low, high = item.metadata["low"], item.metadata["high"]
        if not low <= value <= high:
            raise SettingsError(f"{where} 应在 {low:g} 到 {high:g} 之间，现在是 {value:g}")
        return float(value)
    if kind is bool and not isinstance(value, bool):
        raise SettingsError(f"{where} 应为 true 或 false，现在是 {value!r}")
    if kind is str:
        if not isinstance(value, str):
            raise SettingsError(f"{where} 应为文字，现在是 {value!r}")
        options = item.metadata.get("options")
        if options and value not in options:
            raise SettingsError(f"{where} 只能是 {'、'.join(options)}，现在是 {value!r}")
    if kind == list[str] and not (isinstance(value, list) and value and all(isinstance(x, str) and x for x in value)):
        raise SettingsError(f"{where} 应为至少一个词的列表")
    return value
