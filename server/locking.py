"""One process at a time for work that two may start at once (building pages, training)."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from server.settings import ROOT


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until nobody else on this checkout does the work of this name; a killed holder lets go by itself."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
