"""Tables of the feedback inbox. No customer ids, no words that were not masked."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from desk.tables import metadata
from wealth.store.types import Json, Moment, RowId

# One turn that went wrong, in one way.
items = Table(
    "desk_feedback_items",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    # Kind and turn: what is found twice is kept once.
    Column("key", String(120), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("subject", String(64), nullable=False, index=True),
    Column("branch", String(40), nullable=False),
    # The tracker row, to see whether the customer has had the conversation deleted.
    Column("turn", Integer, nullable=False),
    Column("turn_at", Float, nullable=False),
    Column("text", Text, nullable=False),
    # The text without marks, width and case: equal here is the same thing said.
    Column("plain", Text, nullable=False),
    Column("intent", String(60), nullable=False),
    Column("confidence", Float, nullable=False),
    # What was answered: the skill, and its words where they are nobody's own.
    Column("skill", String(40), nullable=False),
    Column("answer", Text, nullable=False),
    # How the customer, or the manager, put it right.
    Column("meant", Text, nullable=False),
    Column("meant_intent", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    Column("account", String(40), nullable=False),
    Column("group_id", Integer, index=True),
    Index("ix_desk_feedback_items_at", "at"),
)

# Turns alike. state: open, suggested, approved, dismissed.
groups = Table(
    "desk_feedback_groups",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("state", String(12), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("suggestion_id", Integer),
    Column("decided_by", String(40), nullable=False),
    Column("decided_at", Moment),
    Column("why", Text, nullable=False),
    sqlite_autoincrement=True,
)

# What the first person proposes: an intent for texts, or an entry of the knowledge base.
suggestions = Table(
    "desk_feedback_suggestions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("group_id", Integer, nullable=False, index=True),
    Column("account", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Json, nullable=False),
)

# The check of an approved suggestion. state: queued, running, done, failed, cancelled.
jobs = Table(
    "desk_feedback_jobs",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("suggestion_id", Integer, nullable=False, unique=True),
    Column("group_id", Integer, nullable=False, index=True),
    Column("account", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("step", String(12), nullable=False),
    # Seconds of the wall clock at which the step began.
    Column("step_at", Float, nullable=False),
    # Which run this is: one that was overtaken writes nothing any more.
    Column("run", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("files", Json),
    Column("digest", String(64), nullable=False),
)

# How far each source was read.
cursors = Table(
    "desk_feedback_cursors",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("value", Integer, nullable=False),
)
