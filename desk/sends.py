"""What was sent to groups: one row a sending, so that sending twice sends once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Integer, String, Table, insert, select
from sqlalchemy.engine import Connection

from desk import tables
from wealth import clock
from wealth.store.types import Json, Moment

sends = Table(
    "desk_group_sends",
    tables.metadata,
    Column("send_id", String(40), primary_key=True),
    Column("account", String(40), nullable=False, index=True),
    Column("template", String(40), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("queued", Integer, nullable=False),
    Column("excluded", Json, nullable=False),
    Column("at", Moment, nullable=False),
)


def digest(account: str, template: str, where: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """What tells one sending from another under the same id."""
    content = json.dumps([account, template, where, values], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def found(connection: Connection, send_id: str) -> Any:
    """The sending with this id, or None."""
    return connection.execute(select(sends).where(sends.c.send_id == send_id)).first()


def keep(connection: Connection, **row: Any) -> None:
    """Write one down; row: its columns but the time. Raises IntegrityError where another was faster."""
    connection.execute(insert(sends).values(**row, at=clock.now()))


def of(connection: Connection, account: str | None, limit: int) -> list[Any]:
    """Newest first; of one person, or of all."""
    query = select(sends).order_by(sends.c.at.desc(), sends.c.send_id).limit(limit)
    return connection.execute(query if account is None else query.where(sends.c.account == account)).all()
