"""The demo bank with its guard and knowledge base, for the tests of the knowledge base."""

from __future__ import annotations

import pytest

from tests.wealth.conftest import EVENING
from wealth.bank import Bank
from wealth.knowledge.base import KnowledgeBase
from wealth.rules.guard import Guard
from wealth.store import Store


@pytest.fixture(scope="session")
def bank(bank_store: Store) -> Bank:
    return Bank(store=bank_store, guard=Guard.load(bank_store), knowledge=KnowledgeBase.load())


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEIBAN_NOW", EVENING.isoformat())
