"""Tables of the app store. One customer's conversation is one ordered log (entries), its seq without gaps."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# Raise when a table changes, with the steps from the version before in migrations.py.
VERSION = 2

metadata = MetaData()
_customer = String(64)
# Times are ISO 8601 text with a zone (what is shown), or Unix seconds (what is compared).
_time = String(40)

schema_info = Table("schema_info", metadata, Column("version", Integer, primary_key=True))

conversations = Table(
    "conversations",
    metadata,
    Column("customer", _customer, primary_key=True),
    # A new log after deletion has a new epoch: an old cursor can then not be mistaken for a place in it.
    Column("epoch", String(32), nullable=False),
    Column("last_seq", Integer, nullable=False, default=0),
    Column("read_seq", Integer, nullable=False, default=0),
)

entries = Table(
    "entries",
    metadata,
    Column("customer", _customer, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("entry_id", String(96), nullable=False),
    Column("reply_to", String(96)),
    Column("at", _time, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("customer", "entry_id", name="uq_entries_id"),
    Index("ix_entries_reply", "customer", "reply_to"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("customer", _customer, nullable=False),
    Column("message_id", String(96), nullable=False),
    Column("digest", String(64), nullable=False),
    # Emptied once answered: from then on the words stand in the log only.
    Column("text", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("worker", String(64)),
    Column("lease_until", Float),
    UniqueConstraint("customer", "message_id", name="uq_inbox_message"),
    Index("ix_inbox_state", "state", "customer", "n"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("customer", _customer, nullable=False),
    Column("entry_id", String(96), nullable=False),
    Column("rating", String(8)),
    Column("reason", String(32)),
    Column("comment", Text),
    Column("at", _time, nullable=False),
    UniqueConstraint("customer", "entry_id", name="uq_ratings"),
    sqlite_autoincrement=True,
)

preferences = Table(
    "preferences",
    metadata,
    Column("customer", _customer, primary_key=True),
    Column("personalised", Boolean, nullable=False),
    Column("quiet_start", String(5), nullable=False),
    Column("quiet_end", String(5), nullable=False),
    Column("push_types", Text, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("customer", _customer, nullable=False, index=True),
    Column("purpose", String(40), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("wording", String(40), nullable=False),
    Column("at", _time, nullable=False),
)

purchase_events = Table(
    "purchase_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("event_id", String(64), nullable=False, unique=True),
    Column("event", String(16), nullable=False),
    Column("customer", _customer, nullable=False, index=True),
    Column("product", String(40), nullable=False),
    Column("amount", String(24)),
    Column("currency", String(3)),
    Column("occurred_at", _time, nullable=False),
    Column("received_at", _time, nullable=False),
    sqlite_autoincrement=True,
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("customer", _customer, nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", String(40), nullable=False),
    Column("note", Text),
    Column("manager", String(40)),
    Column("position", Integer),
    Column("requested_at", _time, nullable=False),
    # Version 2: the desk's queue. Whoever waits with a higher priority comes first.
    Column("priority", Integer, nullable=False, default=0, server_default="0"),
    # Staff ids of the desk: who was asked to take it, and who has it. `manager` is the name that the customer sees.
    Column("offered_to", String(40)),
    Column("staff", String(40)),
    # An appointment: when, and what it is about.
    Column("slot", _time),
    Column("need", Text),
    # Place in the log of the customer's last words that nobody but a person will answer.
    Column("said_seq", Integer, nullable=False, default=0, server_default="0"),
    Column("ended_at", _time),
    # What the manager wrote at the end; the assistant knows it from then on.
    Column("summary", Text),
)

desk_status = Table(
    "desk_status",
    metadata,
    # One row: what the desk said last, and when (Unix seconds).
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("at", Float, nullable=False),
)

pushes = Table(
    "pushes",
    metadata,
    Column("push_id", String(64), primary_key=True),
    Column("customer", _customer, nullable=False, index=True),
    Column("push_type", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", _time, nullable=False),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("jti", String(128), primary_key=True),
    Column("expires", Float, nullable=False),
)

bindings = Table(
    "bindings",
    metadata,
    # Only the hash: who reads the table can't use a code.
    Column("code_hash", String(64), primary_key=True),
    Column("device", String(64), nullable=False),
    Column("visit", String(96), nullable=False, index=True),
    Column("question", Text),
    Column("scope", String(8), nullable=False),
    Column("state", String(10), nullable=False),
    Column("customer", _customer, index=True),
    Column("expires", Float, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", _time, nullable=False),
    Column("kind", String(32), nullable=False),
    # A keyed hash of the customer id, so that the trail can be followed and names nobody.
    Column("subject", String(64), nullable=False),
    Column("ref", String(128), nullable=False),
    Column("decision", String(64), nullable=False),
)
