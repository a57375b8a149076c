"""Telling running services that cached products or prices changed."""

from __future__ import annotations

import uuid

from sqlalchemy import insert, update
from sqlalchemy.engine import Connection

from wealth.store import schema


def bump(connection: Connection, key: str) -> None:
    """A new value for a `meta` version ("products" or "prices"), in the caller's transaction."""
    value = uuid.uuid4().hex
    changed = connection.execute(update(schema.meta).where(schema.meta.c.key == key).values(value=value)).rowcount
    if not changed:
        connection.execute(insert(schema.meta).values(key=key, value=value))
