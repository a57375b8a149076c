"""Suitability: what a customer may be offered. Rules 1, 2 and 4 in numbers (data/wealth/suitability.yml).

Binds what the assistant offers. Explaining a product asked for, and what is held already, is service and not barred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

import yaml

from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.store import Assessment, Product, Store

State = Literal["valid", "missing", "expired"]
Barrier = Literal["missing", "expired", "above_level", "not_on_sale"]


@lru_cache(maxsize=1)
def _settings() -> dict[str, Any]:
    with (DATA / "wealth" / "suitability.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


@dataclass(frozen=True)
class Standing:
    """A customer's risk assessment as it stands at a moment.

    level: 1..5 (C1..C5), None unless the assessment is valid. valid_until: the first day it no longer counts.
    last_rating: the last confirmed level even if expired, to talk about. age in full years, None if unknown.
    """

    customer: str
    state: State
    level: int | None
    last_rating: str | None
    taken_at: datetime | None
    valid_until: date | None
    horizon_months: int | None
    age: int | None

    @property
    def rating(self) -> str | None:
        """C1..C5 while valid."""
        return f"C{self.level}" if self.level else None

    @property
    def senior(self) -> bool:
        return self.age is not None and self.age >= _settings()["senior_age"]

    def may_be_offered(self, product: Product) -> bool:
        """Rules 1 and 2: a valid assessment, and no more risk than its level."""
        return self.level is not None and product.risk <= self.level

    def needs_care(self, product: Product) -> bool:
        """Rule 4: an elderly customer and a risky product; no one-tap purchase, a person is offered."""
        return self.senior and product.risk >= _settings()["senior_careful_from"]

    def barrier(self, product: Product, day: date) -> Barrier | None:
        """Why this product may not be offered on a day, None if it may."""
        if self.state != "valid":
            return self.state
        if not self.may_be_offered(product):
            return "above_level"
        return None if is_for_sale(product, day) else "not_on_sale"


def standing(store: Store, customer: str, at: datetime) -> Standing:
    """The customer's standing at a moment. Raises UnknownCustomer, StoreUnavailable.

    The last confirmed assessment counts. A newer one that the customer has not confirmed counts only where it is
    lower: nobody is offered more risk than they last said they can bear.
    """
    found = store.customer(customer)
    today = at.astimezone(SHANGHAI).date()
    known = [one for one in store.assessments(customer) if one.taken_at <= at]
    confirmed = next((one for one in known if one.confirmed_at is not None and one.confirmed_at <= at), None)
    age = found.age(today)
    if confirmed is None:
        return Standing(customer, "missing", None, None, None, None, None, age)
    until = expiry(confirmed.taken_at.astimezone(SHANGHAI).date())
    state: State = "valid" if today < until else "expired"
    return Standing(
        customer=customer,
        state=state,
        level=_level(known, confirmed) if state == "valid" else None,
        last_rating=confirmed.rating,
        taken_at=confirmed.taken_at,
        valid_until=until,
        horizon_months=confirmed.horizon_months,
        age=age,
    )


def is_for_sale(product: Product, day: date) -> bool:
    """On sale, inside its subscription window if it has one, and with time left to run."""
    if not product.on_sale:
        return False
    if product.sale_start is not None and day < product.sale_start:
        return False
    if product.sale_end is not None and day > product.sale_end:
        return False
    return product.maturity_date is None or day < product.maturity_date


def _level(known: Sequence[Assessment], confirmed: Assessment) -> int:
    newer = [one for one in known if one.taken_at > confirmed.taken_at]
    return min(int(one.rating[1:]) for one in [confirmed, *newer])


def expiry(taken: date) -> date:
    """The first day on which an assessment taken that day no longer counts."""
    months = taken.month - 1 + _settings()["assessment_valid_months"]
    year, month = taken.year + months // 12, months % 12 + 1
    try:
        return date(year, month, taken.day)
    except ValueError:  # 29 February, or the 31st of a shorter month
        return date(year + month // 12, month % 12 + 1, 1)
