"""The lead book: leads are made with their outbox row and audit row in one transaction, and given to a manager."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from journeys import outbox
from journeys.audit import note
from journeys.leads.kinds import LeadKind, lead_rules
from journeys.store import schema
from journeys.store.journal import chunks
from journeys.triggers import fired
from wealth.store import schema as bank

Row = dict[str, Any]
OPEN = ("open", "contacted")


def candidates(kinds: Iterable[LeadKind], frame: pl.DataFrame, at: datetime) -> list[Row]:
    """Leads that are due over one frame, without branch and manager."""
    found: list[Row] = []
    for kind in kinds:
        hits = fired(kind.trigger, frame)
        if not len(hits):
            continue
        shown = hits.select(
            "customer",
            "subject",
            product=pl.col("product") if "product" in hits.columns else pl.lit(None, dtype=pl.String),
            value=kind.value,
            event_id=pl.col("event_id") if "event_id" in hits.columns else pl.lit(None, dtype=pl.String),
            reason=kind.reason,
            evidence=pl.concat_list(kind.evidence) if kind.evidence else pl.lit([]),
        )
        for row in shown.to_dicts():
            key = f"{kind.id}|{row['customer']}|{row['subject']}"
            found.append(
                {
                    "id": f"lead-{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}",
                    "kind": kind.id,
                    "customer": row["customer"],
                    "subject": row["subject"][:80],
                    "product": row["product"],
                    "priority": kind.trigger.priority,
                    "value": row["value"] or Decimal(0),
                    "reason": row["reason"],
                    "evidence": row["evidence"],
                    "talk": list(kind.talk),
                    "created_at": at,
                    "expires_at": at + kind.expires,
                    "state": "open",
                    # For the accounting of events only; not a column.
                    "event_id": row["event_id"],
                }
            )
    return found


def keep(connection: Connection, rows: Sequence[Row], at: datetime) -> list[str]:
    """Write new leads, route them, and queue them for the bank's planning system; returns the ids that were new."""
    fresh = _fresh(connection, rows)
    if not fresh:
        return []
    homes = _homes(connection, {row["customer"] for row in fresh})
    load, staff = _load(connection), _staff(connection)
    most = lead_rules().open_per_manager
    made = []
    for row in fresh:
        branch, manager = homes.get(row["customer"], ("", None))
        manager = _route(manager, branch, load, staff, most)
        load[manager] += 1
        whole = {**row, "branch": branch, "manager": manager}
        whole.pop("event_id", None)
        made.append(whole)
        outbox.queue(connection, row["id"], "lead", row["customer"], payload(whole), at)
        note(connection, at, "lead", row["customer"], row["kind"], {"lead": row["id"]})
    connection.execute(schema.leads.insert(), made)
    return [row["id"] for row in made]


def payload(row: Row) -> dict[str, Any]:
    """A lead as JSON (schema peiban.lead/1): money as decimal strings, times in ISO 8601."""
    names = (
        "id",
        "kind",
        "customer",
        "product",
        "branch",
        "manager",
        "priority",
        "reason",
        "evidence",
        "talk",
        "state",
    )
    shown = {name: row[name] for name in names}
    return {
        "schema": "peiban.lead/1",
        **shown,
        "title": lead_rules().kinds[row["kind"]].trigger.title,
        "value": str(row["value"]),
        "created_at": row["created_at"].isoformat(),
        "expires_at": row["expires_at"].isoformat(),
    }


def expire(connection: Connection, at: datetime) -> int:
    """Close what nobody took up in time; returns how many."""
    table = schema.leads
    due = (table.c.state == "open") & (table.c.expires_at <= at)
    return connection.execute(update(table).where(due).values(state="expired")).rowcount


def _fresh(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    known: set[str] = set()
    for some in chunks({row["id"] for row in rows}):
        known.update(connection.execute(select(schema.leads.c.id).where(schema.leads.c.id.in_(some))).scalars())
    unique = {row["id"]: row for row in rows if row["id"] not in known}
    return list(unique.values())


def _homes(connection: Connection, customers: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    table = bank.customers
    found = {}
    for some in chunks(customers):
        query = select(table.c.id, table.c.branch, table.c.manager).where(table.c.id.in_(some))
        found.update({row.id: (row.branch, row.manager) for row in connection.execute(query)})
    return found


def _load(connection: Connection) -> Counter[str | None]:
    table = schema.leads
    query = select(table.c.manager, func.count()).where(table.c.state.in_(OPEN)).group_by(table.c.manager)
    return Counter({manager: count for manager, count in connection.execute(query)})


def _staff(connection: Connection) -> dict[str, list[str]]:
    table = bank.customers
    query = select(table.c.branch, table.c.manager).where(table.c.manager.is_not(None)).distinct()
    found: dict[str, list[str]] = {}
    for branch, manager in sorted(tuple(row) for row in connection.execute(query)):
        found.setdefault(branch, []).append(manager)
    return found


def _route(
    own: str | None, branch: str, load: Counter[str | None], staff: dict[str, list[str]], most: int
) -> str | None:
    """The customer's own manager; with too much on the table, or none, the least busy one of the branch."""
    if own is not None and load[own] < most:
        return own
    colleagues = staff.get(branch, [])
    return min(colleagues, key=lambda name: (load[name], name)) if colleagues else own
