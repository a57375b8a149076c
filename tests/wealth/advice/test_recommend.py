"""Recommendation over the demo bank: suitable for everyone, fit for this one, never by the height of a figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from wealth.advice import fit
from wealth.advice.compare import compare
from wealth.advice.recommend import MOST_PICKS, recommend
from wealth.advice.situation import situation_of
from wealth.advice.wish import Wish, theme_named
from wealth.clock import SHANGHAI
from wealth.store import Store, schema

EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)
WISHES = {
    "open": Wish(),
    "steady": Wish(max_risk=2),
    "amount": Wish(amount=Decimal(50000)),
    "half a year": Wish(amount=Decimal(20000), horizon_days=182),
    "at once": Wish(liquid=True, horizon_days=3),
    "gold": Wish(theme=theme_named("黄金")),
    "R5": Wish(risk=5),
    "safe": Wish(guaranteed=True),
    "bold": Wish(bold=True, asset_class="equity"),
    "cover": Wish(theme=theme_named("保险")),
}


@pytest.mark.parametrize("name", WISHES)
def test_nobody_is_offered_what_does_not_suit_them(bank_store: Store, name: str) -> None:
    wish = WISHES[name]
    with bank_store.read() as connection:
        customers = [row.id for row in connection.execute(select(schema.customers.c.id))]
    offered = 0
    for customer in customers:
        found = recommend(bank_store, customer, wish, EVENING)
        stands = found.situation.standing
        assert len(found.picks) <= MOST_PICKS
        if stands.level is None:
            assert not found.picks
        for pick in found.picks:
            offered += 1
            product = pick.product
            assert product.risk <= (stands.level or 0)
            assert product.on_sale and product.kind != "demand_deposit"
            assert wish.fits(product)
            assert wish.amount is None or product.minimum <= wish.amount
            assert pick.reasons and pick.cautions
        codes = {pick.product.code for pick in found.picks}
        assert not any(pick.product.pair_code in codes for pick in found.picks)
        # What is not offered is accounted for.
        assert found.picks or found.main_hindrance or not found.considered
    assert offered or name == "R5"


def test_neither_benchmark_nor_rate_moves_the_score(bank_store: Store) -> None:
    situation = situation_of(bank_store, "demo-04", EVENING)
    for product in bank_store.products():
        dressed = replace(product, benchmark="年化 99%", benchmark_basis="无", rate=Decimal("0.99"), summary="好")
        assert fit.assess(dressed, situation, Wish()).score == fit.assess(product, situation, Wish()).score


def test_what_is_missing_comes_before_what_is_plenty(bank_store: Store) -> None:
    """demo-03 holds cash and shares only: the gap is bonds."""
    first = recommend(bank_store, "demo-03", Wish(), EVENING).picks[0]
    assert first.product.asset_class == "fixed"
    assert first.reasons[0].key in ("gap", "gap_none")


def test_a_first_step_is_a_small_one(bank_store: Store) -> None:
    picks = recommend(bank_store, "demo-01", Wish(), EVENING).picks
    assert picks and all(pick.product.risk == 1 for pick in picks)


def test_money_needed_soon_goes_into_nothing_that_is_closed(bank_store: Store) -> None:
    for pick in recommend(bank_store, "demo-04", Wish(horizon_days=30), EVENING).picks:
        assert pick.product.asset_class != "equity"
        assert pick.product.maturity_date is None and pick.product.lock_days <= 30


def test_switched_off_personal_advice_looks_at_no_holdings(bank_store: Store) -> None:
    found = recommend(bank_store, "demo-04", Wish(), EVENING, personal=False)
    personal = {"gap", "gap_none", "habit", "emergency", "stage_better", "concentrated", "enough", "cash"}
    keys = {point.key for pick in found.picks for point in (*pick.reasons, *pick.cautions)}
    assert found.picks and not keys & personal


def test_shown_ones_are_not_shown_again(bank_store: Store) -> None:
    first = recommend(bank_store, "demo-04", Wish(), EVENING)
    codes = {pick.product.code for pick in first.picks}
    second = recommend(bank_store, "demo-04", Wish(), EVENING, without=codes)
    assert second.picks and not codes & {pick.product.code for pick in second.picks}


def test_a_comparison_judges_only_what_may_be_offered(bank_store: Store) -> None:
    products = [bank_store.product(code) for code in ("LC001", "GP008A", "XJ001")]
    found = compare(bank_store, "demo-02", products, EVENING)
    assert found.barred == {"GP008A": "above_level"}
    assert {one.product.code for one in found.fits} == {"LC001", "XJ001"}
    assert compare(bank_store, None, products, EVENING).situation is None
