"""Where feedback reads and writes, and how a change is checked."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desk.settings import ROOT, DeskSettings


@dataclass(frozen=True)
class FeedbackSettings:
    """root: the tree whose data/ is to be changed; only read. folder: patches and scores.

    check: the command of the NLU gate; it runs at the top of a copy of the tree, gets the name of a file for its
    figures as last argument, and ends with 0 when no floor is broken.
    """

    root: Path
    folder: Path
    tracker_url: str
    check: tuple[str, ...]

    @classmethod
    def of(cls, desk: DeskSettings, env: Mapping[str, str] | None = None) -> FeedbackSettings:
        """From the desk's settings and PEIBAN_TRACKER_URL, PEIBAN_FEEDBACK_ROOT, PEIBAN_FEEDBACK_CHECK."""
        env = os.environ if env is None else env
        command = shlex.split(env.get("PEIBAN_FEEDBACK_CHECK", ""))
        return cls(
            root=Path(env.get("PEIBAN_FEEDBACK_ROOT") or ROOT),
            folder=desk.var / "feedback",
            tracker_url=env.get("PEIBAN_TRACKER_URL") or f"sqlite:///{desk.var / 'tracker.db'}",
            check=tuple(command) or (sys.executable, "-m", "nlu.check", "--json"),
        )
