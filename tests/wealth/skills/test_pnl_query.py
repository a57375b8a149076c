"""赚了多少、亏在哪：按时间、类别、产品，问为什么。"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from wealth.clock import SHANGHAI
from wealth.request import Period
from wealth.skills import pnl_query

OCTOBER = Period("2026-10", date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period("2026-11", date(2026, 11, 1), date(2026, 12, 1))


def _amount(reply: Any, label: str = "收益") -> Decimal:
    for block in reply.blocks:
        for row in block.get("rows", []):
            if row.get("label") == label:
                return Decimal(row["value"].replace("¥", "").replace(",", ""))
    raise AssertionError(f"no row {label}")


def _chart(reply: Any, kind: str) -> dict[str, Any]:
    return next(block for block in reply.blocks if block["type"] == "chart" and block["kind"] == kind)


def test_one_product_over_a_month_is_units_times_price_move(ask: Any) -> None:
    reply = ask(pnl_query, "纯债这个月赚了多少", products=["ZQ001A"], period=NOVEMBER)
    # 14 trading days of November up to the 19th... the price grows 0.0002 on each: 72727.27 units.
    moves = Decimal("0.0002") * 14
    assert abs(_amount(reply) - Decimal("72727.27") * moves) < Decimal("0.02")
    assert reply.offered == ["ZQ001A"]


def test_calendar_bars_and_card_tell_the_same_sum(ask: Any) -> None:
    reply = ask(pnl_query, "上个月赚了多少", period=OCTOBER)
    amount = _amount(reply)
    days = _chart(reply, "calendar")["data"]["days"]
    assert len(days) == 31 and sum(Decimal(one["value"]) for one in days if one["value"]) == amount
    assert next(one for one in days if one["date"] == "2026-10-04")["value"] is None
    assert sum(Decimal(one["value"]) for one in _chart(reply, "bars")["data"]["items"]) == amount
    assert Decimal(_chart(reply, "line")["data"]["series"][0]["values"][-1]) == amount


def test_adjoining_months_add_up(ask: Any) -> None:
    both = Period("", date(2026, 10, 1), date(2026, 12, 1))
    parts = [_amount(ask(pnl_query, period=period)) for period in (OCTOBER, NOVEMBER)]
    assert sum(parts) == _amount(ask(pnl_query, period=both))


def test_classes_add_up_to_all(ask: Any) -> None:
    whole = _amount(ask(pnl_query, period=OCTOBER))
    parts = [
        _amount(ask(pnl_query, period=OCTOBER, asset_class=name)) for name in ("cash", "fixed", "equity", "alternative")
    ]
    assert sum(parts) == whole


def test_a_falling_month_names_who_lost_and_offers_a_look(ask: Any) -> None:
    reply = ask(pnl_query, "这个月亏了多少", customer="t-bold", period=NOVEMBER)
    assert "亏" in reply.sentences[0] and _amount(reply) < 0
    assert reply.control["pending"]["skill"] == "stop_profit_loss"
    assert "该留还是该卖" in reply.next_step.text


def test_why_splits_market_and_own_trades_and_names_products(ask: Any) -> None:
    reply = ask(pnl_query, "为什么", period=OCTOBER, context={"why": True})
    # The sale on 15 October cost 50 CNY.
    assert "-¥50.00" in reply.sentences[0]
    assert "澜桥宽基指数A" in "".join(reply.sentences)


def test_without_a_period_the_usual_ones_are_listed(ask: Any) -> None:
    reply = ask(pnl_query, "我赚了多少")
    labels = [row["label"] for block in reply.blocks if block.get("title") == "常看的几段时间" for row in block["rows"]]
    assert labels == ["昨日", "本月", "近三个月", "今年以来", "累计"]
    assert _amount(reply, "累计") == _amount(reply)


def test_today_before_the_evening_is_answered_with_the_last_priced_day(ask: Any) -> None:
    today = Period("今天", date(2026, 11, 20), date(2026, 11, 21))
    reply = ask(pnl_query, "今天赚了多少", period=today)
    assert "晚上才公布" in reply.sentences[0] and "11月19日" in reply.sentences[0]
    evening = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)
    assert "晚上才公布" not in ask(pnl_query, period=today, now=evening).sentences[0]


def test_a_sunday_is_no_trading_day(ask: Any) -> None:
    sunday = Period("", date(2026, 11, 15), date(2026, 11, 16))
    assert "不是交易日" in ask(pnl_query, period=sunday).sentences[0]


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period("", date(2027, 3, 1), date(2027, 4, 1)), "还没到"),
        (Period("", None, None, valid=False, reason="昨天的明天说的是今天以后"), "昨天的明天"),
        (Period("", date(2026, 3, 1), date(2026, 2, 1)), "后面"),
    ],
)
def test_periods_that_cannot_be_are_explained_and_not_carried_on(ask: Any, period: Period, words: str) -> None:
    reply = ask(pnl_query, period=period)
    assert words in reply.sentences[0] and reply.params["period"] is None


def test_before_the_first_trade_there_is_nothing(ask: Any) -> None:
    assert "还没有持有" in ask(pnl_query, period=Period("", date(2024, 1, 1), date(2025, 1, 1))).sentences[0]
    assert "没有持有过" in ask(pnl_query, products=["GP008A"]).sentences[0]
    assert ask(pnl_query, customer="t-empty").next_step is not None


def test_it_means_the_product_just_spoken_of(ask: Any) -> None:
    context = {"offered": ["HH001A"]}
    assert "星桥均衡配置A" in ask(pnl_query, "它赚了多少", context=context).sentences[0]
    assert "星桥均衡配置A" not in ask(pnl_query, "我赚了多少", context=context).sentences[0]


def test_a_visitor_is_asked_to_scan(ask: Any) -> None:
    assert not ask(pnl_query, customer=None, channel="robot").blocks
