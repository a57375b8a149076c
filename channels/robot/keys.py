"""Device keys: one robot, one key, kept as a hash; rotated with an overlap, revoked at once.

python -m channels.robot.keys add lobby-01        prints the key once
python -m channels.robot.keys rotate lobby-01     a new key; the old one works for another hour
python -m channels.robot.keys revoke lobby-01
python -m channels.robot.keys list
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from channels.app.settings import SettingsError, demo_secret
from channels.problems import Problem
from channels.robot.settings import RobotSettings

HEADER = "X-PeiBan-Device-Key"
DEVICE = re.compile(r"[A-Za-z0-9_-]{1,40}")
DEMO_DEVICE = "demo"
OVERLAP_SECONDS = 3600
_HASH = re.compile(r"[0-9a-f]{64}")


def fingerprint(secret: str) -> str:
    """What is stored of a key. Keys are 256 random bits, so a plain hash can't be guessed backwards."""
    return hashlib.sha256(secret.encode()).hexdigest()


class DeviceKeys:
    """Checks keys of the form "<device>.<secret>". The file is read again when it changes."""

    def __init__(self, settings: RobotSettings) -> None:
        self._settings = settings
        self._inline = _parse_inline(settings.inline_keys)
        self._stamp: tuple[int, int] | None = None
        self._file: dict[str, list[dict[str, Any]]] = {}
        if settings.demo:
            self._inline.setdefault(DEMO_DEVICE, []).append({"sha256": fingerprint(demo_device_secret(settings.var))})

    def device(self, header: str | None) -> str:
        """The device of a key. Raises Problem token_missing, token_invalid or token_revoked."""
        if not header:
            raise Problem("token_missing")
        device, _, secret = header.partition(".")
        if not secret and self._settings.demo:
            device, secret = DEMO_DEVICE, header
        if not DEVICE.fullmatch(device) or not secret:
            raise Problem("token_invalid")
        given = fingerprint(secret)
        known = [*self._inline.get(device, []), *self._read().get(device, [])]
        for key in known:
            if hmac.compare_digest(key["sha256"], given):
                if key.get("ends") is not None and key["ends"] < time.time():
                    raise Problem("token_revoked")
                return device
        raise Problem("token_invalid")

    def _read(self) -> dict[str, list[dict[str, Any]]]:
        try:
            status = self._settings.keys_file.stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._file, self._stamp = load(self._settings.keys_file), stamp
        return self._file


def load(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Device → its keys ({"sha256", "created", "ends"?}). Raises SettingsError for a broken file."""
    try:
        devices = json.loads(file.read_text(encoding="utf-8"))["devices"]
        for device, keys in devices.items():
            if not DEVICE.fullmatch(device) or not all(_HASH.fullmatch(key["sha256"]) for key in keys):
                raise ValueError(device)
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingsError(f"设备密钥文件 {file} 内容不对，请从备份恢复或重新添加设备") from None
    return dict(devices)


def add(file: Path, device: str) -> str:
    """A first key for a device. Raises SettingsError if it has one already."""
    with _edit(file) as devices:
        if _alive(devices.get(device, [])):
            raise SettingsError(f"设备 {device} 已有密钥，要换新的请用 rotate")
        return _issue(devices, device, [])


def rotate(file: Path, device: str, overlap_seconds: float = OVERLAP_SECONDS) -> str:
    """A new key; those before end after the overlap."""
    with _edit(file) as devices:
        kept = _alive(devices.get(device, []))
        if not kept:
            raise SettingsError(f"没有设备 {device},请先用 add 添加")
        ends = time.time() + overlap_seconds
        return _issue(devices, device, [{**key, "ends": min(key.get("ends") or ends, ends)} for key in kept])


def revoke(file: Path, device: str) -> None:
    """No key of this device works any more, from the next request on."""
    with _edit(file) as devices:
        if device not in devices:
            raise SettingsError(f"没有设备 {device}")
        devices[device] = [{**key, "ends": 0} for key in devices[device]]


def demo_device_secret(var: Path) -> str:
    """The demo device's secret, made once per installation; the robot on the same machine reads the same file."""
    return demo_secret(var, "PEIBAN_ROBOT_KEY")


def _issue(devices: dict[str, Any], device: str, kept: list[dict[str, Any]]) -> str:
    secret = secrets.token_urlsafe(32)
    devices[device] = [*kept, {"sha256": fingerprint(secret), "created": int(time.time())}]
    return f"{device}.{secret}"


def _alive(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [key for key in keys if key.get("ends") is None or key["ends"] > time.time()]


@contextlib.contextmanager
def _edit(file: Path) -> Iterator[dict[str, Any]]:
    """Change the file as a whole or not at all, one editor at a time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        devices = load(file)
        yield devices
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"devices": devices}, indent=2), encoding="utf-8")
        os.replace(fresh, file)


def _parse_inline(text: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        device, _, digest = part.partition(":")
        if not DEVICE.fullmatch(device) or not _HASH.fullmatch(digest):
            raise SettingsError("PEIBAN_ROBOT_KEYS 不对：应为文件路径，或“设备:SHA-256”用逗号隔开")
        found.setdefault(device, []).append({"sha256": digest})
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="机器人设备密钥：添加、轮换、吊销、查看")
    parser.add_argument("command", choices=["add", "rotate", "revoke", "list"], help="做什么")
    parser.add_argument("device", nargs="?", help="设备编号：字母、数字、- 和 _，最多 40 个")
    arguments = parser.parse_args()
    try:
        file = RobotSettings.from_env().keys_file
        if arguments.command == "list":
            for device, keys in sorted(load(file).items()):
                print(f"{device}\t{'可用' if _alive(keys) else '已吊销'}\t{len(_alive(keys))} 个密钥")
            return 0
        if not arguments.device or not DEVICE.fullmatch(arguments.device):
            raise SettingsError("请写明设备编号：字母、数字、- 和 _，最多 40 个")
        if arguments.command == "revoke":
            revoke(file, arguments.device)
            print(f"已吊销 {arguments.device} 的全部密钥")
        else:
            key = add(file, arguments.device) if arguments.command == "add" else rotate(file, arguments.device)
            print(f"PEIBAN_ROBOT_KEY={key}")
            print("请写进机器人的 .env;此处只显示这一次。", file=sys.stderr)
    except SettingsError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
