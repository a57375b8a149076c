"""Reads for the desk: leads by branch and manager, one lead with its history, what was sent to a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from journeys.errors import UnknownLead
from journeys.leads.book import OPEN, payload
from journeys.store import Journal, schema

_RESULT = ("result_id", "lead", "manager", "outcome", "note", "next_contact", "allocation", "amount", "at")


def leads(
    journal: Journal,
    now: datetime,
    *,
    branch: str | None = None,
    manager: str | None = None,
    states: tuple[str, ...] = OPEN,
    limit: int = 200,
) -> list[dict[str, Any]]:
    """Leads still valid, most urgent first (peiban.lead/1). No branch means all branches."""
    table = schema.leads
    query = select(table).where(table.c.state.in_(states))
    if "open" in states:
        query = query.where((table.c.expires_at > now) | (table.c.state != "open"))
    if branch is not None:
        query = query.where(table.c.branch == branch)
    if manager is not None:
        query = query.where(table.c.manager == manager)
    query = query.order_by(table.c.priority.desc(), table.c.value.desc(), table.c.created_at).limit(limit)
    with journal.read() as connection:
        return [payload(dict(row)) for row in connection.execute(query).mappings()]


def lead(journal: Journal, identity: str) -> dict[str, Any]:
    """One lead with the results entered so far, newest first. Raises UnknownLead."""
    table, results = schema.leads, schema.results
    with journal.read() as connection:
        row = connection.execute(select(table).where(table.c.id == identity)).mappings().first()
        if row is None:
            raise UnknownLead(identity)
        entered = connection.execute(
            select(results).where(results.c.lead == identity).order_by(results.c.at.desc())
        ).mappings()
        history = [{name: entry[name] for name in _RESULT} for entry in entered]
    return {**payload(dict(row)), "results": history}


def messages(journal: Journal, customer: str, limit: int = 50) -> list[dict[str, Any]]:
    """What the assistant sent of its own accord, newest first, and what came of it."""
    table = schema.outreach
    query = select(table).where(table.c.customer == customer).order_by(table.c.created_at.desc()).limit(limit)
    names = (
        "push_id",
        "rule",
        "push_type",
        "state",
        "reason",
        "created_at",
        "delivered_at",
        "seen_at",
        "answered_at",
        "acted_at",
    )
    with journal.read() as connection:
        return [
            {**{name: row[name] for name in names}, "sentences": row["message"]["reply"]["sentences"]}
            for row in connection.execute(query).mappings()
        ]


def leads_of(journal: Journal, customer: str, limit: int = 20) -> list[dict[str, Any]]:
    """A customer's leads in any state, newest first (peiban.lead/1)."""
    table = schema.leads
    query = select(table).where(table.c.customer == customer).order_by(table.c.created_at.desc()).limit(limit)
    with journal.read() as connection:
        return [payload(dict(row)) for row in connection.execute(query).mappings()]


def results_of(journal: Journal, customer: str, limit: int = 20) -> list[dict[str, Any]]:
    """What managers entered about a customer, newest first."""
    table = schema.results
    query = select(table).where(table.c.customer == customer).order_by(table.c.at.desc()).limit(limit)
    with journal.read() as connection:
        return [{name: row[name] for name in _RESULT} for row in connection.execute(query).mappings()]
