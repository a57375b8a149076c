"""A customer's settings and consents. Consents are a trail: each change is a row, the newest of a purpose counts."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from channels import wording
from channels.app import tables
from channels.app.clock import SHANGHAI, stamp
from channels.app.database import insert_once
from channels.problems import Problem


def get(connection: Connection, customer: str) -> dict[str, Any]:
    """Settings as the API shows them (schema Preferences), defaults where the customer chose nothing."""
    rules = wording.load("app")
    p = tables.preferences
    row = connection.execute(select(p).where(p.c.customer == customer)).first()
    chosen = json.loads(row.push_types) if row else {}
    consents = []
    given = _consents(connection, customer)
    for purpose, consent in rules["consents"].items():
        entry = {
            "purpose": purpose,
            "granted": bool(consent.get("default")),
            "title": consent["title"],
            "text": consent["text"],
            "required": bool(consent.get("required")),
        }
        if purpose in given:
            entry["granted"], entry["at"] = given[purpose]
        consents.append(entry)
    granted = {entry["purpose"]: entry["granted"] for entry in consents}
    return {
        "personalised": bool((row.personalised if row else True) and granted["personalisation"]),
        "quiet_hours": {
            "start": row.quiet_start if row else rules["quiet_hours"]["start"],
            "end": row.quiet_end if row else rules["quiet_hours"]["end"],
        },
        "push_types": {name: bool(chosen.get(name, push["default"])) for name, push in rules["push_types"].items()},
        "push_labels": {name: push["label"] for name, push in rules["push_types"].items()},
        "consents": consents,
    }


def change(connection: Connection, customer: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Apply a PreferenceChange. Raises Problem invalid for unknown push types or purposes, and for what is required."""
    rules = wording.load("app")
    before = get(connection, customer)
    consents = {item["purpose"]: item["granted"] for item in wanted.get("consents", ())}
    for purpose, granted in consents.items():
        if purpose not in rules["consents"] or (rules["consents"][purpose].get("required") and not granted):
            raise Problem("invalid", field="consents")
    if not set(wanted.get("push_types", {})) <= set(rules["push_types"]):
        raise Problem("invalid", field="push_types")
    # One switch and one consent, always in step: whichever was touched decides.
    personalised = wanted.get("personalised", consents.get("personalisation", before["personalised"]))
    if "personalised" in wanted or "personalisation" in consents:
        consents["personalisation"] = personalised
    current = {entry["purpose"]: entry["granted"] for entry in before["consents"]}
    for purpose, granted in consents.items():
        if current[purpose] != granted:
            values = {"purpose": purpose, "granted": granted, "wording": rules["consent_version"], "at": stamp()}
            connection.execute(insert(tables.consents).values(customer=customer, **values))
    quiet = wanted.get("quiet_hours", before["quiet_hours"])
    push_types = {**before["push_types"], **wanted.get("push_types", {})}
    p = tables.preferences
    insert_once(
        connection, p, customer=customer, personalised=True, quiet_start="21:00", quiet_end="09:00", push_types="{}"
    )
    connection.execute(
        p.update()
        .where(p.c.customer == customer)
        .values(
            personalised=personalised,
            quiet_start=quiet["start"],
            quiet_end=quiet["end"],
            push_types=json.dumps(push_types),
        )
    )
    return get(connection, customer)


def history(connection: Connection, customer: str) -> list[dict[str, Any]]:
    """Every consent given or withdrawn, in order."""
    c = tables.consents
    rows = connection.execute(select(c).where(c.c.customer == customer).order_by(c.c.id)).all()
    return [{"purpose": r.purpose, "granted": r.granted, "wording": r.wording, "at": r.at} for r in rows]


def may_push(connection: Connection, customer: str, push_type: str, moment: datetime) -> tuple[str | None, int]:
    """Whether a push may go out now: (None, 0), or the problem code and the seconds until it may."""
    rules = wording.load("app")
    kind = rules["push_types"].get(push_type)
    settings = get(connection, customer)
    granted = {entry["purpose"] for entry in settings["consents"] if entry["granted"]}
    if not settings["personalised"]:
        granted.discard("personalisation")
    if kind is None or not settings["push_types"][push_type] or not set(kind["needs"]) <= granted:
        return "push_not_allowed", 0
    wait = max(_quiet(settings["quiet_hours"], moment), _quiet(rules["quiet_hours"], moment))
    return ("push_quiet_hours", wait) if wait else (None, 0)


def forget(connection: Connection, customer: str) -> None:
    """Back to the defaults, without a trace."""
    for table in (tables.preferences, tables.consents):
        connection.execute(delete(table).where(table.c.customer == customer))


def _consents(connection: Connection, customer: str) -> dict[str, tuple[bool, str]]:
    return {item["purpose"]: (item["granted"], item["at"]) for item in history(connection, customer)}


def _quiet(hours: dict[str, str], moment: datetime) -> int:
    """Seconds until the quiet hours end, 0 outside of them. start = end means none."""
    local = moment.astimezone(SHANGHAI)
    start, end = time.fromisoformat(hours["start"]), time.fromisoformat(hours["end"])
    now = local.time()
    quiet = start <= now < end if start <= end else now >= start or now < end
    if not quiet:
        return 0
    seconds = (end.hour - now.hour) * 3600 + (end.minute - now.minute) * 60 - now.second
    return seconds if seconds > 0 else seconds + 24 * 3600
