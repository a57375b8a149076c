"""Situation: everything about a customer that recommendation and comparison look at, gathered once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from wealth.advice import terms
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
    return Situation(
        standing=standing(store, customer, at),
        portfolio=held,
        today=terms.today_of(at),
        stage=stage_of(held).id,
        targets=None,
        emergency_short=Decimal(0),
        bought=bought,
    )
