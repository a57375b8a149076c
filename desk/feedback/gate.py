"""What a change does to the scores: measured on a copy of the tree, by the same gate as `make nlu-check`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desk.feedback import knowledge
from desk.feedback.proposal import Change, Suggestion, entry_id
from desk.feedback.settings import FeedbackSettings
from desk.settings import ROOT
from desk.wording import data
from wealth.knowledge.base import KnowledgeError

# What the gate reads.
_MEASURED = ("nlu", "zhtext", "data/nlu", "data/lexicon", "data/nlu_priors.yml", "tests/nlu")
_COPIED = ("nlu", "zhtext", "data", "tests/nlu", "tests/wealth/knowledge")
_DATA = data("feedback")
_POLL_SECONDS = 0.2
_GRACE_SECONDS = 5.0

Scores = dict[str, Any]
Step = Callable[[str], None]


class Failed(Exception):
    """The change does harm, or (`again`) could not be measured this time; the message says why, in Chinese."""

    def __init__(self, outcome: str, **figures: Any) -> None:
        super().__init__(_DATA["outcomes"][outcome].format(**figures))
        self.again = outcome in ("crashed", "slow", "stale")


class Stopped(Exception):
    """Somebody does not want the answer any more."""


class Gate:
    """Measures before and after. stop: asked now and then whether to go on; raises Stopped from where it says so."""

    def __init__(self, settings: FeedbackSettings, stop: Callable[[], bool]) -> None:
        self._settings = settings
        self._stop = stop

    def judge(self, suggestion: Suggestion, change: Change, group: int, step: Step) -> tuple[Scores, Scores]:
        """Scores before and after; step is told where it is. Raises Failed, Stopped."""
        self._settings.folder.mkdir(parents=True, exist_ok=True)
        with self._copy() as copy:
            step("before")
            if not suggestion.teaches_intent:
                return self._knowledge(copy, suggestion, change, group, step)
            before = self._known_or_measured(copy)
            step("after")
            _write(copy, change)
            after = self._measure(copy)
            if after["below"]:
                raise Failed("floor", below="、".join(after["below"]))
            return before, after

    def _knowledge(
        self, copy: Path, suggestion: Suggestion, change: Change, group: int, step: Step
    ) -> tuple[Scores, Scores]:
        try:
            before = self._found(copy, suggestion.collection)
            step("after")
            _write(copy, change)
            after = self._found(copy, suggestion.collection)
            if worse := sorted(after.wrong - before.wrong - set(suggestion.texts)):
                raise Failed("worse", count=len(worse), text=worse[0])
            entry = suggestion.entry or entry_id(group)
            for text in suggestion.texts:
                if not knowledge.answers(copy, suggestion.collection, text, entry):
                    raise Failed("not_found", text=text)
        except KnowledgeError as error:
            raise Failed("crashed", reason=error) from None
        return _share(before), _share(after)

    def _found(self, copy: Path, collection: str) -> knowledge.Found:
        """As knowledge.measure, in a process of its own: some thousand searches would slow the desk's answers."""
        command = (sys.executable, "-m", "desk.feedback.knowledge", str(copy), collection)
        log, _ = self._run(command, copy, ROOT)
        try:
            # Last, after what libraries may have warned of.
            found: knowledge.Found = knowledge.Found.from_json(log.read_text(encoding="utf-8").splitlines()[-1])
        except (ValueError, LookupError, TypeError):
            raise Failed("crashed", reason=_last_line(log, copy)) from None
        return found

    @contextmanager
    def _copy(self) -> Iterator[Path]:
        """The parts of the tree that count, in a folder of their own for the time of the check."""
        with tempfile.TemporaryDirectory(
            prefix="check-", dir=self._settings.folder, ignore_cleanup_errors=True
        ) as name:
            for part in _COPIED:
                source, target = self._settings.root / part, Path(name) / part
                if source.is_dir():
                    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            yield Path(name)

    def _known_or_measured(self, copy: Path) -> Scores:
        """Today's scores: the same text gives the same figures, so they are measured once."""
        kept = self._settings.folder / "scores" / f"{_fingerprint(copy, self._settings.check)}.json"
        try:
            found: Scores = json.loads(kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = self._measure(copy)
            kept.parent.mkdir(exist_ok=True)
            for old in kept.parent.glob("*.json"):
                old.unlink(missing_ok=True)
            kept.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        return found

    def _measure(self, copy: Path) -> Scores:
        out = copy / "figures.json"
        out.unlink(missing_ok=True)
        log, code = self._run((*self._settings.check, str(out)), copy, copy)
        try:
            figures: Scores = json.loads(out.read_text(encoding="utf-8"))
            # A button that is not understood any more is as bad as an intent below its floor.
            figures["below"] = [str(name) for name in (*figures["below"], *figures.get("misread", ()))]
            figures["accuracy"] = round(float(figures["accuracy"]), 4)
        except (OSError, ValueError, KeyError, TypeError):
            raise Failed("crashed", reason=_last_line(log, copy)) from None
        if code and not figures["below"]:
            raise Failed("crashed", reason=_last_line(log, copy))
        return figures

    def _run(self, command: tuple[str, ...], copy: Path, code: Path) -> tuple[Path, int]:
        """Run a check over a copy with the Python packages of `code`; returns what it said and how it ended."""
        log = copy / "check.log"
        # The check needs none of our keys; a single thread leaves the machine to those who work on it.
        env = {name: value for name, value in os.environ.items() if not name.startswith("PEIBAN_")}
        env |= {"PYTHONPATH": str(code), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["nice", "-n", "10", *command],
                cwd=copy,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._wait(process)
        return log, process.returncode

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        limit = float(_DATA["check"]["timeout_seconds"])
        end = time.monotonic() + limit
        try:
            while process.poll() is None:
                if self._stop():
                    raise Stopped
                if time.monotonic() > end:
                    raise Failed("slow", minutes=round(limit / 60))
                time.sleep(_POLL_SECONDS)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the check with all that it started, if it still runs."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _write(copy: Path, change: Change) -> None:
    file = copy / change.name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(change.new, encoding="utf-8")


def _share(found: knowledge.Found) -> Scores:
    share = found.right / found.asked if found.asked else 0.0
    return {"accuracy": round(share, 4), "questions": found.asked, "intents": {}, "below": []}


def _fingerprint(copy: Path, command: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\0".join(command).encode())
    for name in _MEASURED:
        path = copy / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.relative_to(copy).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _last_line(log: Path, copy: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].replace(f"{copy}/", "")[:200] if lines else "没有输出"
