"""Composing a message: the first matter in its wording with figures, the next in a line each, past the guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from journeys.mot.rules import Rule
from journeys.outreach.figures import Figures, NoFigure
from journeys.outreach.settings import settings
from wealth.errors import UnknownCustomer, UnknownProduct
from wealth.reply import Privacy, Purpose, QuickReply, Reply
from wealth.request import Request
from wealth.rules.guard import Guard
from wealth.store import Store
from wealth.wording import say


@dataclass(frozen=True)
class Composed:
    """A message ready to go: the app's push (push_type, reply); its control holds what a "为什么" is about."""

    push_type: str
    reply: Mapping[str, Any]
    products: Sequence[str]
    told: Sequence[int]


@dataclass(frozen=True)
class Dropped:
    """Why a matter is not told: a figure is missing, or a rule forbids it."""

    moment: int
    reason: str


def compose(
    store: Store, guard: Guard, matters: Sequence[tuple[Any, Rule]], at: datetime
) -> tuple[Composed | None, list[Dropped]]:
    """One message of the matters of one customer (moment row, rule), most important first.

    The first that can be told leads; up to `merge` more follow in a line each. Raises StoreUnavailable.
    """
    dropped: list[Dropped] = []
    while matters:
        (moment, rule), *matters = matters
        made = draft(store, guard, moment, rule, at)
        if isinstance(made, str):
            dropped.append(Dropped(moment.id, made))
            continue
        reply, sources = made
        told, codes = [moment.id], [moment.product] if moment.product else []
        for more, other in matters[: settings().merge]:
            added = _with(store, reply, sources, more, other, at)
            if added is None or guard.findings(added[0], _request(more, at)):
                continue
            reply, sources = added
            told.append(more.id)
            codes += [more.product] if more.product else []
        checked = guard.check(reply, _request(moment, at))
        return Composed(rule.push_type, checked.to_dict(), codes, told), dropped
    return None, dropped


def draft(store: Store, guard: Guard, moment: Any, rule: Rule, at: datetime) -> tuple[Reply, Figures] | str:
    """One matter as a message of its own, or why it can't be told. Leaves no trace. Raises StoreUnavailable."""
    made = _lead(store, moment, rule, at)
    if isinstance(made, str):
        return made
    found = guard.findings(made[0], _request(moment, at))
    return f"rule_{found[0].rule}" if found else made


def _lead(store: Store, moment: Any, rule: Rule, at: datetime) -> tuple[Reply, Figures] | str:
    figures = Figures(store, moment.customer, moment.product, moment.context, at)
    try:
        sentences = [figures.fill(text) for text in rule.text]
        step = QuickReply(rule.next_step.title, figures.fill(rule.next_step.text))
    except NoFigure:
        return "no_figure"
    except (UnknownCustomer, UnknownProduct):
        return "unknown"
    params = {"products": [moment.product]} if moment.product else {}
    return (
        Reply(
            skill=rule.skill,
            sentences=sentences,
            quick_replies=[step, QuickReply(say("push.opt_out.title"), say("push.opt_out.text"))],
            next_step=step,
            sources=list(figures.sources.values()),
            privacy=Privacy.PERSONAL,
            purpose=rule.purpose,
            offered=[moment.product] if rule.offers and moment.product else [],
            params=params,
            control={
                "topic": _topic(rule, figures, params),
                "pending": {"kind": "next", "skill": rule.skill, "params": params},
                "personalised": rule.purpose is Purpose.PUSH,
            },
        ),
        figures,
    )


def _topic(rule: Rule, figures: Figures, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the conversation is about once this was read (the topic slot, docs/architecture.md)."""
    asked = dict(params)
    if rule.why != rule.skill and params and (day := figures.moved_on()) is not None:
        # Why the price moved is asked of that day, not of the whole time it was held.
        ends = {"start": day.isoformat(), "end": (day + timedelta(days=1)).isoformat()}
        asked["period"] = {"name": "", **ends, "valid": True, "reason": ""}
    return {"skill": rule.why, "params": asked, "offered": list(params.get("products", ()))}


def _with(
    store: Store, reply: Reply, figures: Figures, moment: Any, rule: Rule, at: datetime
) -> tuple[Reply, Figures] | None:
    """The reply with one more matter in a line; None where it can't be told, or would recommend in a service note."""
    if rule.purpose is Purpose.PUSH and reply.purpose is not Purpose.PUSH:
        return None
    own = Figures(store, moment.customer, moment.product, moment.context, at)
    try:
        line = settings().also.format(brief=own.fill(rule.brief))
    except (NoFigure, UnknownCustomer, UnknownProduct):
        return None
    figures.sources.update(own.sources)
    fields = {name: getattr(reply, name) for name in reply.__dataclass_fields__}
    fields.update(sentences=[*reply.sentences, line], sources=list(figures.sources.values()))
    return Reply(**fields), figures


def _request(moment: Any, at: datetime) -> Request:
    return Request(customer=moment.customer, channel="app", text="", now=at)
