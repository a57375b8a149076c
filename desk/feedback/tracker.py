"""Reads conversations from committed tracker rows. Read only; a store that is not there yet is an empty one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection, make_url

from journeys.store.journal import chunks
from wealth.store import engine as database

_COLUMNS = "SELECT id AS n, sender_id, type_name, timestamp, data FROM events"
_NEXT = text(
    f"{_COLUMNS} WHERE id > :after AND timestamp <= :until AND type_name IN ('user', 'bot') ORDER BY id LIMIT :limit"
)
_BEFORE = text(f"{_COLUMNS} WHERE sender_id = :sender AND id < :n AND type_name = 'user' ORDER BY id DESC LIMIT :limit")
_LATEST = text(
    f"{_COLUMNS} WHERE sender_id = :sender AND timestamp <= :at AND type_name = 'user' ORDER BY id DESC LIMIT :limit"
)
_ANSWERS = text(
    f"{_COLUMNS} WHERE sender_id = :sender AND id > :n AND type_name IN ('user', 'bot') ORDER BY id LIMIT 6"
)
_TIMES = text("SELECT id, timestamp FROM events WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))
# So far back is looked for the message that was rated or reported.
_FAR = 400


@dataclass(frozen=True)
class Turn:
    """What a customer said and how it was read. n: tracker row; at: Unix seconds; decision answer|clarify|refuse."""

    n: int
    at: float
    sender: str
    text: str
    message_id: str
    intent: str
    confidence: float
    best: str
    decision: str

    @property
    def channel(self) -> str:
        return self.sender.partition(":")[0]

    @property
    def customer(self) -> str:
        return self.sender.partition(":")[2]

    @property
    def key(self) -> str:
        """Which turn this is, also after the tracker store was made anew."""
        return f"{self.n}:{int(self.at * 1000)}"


@dataclass(frozen=True)
class Answer:
    """What was answered. words: the first sentence where it is public, else ""; asks: kind of `pending`, or ""."""

    skill: str
    words: str
    asks: str
    handoff: str


NO_ANSWER = Answer("", "", "", "")


@dataclass(frozen=True)
class HandedOver:
    """The row of an answer that called a person."""

    n: int
    sender: str
    reason: str


class Tracker:
    """The tracker store; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._engine = database.create(url)
        parsed = make_url(url)
        self._file = Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Raises StoreUnavailable."""
        # Opening an embedded store would make the file that the server makes.
        there = self._file is None or self._file.exists()
        if not there:
            yield Reader(None)
            return
        with database.translated(), self._engine.connect() as connection:
            ready = connection.dialect.has_table(connection, "events")
            yield Reader(connection if ready else None)

    def close(self) -> None:
        self._engine.dispose()


class Reader:
    """One look at the tracker store."""

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection

    def after(self, n: int, until: float, limit: int) -> tuple[list[Turn | HandedOver], int]:
        """The turns and calls for a person after row n, older than `until`, in order, and the last row looked at."""
        rows = self._rows(_NEXT, after=n, until=until, limit=limit)
        if not rows and n and not self._rows(_NEXT, after=n - 1, until=until, limit=1):
            # The store was made anew: its numbers start again.
            rows = self._rows(_NEXT, after=0, until=until, limit=limit)
        found = [one for row in rows if (one := _read(row)) is not None]
        return found, rows[-1]["n"] if rows else n

    def before(self, sender: str, n: int, limit: int) -> list[Turn]:
        """The last turns of a conversation before row n, newest first."""
        return _turns(self._rows(_BEFORE, sender=sender, n=n, limit=limit))

    def latest(self, sender: str, at: float, limit: int) -> list[Turn]:
        """The last turns of a conversation up to a moment, newest first."""
        return _turns(self._rows(_LATEST, sender=sender, at=at, limit=limit))

    def message(self, sender: str, message_id: str, at: float) -> Turn | None:
        """The turn that a message belongs to, the customer's own or one of its answers ("<id>.0")."""
        for turn in self.latest(sender, at, _FAR):
            if turn.message_id and (message_id == turn.message_id or message_id.startswith(f"{turn.message_id}.")):
                return turn
        return None

    def answer(self, turn: Turn) -> Answer:
        """What was answered to a turn."""
        for row in self._rows(_ANSWERS, sender=turn.sender, n=turn.n):
            if row["type_name"] == "user":
                break
            return _answer(json.loads(row["data"]))
        return NO_ANSWER

    def there(self, rows: Iterable[tuple[int, float]]) -> set[tuple[int, float]]:
        """Those of the (row, time) that are still kept."""
        kept = set()
        wanted = set(rows)
        for some in chunks(sorted({n for n, _ in wanted})):
            kept |= {(row["id"], row["timestamp"]) for row in self._rows(_TIMES, ids=some)}
        return wanted & kept

    def _rows(self, query: Any, **values: Any) -> Sequence[Mapping[str, Any]]:
        if self._connection is None:
            return []
        found: Sequence[Mapping[str, Any]] = self._connection.execute(query, values).mappings().all()
        return found


def _turns(rows: Iterable[Mapping[str, Any]]) -> list[Turn]:
    return [turn for row in rows if isinstance(turn := _read(row), Turn)]


def _read(row: Mapping[str, Any]) -> Turn | HandedOver | None:
    if row["type_name"] == "bot":
        # Most answers are long and call nobody.
        answer = _answer(json.loads(row["data"])) if '"handoff"' in row["data"] else NO_ANSWER
        return HandedOver(row["n"], row["sender_id"], answer.handoff) if answer.handoff else None
    body = json.loads(row["data"])
    parsed = body.get("parse_data") or {}
    intent, ranking = parsed.get("intent") or {}, parsed.get("intent_ranking") or []
    said = str(body.get("text") or "").strip()
    # Rasa's own signals ("/session_start") are no words of a customer.
    if not said or said.startswith("/") or not intent.get("name"):
        return None
    return Turn(
        n=row["n"],
        at=float(row["timestamp"]),
        sender=row["sender_id"],
        text=said,
        message_id=str((body.get("metadata") or {}).get("message_id") or ""),
        intent=str(intent["name"])[:60],
        confidence=float(intent.get("confidence") or 0.0),
        best=str(ranking[0]["name"])[:60] if ranking else str(intent["name"])[:60],
        decision=str(parsed.get("decision") or "answer"),
    )


def _answer(body: Mapping[str, Any]) -> Answer:
    reply = ((body.get("data") or {}).get("custom") or {}).get("reply") or {}
    control = reply.get("control") or {}
    sentences = reply.get("sentences") or []
    return Answer(
        skill=str(reply.get("skill") or "")[:40],
        words=str(sentences[0]) if sentences and reply.get("privacy") == "public" else "",
        asks=str((control.get("pending") or {}).get("kind") or ""),
        handoff=str(control.get("handoff") or "")[:40],
    )
