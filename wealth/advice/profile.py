"""Profile: the little that makes one reading of a customer's words likelier than another (data/nlu_priors.yml)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from wealth.advice import market_view
from wealth.advice.stage import stage_of
from wealth.classes import CLASSES
from wealth.positions import portfolio
from wealth.store import Store

_FLAT = Decimal("0.003")
"""A headline index that moved less than this made no day."""


def profile_of(store: Store, customer: str | None, at: datetime) -> dict[str, Any]:
    """`{day, stage?, holds?, market_day?}` as JSON: no amounts and no names; of a visitor the market's day only.

    Raises UnknownCustomer, StoreUnavailable.
    """
    found: dict[str, Any] = {"day": market_view.today_of(at).isoformat()}
    if customer is not None:
        held = portfolio(store, customer, at)
        found["stage"] = stage_of(held).id
        found["holds"] = [name for name in CLASSES if held.by_class[name] > 0]
    index = market_view.settings()["headline"]["index"]
    ratio = next((move.ratio for move in market_view.moves(store, at, None) if move.series.id == index), None)
    if ratio is not None:
        found["market_day"] = "flat" if abs(ratio) < _FLAT else "up" if ratio > 0 else "down"
    return found
