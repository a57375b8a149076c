"""A message that a person sends to a group: approved wording, under the same consents, caps and guard as our own.

It becomes waiting moments like any rule's, so that one customer gets one message and the engine looks once more at
what is allowed when it goes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select

from journeys import looks
from journeys.audit import note
from journeys.datafile import Section, load
from journeys.errors import BadValue
from journeys.mot import fire
from journeys.mot.rules import Rule, rule
from journeys.outreach.compose import draft
from journeys.outreach.sending import allowed_now, sent_lately
from journeys.store import Journal, schema
from journeys.tags.facts import facts
from journeys.triggers import GROUP
from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.format import day
from wealth.rules.guard import Guard

FILE = DATA / "desk" / "group_messages.yml"
_LATEST = timedelta(days=90)


@dataclass(frozen=True)
class Value:
    """What the sender fills in: a day to come, or one of the options."""

    title: str
    options: Sequence[str] | None

    def shown(self, given: Any, today: date) -> str:
        """As it stands in the message. Raises BadValue."""
        if self.options is not None:
            if given not in self.options:
                raise BadValue(f"{self.title}只能从这些里选：{'、'.join(self.options)}")
            return str(given)
        try:
            on = date.fromisoformat(str(given))
        except ValueError:
            raise BadValue(f"{self.title}应是日期") from None
        if not today <= on <= today + _LATEST:
            raise BadValue(f"{self.title}应在今天和 {_LATEST.days} 天之内")
        return day(on, today)


@dataclass(frozen=True)
class Template:
    """One approved message. rule: its wording and conditions; values: what the sender fills in."""

    rule: Rule
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Plan:
    """Who would get the message, as rows of journey_moments, with the text; and how many would not, by reason."""

    rows: Sequence[dict[str, Any]]
    texts: Sequence[Sequence[str]]
    excluded: Counter[str]


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Template]:
    """The messages in force, by id. Raises DataFault."""
    return read(FILE)


def read(path: Path) -> Mapping[str, Template]:
    """One file. Raises DataFault with file and line."""
    found = {}
    for name, section in load(path).need("templates", Section).items():
        values = {key: _value(one) for key, one in section.pop("values", {}).items()}
        made = rule(name, section, values)
        if made.trigger.on != GROUP:
            raise section.fault(f"on 要写 {GROUP}", "on")
        found[name] = Template(made, values)
    return found


def plan(
    journal: Journal,
    guard: Guard,
    template: Template,
    given: Mapping[str, Any],
    customers: Sequence[str],
    subject: str,
    now: datetime,
) -> Plan:
    """Look at each customer, write nothing. Raises BadValue, StoreUnavailable."""
    today = now.astimezone(SHANGHAI).date()
    if set(given) != set(template.values):
        raise BadValue(f"要填的是：{'、'.join(one.title for one in template.values.values()) or '无'}")
    values = {name: one.shown(given[name], today) for name, one in template.values.items()}
    made = template.rule
    frame = looks.daily(journal, facts(journal.store, now, customers), now)
    fitting = fire.moments(journal, [made], frame, now)
    with journal.read() as connection:
        rested = fire.rested(connection, {made.id: made.trigger}, fitting, schema.moments, "rule", "at", now)
    open_ones = [row for row in rested if row["state"] == "waiting"]
    excluded = Counter(
        not_fitting=len(customers) - len(fitting),
        cooldown=len(fitting) - len(rested),
        held_out=len(rested) - len(open_ones),
    )
    history = sent_lately(journal, [row["customer"] for row in open_ones], now)
    rows, texts = [], []
    for row in open_ones:
        customer = row["customer"]
        row = {**row, "subject": subject, "context": {"values": values}}
        reason = _forbidden(journal, guard, made, customer, history.get(customer, []), now)
        drafted = reason or draft(journal.store, guard, SimpleNamespace(id=0, **row), made, now)
        if isinstance(drafted, str):
            excluded[drafted] += 1
        else:
            rows.append(row)
            texts.append(list(drafted[0].sentences))
    return Plan(rows, texts, +excluded)


def send(journal: Journal, made: Plan, template: Template, subject: str, now: datetime) -> int:
    """Let the engine send it; returns to how many. Repeated under the same subject it is kept once."""
    table = schema.moments
    with journal.write() as connection:
        fire.keep(connection, made.rows)
        for row in made.rows:
            note(connection, now, "group", row["customer"], template.rule.id, {"send": subject})
        mine = (table.c.rule == template.rule.id) & (table.c.subject == subject)
        return int(connection.execute(select(func.count()).where(mine).select_from(table)).scalar() or 0)


def states(journal: Journal, subjects: Sequence[str]) -> dict[str, dict[str, int]]:
    """What has become of each sending: state of its moments → how many."""
    table = schema.moments
    query = select(table.c.subject, table.c.state, func.count()).where(table.c.subject.in_(list(subjects)))
    found: dict[str, dict[str, int]] = {}
    with journal.read() as connection:
        for subject, state, count in connection.execute(query.group_by(table.c.subject, table.c.state)):
            found.setdefault(subject, {})[state] = count
    return found


def _forbidden(
    journal: Journal, guard: Guard, made: Rule, customer: str, history: Sequence[Any], now: datetime
) -> str | None:
    """Why the customer may not be told; at night, as of the next morning, when it would go out."""
    consents = journal.store.consents(customer)
    verdict = allowed_now(guard, consents, made, history, now)
    if verdict.not_before is not None:
        verdict = allowed_now(guard, consents, made, history, verdict.not_before)
    return None if verdict.allowed else verdict.reason


def _value(section: Section) -> Value:
    section.only("title", "type", "options")
    kind = section.need("type")
    if kind not in ("day", "choice"):
        raise section.fault("type 只能是 day（日期）或 choice（选项）", "type")
    options = tuple(map(str, section.need("options", list))) if kind == "choice" else None
    return Value(section.need("title"), options)
