"""Settings of the app channel (PEIBAN_* variables). Production refuses demo, missing or short secrets."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from channels.wording import ROOT

MINIMUM_SECRET_BYTES = 32
_PLACEHOLDERS = ("change", "secret", "example", "demo", "test", "password")


class SettingsError(Exception):
    """A setting that can't be used; the message is one line for the person at the console."""


@dataclass(frozen=True)
class AppSettings:
    """Keys, addresses and the store of the app channel.

    jwt_secret: HS256 key, empty when a JWKS (file path or URL) is used. audience and issuer are checked on every token.
    poll_seconds: how often other replicas' changes are looked for; 0 for one process. purchase_url: the bank's purchase
    page, the product code and a ticket are appended.
    """

    mode: str
    store_url: str
    jwt_secret: str
    jwt_jwks: str
    jwt_audience: str
    jwt_issuer: str
    jwt_skew_seconds: int
    service_key: str
    bank_events_key: str
    purchase_url: str
    poll_seconds: float
    trusted_proxies: int

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> AppSettings:
        """Read the environment. Raises SettingsError in production when a secret is missing, weak or a demo one."""
        env = os.environ if env is None else env
        mode = env.get("PEIBAN_MODE", "demo")
        var = Path(env.get("PEIBAN_VAR") or ROOT / "var")
        jwks = env.get("PEIBAN_JWT_JWKS", "")
        keys = {name: env.get(name, "") for name in ("PEIBAN_SERVICE_KEY", "PEIBAN_BANK_EVENTS_KEY")}
        secret = env.get("PEIBAN_JWT_SECRET", "")
        if mode == "demo":
            keys = {name: value or demo_secret(var, name) for name, value in keys.items()}
            secret = secret or ("" if jwks else demo_secret(var, "PEIBAN_JWT_SECRET"))
        else:
            for name, value in keys.items():
                must_be_strong(name, value, var)
            if not jwks:
                must_be_strong("PEIBAN_JWT_SECRET", secret, var)
            for name in ("PEIBAN_JWT_AUDIENCE", "PEIBAN_JWT_ISSUER"):
                if not env.get(name):
                    raise SettingsError(f"{name} 没有设置：生产环境必须写明令牌的受众和签发方")
        store_url = env.get("PEIBAN_APP_STORE_URL") or f"sqlite:///{var / 'app.db'}"
        return cls(
            mode=mode,
            store_url=store_url,
            jwt_secret=secret,
            jwt_jwks=jwks,
            jwt_audience=env.get("PEIBAN_JWT_AUDIENCE", "peiban-app"),
            jwt_issuer=env.get("PEIBAN_JWT_ISSUER", "peiban-demo-bank"),
            jwt_skew_seconds=_whole("PEIBAN_JWT_SKEW_SECONDS", env, 30),
            service_key=keys["PEIBAN_SERVICE_KEY"],
            bank_events_key=keys["PEIBAN_BANK_EVENTS_KEY"],
            purchase_url=env.get("PEIBAN_BANK_PURCHASE_URL", "/demo/bank/purchase"),
            poll_seconds=float(_whole("PEIBAN_APP_POLL_SECONDS", env, 0 if store_url.startswith("sqlite") else 1)),
            trusted_proxies=_whole("PEIBAN_TRUSTED_PROXIES", env, 0),
        )


def _whole(name: str, env: Mapping[str, str], default: int) -> int:
    text = env.get(name, "") or str(default)
    if not text.isdigit():
        raise SettingsError(f"{name}={text!r} 不是整数")
    return int(text)


def must_be_strong(name: str, value: str, var: Path) -> None:
    """Raises SettingsError for a key that production must not run with: missing, short, an example or the demo's."""
    if not value:
        raise SettingsError(f"{name} 没有设置：生产环境必须从环境变量提供密钥")
    if len(value.encode()) < MINIMUM_SECRET_BYTES:
        raise SettingsError(f"{name} 太短：至少 {MINIMUM_SECRET_BYTES} 字节")
    demo = _demo_file(var, name)
    if demo.exists() and secrets.compare_digest(demo.read_bytes(), value.encode()):
        raise SettingsError(f"{name} 是演示密钥，不能用于生产环境")
    if len(set(value)) < 10 or any(word in value.lower() for word in _PLACEHOLDERS):
        raise SettingsError(f"{name} 像是示例值，请换成随机生成的密钥")


def _demo_file(var: Path, name: str) -> Path:
    return var / "demo-keys" / name.lower()


def demo_secret(var: Path, name: str) -> str:
    """A random key per installation, so that no demo key can stand in the sources."""
    file = _demo_file(var, name)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        try:
            # Two processes may start at once; the first to link wins and both read the same key.
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text()
