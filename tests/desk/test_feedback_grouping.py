"""Turns that are alike come into one group, and stay there as new ones come."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from feedback_house import tree
from sqlalchemy import insert, select, update

from desk.feedback import likeness, tables
from desk.feedback.grouping import group
from desk.feedback.inbox import listing
from desk.store import DeskStore
from wealth import clock

STOP = ["我的定投怎么停", "定投怎么暂停", "怎么停掉定投", "定投怎么停啊"]
RATE = ["三年定期利率多少", "三年定期的利率", "定期三年利率是多少"]
_number = itertools.count(1)


@pytest.fixture
def store(tmp_path: Path) -> DeskStore:
    found = DeskStore(f"sqlite:///{tmp_path / 'desk.db'}")
    found.create()
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree(tmp_path_factory.mktemp("root"))


def put(store: DeskStore, *texts: str, kind: str = "asked_back", branch: str = "b1") -> None:
    with store.write() as connection:
        for text in texts:
            number = next(_number)
            row = {
                **dict.fromkeys(("skill", "answer", "meant", "meant_intent", "reason", "account"), ""),
                "key": f"{kind}:{number}",
                "kind": kind,
                "at": clock.now(),
                "subject": "s",
                "branch": branch,
                "turn": number,
                "turn_at": 1.0,
                "text": text,
                "plain": likeness.plain(text),
                "intent": "pnl_query",
                "confidence": 0.4,
            }
            connection.execute(insert(tables.items).values(**row))


def placed(store: DeskStore) -> dict[str, int]:
    with store.read() as connection:
        return {row.text: row.group_id for row in connection.execute(select(tables.items).order_by(tables.items.c.id))}


def test_alike_together_others_apart(store: DeskStore, root: Path) -> None:
    put(store, *STOP, *RATE, "今天星期几")
    assert group(store, root) == 8
    found = placed(store)
    assert len({found[text] for text in STOP}) == 1
    assert len({found[text] for text in RATE}) == 1
    assert len(set(found.values())) == 3


def test_groups_stay_as_new_turns_come_one_by_one_and_at_once(store: DeskStore, root: Path) -> None:
    put(store, *STOP[:2], *RATE[:1])
    group(store, root)
    before = placed(store)
    for text in (*STOP[2:], *RATE[1:], "今天星期几", "我的定投怎么停！！", "ＯＫ定投怎么停"):
        put(store, text)
        group(store, root)
    put(store, *(f"{number}号窗口在哪" for number in range(40)))
    group(store, root)
    after = placed(store)
    assert {text: after[text] for text in before} == before
    assert after["我的定投怎么停！！"] == before["我的定投怎么停"] == after["ＯＫ定投怎么停"]
    assert {after[text] for text in RATE} == {before[RATE[0]]}


def test_grouping_again_changes_nothing(store: DeskStore, root: Path) -> None:
    assert group(store, root) == 0
    put(store, *STOP)
    group(store, root)
    before = placed(store)
    assert group(store, root) == 0
    assert placed(store) == before


def test_a_decided_group_takes_its_like_and_stays_decided(store: DeskStore, root: Path) -> None:
    put(store, *STOP[:3])
    group(store, root)
    with store.write() as connection:
        connection.execute(update(tables.groups).values(state="dismissed"))
    put(store, STOP[3])
    group(store, root)
    with store.read() as connection:
        assert listing(connection, branch=None, state="open", kind=None, limit=9) == []
        (one,) = listing(connection, branch=None, state="dismissed", kind=None, limit=9)
    assert one["count"] == 4


def test_one_text_that_a_thousand_say(store: DeskStore, root: Path) -> None:
    put(store, *["定投怎么停"] * 1000)
    group(store, root)
    with store.read() as connection:
        (one,) = listing(connection, branch=None, state=None, kind=None, limit=9)
    assert (one["count"], one["text"], one["examples"]) == (1000, "定投怎么停", ["定投怎么停"])


def test_the_gravest_kind_names_the_group(store: DeskStore, root: Path) -> None:
    put(store, STOP[0], kind="low_confidence")
    put(store, STOP[0], kind="corrected")
    put(store, STOP[0], kind="low_confidence", branch="b2")
    group(store, root)
    with store.read() as connection:
        (one,) = listing(connection, branch=None, state=None, kind="low_confidence", limit=9)
        (there,) = listing(connection, branch="b2", state=None, kind=None, limit=9)
        assert listing(connection, branch="b2", state=None, kind="corrected", limit=9) == []
        assert listing(connection, branch="", state=None, kind=None, limit=9) == []
    assert one["kind"] == "corrected" and one["kinds"] == {"low_confidence": 2, "corrected": 1}
    assert there["count"] == 1 and there["kind"] == "low_confidence"
