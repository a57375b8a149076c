"""The desk's trail: who looked at whom and who did what, with ids and decisions, never words."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any

from sqlalchemy.engine import Connection

from desk import tables
from wealth import clock

# Without a key of the bank's, pseudonyms change with every start.
_FALLBACK = os.urandom(32)


def pseudonym(customer: str) -> str:
    """The keyed hash under which a customer stands in every trail of this installation."""
    key = os.environ.get("PEIBAN_AUDIT_KEY", "").encode() or _FALLBACK
    return hmac.new(key, customer.encode(), hashlib.sha256).hexdigest()[:32]


def note(
    connection: Connection, kind: str, account: str, *, customer: str | None = None, why: str = "", **details: Any
) -> None:
    """One row, in the transaction of what it records. kind: look, sign_in, … ; why: the occasion ("lead", "page")."""
    connection.execute(
        tables.audit.insert().values(
            at=clock.now(),
            kind=kind,
            account=account,
            subject=pseudonym(customer) if customer else "",
            why=why[:80],
            details=details,
        )
    )
