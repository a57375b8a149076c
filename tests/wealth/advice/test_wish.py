"""What a customer asks of a product, read from how they say it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from wealth.advice import wish
from wealth.clock import SHANGHAI
from wealth.demo.catalogue import demo_products
from wealth.request import Request

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
PRODUCTS = {one.product.code: one.product for one in demo_products(NOW.date())}


def said(text: str, **fields: Any) -> wish.Wish:
    return wish.read(Request(customer="c", channel="app", text=text, now=NOW, **fields))


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("五万块放半年买什么", "horizon_days", 182),
        ("可能三个月用，也可能半年用，买什么好", "horizon_days", 90),
        ("想拿十年的有什么推荐", "horizon_days", 3650),
        ("要随时能取的", "horizon_days", 3),
        ("长期的买什么", "horizon_days", 1095),
        ("推荐点稳健的", "max_risk", 2),
        ("有没有保本的", "guaranteed", True),
        ("想博一下", "bold", True),
        ("给我挑", "horizon_days", None),
    ],
)
def test_what_is_said_is_understood(text: str, field: str, value: object) -> None:
    assert getattr(said(text), field) == value


@pytest.mark.parametrize(
    ("text", "theme", "fits", "fits_not"),
    [
        ("黄金基金推荐一下", "黄金", "LL001A", "GP003A"),
        ("半导体的有吗", "科技", "GP003A", "GP004A"),
        ("推荐个银行理财", "理财产品", "LC001", "GP001A"),
        ("买个重疾险", "保险", "BX008", "LC001"),
        ("大额存单还有吗", "大额存单", "DQ008", "DQ003"),
    ],
)
def test_a_theme_picks_its_products(text: str, theme: str, fits: str, fits_not: str) -> None:
    found = said(text)
    assert found.theme is not None and found.theme.name == theme
    assert found.fits(PRODUCTS[fits]) and not found.fits(PRODUCTS[fits_not])


def test_safe_principal_means_deposits_only() -> None:
    kinds = {product.kind for product in PRODUCTS.values() if said("要保本的").fits(product)}
    assert kinds == {"time_deposit", "demand_deposit"}


def test_a_rating_asked_for_is_that_rating() -> None:
    assert {product.risk for product in PRODUCTS.values() if said("R3的有吗", rating="R3").fits(product)} == {3}
    assert said("我是C3的", rating="C3").risk is None


def test_a_follow_up_changes_only_what_it_names() -> None:
    first = said("黄金基金推荐一下，放一年", amount=Decimal(50000))
    context = {"skill": "product_recommend", "params": {"wish": wish.to_params(first)}}
    longer = said("放三年的呢", context=context)
    assert (longer.theme, longer.amount, longer.horizon_days) == (first.theme, Decimal(50000), 1095)
    other = said("换成稳健的", context=context)
    assert (other.theme, other.max_risk, other.horizon_days) == (None, 2, 365)


def test_a_new_question_starts_afresh() -> None:
    context = {"skill": "product_recommend", "params": {"wish": {"theme": "黄金", "horizon_days": 30}}}
    assert said("推荐点稳健的", context=context) == wish.Wish(max_risk=2)


def test_params_survive_json_and_a_renamed_theme() -> None:
    asked = said("黄金基金推荐一下，放一年", amount=Decimal("50000.50"))
    assert wish.from_params(wish.to_params(asked)) == asked
    assert wish.from_params({"theme": "没有了的主题", "nonsense": 1}).theme is None
