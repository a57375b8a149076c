"""Who may be offered what: validity of the assessment, levels, age, and what is for sale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from wealth.advice.suitability import Standing, is_for_sale, standing
from wealth.clock import SHANGHAI
from wealth.demo.catalogue import demo_products
from wealth.store import Assessment, Customer, Product

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
TODAY = NOW.date()
PRODUCTS = {one.product.code: one.product for one in demo_products(TODAY)}


def assessed(rating: str, taken: datetime, *, confirmed: bool = True, number: int = 1) -> Assessment:
    return Assessment(number, "c", taken, 50, rating, taken if confirmed else None, 36)


def stands(*assessments: Assessment, born: date | None = date(1986, 5, 1), at: datetime = NOW) -> Standing:
    """The standing of a customer with these assessments, newest first."""
    customer = Customer("c", "测试客户", born, "金卡", "演示支行", None, date(2020, 1, 1))
    store: Any = SimpleNamespace(customer=lambda _: customer, assessments=lambda _: list(assessments))
    return standing(store, "c", at)


def risk(level: int) -> Product:
    return next(one for one in PRODUCTS.values() if one.risk == level and one.on_sale)


def test_without_an_assessment_nothing_may_be_offered() -> None:
    found = stands()
    assert found.state == "missing" and found.rating is None
    assert found.barrier(risk(1), TODAY) == "missing"


def test_the_level_binds_and_the_same_level_is_allowed() -> None:
    found = stands(assessed("C3", NOW - timedelta(days=30)))
    barriers = [found.barrier(risk(level), TODAY) for level in (1, 2, 3, 4, 5)]
    assert barriers == [None, None, None, "above_level", "above_level"]


@pytest.mark.parametrize(
    ("taken", "at", "state"),
    [
        (date(2025, 11, 20), date(2026, 11, 19), "valid"),
        (date(2025, 11, 20), date(2026, 11, 20), "expired"),
        (date(2024, 2, 29), date(2025, 2, 28), "valid"),
        (date(2024, 2, 29), date(2025, 3, 1), "expired"),
        (date(2025, 12, 31), date(2026, 12, 30), "valid"),
        (date(2025, 12, 31), date(2026, 12, 31), "expired"),
    ],
)
def test_an_assessment_counts_for_twelve_months(taken: date, at: date, state: str) -> None:
    when = datetime(taken.year, taken.month, taken.day, 9, tzinfo=SHANGHAI)
    now = datetime(at.year, at.month, at.day, 10, tzinfo=SHANGHAI)
    found = stands(assessed("C4", when), at=now)
    assert found.state == state
    assert found.last_rating == "C4"
    assert (found.level is None) == (state == "expired")


@pytest.mark.parametrize(("newer", "level"), [("C2", 2), ("C5", 3)])
def test_an_unconfirmed_result_can_only_lower_what_may_be_offered(newer: str, level: int) -> None:
    kept = assessed("C3", NOW - timedelta(days=90))
    pending = assessed(newer, NOW - timedelta(days=1), confirmed=False, number=2)
    assert stands(pending, kept).level == level


def test_only_unconfirmed_results_are_no_assessment() -> None:
    assert stands(assessed("C5", NOW - timedelta(days=1), confirmed=False)).state == "missing"


@pytest.mark.parametrize(("born", "careful"), [(date(1961, 11, 20), True), (date(1961, 11, 21), False), (None, False)])
def test_from_sixty_five_on_risky_products_need_care(born: date | None, careful: bool) -> None:
    found = stands(assessed("C5", NOW - timedelta(days=1)), born=born)
    assert found.needs_care(risk(4)) is careful
    assert not found.needs_care(risk(3))


def windows() -> Sequence[tuple[dict[str, Any], bool]]:
    day = timedelta(days=1)
    return [
        ({"on_sale": False}, False),
        ({"sale_start": TODAY + day}, False),
        ({"sale_start": TODAY, "sale_end": TODAY}, True),
        ({"sale_end": TODAY - day}, False),
        ({"maturity_date": TODAY}, False),
        ({"maturity_date": TODAY + day}, True),
    ]


@pytest.mark.parametrize(("changes", "for_sale"), windows())
def test_a_product_is_for_sale_only_inside_its_window(changes: dict[str, Any], for_sale: bool) -> None:
    assert is_for_sale(replace(PRODUCTS["XJ001"], **changes), TODAY) is for_sale
