"""Comparison: two or three products side by side, and which suits this customer better, if any may be offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wealth.advice import fit, terms
from wealth.advice.fit import Fit, Situation
from wealth.advice.situation import situation_of
from wealth.advice.wish import Wish
from wealth.store import Product, Store

MOST = 3
COST_DAYS = (180, 365, 1095)
_COST_AMOUNT = Decimal(10000)


@dataclass(frozen=True)
class Comparison:
    """situation None: an anonymous visitor, no judgement. fits: those that may be offered, the best first.

    barred: code → why it may not be offered. costs: code → CNY that ¥10,000 costs over each of COST_DAYS.
    """

    products: Sequence[Product]
    situation: Situation | None
    fits: Sequence[Fit]
    barred: Mapping[str, str]
    costs: Mapping[str, tuple[Decimal, ...]]


def compare(
    store: Store, customer: str | None, products: Sequence[Product], at: datetime, *, personal: bool = True
) -> Comparison:
    """Lay up to MOST products side by side. Raises UnknownCustomer, StoreUnavailable.

    personal False (switched off by the customer): no judgement, the facts only.
    """
    chosen = list(products)[:MOST]
    costs = {one.code: tuple(terms.cost_over(one, _COST_AMOUNT, days) for days in COST_DAYS) for one in chosen}
    if customer is None:
        return Comparison(chosen, None, (), {}, costs)
    situation = situation_of(store, customer, at)
    barriers = {one.code: situation.standing.barrier(one, situation.today) for one in chosen}
    barred = {code: barrier for code, barrier in barriers.items() if barrier is not None}
    judged = [one for one in chosen if one.code not in barred] if personal else []
    fits = sorted(
        (fit.assess(one, situation, Wish()) for one in judged), key=lambda one: (-one.score, one.product.code)
    )
    return Comparison(chosen, situation, fits, barred, costs)
