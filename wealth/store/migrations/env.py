"""Alembic's entry: runs the migrations on the connection that wealth.store.migrate hands over."""

from __future__ import annotations

from alembic import context

from wealth.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="wealth_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
