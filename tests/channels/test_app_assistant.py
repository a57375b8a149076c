"""After a crash the engine may have answered already: its own memory is asked first (Rasa's real trackers)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.app.assistant import Assistant, NotReady


class Forgetful(InMemoryTrackerStore):
    async def delete(self, sender: str) -> int:
        return len(self.store.pop(sender, []))


@pytest.fixture
async def assistant() -> Any:
    domain = Domain.empty()
    store = FailSafeTrackerStore(Forgetful(domain))
    tracker = DialogueStateTracker.from_events(
        "app:c1",
        [
            UserUttered("一", metadata={"message_id": "m1"}),
            BotUttered("答一"),
            UserUttered("二", metadata={"message_id": "m2"}),
            BotUttered(None, {"custom": {"reply": {"privacy": "public"}}}),
            BotUttered("答二", {"buttons": [{"title": "好", "payload": "好"}]}),
            UserUttered("三", metadata={"message_id": "m3"}),
        ],
    )
    await store.save(tracker)

    async def unused(message: Any) -> None:
        raise AssertionError

    made = Assistant(unused, "app")
    agent = SimpleNamespace(tracker_store=store, lock_store=InMemoryLockStore(), is_ready=lambda: False)
    made.app = SimpleNamespace(ctx=SimpleNamespace(agent=agent))  # type: ignore[assignment]
    return made


async def test_what_was_said_to_a_message_is_recalled(assistant: Assistant) -> None:
    sent = await assistant.recall("app:c1", "m2")
    assert sent is not None and sent[0]["custom"] == {"reply": {"privacy": "public"}}
    assert (sent[1]["text"], sent[1]["buttons"][0]["title"]) == ("答二", "好")
    assert await assistant.recall("app:c1", "m3") == []
    assert await assistant.recall("app:c1", "m4") is None
    assert await assistant.recall("app:c2", "m1") is None


async def test_forgetting_leaves_no_event(assistant: Assistant) -> None:
    assert len(await assistant.memory("app:c1")) == 6
    await assistant.forget("app:c1")
    assert await assistant.memory("app:c1") == []
    await assistant.forget("app:c1")


async def test_without_a_model_nothing_is_asked(assistant: Assistant) -> None:
    with pytest.raises(NotReady):
        await assistant.ask("app:c1", "m5", "你好", {})
