"""Customers' ratings of single messages; the desk reads them as a feed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from channels.app import conversation, tables
from channels.app.clock import stamp
from channels.problems import Problem


def rate(
    connection: Connection, customer: str, entry_id: str, rating: str | None, reason: str | None, comment: str | None
) -> None:
    """Store, replace or (rating None) take back. Raises Problem not_found for a message that is not the assistant's."""
    message = conversation.find(connection, customer, entry_id)
    if message is None or message.get("origin") == "customer":
        raise Problem("not_found", field="id")
    r = tables.ratings
    # A changed rating is a new row with a new id: who reads the feed sees the change. A withdrawn one too.
    connection.execute(delete(r).where(r.c.customer == customer, r.c.entry_id == entry_id))
    values = {"rating": rating, "reason": reason, "comment": comment, "at": stamp()}
    connection.execute(insert(r).values(customer=customer, entry_id=entry_id, **values))


def feed(connection: Connection, after: int, limit: int) -> list[dict[str, Any]]:
    """Rows with a higher id, in order."""
    r = tables.ratings
    rows = connection.execute(select(r).where(r.c.id > after).order_by(r.c.id).limit(limit)).mappings()
    return [dict(row) for row in rows]


def of_customer(connection: Connection, customer: str) -> list[dict[str, Any]]:
    """A customer's own ratings."""
    r = tables.ratings
    rows = connection.execute(select(r).where(r.c.customer == customer).order_by(r.c.id)).mappings()
    return [dict(row) for row in rows]


def forget(connection: Connection, customer: str) -> None:
    """Delete a customer's ratings."""
    connection.execute(delete(tables.ratings).where(tables.ratings.c.customer == customer))
