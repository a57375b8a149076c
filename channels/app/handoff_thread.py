"""The one thread that customer, assistant and manager share: what the manager reads, says, and what is announced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from channels import wording
from channels.app import conversation, handoff, preferences
from channels.app.clock import SHANGHAI
from channels.app.conversation import Message
from channels.problems import Problem

_WEEKDAYS = "一二三四五六日"


def say(connection: Connection, identity: str, message_id: str, text: str) -> tuple[str, list[Message], bool]:
    """A manager's words into the thread, once per message_id. Returns the customer, the message, and whether it is new.

    Raises Problem not_found, message_id_reused or conflict (nobody is talking).
    """
    row = handoff.by_id(connection, identity)
    customer = row["customer"]
    conversation.open_log(connection, customer)
    entry = f"rm:{message_id}"
    known = conversation.find(connection, customer, entry)
    if known is not None:
        if known["text"] != text:
            raise Problem("message_id_reused", field="message_id")
        return customer, [known], False
    # Read under the lock of the log: the customer may just have ended it.
    if handoff.by_id(connection, identity)["state"] != "active":
        raise Problem("conflict", field="state")
    body = {"id": entry, "type": "text", "privacy": "personal", "origin": "manager", "text": text}
    return customer, conversation.append(connection, customer, [body]), True


def thread(connection: Connection, identity: str, after: int, limit: int) -> tuple[str, list[Message], int]:
    """The customer, messages for the manager, and the newest place in the log.

    All of the conversation with the customer's consent, otherwise from the request on. Raises Problem not_found.
    """
    row = handoff.by_id(connection, identity)
    customer = row["customer"]
    since = "" if may_view(connection, customer) else row["requested_at"]
    messages = conversation.messages_after(connection, customer, after, limit, since)
    return customer, messages, conversation.head(connection, customer).seq


def history(connection: Connection, customer: str, before: int | None, limit: int) -> tuple[list[Message], bool, bool]:
    """The newest messages older than `before`, whether there are older ones, and whether the customer consented.

    Without consent nothing is given: from a hand-over on, `thread` has it.
    """
    consent = may_view(connection, customer)
    messages, more = conversation.page(connection, customer, before, limit) if consent else ([], False)
    return messages, more, consent


def may_view(connection: Connection, customer: str) -> bool:
    """Whether the customer lets a manager see the conversation."""
    consents = preferences.get(connection, customer)["consents"]
    return any(entry["granted"] for entry in consents if entry["purpose"] == "manager_view")


def announce(connection: Connection, row: dict[str, Any], notice: str, **more: str) -> None:
    """One of the channel's sentences about a hand-over (data/channels/app.yml, messages.handoff_<notice>)."""
    slot = spoken_time(row["slot"]) if row.get("slot") else ""
    names = {"manager": row.get("manager") or "客户经理", "slot": slot, "need": row.get("need") or "", **more}
    _info(connection, row, notice, wording.load("app")["messages"][f"handoff_{notice}"].format(**names))


def hand_back(connection: Connection, row: dict[str, Any], summary: str | None) -> None:
    """The manager is done: the assistant takes over, with the manager's summary if there is one."""
    words = wording.load("app")["messages"]
    text = words["handoff_back"].format(manager=row.get("manager") or "客户经理")
    if summary:
        text += words["handoff_summary"].format(summary=summary)
    _info(connection, row, "back", text)


def spoken_time(slot: str) -> str:
    """An appointment's time as people say it: 11月24日（周二）10:00."""
    at = datetime.fromisoformat(slot).astimezone(SHANGHAI)
    return f"{at.month}月{at.day}日（周{_WEEKDAYS[at.weekday()]}）{at:%H:%M}"


def _info(connection: Connection, row: dict[str, Any], kind: str, text: str) -> None:
    customer = row["customer"]
    # The place makes the id unique: a hand-over may lose its manager twice.
    entry = f"handoff:{row['id']}:{kind}:{conversation.head(connection, customer).seq}"
    body = {"id": entry, "type": "text", "privacy": "personal", "origin": "assistant", "text": text}
    conversation.append(connection, customer, [body])
