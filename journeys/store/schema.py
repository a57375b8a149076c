"""Tables of journeys, in the bank store's database under their own prefix.

No foreign keys to the bank's tables: those may be reloaded as a whole, and what happened stays true.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from wealth.store.types import Json, Moment, Money, RowId

# Raise when a table changes and add the step to migrate.STEPS.
VERSION = 2

metadata = MetaData()
_customer = String(20)

meta = Table(
    "journey_meta", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False)
)

# Append-only; deleted only when a customer asks to be forgotten.
events = Table(
    "journey_events",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=True),
    Column("event_id", String(64), nullable=False, unique=True),
    Column("kind", String(24), nullable=False),
    Column("customer", _customer),
    Column("product", String(20)),
    Column("occurred_at", Moment, nullable=False),
    # The day in Shanghai, for counting days without time zones in SQL.
    Column("day", Date, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("source", String(16), nullable=False),
    Column("late", Boolean(create_constraint=False), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("data", Json, nullable=False),
    Index("ix_journey_events_customer", "customer", "occurred_at"),
    Index("ix_journey_events_occurred", "occurred_at", "kind"),
    sqlite_autoincrement=True,
)

# One row a batch: what became of its events. received = used + late + duplicate + bad.
intakes = Table(
    "journey_intakes",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("source", String(16), nullable=False),
    Column("received", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
)

# What the worker did with each event that landed: fired | waiting (a timer was set) | counted (tags only) | late.
handled = Table(
    "journey_handled",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("outcome", String(12), nullable=False),
    Column("at", Moment, nullable=False),
)

tags = Table(
    "journey_tags",
    metadata,
    Column("customer", _customer, primary_key=True),
    Column("tag", String(32), primary_key=True),
    Column("value", String(40), nullable=False),
    Column("since", Date, nullable=False),
    Column("why", Text, nullable=False),
    # Set by a person (a manager's result) until this day; computed tags have none.
    Column("until", Date),
    Index("ix_journey_tags_tag", "tag", "value"),
)

# A rule that waits: "unless this happens within ten minutes".
timers = Table(
    "journey_timers",
    metadata,
    Column("rule", String(40), primary_key=True),
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("due_at", Moment, nullable=False, index=True),
)

# A rule that fired for a customer. state: waiting | sent | merged | dropped | expired | held_out.
moments = Table(
    "journey_moments",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("rule", String(40), nullable=False),
    Column("customer", _customer, nullable=False),
    # The same matter (rule, customer, subject) fires once.
    Column("subject", String(80), nullable=False),
    Column("product", String(20)),
    Column("context", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Column("valid_until", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("outreach", String(64)),
    UniqueConstraint("rule", "customer", "subject"),
    Index("ix_journey_moments_state", "state", "customer"),
    Index("ix_journey_moments_customer", "customer", "rule", "at"),
)

# A message of our own accord. state: queued | delivered | refused | expired.
outreach = Table(
    "journey_outreach",
    metadata,
    Column("push_id", String(64), primary_key=True),
    Column("customer", _customer, nullable=False),
    Column("rule", String(40), nullable=False),
    Column("push_type", String(16), nullable=False),
    Column("rules", Json, nullable=False),
    Column("products", Json, nullable=False),
    Column("message", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("delivered_at", Moment),
    Column("seen_at", Moment),
    Column("answered_at", Moment),
    Column("acted_at", Moment),
    Column("acted_amount", Money()),
    Index("ix_journey_outreach_customer", "customer", "created_at"),
    Index("ix_journey_outreach_state", "state", "next_at"),
)

# state: open | contacted | won | lost | expired.
leads = Table(
    "journey_leads",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("customer", _customer, nullable=False, index=True),
    Column("subject", String(80), nullable=False),
    Column("product", String(20)),
    Column("branch", String(40), nullable=False),
    Column("manager", String(20)),
    Column("priority", Integer, nullable=False),
    Column("value", Money()),
    Column("reason", Text, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("talk", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    UniqueConstraint("kind", "customer", "subject"),
    Index("ix_journey_leads_open", "state", "branch", "manager"),
)

# What managers entered; append-only.
results = Table(
    "journey_results",
    metadata,
    Column("result_id", String(64), primary_key=True),
    Column("lead", String(40), nullable=False, index=True),
    Column("customer", _customer, nullable=False, index=True),
    Column("manager", String(20), nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("note", Text, nullable=False),
    Column("next_contact", Date),
    Column("allocation", Json, nullable=False),
    Column("amount", Money()),
    Column("at", Moment, nullable=False),
    Column("digest", String(32), nullable=False),
)

# A rule or kind of lead that stays silent for a customer until a moment.
pauses = Table(
    "journey_pauses",
    metadata,
    Column("customer", _customer, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("until", Moment, nullable=False),
)

# Transactional outbox. state: pending | sent | dead.
outbox = Table(
    "journey_outbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("topic", String(24), nullable=False),
    Column("customer", _customer),
    Column("payload", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("error", String(80), nullable=False),
    Index("ix_journey_outbox_state", "state", "next_at"),
)

# Customers who asked to be forgotten, until the worker has made sure that nothing it was in the middle of came after.
forgotten = Table("journey_forgotten", metadata, Column("customer", _customer, primary_key=True))
