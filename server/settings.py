"""Settings of the server processes: PEIBAN_* variables, or the same names in `.env`. Listed in `.env.example`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dotenv import load_dotenv

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting that can't be used; the message is one line for the person at the console."""


def _port(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name}={text!r} 不是有效的端口号(1–65535)")
    return int(text)


@dataclass(frozen=True)
class Settings:
    """Where things listen and lie. Paths are absolute; mode is "demo" or "production"."""

    mode: str
    host: str
    port: int
    actions_port: int
    desk_port: int
    var: Path
    models: Path
    customers: int

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def url(self) -> str:
        return f"http://{self._reached}:{self.port}"

    @property
    def desk_url(self) -> str:
        return f"http://{self._reached}:{self.desk_port}"

    @property
    def _reached(self) -> str:
        return "127.0.0.1" if self.host == "0.0.0.0" else self.host


def load() -> Settings:
    """Read the settings once per process. Raises SettingsError with one clear line."""
    load_dotenv(ROOT / ".env", override=False)
    mode = os.environ.get("PEIBAN_MODE", "demo")
    if mode not in ("demo", "production"):
        raise SettingsError(f"PEIBAN_MODE={mode!r}:只能是 demo 或 production")
    customers = os.environ.get("PEIBAN_DEMO_CUSTOMERS", "2000")
    if not customers.isdigit() or int(customers) < 1:
        raise SettingsError(f"PEIBAN_DEMO_CUSTOMERS={customers!r} 不是正整数")
    var = Path(os.environ.get("PEIBAN_VAR", "var"))
    settings = Settings(
        mode=mode,
        host=os.environ.get("PEIBAN_HOST", "127.0.0.1"),
        port=_port("PEIBAN_PORT", 5005),
        actions_port=_port("PEIBAN_ACTIONS_PORT", 5055),
        desk_port=_port("PEIBAN_DESK_PORT", 5006),
        var=var if var.is_absolute() else ROOT / var,
        models=ROOT / "models",
        customers=int(customers),
    )
    _share_defaults(settings)
    return settings


def _share_defaults(settings: Settings) -> None:
    """Put derived values into the environment: endpoints.yml, actions and channels read them from there."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    defaults = {
        "PEIBAN_MODE": settings.mode,
        "PEIBAN_PORT": str(settings.port),
        "PEIBAN_VAR": str(settings.var),
        "PEIBAN_STORE_URL": f"sqlite:///{settings.var / 'peiban.db'}",
        "PEIBAN_APP_STORE_URL": f"sqlite:///{settings.var / 'app.db'}",
        "PEIBAN_TRACKER_DB": str(settings.var / "tracker.db"),
        "PEIBAN_TRACKER_URL": f"sqlite:///{settings.var / 'tracker.db'}",
        "PEIBAN_DESK_STORE_URL": f"sqlite:///{settings.var / 'desk.db'}",
        "PEIBAN_DESK_PORT": str(settings.desk_port),
        "PEIBAN_HOST": settings.host,
        "PEIBAN_CATALOGUE": str(settings.var / "catalogue.csv"),
        "PEIBAN_ACTIONS_URL": settings.actions_url + "/webhook",
        "PEIBAN_PAGE_URL": settings.url,
        "PEIBAN_PUSH_URL": settings.url + "/webhooks/app/internal/push",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # No GPU anywhere near a bank's branch server; looking for one costs a second.
        "CUDA_VISIBLE_DEVICES": "-1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
