"""Audit rows (rule 20) of pushes, leads and results, written in the transaction of what they record."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from wealth.store import schema

# Without a key of the bank's, pseudonyms change with every start.
_FALLBACK = os.urandom(32)


def note(
    connection: Connection, at: datetime, kind: str, customer: str, decision: str, details: Mapping[str, Any]
) -> None:
    """One append-only row: a pseudonym of the customer, ids and decisions, never words."""
    key = os.environ.get("PEIBAN_AUDIT_KEY", "").encode() or _FALLBACK
    subject = hmac.new(key, customer.encode(), hashlib.sha256).hexdigest()[:32]
    row = {"at": at, "kind": kind, "subject": subject, "decision": decision, "details": dict(details)}
    connection.execute(schema.audit.insert().values(**row))
