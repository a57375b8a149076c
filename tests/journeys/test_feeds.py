"""Tracker rows and the app store's rows join the stream: committed ones, once, without anybody's words."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from journeys_bank import MORNING
from sqlalchemy import create_engine, select, text

from channels.app import tables
from journeys.events.feeds import Marks, app_feeds, push_marks, tracker_feed
from journeys.store import Journal, schema

_TRACKER = (
    "CREATE TABLE events (id INTEGER NOT NULL PRIMARY KEY, sender_id VARCHAR(255), type_name VARCHAR(255),"
    " timestamp FLOAT, intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT)"
)


def rows(journal: Journal) -> list[Any]:
    with journal.read() as connection:
        return connection.execute(select(schema.events).order_by(schema.events.c.seq)).all()


def test_turns_come_without_words(journal: Journal, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/tracker.db", future=True)
    at = (MORNING - timedelta(minutes=3)).timestamp()
    asked = {"event": "user", "text": "我的秘密", "parse_data": {"intent": {"name": "pnl_query", "confidence": 0.93}}}
    reply = {"skill": "pnl_query", "sentences": ["秘密"], "control": {"handoff": "alarm"}}
    answered = {"event": "bot", "data": {"custom": {"reply": reply}}}
    with engine.begin() as connection:
        connection.execute(text(_TRACKER))
        for number, (kind, body) in enumerate([("user", asked), ("action", {}), ("bot", answered)], 1):
            connection.execute(
                text("INSERT INTO events VALUES (:n, :s, :t, :at, NULL, NULL, :d)"),
                {"n": number, "s": "app:demo-04", "t": kind, "at": at + number, "d": json.dumps(body)},
            )
    feed = tracker_feed(f"sqlite:///{tmp_path}/tracker.db")
    report = feed.take(journal, MORNING)
    assert report is not None and (report.used, report.bad) == (2, 0)
    assert feed.take(journal, MORNING) is None
    first, second = rows(journal)
    assert (first.kind, first.customer) == ("asked", "demo-04")
    assert first.data == {"intent": "pnl_query", "confidence": 0.93, "channel": "app"}
    assert second.data == {"skill": "pnl_query", "seconds": 2.0, "handoff": "alarm", "channel": "app"}
    assert "秘密" not in repr([first, second])


def test_a_tracker_made_anew_is_read_from_its_beginning(journal: Journal, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tracker.db"
    for turn, ids in enumerate(([5, 6, 7], [1, 2])):
        engine = create_engine(url, future=True)
        body = json.dumps({"parse_data": {"intent": {"name": "chitchat", "confidence": 1}}})
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS events"))
            connection.execute(text(_TRACKER))
            for number in ids:
                at = MORNING.timestamp() - 100 + 10 * turn + number
                values = {"n": number, "s": "app:demo-04", "t": "user", "at": at, "d": body}
                connection.execute(text("INSERT INTO events VALUES (:n, :s, :t, :at, NULL, NULL, :d)"), values)
        report = tracker_feed(url).take(journal, MORNING)
        assert report is not None and report.used == len(ids)


def test_app_store_rows_join_once(journal: Journal, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/app.db"
    engine = create_engine(url, future=True)
    tables.metadata.create_all(engine)
    at = (MORNING - timedelta(minutes=20)).isoformat()
    with engine.begin() as connection:
        purchase = {"customer": "demo-04", "product": "LC003", "currency": "CNY", "occurred_at": at, "received_at": at}
        for number, (event, amount) in enumerate((("started", None), ("broken_off", None), ("completed", "5000.00"))):
            values = {"event_id": f"ev-{number}", "event": event, "amount": amount, **purchase}
            connection.execute(tables.purchase_events.insert().values(**values))
        connection.execute(tables.ratings.insert().values(customer="demo-04", entry_id="m1", rating="down", at=at))
        handoff = {"id": "h1", "customer": "demo-04", "state": "requested", "reason": "asked", "requested_at": at}
        connection.execute(tables.handoffs.insert().values(**handoff))
        connection.execute(tables.conversations.insert().values(customer="demo-04", epoch="x", last_seq=3, read_seq=2))
        for seq, push in ((2, "mot-1"), (3, "mot-2")):
            entry = {
                "customer": "demo-04",
                "seq": seq,
                "kind": "message",
                "entry_id": f"e{seq}",
                "at": at,
                "body": "{}",
            }
            connection.execute(tables.entries.insert().values(reply_to=f"push:{push}", **entry))
            put = {"push_id": push, "customer": "demo-04", "push_type": "service", "digest": "", "at": at}
            connection.execute(tables.pushes.insert().values(**put))
    reports = [feed.take(journal, MORNING) for feed in app_feeds(url)]
    assert [report.used for report in reports if report] == [3, 1, 1]
    assert all(feed.take(journal, MORNING) is None for feed in app_feeds(url))
    kinds = [row.kind for row in rows(journal)]
    assert kinds == ["purchase_started", "purchase_broken_off", "purchase_completed", "rated", "handoff_requested"]
    assert push_marks(engine, ["mot-1", "mot-2", "mot-3"]) == {"mot-1": Marks(seen=True, answered=False)}
    with engine.begin() as connection:
        said = {"customer": "demo-04", "entry_id": "said", "seq": 4, "kind": "message", "at": at, "body": "{}"}
        connection.execute(tables.entries.insert().values(**said))
        asked = {"customer": "demo-04", "message_id": "said", "digest": "", "text": "", "payload": "{}"}
        connection.execute(tables.inbox.insert().values(**asked, state="answered", attempts=1))
    assert push_marks(engine, ["mot-1", "mot-2"]) == dict.fromkeys(("mot-1", "mot-2"), Marks(seen=True, answered=True))
