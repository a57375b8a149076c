"""Append-only trail: what was answered, pushed, exported, deleted. Ids and keyed hashes, never words (rule 20)."""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from channels.app import tables
from channels.app.clock import stamp


class Audit:
    """Writes audit rows; key makes a customer's pseudonym, so that only who holds it can look a customer up."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def subject(self, customer: str) -> str:
        """Pseudonym of a customer in the trail."""
        return hmac.new(self._key, b"audit:" + customer.encode(), hashlib.sha256).hexdigest()

    def note(self, connection: Connection, kind: str, customer: str, ref: str, decision: str) -> None:
        """One row; ref is an id (message, push, hand-over), decision one word or two."""
        values = {"at": stamp(), "kind": kind, "subject": self.subject(customer), "ref": ref, "decision": decision}
        connection.execute(insert(tables.audit), values)
