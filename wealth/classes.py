"""The five engine classes, the four customer views and their Chinese names (data/wealth/classes.yml)."""

from __future__ import annotations

from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parents[1] / "data"

CLASSES = ("cash", "fixed", "equity", "alternative", "protection")
UNKNOWN = "unknown"
VIEWS = ("liquid", "steady", "growth", "protection")


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    with (DATA / "wealth" / "classes.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


def class_name(asset_class: str) -> str:
    """现金, 固收, 权益, 另类, 保障 or 未披露."""
    return _words()["classes"][asset_class]


def view_name(view: str) -> str:
    """活钱管理, 稳健理财, 长期投资 or 保险保障."""
    return _words()["views"][view]


def view_of(asset_class: str) -> str:
    """The customer view a product of this main class stands under."""
    return _words()["view_of_class"][asset_class]


def kind_name(kind: str) -> str:
    """What customers call this kind of product: 基金, 理财产品, 定期存款 …"""
    return _words()["kinds"][kind]


@lru_cache(maxsize=1)
def nav_published_at() -> time:
    """From this time of day on (Shanghai) a day's NAV counts as published."""
    return time.fromisoformat(_words()["nav_published_at"])
