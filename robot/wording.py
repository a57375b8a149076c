"""What the robot says of its own accord (data/robot/wording.yml) and answers without the server (offline.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from robot.settings import ROOT, SettingsError

FOLDER = ROOT / "data" / "robot"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def say(key: str, turn: int = 0, /, **values: Any) -> str:
    """The sentence of that key; where there are several, turn chooses."""
    found: Any = _file("wording.yml")
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise SettingsError(f"data/robot/wording.yml 里没有 {key}")
        found = found[part]
    chosen = found[turn % len(found)] if isinstance(found, list) else found
    return str(chosen).format(**values)


def greeting(now: datetime) -> str:
    """The greeting of this time of day."""
    hour = now.astimezone(SHANGHAI).hour
    part = "morning" if hour < 11 else "noon" if hour < 13 else "afternoon" if hour < 18 else "evening"
    return say(f"greeting.{part}")


def fixed() -> list[str]:
    """Every sentence without a gap: worth keeping as sound on disk."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, str):
            if "{" not in value:
                found.append(value)
        elif isinstance(value, Mapping):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(_file("wording.yml"))
    for entry in _file("offline.yml")["answers"]:
        walk(entry["say"])
    return list(dict.fromkeys(found))


def table(name: str) -> Any:
    """A file of data/robot. Raises SettingsError when it is missing or broken."""
    return _file(name)


@lru_cache(maxsize=16)
def _file(name: str) -> Any:
    return _read(FOLDER / name)


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"找不到 {path.name}({path.parent})") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SettingsError(f"{path.name} 格式不对") from None
