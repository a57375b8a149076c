"""What runs beside the desk's requests: one thread collects, one checks. Both go on after any trouble."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from desk.feedback.collect import collect
from desk.feedback.jobs import Jobs
from desk.feedback.settings import FeedbackSettings
from desk.feedback.tracker import Tracker
from desk.services import Services
from desk.wording import data

logger = logging.getLogger(__name__)
_COLLECT_SECONDS = float(data("feedback")["collect"]["seconds"])
_FIRST_SECONDS = 5.0
_IDLE_SECONDS = 1.0
_TROUBLE_SECONDS = 10.0


class Background:
    """Started and stopped with the desk."""

    def __init__(self, desk: Services, settings: FeedbackSettings) -> None:
        self._closing = threading.Event()
        self._desk = desk
        self._tracker = Tracker(settings.tracker_url)
        self._jobs = Jobs(desk.store, settings, self._closing.is_set)
        self._threads = [
            threading.Thread(target=self._collect, name="feedback-collect", daemon=True),
            threading.Thread(target=self._check, name="feedback-check", daemon=True),
        ]

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End: a check that runs is ended and queued again."""
        self._closing.set()
        for thread in self._threads:
            thread.join()
        self._tracker.close()

    def _collect(self) -> None:
        self._closing.wait(_FIRST_SECONDS)
        while not self._closing.is_set():
            self._guarded(lambda: collect(self._desk, self._tracker))
            self._closing.wait(_COLLECT_SECONDS)

    def _check(self) -> None:
        while not self._guarded(self._jobs.recover) and not self._closing.wait(_TROUBLE_SECONDS):
            pass
        while not self._closing.is_set():
            self._closing.wait(_IDLE_SECONDS if self._guarded(self._all_checks) else _TROUBLE_SECONDS)

    def _all_checks(self) -> None:
        while not self._closing.is_set() and self._jobs.step():
            pass

    def _guarded(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except Exception as error:
            # Type only: a customer's words may stand in the text.
            logger.error("feedback: %s", type(error).__name__)
            return False
        return True
