"""Puts turns that are alike into one group. A turn stays where it was put: ids and what was decided on them hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import bindparam, func, insert, select, update

from desk.feedback import likeness
from desk.feedback.corpus import corpus
from desk.feedback.tables import groups, items
from desk.store import DeskStore
from desk.wording import data
from wealth import clock

_RULES = data("feedback")["groups"]


def group(store: DeskStore, root: Path) -> int:
    """Give every turn without a group one; returns how many got one. root: where the training text is.

    Raises UnreadableCorpus.
    """
    with store.read() as connection:
        fresh: dict[str, list[int]] = defaultdict(list)
        for row in connection.execute(select(items.c.id, items.c.plain).where(items.c.group_id.is_(None))):
            fresh[row.plain].append(row.id)
        if not fresh:
            return 0
        newest = func.max(items.c.id)
        known = connection.execute(
            select(items.c.plain, func.min(items.c.group_id).label("group_id"))
            .where(items.c.group_id.is_not(None))
            .group_by(items.c.plain)
            .order_by(newest.desc())
            .limit(int(_RULES["compared"]))
        ).all()
    placed = _placed(root, list(fresh), {row.plain: row.group_id for row in known})
    return _keep(store, fresh, placed)


def _placed(root: Path, fresh: list[str], known: Mapping[str, int]) -> dict[str, int]:
    """Text → group; the negative numbers are groups that are not there yet."""
    placed = {text: known[text] for text in fresh if text in known}
    left = [text for text in fresh if text not in known]
    if not left:
        return placed
    others, alike = list(known), float(_RULES["alike"])
    weights = corpus(root).weights
    mine = weights.of(left)
    joined: set[int] = set()
    if others:
        for place, (other, value) in enumerate(zip(*likeness.nearest(mine, weights.of(others)), strict=True)):
            if value >= alike:
                placed[left[place]] = known[others[other]]
                joined.add(place)
    alone = [place for place in range(len(left)) if place not in joined]
    if alone:
        for place, number in zip(alone, likeness.clusters(mine[alone], alike), strict=True):
            placed[left[place]] = -1 - number
    return placed


def _keep(store: DeskStore, fresh: Mapping[str, list[int]], placed: Mapping[str, int]) -> int:
    made: dict[int, int] = {}
    values = []
    with store.write() as connection:
        for text, ids in fresh.items():
            number = placed[text]
            if number < 0 and number not in made:
                new = {"state": "open", "created_at": clock.now(), "decided_by": "", "why": ""}
                made[number] = connection.execute(insert(groups).values(**new)).inserted_primary_key[0]
            values += [{"item": identity, "into": made.get(number, number)} for identity in ids]
        unplaced = (items.c.id == bindparam("item")) & items.c.group_id.is_(None)
        connection.execute(update(items).where(unplaced).values(group_id=bindparam("into")), values)
    return len(values)
