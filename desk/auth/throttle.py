"""The brake on guessing passwords: each miss by account and by address makes the next try wait longer.

A try is counted before the password is looked at, so that many at once gain nothing. An account that does not exist is
counted the same.
"""

from __future__ import annotations

import hashlib
import math

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from desk import tables
from desk.wording import data


def admit(connection: Connection, account: str, address: str, now: float) -> int:
    """0 and the try is counted, or the seconds to wait and nothing is."""
    rules = data("limits")["sign_in"]
    keys = {_key("account", account): rules["account_free"], _key("address", address): rules["address_free"]}
    table = tables.failures
    connection.execute(delete(table).where(table.c.last < now - rules["forget_hours"] * 3600))
    found = {row.key: row for row in connection.execute(select(table).where(table.c.key.in_(list(keys))))}
    wait = max((row.locked_until - now for row in found.values()), default=0.0)
    if wait > 0:
        return math.ceil(wait)
    for key, free in keys.items():
        count = found[key].count + 1 if key in found else 1
        # 2 ** 30 seconds is past any longest wait; the cap keeps the number small.
        doubled = rules["first_wait_seconds"] * 2 ** min(count - free, 30) if count >= free else 0
        values = {"count": count, "last": now, "locked_until": now + min(doubled, rules["longest_wait_seconds"])}
        if key in found:
            connection.execute(update(table).where(table.c.key == key).values(**values))
        else:
            connection.execute(insert(table).values(key=key, **values))
    return 0


def succeeded(connection: Connection, account: str, address: str) -> None:
    """The right password: the account starts afresh, and this try does not count against the address."""
    table = tables.failures
    connection.execute(delete(table).where(table.c.key == _key("account", account)))
    mine = table.c.key == _key("address", address)
    connection.execute(update(table).where(mine, table.c.count > 0).values(count=table.c.count - 1))


def _key(kind: str, value: str) -> str:
    # Hashed: people type passwords into the account field.
    return f"{kind}:{hashlib.sha256(value.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"
