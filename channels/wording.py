"""What people at the bank edit for the channels (data/channels/*.yml), read once per process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=8)
def load(name: str) -> Any:
    """The file data/channels/<name>.yml. Raises FileNotFoundError or yaml.YAMLError."""
    with (ROOT / "data" / "channels" / f"{name}.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)
