"""Product names that put misheard ones right: from the server at start and daily, kept on disk for days without it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from robot.client import ServerUnavailable
from zhtext.match import Catalogue, Entry

logger = logging.getLogger(__name__)


class Products:
    """catalogue is replaced as a whole, so that any thread may read it; None until names are known."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.catalogue: Catalogue | None = None

    def load(self) -> None:
        """The names of last time. A missing or damaged file is no trouble: they come with the next fetch."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            self.catalogue = _catalogue(json.loads(self._file.read_text(encoding="utf-8")))

    def refresh(self, fetch: Callable[[], dict[str, Any]]) -> bool:
        """Fetch and keep the names; whether that went well. The old ones stay where it did not."""
        try:
            found = fetch()
            self.catalogue = _catalogue(found)
        except (ServerUnavailable, KeyError, TypeError, AttributeError) as error:
            logger.info("product names not fetched: %s", type(error).__name__)
            return False
        fresh = self._file.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
            os.replace(fresh, self._file)
        except OSError as error:
            logger.warning("product names not kept on disk: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                fresh.unlink()
        return True


def _catalogue(found: dict[str, Any]) -> Catalogue:
    return Catalogue(
        Entry(str(row["code"]), str(row["name"]), tuple(str(alias) for alias in row["aliases"]))
        for row in found["products"]
    )
