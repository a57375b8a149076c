"""What the desk's routes work with, made once per process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from desk.hub import Hub
from desk.settings import DeskSettings
from desk.store import DeskStore
from journeys.store import Journal
from wealth.bank import Bank
from wealth.knowledge.base import KnowledgeBase
from wealth.rules.guard import Guard
from wealth.store import open_store


@dataclass
class Services:
    """settings; the desk's own store; the bank; the journal of journeys; the hub of open pages; the wall clock."""

    settings: DeskSettings
    store: DeskStore
    bank: Bank
    journal: Journal
    hub: Hub = field(default_factory=Hub)
    # Seconds since 1970, for sessions and the brake on guessing; tests turn it.
    wall: Callable[[], float] = time.time

    @classmethod
    def open(cls, settings: DeskSettings) -> Services:
        """Open the stores. Opens no connection to the bank yet; raises StoreUnavailable for the desk's own."""
        bank_store = open_store(settings.bank_url)
        bank = Bank(store=bank_store, guard=Guard.load(bank_store), knowledge=_knowledge())
        return cls(settings, DeskStore(settings.store_url), bank, Journal(bank_store))


@cache
def _knowledge() -> KnowledgeBase:
    """Read once per process: two seconds of YAML."""
    return KnowledgeBase.load()
