"""Server-sent events inside one process: parts publish, each open page takes what its person may see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from desk.auth.roles import Who

# A page that falls this far behind loads everything anew.
_MOST_WAITING = 200

Audience = Callable[[Who], bool]


@dataclass(frozen=True)
class Event:
    """One event: `name` as in the page's EventSource, `data` as JSON."""

    name: str
    data: Mapping[str, Any]


@dataclass(eq=False)
class Subscriber:
    """One open page. `queue` ends with None when the page fell behind and has to connect again."""

    who: Who
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(_MOST_WAITING + 1))


class Hub:
    """Publish from any thread; subscribe on the event loop."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop on which pages are served; called once at start."""
        self._loop = loop

    @contextmanager
    def subscribe(self, who: Who) -> Iterator[Subscriber]:
        """Events for one page from now on."""
        subscriber = Subscriber(who)
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)

    def pages(self, account: str) -> int:
        """How many pages a person has open."""
        return sum(one.who.account == account for one in list(self._subscribers))

    def people(self) -> list[Who]:
        """Who has a page open, each account once."""
        return list({one.who.account: one.who for one in list(self._subscribers)}.values())

    def publish(self, name: str, data: Mapping[str, Any], audience: Audience) -> None:
        """Hand an event to every open page whose person is in the audience. Never waits."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, Event(name, data), audience)

    def _spread(self, event: Event, audience: Audience) -> None:
        for one in list(self._subscribers):
            if not audience(one.who):
                continue
            if one.queue.qsize() >= _MOST_WAITING:
                one.queue.put_nowait(None)
                self._subscribers.discard(one)
            else:
                one.queue.put_nowait(event)
