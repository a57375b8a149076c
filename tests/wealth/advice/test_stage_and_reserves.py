"""成长阶梯、应急钱和保障缺口。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.wealth.conftest import AS_OF, EVENING
from wealth.advice.emergency import emergency_of, protection_of
from wealth.advice.stage import ladder, stage_of
from wealth.demo.personas import personas
from wealth.positions import Portfolio, portfolio
from wealth.store import Customer, Protection, Store

NAMES = {stage.name: stage.id for stage in ladder()}


def person(**facts: Any) -> Customer:
    given: dict[str, Any] = {"id": "x", "name": "测试客户", "birth_date": date(1990, 1, 1), "level": "", "branch": ""}
    return Customer(**{**given, "manager": None, "since": AS_OF, **facts})


def nothing() -> Portfolio:
    return Portfolio("x", EVENING, (), (), Decimal(0), {}, {}, EVENING, None)


def test_the_ladder_has_its_four_rungs_in_order_with_one_step_each() -> None:
    assert [stage.id for stage in ladder()] == ["start", "simple", "single", "better"]
    assert all(stage.next_step.text for stage in ladder())


@pytest.mark.parametrize("one", [one for one in personas() if one["moves"]], ids=lambda one: one["id"])
def test_a_rung_is_never_above_what_is_held(one: dict[str, Any], bank_store: Store) -> None:
    held = portfolio(bank_store, one["id"], EVENING)
    stage = stage_of(held)
    kinds = {holding.product.kind for holding in held.holdings if holding.product.asset_class != "protection"}
    deposits = {"demand_deposit", "time_deposit", "structured_deposit"}
    assert (stage.id == "start") == (kinds <= deposits)
    risks = [holding.product.risk for holding in held.holdings if holding.product.asset_class != "protection"]
    assert stage.id in ("start", "simple") or max(risks) > 2


def test_no_assets_is_the_first_rung() -> None:
    assert stage_of(nothing()).id == "start"


@pytest.mark.parametrize(
    ("facts", "months", "target", "estimated"),
    [
        ({"monthly_expense": Decimal(5000)}, 6, "30000", False),
        ({"monthly_expense": Decimal(5000), "dependents": 2}, 9, "45000", False),
        ({"monthly_expense": Decimal(5000), "birth_date": date(1960, 1, 1)}, 12, "60000", False),
        ({"monthly_income": Decimal(10000)}, 6, "36000", True),
        ({}, 6, "0", False),
    ],
)
def test_the_reserve(facts: dict[str, Any], months: int, target: str, estimated: bool) -> None:
    found = emergency_of(person(**facts), nothing(), AS_OF)
    assert (found.months, found.target, found.estimated) == (months, Decimal(target), estimated)
    assert found.short == Decimal(target)


def test_the_protection_gap_counts_valid_life_and_critical_cover_only() -> None:
    someone = person(monthly_income=Decimal(10_000), dependents=1, debts=Decimal(200_000))
    policies = [
        Protection("x", "life", Decimal(300_000), Decimal(1_000), None),
        Protection("x", "critical", Decimal(500_000), Decimal(3_000), date(2026, 11, 19)),
        Protection("x", "medical", Decimal(2_000_000), Decimal(400), None),
    ]
    found = protection_of(someone, policies, AS_OF)
    assert found.need == 8 * 12 * 10_000 + 200_000 and found.cover == 300_000
    assert found.gap == 860_000 and set(found.missing) == {"accident", "critical"}
    # 0.4 % of the gap; a tenth of the year's income less the 1,400 paid would allow more.
    assert found.budget == 3440


def test_without_income_the_need_is_unknown_and_in_old_age_only_debts_count() -> None:
    assert protection_of(person(), [], AS_OF).ratio is None
    old = protection_of(person(birth_date=date(1950, 1, 1)), [], AS_OF)
    assert old.need == 0 and old.ratio == 1
