"""Work beside the 32-ms beat: synthesis in its own thread, early questions in theirs, the net in others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Jobs(Protocol):
    """Where work goes. A test may run it at once and let simulated time pass instead."""

    def voice(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]: ...

    def net(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]: ...

    def guess(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]: ...

    def stop(self) -> None: ...


class Threads:
    """Jobs in threads."""

    def __init__(self) -> None:
        self._voice = ThreadPoolExecutor(1, "voice")
        self._net = ThreadPoolExecutor(4, "net")
        # Of its own: a question must not queue behind guesses that a slow server has not answered.
        self._guess = ThreadPoolExecutor(2, "guess")

    def voice(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._voice.submit(work, *args, **kwargs)

    def net(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._net.submit(work, *args, **kwargs)

    def guess(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._guess.submit(work, *args, **kwargs)

    def stop(self) -> None:
        self._voice.shutdown(wait=False, cancel_futures=True)
        self._net.shutdown(wait=False, cancel_futures=True)
        self._guess.shutdown(wait=False, cancel_futures=True)
