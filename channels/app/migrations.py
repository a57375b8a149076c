"""Steps that bring an older app store to tables.VERSION, in one transaction with the check of the version.

New tables are made by `create_all` before; a step only changes what is there already.
"""

from __future__ import annotations

from sqlalchemy import text, update
from sqlalchemy.engine import Connection

from channels.app import tables

# By the version that a step starts from. Statements both SQLite and PostgreSQL understand.
STEPS = {
    1: (
        "ALTER TABLE handoffs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE handoffs ADD COLUMN offered_to VARCHAR(40)",
        "ALTER TABLE handoffs ADD COLUMN staff VARCHAR(40)",
        "ALTER TABLE handoffs ADD COLUMN slot VARCHAR(40)",
        "ALTER TABLE handoffs ADD COLUMN need TEXT",
        "ALTER TABLE handoffs ADD COLUMN said_seq INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE handoffs ADD COLUMN ended_at VARCHAR(40)",
        "ALTER TABLE handoffs ADD COLUMN summary TEXT",
    ),
}


def upgrade(connection: Connection, found: int) -> None:
    """Run the steps from version `found` on. Does nothing where the store is of this version."""
    if found == tables.VERSION:
        return
    for version in range(found, tables.VERSION):
        for statement in STEPS[version]:
            connection.execute(text(statement))
    connection.execute(update(tables.schema_info).values(version=tables.VERSION))
