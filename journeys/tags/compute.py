"""Keeping tags in step with the facts: for everyone once a day, at once for those something happened to.

Only what changed is written: a tag's since and why are those of the day it came to its present value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from sqlalchemy import delete, select, text
from sqlalchemy.engine import Connection

from journeys import frames
from journeys.store import Journal, schema
from journeys.store.journal import chunks
from journeys.tags.definitions import Tags, definitions
from journeys.tags.facts import facts
from wealth.clock import SHANGHAI
from wealth.store import bulk

_COLUMNS = {"customer": pl.String, "tag": pl.String, "value": pl.String}


@dataclass(frozen=True)
class Held:
    """A tag that a customer has: its value, since when, why, and its name for people."""

    tag: str
    value: str
    title: str
    since: date
    why: str
    until: date | None


@dataclass(frozen=True)
class Changes:
    """Rows to write (customer, tag, value, why) and to take away (customer, tag)."""

    new: pl.DataFrame
    gone: pl.DataFrame


def computed(found: pl.DataFrame, tags: Tags | None = None) -> pl.DataFrame:
    """Facts to tags: customer, tag, value, why; one row for each tag that a customer has."""
    tags = tags or definitions()
    lazy = found.lazy()
    parts = [
        lazy.select("customer", tag=pl.lit(tag.id), value=tag.value, why=tag.why).filter(pl.col("value").is_not_null())
        for tag in tags.tags.values()
    ]
    return pl.concat(pl.collect_all(parts))


def refresh(
    journal: Journal, at: datetime, customers: Sequence[str] | None = None, held: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Recompute and keep the tags of all customers, or of these; returns their facts. Raises StoreUnavailable."""
    found = facts(journal.store, at, customers, held)
    changed = changes(journal, found, customers)
    with journal.write() as connection:
        write(connection, changed, at)
    return found


def changes(journal: Journal, found: pl.DataFrame, customers: Sequence[str] | None = None) -> Changes:
    """What the facts change in the stored tags."""
    now = computed(found)
    only = "" if customers is None else " AND customer IN :customers"
    given = {} if customers is None else {"customers": list(customers)}
    with journal.read() as connection:
        before = frames.query(
            connection, f"SELECT customer, tag, value FROM journey_tags WHERE until IS NULL{only}", _COLUMNS, **given
        )
    return Changes(
        new=now.join(before, on=["customer", "tag", "value"], how="anti"),
        gone=before.join(now, on=["customer", "tag", "value"], how="anti").select("customer", "tag"),
    )


def write(connection: Connection, changed: Changes, at: datetime) -> None:
    """Keep changes within the caller's transaction."""
    if len(changed.gone):
        statement = text("DELETE FROM journey_tags WHERE customer = :customer AND tag = :tag AND until IS NULL")
        connection.execute(statement, changed.gone.to_dicts())
    if len(changed.new):
        new = changed.new.sort("customer", "tag")
        today = at.astimezone(SHANGHAI).date().isoformat()
        columns = {name: new[name].to_list() for name in ("customer", "tag", "value", "why")}
        bulk.append(connection, schema.tags, {**columns, "since": [today] * len(new)})


def set_manual(connection: Connection, customer: str, tag: str, value: str, why: str, on: date, until: date) -> None:
    """A tag that a person's entry brings, until a day."""
    table = schema.tags
    connection.execute(delete(table).where(table.c.customer == customer, table.c.tag == tag))
    row = {"customer": customer, "tag": tag, "value": value, "why": why, "since": on, "until": until}
    connection.execute(table.insert().values(**row))


def expire_manual(connection: Connection, today: date) -> None:
    """Take away what a person's entry brought for a time."""
    connection.execute(delete(schema.tags).where(schema.tags.c.until <= today))


def tags_of(journal: Journal, customers: Sequence[str]) -> dict[str, list[Held]]:
    """Every tag of these customers, by name; customers without any have an empty list."""
    names = definitions()
    found: dict[str, list[Held]] = {customer: [] for customer in customers}
    table = schema.tags
    with journal.read() as connection:
        for some in chunks(customers):
            rows = connection.execute(select(table).where(table.c.customer.in_(some)).order_by(table.c.tag))
            for row in rows:
                title = names.title(row.tag, row.value)
                found[row.customer].append(Held(row.tag, row.value, title, row.since, row.why, row.until))
    return found


def customers_with(journal: Journal, wanted: dict[str, Sequence[str]], branch: str | None = None) -> list[str]:
    """Customers that have, for each tag named, one of the values (any value for an empty list)."""
    sets = []
    table = schema.tags
    with journal.read() as connection:
        for tag, values in wanted.items():
            query = select(table.c.customer).where(table.c.tag == tag)
            if values:
                query = query.where(table.c.value.in_(list(values)))
            sets.append(set(connection.execute(query).scalars()))
        if branch is not None:
            query_text = text("SELECT id FROM customers WHERE branch = :branch")
            sets.append(set(connection.execute(query_text, {"branch": branch}).scalars()))
    return sorted(set.intersection(*sets)) if sets else []
