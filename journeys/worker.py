"""The worker: `python -m journeys.worker`. Takes events, keeps tags, speaks first, makes leads; one per installation.

Embedded: the database and this one process. A broker and more workers would come in at `Engine.take_events`.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Engine as Database

from journeys import outbox
from journeys.engine import Engine
from journeys.events.feeds import Feed, app_feeds, push_marks, tracker_feed
from journeys.events.intake import intake
from journeys.forget import finish
from journeys.push import app_push
from journeys.store import Journal, schema
from journeys.store.journal import beat, chunks
from journeys.store.migrate import migrate
from wealth.clock import now as bank_now
from wealth.errors import BadSetting, StoreUnavailable, WealthError
from wealth.rules.guard import Guard
from wealth.store import engine as database
from wealth.store import open_store, store_url

logger = logging.getLogger(__name__)
_MARK_DAYS = 7
_MARK_BATCH = 500
_BEAT_SECONDS = 5.0


@dataclass(frozen=True)
class Settings:
    """PEIBAN_* variables. Empty URLs switch a part off: messages then wait, leads stay in the outbox."""

    store_url: str
    app_store_url: str
    tracker_url: str
    push_url: str
    service_key: str
    leads_url: str
    leads_key: str
    pause: float

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Raises BadSetting for a number that is none, or a key that is missing where it must not be."""
        env = os.environ if env is None else env
        port = env.get("PEIBAN_PORT", "5005")
        if env.get("PEIBAN_MODE") == "production":
            for key in ("PEIBAN_SERVICE_KEY", "PEIBAN_AUDIT_KEY"):
                if not env.get(key):
                    raise BadSetting(f"{key} 没有设置：生产环境必须从环境变量提供密钥")
        if env.get("PEIBAN_LEADS_URL") and not env.get("PEIBAN_LEADS_KEY"):
            raise BadSetting("设了 PEIBAN_LEADS_URL，还需要签名用的 PEIBAN_LEADS_KEY")
        return cls(
            store_url=env.get("PEIBAN_STORE_URL") or store_url(),
            app_store_url=env.get("PEIBAN_APP_STORE_URL", ""),
            tracker_url=env.get("PEIBAN_TRACKER_URL", ""),
            push_url=env.get("PEIBAN_PUSH_URL") or f"http://127.0.0.1:{port}/webhooks/app/internal/push",
            service_key=env.get("PEIBAN_SERVICE_KEY", ""),
            leads_url=env.get("PEIBAN_LEADS_URL", ""),
            leads_key=env.get("PEIBAN_LEADS_KEY", ""),
            pause=float(env.get("PEIBAN_JOURNEYS_PAUSE") or 0.5),
        )


def _nowhere(key: str, payload: Mapping[str, Any]) -> outbox.Outcome:
    return outbox.Outcome(False, error="PEIBAN_LEADS_URL 没有设置")


def build(settings: Settings) -> Engine:
    """The engine over the bank store. Raises WealthError."""
    migrate(settings.store_url)
    store = open_store(settings.store_url)
    post = outbox.webhook(settings.leads_url, settings.leads_key) if settings.leads_url else _nowhere
    return Engine(Journal(store), Guard.load(store), app_push(settings.push_url, settings.service_key), post)


class Worker:
    """Steps again and again until told to stop; a store that does not answer is waited for."""

    def __init__(
        self, engine: Engine, feeds: Sequence[Feed], app: Database | None, pause: float, now: Callable[[], datetime]
    ) -> None:
        self.engine, self.feeds, self.app = engine, feeds, app
        self.pause, self.now = pause, now
        self.stop = threading.Event()
        self._beaten = -_BEAT_SECONDS
        self._looked_at = ""

    def run(self, *, once: bool = False) -> None:
        """Until `stop` is set, or nothing is left to do with `once`."""
        while not self.stop.is_set():
            try:
                busy = self.turn()
            except StoreUnavailable as trouble:
                logger.error("store does not answer: %s", trouble)
                busy = False
            if not busy:
                if once:
                    return
                self.stop.wait(self.pause)

    def turn(self) -> bool:
        """One round over feeds and engine; whether anything was done."""
        now = self.now()
        journal = self.engine.journal
        if time.monotonic() - self._beaten >= _BEAT_SECONDS:
            beat(journal)
            self._beaten = time.monotonic()
        # Nothing is half done at this point, so nothing of theirs can come after.
        taken = finish(journal) > 0
        for feed in self.feeds:
            try:
                taken |= feed.take(journal, now) is not None
            except StoreUnavailable as trouble:
                # Another store than ours: its rows wait there.
                logger.warning("feed %s does not answer: %s", feed.name, trouble)
        if self.app is not None:
            taken |= self._marked(now)
        done = self.engine.step(now)
        if done:
            logger.info("%s", dict(done))
        # What failed waits for its pause; it is no reason to go on at once.
        return taken or any(count for name, count in done.items() if name not in ("outbox_failed", "retry"))

    def _marked(self, now: datetime) -> bool:
        """Take in what the app knows of our messages of the last days: seen, answered."""
        table = schema.outreach
        recent = now - timedelta(days=_MARK_DAYS)
        query = select(table.c.push_id, table.c.customer, table.c.seen_at, table.c.answered_at).where(
            table.c.state == "delivered",
            table.c.seen_at.is_(None) | table.c.answered_at.is_(None),
            table.c.delivered_at > recent,
        )
        some = query.where(table.c.push_id > self._looked_at).order_by(table.c.push_id).limit(_MARK_BATCH)
        with self.engine.journal.read() as connection:
            waiting = {row.push_id: row for row in connection.execute(some)}
        # Round and round: those that nobody reads must not hide the others.
        self._looked_at = max(waiting) if len(waiting) == _MARK_BATCH else ""
        if not waiting or self.app is None:
            return False
        try:
            marks = push_marks(self.app, list(waiting))
        except StoreUnavailable as trouble:
            logger.warning("app store does not answer: %s", trouble)
            return False
        events = []
        for push_id, mark in marks.items():
            row = waiting[push_id]
            for kind, new in (
                ("message_seen", mark.seen and row.seen_at is None),
                ("message_answered", mark.answered and row.answered_at is None),
            ):
                if new:
                    events.append(_mark(kind, push_id, row.customer, now))
        return any([intake(self.engine.journal, some, now, source="app").used for some in chunks(events)])


def _mark(kind: str, push_id: str, customer: str, now: datetime) -> dict[str, Any]:
    identity = f"{kind.removeprefix('message_')}-{push_id}"[:64]
    moment = {"customer": customer, "occurred_at": now.isoformat()}
    return {"event_id": identity, "kind": kind, **moment, "data": {"push_id": push_id}}


def ticking(start: datetime) -> Callable[[], datetime]:
    """A clock that starts at a moment of the bank's and runs on from there."""
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a clean stop, 1 with a reason where it could not begin."""
    parser = argparse.ArgumentParser(prog="python -m journeys.worker", description="事件、标签、触达与线索的后台进程")
    parser.add_argument("--once", action="store_true", help="做完眼前的就退出")
    parser.add_argument("--clock-from", metavar="时间", help="从这个时间开始走的时钟，例如 2026-11-20T10:00+08:00")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings.from_env()
        engine = build(settings)
        feeds = [*(app_feeds(settings.app_store_url) if settings.app_store_url else [])]
        feeds += [tracker_feed(settings.tracker_url)] if settings.tracker_url else []
        app = database.create(settings.app_store_url) if settings.app_store_url else None
        clock = bank_now
        if options.clock_from or os.environ.get("PEIBAN_NOW"):
            # A bank that plays a fixed moment still needs time to pass, for pauses and timers.
            clock = ticking(datetime.fromisoformat(options.clock_from) if options.clock_from else bank_now())
    except (WealthError, ValueError) as trouble:
        print(f"没有启动：{trouble}", file=sys.stderr)
        return 1
    worker = Worker(engine, feeds, app, settings.pause, clock)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    worker.run(once=options.once)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
