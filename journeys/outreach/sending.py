"""From waiting moments to messages in the app: who may be told now, one message each, once, and what came of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from journeys.audit import note
from journeys.mot.rules import Rule
from journeys.outreach.compose import Dropped, compose
from journeys.outreach.settings import settings
from journeys.store import Journal, schema
from journeys.store.journal import chunks
from wealth.rules.guard import Guard
from wealth.rules.push import Sent, Verdict, may_push

logger = logging.getLogger(__name__)

# deliver(customer, message) → True: it is in the customer's log; False: the app refused it (consent, push type).
# message: {"push_id", "push_type", "reply"}; the same push_id is delivered once. Trouble raises.
Deliver = Callable[[str, Mapping[str, Any]], bool]
# Moments looked at in one go.
BATCH = 2000
_FIRST_PAUSE = timedelta(seconds=5)
_WILLING = {"push": True, "personalised": True}
# Refusals that time heals within a moment's validity.
_LATER = ("quiet_hours",)


def queue_messages(journal: Journal, guard: Guard, rules: Mapping[str, Rule], now: datetime) -> Counter[str]:
    """Turn what waits into at most one message a customer; returns counts by what became of each moment.

    Raises StoreUnavailable.
    """
    counts: Counter[str] = Counter()
    with journal.write() as connection:
        table = schema.moments
        stale = (table.c.state == "waiting") & (table.c.valid_until <= now)
        counts["expired"] = connection.execute(update(table).where(stale).values(state="expired")).rowcount
    if quiet(guard, now):
        return +counts
    with journal.read() as connection:
        query = select(table).where(table.c.state == "waiting").order_by(table.c.customer, table.c.id).limit(BATCH)
        by_customer: dict[str, list[Any]] = {}
        for row in connection.execute(query):
            by_customer.setdefault(row.customer, []).append(row)
    history = sent_lately(journal, list(by_customer), now)
    for customer, moments in by_customer.items():
        counts.update(_one_customer(journal, guard, rules, customer, moments, history.get(customer, []), now))
    return counts


def _one_customer(
    journal: Journal,
    guard: Guard,
    rules: Mapping[str, Rule],
    customer: str,
    moments: Sequence[Any],
    history: Sequence[Sent],
    now: datetime,
) -> Counter[str]:
    consents = journal.store.consents(customer)
    allowed, dropped = [], []
    for moment in moments:
        rule = rules.get(moment.rule)
        if rule is None:
            dropped.append(Dropped(moment.id, "rule_gone"))
            continue
        verdict = allowed_now(guard, consents, rule, history, now)
        if verdict.allowed:
            allowed.append((moment, rule))
        elif verdict.reason not in _LATER:
            dropped.append(Dropped(moment.id, verdict.reason))
    allowed.sort(key=lambda pair: (-pair[1].trigger.priority, pair[0].id))
    composed, more = compose(journal.store, guard, allowed, now) if allowed else (None, [])
    dropped += more
    if composed is None and not dropped:
        return Counter()
    counts = Counter({"dropped": len(dropped)})
    with journal.write() as connection:
        table = schema.moments
        for one in dropped:
            mine = (table.c.id == one.moment) & (table.c.state == "waiting")
            connection.execute(update(table).where(mine).values(state="dropped", reason=one.reason))
        if composed is not None:
            by_id = {moment.id: (moment, rule) for moment, rule in allowed}
            told = [by_id[number] for number in composed.told]
            push_id = f"mot-{told[0][0].id}"
            for place, (moment, _) in enumerate(told):
                state = "merged" if place else "sent"
                mine = (table.c.id == moment.id) & (table.c.state == "waiting")
                connection.execute(update(table).where(mine).values(state=state, outreach=push_id))
            message = {"push_id": push_id, "push_type": composed.push_type, "reply": composed.reply}
            connection.execute(
                insert(schema.outreach).values(
                    push_id=push_id,
                    customer=customer,
                    rule=told[0][1].id,
                    push_type=composed.push_type,
                    rules=[rule.id for _, rule in told],
                    products=list(composed.products),
                    message=message,
                    created_at=now,
                    expires_at=min(moment.valid_until for moment, _ in told),
                    state="queued",
                    reason="",
                    attempts=0,
                    next_at=now,
                )
            )
            note(connection, now, "push", customer, told[0][1].id, {"push": push_id})
            counts.update(sent=1, merged=len(told) - 1)
    return counts


def allowed_now(
    guard: Guard, consents: Mapping[str, bool], rule: Rule, history: Sequence[Sent], now: datetime
) -> Verdict:
    """Rules 10, 11 and 19 for one rule of ours."""
    personal = "personalised" in settings().push_types[rule.push_type]
    return may_push(guard.book, consents, now, rule.id, history, personal=personal)


def quiet(guard: Guard, now: datetime) -> bool:
    """Whether nobody may be pushed anything at this hour: then nothing is looked at, all night long."""
    return may_push(guard.book, _WILLING, now, "", []).reason == "quiet_hours"


def deliver_messages(
    journal: Journal, guard: Guard, rules: Mapping[str, Rule], deliver: Deliver, now: datetime, limit: int = 500
) -> Counter[str]:
    """Hand queued messages to the app; what the customer no longer wants, or came too late, is not sent."""
    table = schema.outreach
    counts: Counter[str] = Counter()
    if quiet(guard, now):
        return counts
    with journal.read() as connection:
        due = (table.c.state == "queued") & (table.c.next_at <= now)
        rows = connection.execute(select(table).where(due).order_by(table.c.created_at).limit(limit)).all()
    for row in rows:
        values = _attempt(journal, guard, rules, deliver, row, now)
        if values is None:
            continue
        counts[values.get("state", "retry")] += 1
        with journal.write() as connection:
            mine = (table.c.push_id == row.push_id) & (table.c.state == "queued")
            connection.execute(update(table).where(mine).values(**values))
    return counts


def _attempt(
    journal: Journal, guard: Guard, rules: Mapping[str, Rule], deliver: Deliver, row: Any, now: datetime
) -> dict[str, Any] | None:
    """What to write about one message after this attempt; None to leave it for later."""
    if row.expires_at <= now:
        return {"state": "expired"}
    rule = rules.get(row.rule)
    if rule is None:
        return {"state": "refused", "reason": "rule_gone"}
    verdict = allowed_now(guard, journal.store.consents(row.customer), rule, [], now)
    if verdict.reason == "quiet_hours":
        return None
    if not verdict.allowed:
        return {"state": "refused", "reason": verdict.reason}
    attempts = row.attempts + 1
    try:
        taken = deliver(row.customer, row.message)
    except Exception as error:
        # Whatever the app's trouble is, the message stays queued; its words don't go into the log.
        logger.warning("push %s not delivered: %s", row.push_id, type(error).__name__)
        if attempts >= settings().attempts:
            return {"state": "refused", "reason": "undeliverable", "attempts": attempts}
        return {"attempts": attempts, "next_at": now + _FIRST_PAUSE * 2 ** min(attempts, 8)}
    if not taken:
        return {"state": "refused", "reason": "app", "attempts": attempts}
    return {"state": "delivered", "delivered_at": now, "attempts": attempts}


def sent_lately(journal: Journal, customers: Sequence[str], now: datetime) -> dict[str, list[Sent]]:
    """What each was sent in the last week, every merged matter counting for its own rule's cap."""
    table = schema.outreach
    found: dict[str, list[Sent]] = {}
    with journal.read() as connection:
        for some in chunks(customers):
            query = select(table.c.customer, table.c.rule, table.c.created_at).where(
                table.c.customer.in_(some),
                table.c.created_at > now - timedelta(days=7),
                table.c.state.in_(("queued", "delivered")),
            )
            for row in connection.execute(query):
                found.setdefault(row.customer, []).append(Sent(row.rule, row.created_at))
    return found


def record_effects(journal: Journal, events: Sequence[Any]) -> None:
    """Seen, answered and acted on, from the stream; each only once, the first time counting."""
    table = schema.outreach
    columns = {"message_seen": "seen_at", "message_answered": "answered_at"}
    with journal.write() as connection:
        for event in events:
            if event.kind in columns:
                column = columns[event.kind]
                mine = (table.c.push_id == event.data["push_id"]) & (table.c.customer == event.customer)
                empty = table.c[column].is_(None)
                connection.execute(update(table).where(mine, empty).values({column: event.occurred_at}))
            elif event.kind == "purchase_completed":
                _acted(connection, event)


def _acted(connection: Any, event: Any) -> None:
    """A purchase counts for the newest message that the customer saw within the days set."""
    table = schema.outreach
    last = connection.execute(
        select(table.c.push_id)
        .where(
            table.c.customer == event.customer,
            table.c.seen_at.is_not(None),
            table.c.acted_at.is_(None),
            table.c.seen_at <= event.occurred_at,
            table.c.seen_at > event.occurred_at - settings().acted,
        )
        .order_by(table.c.created_at.desc())
        .limit(1)
    ).scalar()
    if last is not None:
        amount = event.data.get("amount")
        values = {"acted_at": event.occurred_at, "acted_amount": Decimal(amount) if amount else None}
        connection.execute(update(table).where(table.c.push_id == last).values(**values))
