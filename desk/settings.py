"""Settings of the desk (PEIBAN_* variables, or the same names in `.env`). Production refuses demo and missing keys."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data" / "desk"
MINIMUM_KEY_BYTES = 32
_PLACEHOLDERS = ("change", "secret", "example", "demo", "test", "password")


class SettingsError(Exception):
    """A setting that can't be used; the message is one line for the person at the console."""


@dataclass(frozen=True)
class DeskSettings:
    """Where the desk listens, what it reads, and the key it signs its calls to the app channel with.

    app_url: base address of the app channel, without a slash at the end. public_url: where browsers reach the desk when
    a proxy stands before it, "" for the address itself. trusted_proxies: how many of ours fill X-Forwarded-For.
    """

    mode: str
    host: str
    port: int
    var: Path
    store_url: str
    bank_url: str
    app_url: str
    service_key: str
    public_url: str = ""
    trusted_proxies: int = 0

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> DeskSettings:
        """Read the environment. Raises SettingsError for what can't be used, in production for a missing key."""
        env = os.environ if env is None else env
        mode = env.get("PEIBAN_MODE", "demo")
        if mode not in ("demo", "production"):
            raise SettingsError(f"PEIBAN_MODE={mode!r}：只能是 demo 或 production")
        var = Path(env.get("PEIBAN_VAR") or "var")
        var = var if var.is_absolute() else ROOT / var
        host = env.get("PEIBAN_HOST") or "127.0.0.1"
        reached = "127.0.0.1" if host == "0.0.0.0" else host
        port = _whole(env, "PEIBAN_PORT", 5005, 65535)
        if mode == "production":
            for name in ("PEIBAN_SERVICE_KEY", "PEIBAN_AUDIT_KEY"):
                _must_be_strong(name, env.get(name, ""), var)
        return cls(
            mode=mode,
            host=host,
            port=_whole(env, "PEIBAN_DESK_PORT", 5006, 65535),
            var=var,
            store_url=env.get("PEIBAN_DESK_STORE_URL") or f"sqlite:///{var / 'desk.db'}",
            bank_url=env.get("PEIBAN_STORE_URL") or f"sqlite:///{var / 'peiban.db'}",
            app_url=(env.get("PEIBAN_APP_URL") or f"http://{reached}:{port}").rstrip("/"),
            service_key=env.get("PEIBAN_SERVICE_KEY") or _shared_demo_key(var, "PEIBAN_SERVICE_KEY"),
            public_url=env.get("PEIBAN_DESK_URL", "").rstrip("/"),
            trusted_proxies=_whole(env, "PEIBAN_TRUSTED_PROXIES", 0, 10),
        )


def _whole(env: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise SettingsError(f"{name}={text!r} 应是 0 到 {most} 的整数")
    return int(text)


def _must_be_strong(name: str, value: str, var: Path) -> None:
    if not value:
        raise SettingsError(f"{name} 没有设置：生产环境必须从环境变量提供密钥")
    if len(value.encode()) < MINIMUM_KEY_BYTES:
        raise SettingsError(f"{name} 太短：至少 {MINIMUM_KEY_BYTES} 字节")
    if value == _shared_demo_key(var, name):
        raise SettingsError(f"{name} 是演示密钥，不能用于生产环境")
    if len(set(value)) < 10 or any(word in value.lower() for word in _PLACEHOLDERS):
        raise SettingsError(f"{name} 像是示例值，请换成随机生成的密钥")


def _shared_demo_key(var: Path, name: str) -> str:
    """The key that the demo's server made for this installation; "" before its first start."""
    file = var / "demo-keys" / name.lower()
    return file.read_text() if file.exists() else ""
