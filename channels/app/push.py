"""Messages that the assistant sends of itself. Consent, push types and quiet hours decide here too (rule 19)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from channels import schema, wording
from channels.app import conversation, preferences, tables
from channels.app.clock import now, stamp
from channels.app.conversation import Message
from channels.app.database import insert_once
from channels.problems import Problem
from channels.rendering import reply as rendering


def put(
    connection: Connection, customer: str, push_id: str, push_type: str, reply: Mapping[str, Any]
) -> tuple[list[Message], bool]:
    """Put a push into the customer's log, once per push_id. Returns its messages and whether it is a repeat.

    Raises Problem push_not_allowed, push_quiet_hours, message_id_reused (same id, other content) or invalid (reply).
    """
    digest = hashlib.sha256(json.dumps([customer, push_type, reply], sort_keys=True).encode()).hexdigest()
    p = tables.pushes
    row = connection.execute(select(p.c.digest, p.c.customer).where(p.c.push_id == push_id)).first()
    if row is not None:
        if row.digest != digest:
            raise Problem("message_id_reused", field="push_id")
        return conversation.replies(connection, customer, f"push:{push_id}"), True
    refused, wait = preferences.may_push(connection, customer, push_type, now())
    if refused is not None:
        raise Problem(refused, retry_after=wait or None)
    try:
        messages = rendering.messages(_with_opt_out(reply), f"push:{push_id}", origin="push")
    except schema.InvalidMessage:
        raise Problem("invalid", field="reply") from None
    if all(message["type"] == "quick_replies" for message in messages):
        raise Problem("invalid", field="reply/sentences")
    if not insert_once(
        connection, p, push_id=push_id, customer=customer, push_type=push_type, digest=digest, at=stamp()
    ):
        # Another replica was faster by a hair.
        raise Problem("conflict", field="push_id", retry_after=1)
    return conversation.append(connection, customer, messages, reply_to=f"push:{push_id}"), False


def context(reply: Mapping[str, Any]) -> dict[str, Any]:
    """What "为什么" and "好的" mean after this push: the conversation's slots, {} where the reply names no topic."""
    control = reply.get("control")
    topic = control.get("topic") if isinstance(control, Mapping) else None
    if not isinstance(topic, Mapping) or not isinstance(control, Mapping):
        return {}
    return {"topic": dict(topic), "pending": control.get("pending")}


def is_last(connection: Connection, customer: str, push_id: str) -> bool:
    """Whether nothing was said since this push."""
    e = tables.entries
    last = connection.execute(select(e.c.reply_to).where(e.c.customer == customer).order_by(e.c.seq.desc()).limit(1))
    return bool(last.scalar() == f"push:{push_id}")


def off(connection: Connection, customer: str, scope: str) -> None:
    """The customer wants no more messages: "this" is the sort that came last, "all" every sort there is."""
    p = tables.pushes
    last = select(p.c.push_type).where(p.c.customer == customer).order_by(p.c.at.desc()).limit(1)
    kind = connection.execute(last).scalar() if scope == "this" else None
    kinds = [kind] if kind else list(wording.load("app")["push_types"])
    preferences.change(connection, customer, {"push_types": dict.fromkeys(kinds, False)})


def forget(connection: Connection, customer: str) -> None:
    """Delete the record of what was pushed to a customer."""
    connection.execute(delete(tables.pushes).where(tables.pushes.c.customer == customer))


def _with_opt_out(reply: Mapping[str, Any]) -> dict[str, Any]:
    option = wording.load("app")["messages"]["push_opt_out"]
    options = reply.get("quick_replies") or []
    if not isinstance(options, list):
        raise schema.InvalidMessage("reply/quick_replies", "type")
    said = [one.get("text") for one in options if isinstance(one, Mapping)]
    return {**reply, "quick_replies": options if option["text"] in said else [*options, option]}
