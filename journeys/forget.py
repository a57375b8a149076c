"""Forgetting a customer: every row about them goes, the keyed audit stays."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from journeys.store import Journal, schema
from journeys.store.journal import insert_new


def forget(journal: Journal, customer: str) -> None:
    """Delete all that journeys keep about a customer; safe to repeat. Raises StoreUnavailable (ask again)."""
    with journal.write() as connection:
        _delete(connection, customer)
        insert_new(connection, schema.forgotten, [{"customer": customer}])


def finish(journal: Journal) -> int:
    """Delete once more what the worker may have written meanwhile; to be called by it between two steps.

    Returns how many customers. Raises StoreUnavailable.
    """
    table = schema.forgotten
    with journal.read() as connection:
        customers = connection.execute(select(table.c.customer)).scalars().all()
    for customer in customers:
        with journal.write() as connection:
            _delete(connection, customer)
            connection.execute(delete(table).where(table.c.customer == customer))
    return len(customers)


def _delete(connection: Connection, customer: str) -> None:
    of_customer = select(schema.events.c.seq).where(schema.events.c.customer == customer)
    for table in (schema.timers, schema.handled):
        connection.execute(delete(table).where(table.c.seq.in_(of_customer)))
    for table in schema.metadata.sorted_tables:
        # Whatever names the customer, tables still to come included.
        if "customer" in table.c and table is not schema.forgotten:
            connection.execute(delete(table).where(table.c.customer == customer))
