"""Situation: everything about a customer that recommendation and comparison look at, gathered once."""

from __future__ import annotations

from datetime import datetime

from wealth.advice import terms
from wealth.advice.allocation_rules import targets_of
from wealth.advice.emergency import emergency_of
from wealth.advice.fit import Situation
from wealth.advice.stage import stage_of
from wealth.advice.suitability import standing
from wealth.positions import portfolio
from wealth.store import Store


def situation_of(store: Store, customer: str, at: datetime) -> Situation:
    """Raises UnknownCustomer, StoreUnavailable."""
    products = store.products_by_code()
    bought = [
        (movement, products[movement.product]) for movement in store.movements(customer) if movement.kind == "buy"
    ]
    held = portfolio(store, customer, at)
    found, today = standing(store, customer, at), terms.today_of(at)
    reserve = emergency_of(store.customer(customer), held, today)
    return Situation(
        standing=found,
        portfolio=held,
        today=today,
        stage=stage_of(held).id,
        targets=targets_of(found.level),
        reserve=min(reserve.target, reserve.have),
        emergency_short=reserve.short,
        bought=bought,
    )
