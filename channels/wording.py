"""What people at the bank edit for the channels (data/channels/*.yml), read once per process."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=8)
def load(name: str) -> Any:
    """The file <name>.yml of data/channels, or of PEIBAN_CHANNEL_DATA where a bank keeps its own.

    Raises FileNotFoundError or yaml.YAMLError.
    """
    folder = Path(os.environ.get("PEIBAN_CHANNEL_DATA") or ROOT / "data" / "channels")
    with (folder / f"{name}.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)
