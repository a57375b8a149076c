"""Tracker store whose cost per turn does not grow with the conversation.

Rasa's SQL store reads and replays a whole session at every turn. This one keeps every event in the same table, but
hands Rasa a window: the last events from a turn's beginning, and the slots as they stood before it. Everything a
policy or an action looks at lies in the window; the whole history stays readable by `retrieve_full_tracker` and by
Rasa's own tools. It writes a turn in one transaction and reads it by two indexed queries.
Conversations that are going on stay in memory between turns, checked against the store by one small query.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import QueuePool

WINDOW = 40
"""Events handed to Rasa: some five turns, more than any rule or follow-up looks back."""

KEPT = 512
"""Live conversations kept in memory between turns."""


BY_SENDER = sa.Index("events_by_sender", SQLTrackerStore.SQLEvent.sender_id, SQLTrackerStore.SQLEvent.id)


class SlotSnapshot(SQLTrackerStore.Base):  # type: ignore[misc]
    """The slots of a conversation after its last saved event, as JSON."""

    __tablename__ = "slot_snapshots"

    sender_id = sa.Column(sa.String(255), primary_key=True)
    slots = sa.Column(sa.Text, nullable=False)


# Built once: most of a small statement's cost in Python is building it.
_EVENTS = SQLTrackerStore.SQLEvent.__table__
_SLOTS = SlotSnapshot.__table__
_SENDER = sa.bindparam("sender")
_LAST_ROW = sa.select(sa.func.max(_EVENTS.c.id)).where(_EVENTS.c.sender_id == _SENDER)
_ADD_EVENTS = _EVENTS.insert()
_CHANGE_SLOTS = _SLOTS.update().where(_SLOTS.c.sender_id == _SENDER).values(slots=sa.bindparam("json"))
_ADD_SLOTS = _SLOTS.insert().values(sender_id=_SENDER, slots=sa.bindparam("json"))


class WindowedTracker(DialogueStateTracker):
    """A tracker that knows which of its events are stored already (`stored`, from the front) and the last one's row."""

    stored = 0
    last_row: int | None = None


class WindowedTrackerStore(SQLTrackerStore):
    """SQL tracker store with a bounded live window. Settings in endpoints.yml: those of Rasa's store, and `window`."""

    engine: Engine

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        window: int = WINDOW,
        **kwargs: Any,
    ) -> None:
        self.window = int(window)
        for unused in ("url", "endpoint_config"):
            kwargs.pop(unused, None)
        super().__init__(domain=domain, event_broker=event_broker, **kwargs)
        if self.engine.dialect.name == "sqlite":
            self._keep_connections()
        # A table that Rasa's own store made has no such index yet.
        BY_SENDER.create(self.engine, checkfirst=True)
        self._kept: OrderedDict[str, WindowedTracker] = OrderedDict()

    def _keep_connections(self) -> None:
        """Rasa opens the file anew for each statement; closing the only connection checkpoints the whole WAL."""
        self.engine.dispose()
        self.engine = sa.create_engine(self.engine.url, poolclass=QueuePool, connect_args={"check_same_thread": False})
        sa.event.listen(self.engine, "connect", _tune_sqlite)
        self.sessionmaker = sessionmaker(bind=self.engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The live window of a conversation; None for a new one."""
        # Taken out, not looked up: a turn that fails half-way leaves no half-changed tracker behind.
        kept = self._kept.pop(sender_id, None)
        if kept is not None and kept.last_row == self._last_row(sender_id):
            return kept
        return self._read(sender_id)

    def _last_row(self, sender_id: str) -> int | None:
        """Id of the newest stored event: another replica, or a wipe, may have changed it since we looked."""
        with self.engine.connect() as connection:
            return _last_row(connection, sender_id)

    def _read(self, sender_id: str) -> WindowedTracker | None:
        table = self.SQLEvent
        with self.session_scope() as session:
            rows = (
                session.query(table.id, table.data)
                .filter(table.sender_id == sender_id)
                .order_by(table.id.desc())
                .limit(self.window)
                .all()
            )
            snapshot = session.query(SlotSnapshot.slots).filter(SlotSnapshot.sender_id == sender_id).scalar()
        if not rows:
            return None
        stored = [json.loads(data) for _, data in reversed(rows)]
        if len(stored) == self.window:
            stored = _from_turn_start(stored)
        tracker = WindowedTracker(sender_id, self.domain.slots)
        # The snapshot is newer than the window's beginning; replaying the window on top ends in the same slots.
        for name, value in json.loads(snapshot or "{}").items():
            if name in tracker.slots:
                tracker.slots[name].value = value
        for data in stored:
            event = Event.from_parameters(data)
            if event is not None:
                tracker.update(event, self.domain)
        tracker.stored = len(tracker.events)
        tracker.last_row = rows[0][0]
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new and keep the slots, in one transaction."""
        stored = getattr(tracker, "stored", None)
        if not tracker.events:
            # Rasa saves a conversation when it is first looked at; nothing has happened in it yet, perhaps never will.
            tracker.stored = 0  # type: ignore[attr-defined]
            return
        if stored is None:
            stored = self._count(tracker.sender_id)
        events = list(tracker.events)[stored:]
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, events, tracker.sender_id)
        slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value}
        kept = {"sender": tracker.sender_id, "json": json.dumps(slots)}
        with self.engine.begin() as connection:
            if events:
                connection.execute(_ADD_EVENTS, [_row(tracker.sender_id, event) for event in events])
            if not connection.execute(_CHANGE_SLOTS, kept).rowcount:
                connection.execute(_ADD_SLOTS, kept)
            last_row = _last_row(connection, tracker.sender_id)
        tracker.stored = len(tracker.events)  # type: ignore[attr-defined]
        if isinstance(tracker, WindowedTracker) and len(tracker.events) <= 2 * self.window:
            tracker.last_row = last_row
            self._keep(tracker)

    def _keep(self, tracker: WindowedTracker) -> None:
        self._kept[tracker.sender_id] = tracker
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    async def delete(self, sender_id: str) -> int:
        """Forget a conversation entirely (a customer's right, the end of a visit). Returns how many events went."""
        self._kept.pop(sender_id, None)
        with self.session_scope() as session:
            gone = session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id).delete()
            session.query(SlotSnapshot).filter(SlotSnapshot.sender_id == sender_id).delete()
            session.commit()
        return int(gone)

    def _count(self, sender_id: str) -> int:
        """How many of a tracker's events are stored, for trackers that did not come from this store."""
        with self.session_scope() as session:
            return int(session.query(self.SQLEvent.id).filter(self.SQLEvent.sender_id == sender_id).count())


def _last_row(connection: Connection, sender_id: str) -> int | None:
    row: int | None = connection.execute(_LAST_ROW, {"sender": sender_id}).scalar()
    return row


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data, ensure_ascii=False),
    }


def _from_turn_start(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cut a full window at the first action_listen, so that it never begins in the middle of a turn."""
    for position, event in enumerate(events):
        if event.get("event") == ActionExecuted.type_name and event.get("name") == ACTION_LISTEN_NAME:
            return events[position:]
    return events


def _tune_sqlite(connection: Any, record: Any) -> None:
    """WAL lets readers read while a turn is written; NORMAL is safe against a killed process."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
