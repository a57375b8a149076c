"""Alerts and the view of a holding: the customer's own limits, the bank's, and nothing guessed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from wealth.advice import alerts, hold
from wealth.advice.situation import situation_of
from wealth.clock import SHANGHAI
from wealth.store import AlertSetting, Store
from wealth.store.prices import PriceLine

EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)


def limit(kind: str, threshold: str, product: str | None = None) -> AlertSetting:
    return AlertSetting(1, "c", product, kind, Decimal(threshold), True, EVENING)


def test_a_customers_own_limits_are_reported(bank_store: Store) -> None:
    found = {(one.kind, one.product.code) for one in alerts.alerts(bank_store, "demo-13", EVENING)}
    assert {("target_return", "GP007A"), ("stop_loss", "GP004A")} <= found


def test_maturities_come_seven_three_and_one_day_ahead(bank_store: Store) -> None:
    found = [one for one in alerts.alerts(bank_store, "demo-12", EVENING) if one.kind == "maturity"]
    assert sorted(one.value for one in found) == [1, 3, 7]


def test_a_holding_above_the_level_is_reported_and_should_shrink(bank_store: Store) -> None:
    situation = situation_of(bank_store, "demo-10", EVENING)
    due = alerts.alerts(bank_store, "demo-10", EVENING)
    risky = next(one for one in alerts.owned(situation.portfolio) if one.product.risk > 2)
    seen = hold.view(risky, situation, due)
    assert seen.grounds[0] == "above_level" and seen.verdict == "reduce"
    assert hold.may_add(seen, situation) == "above_level"


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ([limit("stop_loss", "0.10")], ["stop_loss"]),
        ([limit("stop_loss", "0.12")], []),
        ([limit("target_return", "0.01")], []),
        ([limit("stop_loss", "0.10"), limit("stop_loss", "0.50", "GP004A")], []),
        ([limit("stop_loss", "0.50"), limit("stop_loss", "0.10", "GP004A")], ["stop_loss"]),
    ],
)
def test_a_limit_for_one_product_wins_over_one_for_all(
    bank_store: Store, settings: list[AlertSetting], kinds: list[str]
) -> None:
    """demo-13 has lost about 11 % with GP004A."""
    situation = situation_of(bank_store, "demo-13", EVENING)
    fallen = [one for one in alerts.owned(situation.portfolio) if one.product.code == "GP004A"]
    due = alerts.due(bank_store, fallen, settings, situation.standing, EVENING)
    assert [one.kind for one in due if one.kind in ("stop_loss", "target_return")] == kinds


def line(*prices: str) -> PriceLine:
    days = np.arange(date(2026, 11, 17).toordinal(), date(2026, 11, 17).toordinal() + len(prices))
    millionths = np.array([int(Decimal(price) * 1_000_000) for price in prices], dtype=np.int64)
    return PriceLine(days, millionths, np.zeros(len(prices), dtype=np.int64))


def test_a_days_move_is_between_published_prices_only() -> None:
    prices = line("1.00", "1.00", "1.00", "0.90")
    assert alerts.last_move(prices, EVENING) == (date(2026, 11, 20), Decimal("-0.1"))
    assert alerts.last_move(prices, EVENING.replace(hour=10)) == (date(2026, 11, 19), Decimal(0))
    assert alerts.last_move(line("1.00"), EVENING) is None


def test_a_dividend_is_no_fall() -> None:
    prices = line("1.00", "1.00", "1.00", "0.90")
    prices.dividends[3] = 100_000
    assert alerts.last_move(prices, EVENING) == (date(2026, 11, 20), Decimal(0))


@pytest.mark.parametrize(
    ("text", "wanted", "kind"),
    [
        ("赚到15%提醒我", "set", "target_return"),
        ("帮我设个止损", "set", "stop_loss"),
        ("一天涨跌3%提醒我", "set", "nav_band"),
        ("取消提醒", "remove", None),
        ("我设了哪些提醒", "show", None),
        ("还能补仓吗", "add", None),
        ("该卖吗", None, None),
    ],
)
def test_what_is_wanted_of_alerts_is_understood(text: str, wanted: str | None, kind: str | None) -> None:
    assert alerts.wanted(text) == wanted
    assert kind is None or alerts.kind_of(text) == kind
