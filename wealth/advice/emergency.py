"""What stays out of investing: the emergency reserve and the protection gap (data/checkup/reserves.yml)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from wealth.classes import DATA
from wealth.positions import Portfolio
from wealth.store import Customer, Product, Protection

_MONTHS = Decimal(12)


@lru_cache(maxsize=1)
def _settings() -> dict[str, Any]:
    return yaml.safe_load((DATA / "checkup" / "reserves.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Emergency:
    """The reserve in CNY. monthly: expense it is reckoned by, None if unknown (then target is 0).

    have: money at hand within days. estimated: the expense is a share of income, not known.
    """

    months: int
    monthly: Decimal | None
    estimated: bool
    target: Decimal
    have: Decimal

    @property
    def short(self) -> Decimal:
        """CNY missing, 0 if none."""
        return max(self.target - self.have, Decimal(0))

    @property
    def covered_months(self) -> Decimal | None:
        """How many months of expense the money at hand lasts; None without an expense."""
        return self.have / self.monthly if self.monthly else None


@dataclass(frozen=True)
class ProtectionGap:
    """Life and critical cover against what dependents and debts need, CNY; need None where income is unknown.

    missing: basic kinds without a policy. budget: yearly premium worth setting aside for the gap.
    """

    need: Decimal | None
    cover: Decimal
    missing: Sequence[str]
    budget: Decimal

    @property
    def gap(self) -> Decimal:
        return max((self.need or Decimal(0)) - self.cover, Decimal(0))

    @property
    def ratio(self) -> Decimal | None:
        """cover / need, at most 1; None where the need is unknown."""
        if self.need is None:
            return None
        return min(self.cover / self.need, Decimal(1)) if self.need else Decimal(1)


def is_liquid(product: Product) -> bool:
    """Money in it counts as being at hand: what an emergency reserve may stand in."""
    return product.kind in _settings()["emergency"]["kinds"]


def emergency_of(customer: Customer, portfolio: Portfolio, on: date) -> Emergency:
    """target = months × monthly expense; months by age and dependents."""
    rules = _settings()["emergency"]
    age = customer.age(on)
    months = int(rules["with_dependents"] if customer.dependents else rules["months"])
    if age is not None and age >= rules["senior_age"]:
        months = int(rules["senior_months"])
    monthly, estimated = customer.monthly_expense, False
    if monthly is None and customer.monthly_income is not None:
        monthly, estimated = customer.monthly_income * Decimal(str(rules["expense_of_income"])), True
    have = sum((one.value for one in portfolio.holdings if is_liquid(one.product)), Decimal(0))
    target = (monthly * months).quantize(Decimal("0.01")) if monthly else Decimal(0)
    return Emergency(months=months, monthly=monthly, estimated=estimated, target=target, have=have)


def protection_of(customer: Customer, policies: Sequence[Protection], on: date) -> ProtectionGap:
    """need = years × yearly income + debts; policies that have run out do not count."""
    rules = _settings()["protection"]
    valid = [policy for policy in policies if policy.until is None or policy.until >= on]
    cover = sum((policy.sum_insured for policy in valid if policy.kind in rules["counts"]), Decimal(0))
    missing = [kind for kind in rules["basics"] if all(policy.kind != kind for policy in valid)]
    need = _need(customer, on, rules)
    yearly = (customer.monthly_income or Decimal(0)) * _MONTHS
    gap = max((need or Decimal(0)) - cover, Decimal(0))
    paid = sum((policy.premium for policy in valid), Decimal(0))
    ceiling = max(yearly * Decimal(str(rules["premium_of_income"])) - paid, Decimal(0))
    budget = min(gap * Decimal(str(rules["premium_of_gap"])), ceiling).quantize(Decimal(1))
    return ProtectionGap(need=need, cover=cover, missing=missing, budget=budget)


def _need(customer: Customer, on: date, rules: dict[str, Any]) -> Decimal | None:
    age = customer.age(on)
    if age is not None and age >= rules["retired_age"]:
        return customer.debts or Decimal(0)
    if customer.monthly_income is None:
        return None
    years = rules["years_with_dependents"] if customer.dependents else rules["years_alone"]
    return customer.monthly_income * _MONTHS * years + (customer.debts or Decimal(0))
