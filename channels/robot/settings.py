"""Settings of the robot channel (PEIBAN_* variables), on top of what it shares with the app channel."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from channels.app.settings import AppSettings
from channels.wording import ROOT


@dataclass(frozen=True)
class RobotSettings:
    """page_url: where phones reach the page. keys_file: hashed device keys, written by channels.robot.keys.

    inline_keys: "device:sha256hex[,…]" from the environment, for machines without a writable disk.
    """

    app: AppSettings
    page_url: str
    keys_file: Path
    inline_keys: str
    var: Path
    catalogue: Path

    @property
    def demo(self) -> bool:
        return self.app.demo

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> RobotSettings:
        """Read the environment. Raises SettingsError with one clear line."""
        env = os.environ if env is None else env
        var = Path(env.get("PEIBAN_VAR") or ROOT / "var")
        given = env.get("PEIBAN_ROBOT_KEYS", "")
        inline = given if ":" in given and not Path(given).is_file() else ""
        return cls(
            app=AppSettings.from_env(env),
            page_url=(env.get("PEIBAN_PAGE_URL") or f"http://127.0.0.1:{env.get('PEIBAN_PORT', '5005')}").rstrip("/"),
            keys_file=Path(given) if given and not inline else var / "robot-keys.json",
            inline_keys=inline,
            var=var,
            catalogue=Path(env.get("PEIBAN_CATALOGUE") or var / "catalogue.csv"),
        )
