"""What managers enter about a lead: it changes tags, pauses rules, closes the lead, and is what we pass on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from journeys.audit import note
from journeys.errors import BadResult, UnknownLead
from journeys.leads.kinds import lead_rules
from journeys.store import Journal, schema
from journeys.tags.compute import set_manual
from journeys.tags.definitions import definitions
from wealth.clock import SHANGHAI
from wealth.format import day, money
from wealth.reply import Source
from zhtext.mask import mask

MOST_NOTE = 500
MOST_PARTS = 20
# Older than this nobody means it any more.
RECENT = timedelta(days=90)


@dataclass(frozen=True)
class Result:
    """One entry. result_id: of the sender, the same one twice is once. outcome: a key of leads.yml results.

    note: what the customer may hear again ("您的客户经理说…"). allocation: what was agreed offline, name → CNY.
    """

    result_id: str
    lead: str
    manager: str
    outcome: str
    note: str = ""
    next_contact: date | None = None
    allocation: Mapping[str, Decimal] = field(default_factory=dict)
    amount: Decimal | None = None


@dataclass(frozen=True)
class Said:
    """What the assistant may pass on of the last contact: sentences, and where they come from."""

    sentences: list[str]
    source: Source


def record(journal: Journal, result: Result, now: datetime) -> bool:
    """Keep a result and what follows from it; False for a repeat.

    Raises UnknownLead; BadResult for an unknown outcome, a text too long, or an id used for another entry.
    """
    rules = lead_rules()
    outcome = rules.outcomes.get(result.outcome)
    if outcome is None:
        raise BadResult(f"没有“{result.outcome[:40]}”这种结果（可选：{'、'.join(rules.outcomes)}）")
    _check(result)
    shown = {name: str(getattr(result, name)) for name in result.__dataclass_fields__}
    digest = hashlib.blake2b(json.dumps(shown, sort_keys=True).encode(), digest_size=16).hexdigest()
    table, leads = schema.results, schema.leads
    with journal.write() as connection:
        before = connection.execute(select(table.c.digest).where(table.c.result_id == result.result_id)).scalar()
        if before is not None:
            if before != digest:
                raise BadResult("这个编号已经用于另一条结果")
            return False
        lead = connection.execute(select(leads).where(leads.c.id == result.lead)).first()
        if lead is None:
            raise UnknownLead(result.lead)
        connection.execute(
            insert(table).values(
                result_id=result.result_id,
                lead=result.lead,
                customer=lead.customer,
                manager=result.manager,
                outcome=result.outcome,
                note=mask(result.note),
                next_contact=result.next_contact,
                allocation={name: str(part) for name, part in result.allocation.items()},
                amount=result.amount,
                at=now,
                digest=digest,
            )
        )
        connection.execute(update(leads).where(leads.c.id == result.lead).values(state=outcome.state))
        _follow(connection, lead.customer, outcome.tags, outcome.pause, outcome.title, now)
        note(connection, now, "lead_result", lead.customer, result.outcome, {"lead": result.lead})
    return True


def last_contact(journal: Journal, customer: str, now: datetime) -> Said | None:
    """What a manager entered last, in words for the customer; None if nobody wrote anything down lately."""
    table = schema.results
    lately = (table.c.customer == customer) & (table.c.at <= now) & (table.c.at > now - RECENT)
    query = select(table).where(lately).order_by(table.c.at.desc()).limit(5)
    with journal.read() as connection:
        rows = connection.execute(query).all()
    words = lead_rules().said
    for row in rows:
        on = day(row.at.astimezone(SHANGHAI).date(), now.date())
        sentences = []
        if row.note:
            sentences.append(words["contact"].format(day=on, note=row.note))
        if row.allocation:
            parts = "、".join(f"{name} {money(Decimal(part))}" for name, part in row.allocation.items())
            sentences.append(words["allocation"].format(day=on, parts=parts))
        if row.next_contact is not None and row.next_contact >= now.date():
            sentences.append(words["next"].format(day=day(row.next_contact, now.date())))
        if sentences:
            return Said(sentences, Source(f"result:{row.result_id}", "客户经理的记录", row.at))
    return None


def _follow(
    connection: Connection, customer: str, tags: Mapping[str, int], pauses: Mapping[str, int], why: str, now: datetime
) -> None:
    today = now.astimezone(SHANGHAI).date()
    for tag, days in tags.items():
        value = next(iter(definitions().manual[tag][1]))
        set_manual(connection, customer, tag, value, why, today, today + timedelta(days=days))
    table = schema.pauses
    for name, days in pauses.items():
        mine = (table.c.customer == customer) & (table.c.name == name)
        until = now + timedelta(days=days)
        if not connection.execute(update(table).where(mine).values(until=until)).rowcount:
            connection.execute(insert(table).values(customer=customer, name=name, until=until))


def _check(result: Result) -> None:
    if not 1 <= len(result.result_id) <= 64:
        raise BadResult("结果编号应为 1 到 64 个字符")
    if not 1 <= len(result.manager) <= 20:
        raise BadResult("缺少客户经理的编号")
    if len(result.note) > MOST_NOTE:
        raise BadResult(f"备注最多 {MOST_NOTE} 字")
    if len(result.allocation) > MOST_PARTS:
        raise BadResult(f"配置最多写 {MOST_PARTS} 项")
    for name, part in [*result.allocation.items(), *([("金额", result.amount)] if result.amount is not None else [])]:
        try:
            fine = part.is_finite() and 0 <= part < 10**12 and part == part.quantize(Decimal("0.01"))
        except (InvalidOperation, AttributeError):
            fine = False
        if not fine:
            raise BadResult(f"{name[:40]}的金额不对")
