"""Collects turns that went wrong from committed rows elsewhere: by cursor, each once, masked before they are stored."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from desk import audit, people
from desk.feedback import grouping, likeness
from desk.feedback.findings import Finding, collected, handed_over, of_turns, rated
from desk.feedback.masking import masked
from desk.feedback.ratings import NoRatings, ratings
from desk.feedback.settings import FeedbackSettings
from desk.feedback.tables import cursors, items
from desk.feedback.tracker import Tracker
from desk.services import Services
from desk.wording import data
from journeys.store import schema
from journeys.store.journal import chunks, insert_new
from wealth import clock
from wealth.clock import SHANGHAI

logger = logging.getLogger(__name__)
_RULES = data("feedback")["collect"]
_ROWS = int(_RULES["rows"])
_HANDOFFS = "handoff_requested"


def collect(desk: Services, tracker: Tracker) -> int:
    """Take in everything that is new, then group it; returns how many turns were new. Raises StoreUnavailable."""
    before = _count(desk)
    while _conversations(desk, tracker):
        pass
    while _buttons(desk, tracker):
        pass
    try:
        while _ratings(desk, tracker):
            pass
    except NoRatings as error:
        logger.warning("no ratings from the app channel: %s", error)
    _forget(desk, tracker)
    grouping.group(desk.store, FeedbackSettings.of(desk.settings).root)
    return _count(desk) - before


def keep(desk: Services, found: Iterable[Finding], source: str | None = None, upto: int = 0) -> None:
    """Store findings, each once, in one transaction with how far their source was read."""
    found = list(found)
    known = people.customers(desk.bank.store, {one.turn.customer for one in found})
    rows = []
    for one in found:
        customer = known.get(one.turn.customer)
        name = (customer.name,) if customer else ()
        longest = int(_RULES["longest"])
        text = masked(one.turn.text, *name)[:longest]
        rows.append(
            {
                "key": one.key[:120],
                "kind": one.kind,
                "at": datetime.fromtimestamp(one.turn.at, SHANGHAI),
                "subject": audit.pseudonym(one.turn.customer),
                "branch": customer.branch if customer and customer.branch else "",
                "turn": one.turn.n,
                "turn_at": one.turn.at,
                "text": text,
                "plain": likeness.plain(text),
                "intent": one.turn.best,
                "confidence": one.turn.confidence,
                "skill": one.answer.skill,
                "answer": masked(one.answer.words, *name)[:longest],
                "meant": masked(one.meant, *name)[:longest],
                "meant_intent": one.meant_intent,
                "reason": masked(one.reason, *name)[:longest],
                "account": one.account,
            }
        )
    with desk.store.write() as connection:
        insert_new(connection, items, rows)
        if source is not None:
            _move(connection, source, upto)


def _conversations(desk: Services, tracker: Tracker) -> bool:
    after = _cursor(desk, "tracker")
    with tracker.read() as reader:
        found, upto = reader.after(after, time.time() - float(_RULES["settle_seconds"]), _ROWS)
        if upto == after:
            return False
        wrong = list(of_turns(reader, found))
    keep(desk, wrong, "tracker", upto)
    return True


def _buttons(desk: Services, tracker: Tracker) -> bool:
    """Calls for a person that were no words: the app's button. Those in words lead to the same turn, kept once."""
    after = _cursor(desk, "handoffs")
    table = schema.events
    query = select(table.c.seq, table.c.customer, table.c.occurred_at, table.c.data).where(table.c.seq > after)
    with desk.journal.read() as connection:
        rows = connection.execute(query.where(table.c.kind == _HANDOFFS).order_by(table.c.seq).limit(_ROWS)).all()
    if not rows:
        return False
    wrong: list[Finding] = []
    with tracker.read() as reader:
        for row in rows:
            at = row.occurred_at.timestamp()
            last = reader.latest(f"app:{row.customer}", at, 2)
            if last and at - last[0].at <= float(_RULES["within_minutes"]) * 60:
                wrong += handed_over(reader, last, str((row.data or {}).get("reason") or ""))
    keep(desk, wrong, "handoffs", rows[-1].seq)
    return True


def _ratings(desk: Services, tracker: Tracker) -> bool:
    after = _cursor(desk, "ratings")
    rows = ratings(desk.settings.app_url, desk.settings.service_key, after)
    if not rows:
        return False
    wrong: list[Finding] = []
    settled: list[Finding] = []
    with tracker.read() as reader:
        for row in rows:
            at = datetime.fromisoformat(row["at"]).timestamp()
            reason = "：".join(part for part in (row.get("reason"), row.get("comment")) if part)
            sender = f"app:{row['customer']}"
            found = rated(reader, sender, row["entry_id"], at, reason) if collected(sender) else None
            if found is not None:
                # A rating that was changed or taken back comes as a newer row.
                (wrong if row["rating"] == "down" else settled).append(found)
    keep(desk, wrong)
    with desk.store.write() as connection:
        for some in chunks({one.key for one in settled} - {one.key for one in wrong}):
            connection.execute(delete(items).where(items.c.key.in_(some)))
        _move(connection, "ratings", rows[-1]["id"])
    return True


def _forget(desk: Services, tracker: Tracker) -> None:
    """Drop what is old, and what its customer has had deleted where the conversation is kept."""
    oldest = clock.now() - timedelta(days=int(_RULES["keep_days"]))
    with desk.store.write() as connection:
        connection.execute(delete(items).where(items.c.at < oldest))
    with desk.store.read() as connection:
        rows = connection.execute(select(items.c.id, items.c.turn, items.c.turn_at)).all()
    with tracker.read() as reader:
        there = reader.there((row.turn, row.turn_at) for row in rows)
    gone = [row.id for row in rows if (row.turn, row.turn_at) not in there]
    with desk.store.write() as connection:
        for some in chunks(gone):
            connection.execute(delete(items).where(items.c.id.in_(some)))


def _cursor(desk: Services, source: str) -> int:
    with desk.store.read() as connection:
        return int(connection.execute(select(cursors.c.value).where(cursors.c.source == source)).scalar() or 0)


def _move(connection: Connection, source: str, value: int) -> None:
    if not connection.execute(update(cursors).where(cursors.c.source == source).values(value=value)).rowcount:
        connection.execute(insert(cursors).values(source=source, value=value))


def _count(desk: Services) -> int:
    with desk.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(items)).scalar() or 0)
