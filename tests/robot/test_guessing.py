"""Early answers on the server: stopped when the words turn out to be others, waited for when they are the same."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from channels.robot.guessing import Guesses


class Agent:
    """As much of Rasa as a guess needs; parsing takes until it is let go."""

    def __init__(self, intent: str = "concept_qa") -> None:
        self.intent = intent
        self.go = asyncio.Event()
        self.saved = 0
        self.metadata: list[Any] = []
        self.stopped = 0
        self.processor = self

    async def parse_message(self, text: str) -> dict[str, Any]:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return {"text": text, "intent": {"name": self.intent}, "entities": []}

    async def log_message(self, message: Any, should_save_tracker: bool = True) -> Any:
        self.saved += should_save_tracker
        self.metadata.append(message.metadata)
        return message

    async def run_action_extract_slots(self, collector: Any, tracker: Any) -> Any:
        return tracker

    async def _run_prediction_loop(self, collector: Any, tracker: Any) -> None:
        await collector.send_response(tracker.sender_id, {"text": f"answer to {tracker.text}"})


def guesses(agent: Agent) -> Guesses:
    made = Guesses("robot")
    made.app = SimpleNamespace(ctx=SimpleNamespace(agent=agent))  # type: ignore[assignment]
    return made


async def test_a_guess_is_a_dry_run_on_a_copy_that_is_not_saved() -> None:
    agent = Agent()
    agent.go.set()
    sent = await guesses(agent).make("v", "什么是净值", {"device": "d"})
    assert sent is not None and sent[0]["text"] == "answer to 什么是净值"
    assert agent.saved == 0 and agent.metadata == [{"device": "d", "dry_run": True}]


@pytest.mark.parametrize("intent", ["human_handoff", "branch_service", "risk_assessment", "asset_overview", "None"])
async def test_what_has_effects_is_not_guessed(intent: str) -> None:
    agent = Agent(intent)
    agent.go.set()
    assert await guesses(agent).make("v", "取个号", {}) is None
    assert agent.metadata == []


async def test_other_words_stop_a_guess_at_once() -> None:
    agent = Agent()
    made = guesses(agent)
    early = asyncio.create_task(made.make("v", "什么是净", {}))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    # Nothing lets the guess go on: this would hang if the real question waited for it.
    await asyncio.wait_for(made.settle("v", "什么是净值型产品", 30), 5)
    assert await early is None and agent.stopped == 1


async def test_the_same_words_wait_for_the_guess_in_the_making_but_not_for_ever() -> None:
    agent = Agent()
    made = guesses(agent)
    early = asyncio.create_task(made.make("v", "什么是净值", {}))
    await asyncio.sleep(0)
    settled = asyncio.create_task(made.settle("v", "什么是净值", 30))
    await asyncio.sleep(0.01)
    assert not settled.done()
    agent.go.set()
    await settled
    assert await early is not None
    agent.go.clear()
    hung = asyncio.create_task(made.make("v", "什么是净值", {}))
    await asyncio.sleep(0)
    await made.settle("v", "什么是净值", 0.01)
    assert await hung is None


async def test_a_newer_guess_replaces_the_older_and_visits_do_not_mix() -> None:
    agent = Agent()
    made = guesses(agent)
    first = asyncio.create_task(made.make("v", "什么", {}))
    await asyncio.sleep(0)
    second = asyncio.create_task(made.make("v", "什么是净值", {}))
    other = asyncio.create_task(made.make("w", "什么是定投", {}))
    await asyncio.sleep(0.01)
    agent.go.set()
    assert await first is None
    assert (await second or [{}])[0]["text"].endswith("净值") and (await other or [{}])[0]["text"].endswith("定投")


async def test_a_server_without_a_model_guesses_nothing() -> None:
    assert await Guesses("robot").make("v", "什么是净值", {}) is None
