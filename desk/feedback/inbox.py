"""The inbox: groups of turns that went wrong, what is suggested for them, and the second person's decision.

Plain functions over a connection; raises Problem. A group is open → suggested → approved, or dismissed; an approval
that does not pass its check opens it again; one that was cancelled, or could not be checked, leaves it suggested.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection, Row

from desk.feedback.proposal import Suggestion
from desk.feedback.tables import groups, items, jobs, suggestions
from desk.problems import Problem
from desk.tables import accounts
from desk.wording import data
from wealth import clock
from wealth.wording import WordingError, say

_DATA = data("feedback")
KINDS: tuple[str, ...] = tuple(_DATA["kinds"])
STATES = ("open", "suggested", "approved", "dismissed")
_EXAMPLES = int(_DATA["groups"]["examples"])
_SHOWN = ("text", "kind", "intent", "confidence", "skill", "answer", "meant", "meant_intent", "reason")
UNDER_WAY = ("queued", "running")

Group = dict[str, Any]


def trouble(status: int, code: str) -> Problem:
    """A problem of this part, worded in feedback.yml."""
    return Problem(status, code, detail=_DATA["problems"][code])


def listing(
    connection: Connection, *, branch: str | None, state: str | None, kind: str | None, limit: int
) -> list[Group]:
    """Groups with the most turns first; of a branch only what its own customers said. None means any."""
    count = func.count(items.c.id)
    query = (
        select(groups.c.id)
        .join(items, items.c.group_id == groups.c.id)
        .where(_within(branch))
        .group_by(groups.c.id)
        .order_by(count.desc(), func.max(items.c.at).desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(groups.c.state == state)
    if kind is not None:
        query = query.where(items.c.group_id.in_(select(items.c.group_id).where(items.c.kind == kind, _within(branch))))
    return _described(connection, [row.id for row in connection.execute(query)], branch)


def show(connection: Connection, identity: int, branch: str | None) -> Group:
    """One group. Raises Problem 404, also where none of it is of the branch."""
    found = _described(connection, [identity], branch)
    if not found:
        raise Problem(404, "not_found")
    return found[0]


def suggest(connection: Connection, identity: int, account: str, suggestion: Suggestion) -> None:
    """Put a suggestion in place of the one before. Raises Problem 409 once it is approved."""
    new = {"group_id": identity, "account": account, "at": clock.now(), "body": suggestion.to_dict()}
    made = connection.execute(insert(suggestions).values(**new)).inserted_primary_key[0]
    values = {"state": "suggested", "suggestion_id": made, "decided_by": "", "decided_at": None, "why": ""}
    undecided = (groups.c.id == identity) & (groups.c.state != "approved")
    if not connection.execute(update(groups).where(undecided).values(**values)).rowcount:
        _under_way_or_decided(connection, identity)


def suggestion_of(connection: Connection, group: Group) -> Suggestion:
    """What is suggested for a group now. Raises Problem 409 for nothing."""
    if group["suggestion"] is None:
        raise trouble(409, "nothing_suggested")
    body = connection.execute(select(suggestions.c.body).where(suggestions.c.id == group["suggestion"]["id"])).scalar()
    return Suggestion.of(body or {})


def may_approve(group: Group, account: str, seen: int | None) -> None:
    """Raises Problem: 409 for nothing to approve or another suggestion than was seen, 403 for one's own."""
    if group["suggestion"] is None or group["state"] not in ("suggested", "approved"):
        raise trouble(409, "nothing_suggested")
    if group["suggestion"]["by"] == account:
        raise trouble(403, "own_suggestion")
    if seen is not None and seen != group["suggestion"]["id"]:
        raise trouble(409, "changed")


def approve(connection: Connection, group: Group, account: str) -> bool:
    """Queue the check of what is suggested; False if somebody had done so. Raises Problem 409 if it has changed."""
    suggestion = group["suggestion"]["id"]
    identity = int(group["id"])
    as_seen = (groups.c.id == identity) & (groups.c.suggestion_id == suggestion)
    values = {"state": "approved", "decided_by": account, "decided_at": clock.now()}
    if not connection.execute(update(groups).where(as_seen, groups.c.state == "suggested").values(**values)).rowcount:
        if connection.execute(select(groups.c.id).where(as_seen, groups.c.state == "approved")).first() is None:
            raise trouble(409, "changed")
        return False
    fresh = {
        "account": account,
        "at": clock.now(),
        "state": "queued",
        "step": "queued",
        "step_at": time.time(),
        "attempts": 0,
        "reason": "",
        "before": None,
        "after": None,
        "files": None,
        "digest": "",
    }
    if not connection.execute(update(jobs).where(jobs.c.suggestion_id == suggestion).values(**fresh)).rowcount:
        connection.execute(insert(jobs).values(suggestion_id=suggestion, group_id=identity, run=0, **fresh))
    return True


def dismiss(connection: Connection, identity: int, account: str, why: str) -> None:
    """Nothing is to be done about a group. Raises Problem 409 once it is approved."""
    values = {"state": "dismissed", "decided_by": account, "decided_at": clock.now(), "why": why}
    undecided = (groups.c.id == identity) & (groups.c.state != "approved")
    if not connection.execute(update(groups).where(undecided).values(**values)).rowcount:
        _under_way_or_decided(connection, identity)


def cancel(connection: Connection, identity: int) -> None:
    """Stop the check of a group; it is suggested again. Raises Problem 409 where none is under way."""
    mine = (jobs.c.group_id == identity) & jobs.c.state.in_(UNDER_WAY)
    values = {"state": "cancelled", "step": "cancelled", "reason": _DATA["outcomes"]["cancelled"]}
    if not connection.execute(update(jobs).where(mine).values(**values)).rowcount:
        raise trouble(409, "not_running")
    reopen(connection, identity)


def reopen(connection: Connection, identity: int, state: str = "suggested") -> None:
    """An approval came to nothing: it may be given again, or ("open") something else must be suggested."""
    mine = (groups.c.id == identity) & (groups.c.state == "approved")
    connection.execute(update(groups).where(mine).values(state=state, decided_by="", decided_at=None))


def _under_way_or_decided(connection: Connection, identity: int) -> None:
    running = select(jobs.c.id).where(jobs.c.group_id == identity, jobs.c.state.in_(UNDER_WAY))
    raise trouble(409, "running" if connection.execute(running).first() else "decided")


def _within(branch: str | None) -> Any:
    return items.c.group_id.is_not(None) if branch is None else (items.c.branch == branch) & (items.c.branch != "")


def _described(connection: Connection, wanted: Sequence[int], branch: str | None) -> list[Group]:
    """Groups with what was said, in the order wanted."""
    said: dict[int, list[Row]] = defaultdict(list)
    query = select(items).where(items.c.group_id.in_(wanted), _within(branch)).order_by(items.c.at.desc(), items.c.id)
    for row in connection.execute(query):
        said[row.group_id].append(row)
    kept = {row.id: row for row in connection.execute(select(groups).where(groups.c.id.in_(wanted)))}
    proposed = {
        row.id: row
        for row in connection.execute(
            select(suggestions, accounts.c.name)
            .outerjoin(accounts, accounts.c.account == suggestions.c.account)
            .where(suggestions.c.id.in_([row.suggestion_id for row in kept.values()]))
        )
    }
    checks = {
        row.group_id: row
        for row in connection.execute(select(jobs).where(jobs.c.group_id.in_(wanted)).order_by(jobs.c.at, jobs.c.id))
    }
    return [
        _group(kept[identity], said[identity], proposed.get(kept[identity].suggestion_id), checks.get(identity))
        for identity in wanted
        if identity in kept and said[identity]
    ]


def _group(row: Row, said: Sequence[Row], proposed: Row | None, check: Row | None) -> Group:
    kinds = Counter(one.kind for one in said)
    texts = Counter(one.text for one in reversed(said))
    shown: dict[str, Row] = {}
    for one in sorted(said, key=lambda one: (KINDS.index(one.kind), -texts[one.text])):
        shown.setdefault(one.text, one)
    return {
        "id": str(row.id),
        "state": row.state,
        "kind": min(kinds, key=KINDS.index),
        "kind_title": _DATA["kinds"][min(kinds, key=KINDS.index)],
        "kinds": dict(kinds),
        "count": len(said),
        "text": texts.most_common(1)[0][0],
        "examples": list(shown)[:_EXAMPLES],
        "turns": [_turn(one) for one in list(shown.values())[:_EXAMPLES]],
        "intents": [name for name, _ in Counter(one.intent for one in said).most_common()],
        "first": said[-1].at.isoformat(),
        "last": said[0].at.isoformat(),
        "suggestion": None if proposed is None else _suggestion(proposed),
        "decided_by": row.decided_by,
        "why": row.why,
        "job": None if check is None else job(check),
    }


def _turn(row: Row) -> Mapping[str, Any]:
    shown = {name: getattr(row, name) for name in _SHOWN}
    return {**shown, "confidence": round(row.confidence, 3), "at": row.at.isoformat(), "account": row.account}


def _suggestion(row: Row) -> Mapping[str, Any]:
    shown = {"id": row.id, "by": row.account, "by_name": row.name or row.account, "at": row.at.isoformat()}
    return {**row.body, **shown, "text": "\n".join(row.body["texts"])}


def job(row: Row) -> Mapping[str, Any]:
    """How far a check is; progress 0 to 1 is a guess from how long it usually takes."""
    progress = {"queued": 0.0, "done": 1.0}.get(row.state)
    if row.state == "running":
        passed = (time.time() - row.step_at) / float(_DATA["check"]["usual_seconds"])
        progress = round({"before": 0.02, "after": 0.5}.get(row.step, 0.0) + min(max(passed, 0.0), 0.95) * 0.48, 2)
    return {
        "state": row.state,
        "step": row.step,
        "title": _DATA["steps"].get(row.step, row.step),
        "progress": progress,
        "reason": row.reason,
        "account": row.account,
    }


def result(connection: Connection, identity: int) -> dict[str, Any] | None:
    """Scores before and after, files and digest of the check that passed; None without one."""
    columns = [jobs.c.before, jobs.c.after, jobs.c.files, jobs.c.digest]
    done = select(*columns).where(jobs.c.group_id == identity, jobs.c.state == "done").order_by(jobs.c.id.desc())
    row = connection.execute(done).mappings().first()
    return dict(row) if row else None


def score(scores: Mapping[str, Any], intent: str) -> dict[str, float]:
    """Scores as a person reads them: the whole, and the intent that it is about."""
    titles = _DATA["scores"]
    shown = {titles["overall" if intent else "knowledge"]: scores["accuracy"]}
    if intent in scores["intents"]:
        shown[intent_title(intent)] = round(scores["intents"][intent], 4)
    return shown


def intent_title(intent: str) -> str:
    """What people call an intent."""
    try:
        return str(_DATA["titles"].get(intent) or say(f"dialogue.topics.{intent}"))
    except WordingError:
        return intent
