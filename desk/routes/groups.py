"""批量服务: choose customers by tags, see who would get which words, and send under the same rules as any message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConstrainedStr, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desk import audit, people, sends
from desk.auth.access import AnyService, require
from desk.auth.roles import Who
from desk.problems import Problem
from desk.services import Services
from desk.wording import data, say
from journeys.outreach import group
from journeys.outreach.group import Plan, Template
from journeys.store import schema
from journeys.tags.compute import customers_with
from journeys.tags.definitions import definitions
from wealth import clock

router = APIRouter(tags=["groups"])
Sender = Annotated[Who, Depends(require("groups"))]
_LIMITS = data("limits")["group"]


class Short(ConstrainedStr):
    """A tag, a value of one, or what is filled into a template."""

    min_length = 1
    max_length = 80


class Group(BaseModel):
    """where: tag → one value or several; a customer has to have all the tags. values: what the template asks for."""

    where: dict[Short, Short | list[Short]]
    template: str = Field(min_length=1, max_length=40)
    values: dict[Short, Short] = {}

    @property
    def tags(self) -> dict[str, Sequence[str]]:
        return {str(tag): [value] if isinstance(value, str) else value for tag, value in self.where.items()}

    @property
    def filled(self) -> dict[str, str]:
        return {str(name): str(value) for name, value in self.values.items()}


class Sending(Group):
    """send_id: made by the page, so that sending twice sends once."""

    send_id: str = Field(min_length=8, max_length=40, regex=r"^[A-Za-z0-9_-]+$")


@router.get("/groups/tags")
def vocabulary(who: Sender, desk: AnyService) -> dict[str, Any]:
    """Tags to choose by, with the values that customers have now."""
    known = definitions()
    table = schema.tags
    with desk.journal.read() as connection:
        rows = connection.execute(select(table.c.tag, table.c.value).distinct().order_by(table.c.tag, table.c.value))
        present: dict[str, list[str]] = {}
        for tag, value in rows:
            present.setdefault(tag, []).append(value)
    names = {**{name: one.name for name, one in known.tags.items()}, **{k: v[0] for k, v in known.manual.items()}}
    return {
        "tags": [
            {
                "tag": tag,
                "name": names.get(tag, tag),
                "values": [{"value": value, "title": known.title(tag, value).partition("：")[2]} for value in values],
                "manual": tag in known.manual,
            }
            for tag, values in present.items()
        ]
    }


@router.get("/groups/templates")
def templates(who: Sender) -> dict[str, Any]:
    """Approved messages, and what has to be filled in."""
    return {
        "templates": [
            {
                "id": name,
                "title": one.rule.trigger.title,
                "text": list(one.rule.text),
                "purpose": one.rule.purpose.value,
                "push_type": one.rule.push_type,
                "values": [
                    {
                        "name": key,
                        "title": value.title,
                        "type": "day" if value.options is None else "choice",
                        "options": list(value.options or ()),
                    }
                    for key, value in one.values.items()
                ],
            }
            for name, one in group.templates().items()
        ]
    }


@router.post("/groups/preview")
def preview(given: Group, who: Sender, desk: AnyService) -> dict[str, Any]:
    """How many would get it, how many not and why, and what it looks like for a few."""
    template = _template(given.template)
    chosen = _chosen(desk, who, given)
    made = _plan(desk, template, given, chosen, "preview")
    few = list(zip(made.rows, made.texts, strict=True))[: _LIMITS["samples"]]
    known = people.customers(desk.bank.store, [row["customer"] for row, _ in few])
    with desk.store.write() as connection:
        audit.note(connection, "list", who.account, why="group", count=len(chosen))
        for row, _ in few:
            audit.note(connection, "look", who.account, customer=row["customer"], why="group")
    return {
        "selected": len(chosen),
        "count": len(made.rows),
        **_excluded(made.excluded),
        "samples": [
            {
                "customer": row["customer"],
                "customer_name": people.masked(known[row["customer"]].name),
                "text": "\n".join(text),
            }
            for row, text in few
        ],
    }


@router.post("/groups/send")
def send(given: Sending, who: Sender, desk: AnyService) -> dict[str, Any]:
    """Queue it for those who may get it. The same send_id again answers what it did; with other content 409."""
    mark = sends.digest(who.account, given.template, given.tags, given.filled)
    with desk.store.read() as connection:
        before = sends.found(connection, given.send_id)
    if before is None:
        before = _send(desk, who, given, mark)
    if before.digest != mark:
        raise Problem(409, "conflict", field="send_id")
    return {"send_id": before.send_id, "queued": before.queued, **_excluded(before.excluded)}


@router.get("/groups/sends")
def history(who: Sender, desk: AnyService) -> dict[str, Any]:
    """What was sent lately, and what became of it: one's own, or everybody's for head office."""
    everybody = who.scope("groups") == "all"
    with desk.store.read() as connection:
        rows = sends.of(connection, None if everybody else who.account, _LIMITS["listed"])
    states = group.states(desk.journal, [_subject(row.send_id) for row in rows])
    known = group.templates()
    return {
        "sends": [
            {
                "send_id": row.send_id,
                "account": row.account,
                "template": row.template,
                "title": known[row.template].rule.trigger.title if row.template in known else row.template,
                "at": row.at.isoformat(),
                "queued": row.queued,
                **_excluded(row.excluded),
                "states": states.get(_subject(row.send_id), {}),
            }
            for row in rows
        ]
    }


def _send(desk: Services, who: Who, given: Sending, mark: str) -> Any:
    template = _template(given.template)
    chosen = _chosen(desk, who, given)
    subject = _subject(given.send_id)
    made = _plan(desk, template, given, chosen, subject)
    # First the messages, kept once under this subject; a page that lost the answer asks again and gets the row below.
    queued = group.send(desk.journal, made, template, subject, clock.now())
    try:
        with desk.store.write() as connection:
            sends.keep(
                connection,
                send_id=given.send_id,
                account=who.account,
                template=given.template,
                digest=mark,
                queued=queued,
                excluded=dict(made.excluded),
            )
            audit.note(connection, "group_send", who.account, why=given.template, send=given.send_id, count=queued)
    except IntegrityError:
        pass  # sent twice at once: the other's row stands
    with desk.store.read() as connection:
        return sends.found(connection, given.send_id)


def _template(name: str) -> Template:
    found = group.templates().get(name)
    if found is None:
        raise Problem(422, "no_template", field="template")
    return found


def _chosen(desk: Services, who: Who, given: Group) -> list[str]:
    """Customers with the tags, within the person's reach. Raises Problem for nobody, or too many."""
    tagged = customers_with(desk.journal, given.tags) if given.tags else []
    found = people.reachable(desk.bank.store, who, "groups", tagged)
    if not found:
        raise Problem(422, "nobody", field="where")
    if len(found) > _LIMITS["most"]:
        raise Problem(422, "too_many_customers", field="where")
    return found


def _plan(desk: Services, template: Template, given: Group, chosen: list[str], subject: str) -> Plan:
    return group.plan(desk.journal, desk.bank.guard, template, given.filled, chosen, subject, clock.now())


def _subject(send_id: str) -> str:
    return f"group {send_id}"


def _excluded(counts: Any) -> dict[str, Any]:
    """Counts by reason, and what the reasons are called."""
    titles = {code: _reason(code) for code in counts}
    return {"excluded": dict(counts), "reasons": titles}


def _reason(code: str) -> str:
    return say("excluded.rule") if code.startswith("rule_") else say(f"excluded.{code}")
