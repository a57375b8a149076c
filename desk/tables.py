"""The desk's own tables. Further parts of the desk add theirs to the same `metadata` in their own modules."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

from wealth.store.types import Json, Moment, RowId

metadata = MetaData()

accounts = Table(
    "desk_accounts",
    metadata,
    Column("account", String(40), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    # The bank's own id of the person, as in customers.manager; "" where there is none.
    Column("staff_id", String(20), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("password", Text, nullable=False),
    Column("demo", Boolean(create_constraint=False), nullable=False),
    Column("enabled", Boolean(create_constraint=False), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Times are seconds of the wall clock: a demo's fixed "now" must not keep a session alive for ever.
sessions = Table(
    "desk_sessions",
    metadata,
    # Only the hash: who reads the table can't use a session.
    Column("id_hash", String(64), primary_key=True),
    Column("account", String(40), nullable=False, index=True),
    Column("created", Float, nullable=False),
    Column("seen", Float, nullable=False),
)

# Sign-ins that failed, by account and by address (both hashed).
failures = Table(
    "desk_sign_in_failures",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", Float, nullable=False),
    Column("locked_until", Float, nullable=False),
)

# Who takes hand-offs now.
presence = Table(
    "desk_presence",
    metadata,
    Column("account", String(40), primary_key=True),
    Column("available", Boolean(create_constraint=False), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)

# Append-only: triggers refuse changes and deletions. subject: a keyed pseudonym of the customer, "" where none.
audit = Table(
    "desk_audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("account", String(40), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("why", String(80), nullable=False),
    Column("details", Json, nullable=False),
    Index("ix_desk_audit_subject", "subject", "at"),
)
