"""Product names for the robots, which correct what they hear by them; from the file that understanding uses too."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from channels.problems import Problem


def products(path: Path) -> dict[str, Any]:
    """{"products": [{"code", "name", "aliases"}]}. Raises Problem not_ready while the file is missing or broken."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {
                "products": [
                    {"code": row["code"], "name": row["name"], "aliases": [a for a in row["aliases"].split("|") if a]}
                    for row in csv.DictReader(file)
                ]
            }
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError):
        raise Problem("not_ready", retry_after=60) from None
