"""From frames to moments: which rules fire for whom, kept apart from those in a cooldown or paused by a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import func, select

from journeys.mot.rules import Rule
from journeys.outreach.settings import settings
from journeys.store import Journal, schema
from journeys.store.journal import chunks, insert_new
from journeys.triggers import Trigger, fired
from wealth.store import schema as bank

Row = dict[str, Any]
# What a message may later need of the event.
_CONTEXT = ("event_id", "occurred_at", "amount", "session", "series", "article")


def moments(journal: Journal, rules: Iterable[Rule], frame: pl.DataFrame, at: datetime) -> list[Row]:
    """Rows of journey_moments for the rules over one frame."""
    found: list[Row] = []
    for rule in rules:
        hits = fired(rule.trigger, frame)
        if rule.holders_only and len(hits):
            hits = _holders(journal, hits)
        if not len(hits):
            continue
        context = [name for name in _CONTEXT if name in hits.columns]
        for row in hits.select(
            "customer", "subject", *(["product"] if "product" in hits.columns else []), *context
        ).to_dicts():
            held_out = _held_out(rule, row["customer"])
            found.append(
                {
                    "rule": rule.id,
                    "customer": row["customer"],
                    "subject": row["subject"][:80],
                    "product": row.get("product"),
                    "context": {name: _plain(row[name]) for name in context if row[name] is not None},
                    "at": at,
                    "valid_until": at + rule.valid,
                    "state": "held_out" if held_out else "waiting",
                    "reason": "",
                    "outreach": None,
                }
            )
    return found


def rested(
    connection: Any,
    triggers: Mapping[str, Trigger],
    rows: Sequence[Row],
    table: Any,
    name: str,
    when: str,
    at: datetime,
) -> list[Row]:
    """Rows whose rule is neither cooling down for that customer nor paused; one row a rule and customer with cooldown.

    table, name, when: where earlier firings stand, and its columns for the rule and the time.
    """
    customers = {row["customer"] for row in rows}
    last: dict[tuple[str, str], datetime] = {}
    paused: set[tuple[str, str]] = set()
    pauses = schema.pauses
    for some in chunks(customers):
        query = select(table.c[name], table.c.customer, func.max(table.c[when])).where(table.c.customer.in_(some))
        for rule, customer, moment in connection.execute(query.group_by(table.c[name], table.c.customer)):
            last[(rule, customer)] = moment
        query = select(pauses.c.name, pauses.c.customer).where(pauses.c.customer.in_(some), pauses.c.until > at)
        paused.update((row.name, row.customer) for row in connection.execute(query))
    kept = []
    for row in rows:
        key = (row[name], row["customer"])
        cooldown = triggers[row[name]].cooldown
        if key in paused or (key in last and cooldown and at - last[key] < cooldown):
            continue
        if cooldown:
            last[key] = at
        kept.append(row)
    return kept


def keep(connection: Any, rows: Sequence[Row]) -> None:
    """Write moments; the same matter only once."""
    insert_new(connection, schema.moments, rows)


def _holders(journal: Journal, hits: pl.DataFrame) -> pl.DataFrame:
    with journal.read() as connection:
        table = bank.positions
        codes = hits["product"].unique().drop_nulls().to_list()
        query = select(table.c.customer, table.c.product).where(table.c.product.in_(codes), table.c.units > 0)
        rows = [tuple(row) for row in connection.execute(query.distinct())]
    holders = pl.DataFrame(rows, schema={"customer": pl.String, "product": pl.String}, orient="row")
    return hits.join(holders, on=["customer", "product"], how="semi")


def _held_out(rule: Rule, customer: str) -> bool:
    """The control group of what is recommended: the same customers for every rule, chosen by a hash of their id."""
    if rule.purpose.value != "push":
        return False
    number = int(hashlib.blake2b(f"holdout {customer}".encode(), digest_size=4).hexdigest(), 16)
    return number % 100 < settings().holdout


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value
