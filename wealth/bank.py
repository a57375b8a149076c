"""Everything a skill may look at: the bank's store, the rules guard and the knowledge base, opened once per process."""

from __future__ import annotations

from dataclasses import dataclass

from wealth.knowledge.base import KnowledgeBase
from wealth.rules.guard import Guard
from wealth.store import Store, open_store


@dataclass(frozen=True)
class Bank:
    """One bank's data behind the skills; safe to share between threads."""

    store: Store
    guard: Guard
    knowledge: KnowledgeBase

    @classmethod
    def from_environment(cls) -> Bank:
        store = open_store()
        return cls(store=store, guard=Guard.load(store), knowledge=KnowledgeBase.load())
