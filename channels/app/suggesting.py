"""What the assistant would have answered while a manager has the conversation: for the manager's eyes only.

The turn runs on a copy of the conversation that is never saved, marked `dry_run` so that the answer leaves no trail,
and only for intents whose answers change nothing (data/channels/app.yml, handoff.suggest_intents).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import Any

from sqlalchemy.engine import Connection

from channels import wording
from channels.app import handoff, handoff_thread, preferences
from channels.app.assistant import Assistant
from channels.app.database import Database
from channels.app.handoff import Handoff
from channels.problems import Problem

logger = logging.getLogger(__name__)

_SECONDS = 10.0
_LOOKED_BACK = 100


class Suggestions:
    """Silent answers, one try per question."""

    def __init__(self, database: Database, assistant: Assistant) -> None:
        self._database = database
        self._assistant = assistant
        self._rules = wording.load("app")["handoff"]

    async def make(self, identity: str) -> list[dict[str, Any]]:
        """Answers to the customer's last words in a hand-over; empty where there is nothing to say.

        Raises Problem not_found or not_ready.
        """
        row, question, personalised = await self._database.read(_question, identity)
        if not question:
            return []
        customer = row["customer"]
        metadata = {"channel": "app", "customer": customer, "device": None, "visit": None, "dry_run": True}
        try:
            found = await asyncio.wait_for(
                self._assistant.think(
                    f"app:{customer}",
                    question,
                    {**metadata, "personalised": personalised},
                    frozenset(self._rules["suggest_intents"]),
                ),
                _SECONDS,
            )
        except Exception as error:
            # The type only: an exception's text may quote the message.
            logger.error("suggestion failed: %s", type(error).__name__)
            raise Problem("not_ready", retry_after=5) from None
        if found is None:
            return []
        confidence, sent = found
        replies = [part["custom"]["reply"] for part in sent if isinstance(part.get("custom"), dict)]
        return [self._suggestion(question, reply, confidence) for reply in replies if reply.get("sentences")]

    def _suggestion(self, question: str, reply: dict[str, Any], confidence: float) -> dict[str, Any]:
        sentences = list(reply["sentences"])[: self._rules["suggest_sentences"]]
        sources = [{"title": source["title"], "as_of": source["as_of"]} for source in reply.get("sources") or ()]
        identity = hashlib.sha256("\n".join([question, *sentences]).encode()).hexdigest()[:32]
        return {
            "id": identity,
            "text": "\n".join(sentences),
            "skill": str(reply.get("skill") or ""),
            "sources": sources,
            "confidence": round(confidence, 3),
        }


def _question(connection: Connection, identity: str) -> tuple[Handoff, str, bool]:
    row = handoff.by_id(connection, identity)
    after = max(0, row["said_seq"] - _LOOKED_BACK)
    _, messages, _ = handoff_thread.thread(connection, identity, after, _LOOKED_BACK * 2)
    said = [message["text"] for message in messages if message.get("origin") == "customer" and "text" in message]
    personalised = bool(preferences.get(connection, row["customer"])["personalised"])
    return row, said[-1] if said else "", personalised
