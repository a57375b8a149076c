"""Intake of events in batches: each lands once, bad ones are named, good ones land whatever their neighbours are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from journeys.errors import BadBatch
from journeys.events.kinds import Kinds, kinds
from journeys.store import schema
from journeys.store.journal import Journal, chunks
from wealth.clock import SHANGHAI
from wealth.store import schema as bank


@dataclass(frozen=True)
class Fault:
    """One event that was not taken: its place in the batch, its id if it had one, and why (Chinese)."""

    index: int
    event_id: str | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return {"index": self.index, "event_id": self.event_id, "reason": self.reason}


@dataclass(frozen=True)
class Report:
    """What became of a batch: received = used + late + duplicate + bad, and one fault for each bad one."""

    received: int
    used: int
    late: int
    duplicate: int
    bad: int
    faults: Sequence[Fault] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("received", "used", "late", "duplicate", "bad")}
        return {**counts, "faults": [fault.to_dict() for fault in self.faults]}


def intake(journal: Journal, batch: Any, now: datetime, source: str = "bank") -> Report:
    """Take a batch: a list of events or its JSON as bytes. Twice is once. Times are zone-aware.

    Raises BadBatch (too large, no list, no JSON: nothing was kept), StoreUnavailable (send it again).
    """
    rules = kinds()
    events = _list(batch, rules)
    good: list[tuple[int, dict[str, Any]]] = []
    faults: list[Fault] = []
    for index, event in enumerate(events):
        values, reason = rules.check(event, now)
        if values is None:
            faults.append(Fault(index, _id_of(event), reason))
        else:
            good.append((index, values))
    with journal.write() as connection:
        return _land(connection, rules, len(events), good, faults, now, source)


def _land(
    connection: Connection,
    rules: Kinds,
    received: int,
    good: list[tuple[int, dict[str, Any]]],
    faults: list[Fault],
    now: datetime,
    source: str,
) -> Report:
    known = _known(connection, {values["customer"] for _, values in good if values["customer"]})
    landed = _landed(connection, {values["event_id"] for _, values in good})
    rows = []
    duplicate = late = 0
    for index, values in good:
        if values["customer"] and values["customer"] not in known:
            faults.append(Fault(index, values["event_id"], rules.reason("unknown_customer")))
            continue
        digest = _digest(values)
        before = landed.setdefault(values["event_id"], "")
        if before == digest:
            duplicate += 1
        elif before:
            faults.append(Fault(index, values["event_id"], rules.reason("reused")))
        else:
            landed[values["event_id"]] = digest
            is_late = now - values["occurred_at"] > rules.late_after
            late += is_late
            day = values["occurred_at"].astimezone(SHANGHAI).date()
            arrival = {"received_at": now, "source": source, "late": is_late, "digest": digest, "day": day}
            rows.append({**values, **arrival})
    if rows:
        connection.execute(insert(schema.events), rows)
    faults.sort(key=lambda fault: fault.index)
    report = Report(received, len(rows) - late, late, duplicate, len(faults), faults)
    counts = {name: getattr(report, name) for name in ("received", "used", "late", "duplicate", "bad")}
    if received:
        connection.execute(insert(schema.intakes).values(at=now, source=source, **counts))
    return report


def _list(batch: Any, rules: Kinds) -> list[Any]:
    if isinstance(batch, bytes | str):
        if len(batch) > rules.most_bytes:
            raise BadBatch(rules.batch_reason("too_large", limit=rules.most_bytes))
        try:
            batch = json.loads(batch)
        except (ValueError, RecursionError):
            raise BadBatch(rules.batch_reason("bad_json")) from None
    if isinstance(batch, Mapping):
        batch = batch.get("events")
    if not isinstance(batch, list):
        raise BadBatch(rules.batch_reason("not_list"))
    if len(batch) > rules.most_events:
        raise BadBatch(rules.batch_reason("too_many", limit=rules.most_events))
    return batch


def _known(connection: Connection, customers: Iterable[str]) -> set[str]:
    table = bank.customers
    found: set[str] = set()
    for some in chunks(customers):
        found.update(connection.execute(select(table.c.id).where(table.c.id.in_(some))).scalars())
    return found


def _landed(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    table = schema.events
    found: dict[str, str] = {}
    for some in chunks(ids):
        rows = connection.execute(select(table.c.event_id, table.c.digest).where(table.c.event_id.in_(some)))
        found.update((row.event_id, row.digest) for row in rows)
    return found


def _digest(values: Mapping[str, Any]) -> str:
    content = {**values, "occurred_at": values["occurred_at"].timestamp()}
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _id_of(event: Any) -> str | None:
    given = event.get("event_id") if isinstance(event, dict) else None
    return given[:64] if isinstance(given, str) else None
