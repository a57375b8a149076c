"""The windowed tracker store: bounded, complete underneath, forgetful on demand, safe with a second replica."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event

from server.tracker_store import WindowedTrackerStore

DOMAIN = Domain.from_yaml(
    """
    slots:
      topic: {type: any, influence_conversation: false, mappings: [{type: custom}]}
      pending: {type: any, influence_conversation: false, mappings: [{type: custom}]}
    """
)
SENDER = "app:demo-04"


def store(folder: Path, window: int = 20) -> WindowedTrackerStore:
    return WindowedTrackerStore(domain=DOMAIN, db=str(folder / "tracker.db"), window=window)


async def talk(to: WindowedTrackerStore, turns: int, start: int = 0) -> None:
    for number in range(start, start + turns):
        tracker = await to.get_or_create_tracker(SENDER, append_action_listen=False)
        tracker.update(ActionExecuted("action_listen"), DOMAIN)
        tracker.update(UserUttered(f"第{number}句", {"name": "pnl_query"}), DOMAIN)
        tracker.update(ActionExecuted("action_pnl_query"), DOMAIN)
        tracker.update(BotUttered(f"答{number}"), DOMAIN)
        tracker.update(SlotSet("topic", {"skill": "pnl_query", "turn": number}), DOMAIN)
        await to.save(tracker)


def said(tracker: DialogueStateTracker | None) -> list[str]:
    assert tracker is not None
    return [event.text or "" for event in tracker.events if isinstance(event, UserUttered)]


async def test_the_window_is_bounded_and_nothing_is_lost(tmp_path: Path) -> None:
    live = store(tmp_path)
    await talk(live, 50)
    fresh = await store(tmp_path).retrieve(SENDER)
    assert fresh is not None and len(fresh.events) <= 20
    assert said(fresh)[-1] == "第49句"
    whole = await store(tmp_path).retrieve_full_tracker(SENDER)
    assert said(whole) == [f"第{number}句" for number in range(50)]


async def test_a_window_begins_with_a_turn(tmp_path: Path) -> None:
    await talk(store(tmp_path), 30)
    fresh = await store(tmp_path).retrieve(SENDER)
    assert fresh is not None
    first = fresh.events[0]
    assert isinstance(first, ActionExecuted) and first.action_name == "action_listen"


async def test_slots_set_before_the_window_survive(tmp_path: Path) -> None:
    live = store(tmp_path)
    tracker = await live.get_or_create_tracker(SENDER, append_action_listen=False)
    tracker.update(SlotSet("pending", {"kind": "form", "step": 3}), DOMAIN)
    await live.save(tracker)
    await talk(live, 20)
    fresh = await store(tmp_path).retrieve(SENDER)
    assert fresh is not None
    assert fresh.get_slot("pending") == {"kind": "form", "step": 3}
    assert fresh.get_slot("topic") == {"skill": "pnl_query", "turn": 19}


async def test_a_turn_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    live = store(tmp_path)
    await talk(live, 3)
    broken = await live.retrieve(SENDER)
    assert broken is not None
    broken.update(UserUttered("说到一半", {"name": "pnl_query"}), DOMAIN)
    assert said(await live.retrieve(SENDER)) == ["第0句", "第1句", "第2句"]


async def test_another_replica_is_noticed(tmp_path: Path) -> None:
    here, there = store(tmp_path), store(tmp_path)
    await talk(here, 2)
    await talk(there, 1, start=2)
    assert said(await here.retrieve(SENDER))[-1] == "第2句"
    await talk(here, 1, start=3)
    assert said(await there.retrieve_full_tracker(SENDER)) == ["第0句", "第1句", "第2句", "第3句"]


@pytest.mark.parametrize("again", [False, True])
async def test_deleting_forgets_everything(tmp_path: Path, again: bool) -> None:
    live = store(tmp_path)
    await talk(live, 5)
    assert await live.delete(SENDER) == 25
    if again:
        assert await live.delete(SENDER) == 0
    assert await live.retrieve(SENDER) is None
    assert await store(tmp_path).retrieve(SENDER) is None
    await talk(live, 1)
    fresh = await store(tmp_path).retrieve(SENDER)
    assert said(fresh) == ["第0句"]
    assert fresh is not None and fresh.get_slot("topic")["turn"] == 0


async def test_the_file_stays_open_between_turns(tmp_path: Path) -> None:
    live = store(tmp_path)
    opened: list[object] = []
    event.listen(live.engine, "connect", lambda connection, record: opened.append(connection))
    await talk(live, 5)
    await live.retrieve_full_tracker(SENDER)
    await live.delete(SENDER)
    assert opened == []
