"""账单与交易记录：月、季、年，期初到期末对得上，分享图不含金额。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from wealth.request import Period
from wealth.skills import wealth_bill

OCTOBER = Period("2026-10", date(2026, 10, 1), date(2026, 11, 1))
YEAR = Period("2026", date(2026, 1, 1), date(2027, 1, 1))


def _card(reply: Any, title: str) -> dict[str, str]:
    card = next(block for block in reply.blocks if block["type"] == "card" and title in block["title"])
    return {row["label"]: row["value"] for row in card["rows"]}


def _figure(text: str) -> Decimal:
    return Decimal(text.replace("¥", "").replace(",", "").replace("+", ""))


def _rows(reply: Any) -> list[dict[str, str]]:
    return next(block["rows"] for block in reply.blocks if block["type"] == "table")


def _chart(reply: Any, kind: str) -> dict[str, Any]:
    return next(block for block in reply.blocks if block.get("kind") == kind)


@pytest.mark.parametrize("period", [OCTOBER, YEAR, Period("", date(2026, 7, 1), date(2026, 10, 1))])
def test_opening_flows_and_gain_lead_to_closing(ask: Any, period: Period) -> None:
    rows = {label: _figure(value) for label, value in _card(ask(wealth_bill, period=period), "财富账单").items()}
    assert rows["期初资产"] + rows["转入"] + rows["转出"] + rows["投资收益"] == rows["期末资产"]


def test_october_has_its_sale_its_fee_and_its_withdrawal(ask: Any) -> None:
    reply = ask(wealth_bill, "看看上个月的账单", period=OCTOBER)
    rows = _card(reply, "财富账单")
    assert rows["转出"] == "-¥5,000.00" and rows["付出的费用"] == "¥50.00"
    assert [row["kind"] for row in _rows(reply)] == ["资金转出", "卖出"]
    assert "费用 ¥50.00" in _rows(reply)[1]["status"]
    days = _chart(reply, "calendar")["data"]["days"]
    assert sum(Decimal(one["value"]) for one in days if one["value"]) == _figure(rows["投资收益"])


def test_without_a_period_it_is_the_last_whole_month(ask: Any) -> None:
    assert ask(wealth_bill, "账单").sentences == ask(wealth_bill, "账单", period=OCTOBER).sentences


def test_a_year_is_shown_by_month(ask: Any) -> None:
    reply = ask(wealth_bill, "今年的账单", period=YEAR)
    items = _chart(reply, "bars")["data"]["items"]
    assert [one["name"] for one in items] == [f"2026-{month:02d}" for month in range(1, 12)]
    assert sum(Decimal(one["value"]) for one in items) == _figure(_card(reply, "财富账单")["投资收益"])
    assert any("11月19日" in sentence for sentence in reply.sentences)


def test_the_picture_to_share_holds_no_money_and_no_product(ask: Any) -> None:
    reply = ask(wealth_bill, period=OCTOBER)
    card = next(block for block in reply.blocks if "可以保存分享" in (block.get("subtitle") or ""))
    assert "¥" not in str(card) and "澜桥" not in str(card) and "云杉" not in str(card)
    ring = _chart(reply, "ring")
    assert ring["unit"] == "%" and sum(Decimal(part["share"]) for part in ring["data"]["parts"]) == 1


def test_records_list_the_newest_first_with_what_is_under_way(ask: Any) -> None:
    reply = ask(wealth_bill, "最近的交易记录")
    rows = _rows(reply)
    assert rows[0]["status"] == "确认中" and rows[0]["amount"] == "¥3,000.00"
    assert any("确认" in sentence for sentence in reply.sentences[1:])


def test_records_of_one_product_go_back_to_its_first_day(ask: Any) -> None:
    reply = ask(wealth_bill, "宽基指数的买卖记录", products=["GP001A"])
    assert [row["kind"] for row in _rows(reply)] == ["卖出", "买入"]
    assert "没有" in ask(wealth_bill, "军工的买卖记录", products=["GP008A"]).sentences[0]


def test_why_explains_the_gain(ask: Any) -> None:
    reply = ask(wealth_bill, "为什么", period=OCTOBER, context={"why": True})
    assert "-¥50.00" in reply.sentences[0]


def test_nothing_yet_future_and_hall(ask: Any) -> None:
    assert "还没有账单" in ask(wealth_bill, customer="t-empty").sentences[0]
    future = Period("", date(2027, 1, 1), date(2027, 2, 1))
    assert "还没到" in ask(wealth_bill, period=future).sentences[0]
    assert not ask(wealth_bill, customer=None, channel="robot").blocks
