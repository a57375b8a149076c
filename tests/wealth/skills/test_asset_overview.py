"""我有多少钱：总额、分类、单个产品、过去某天。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from wealth.request import Period
from wealth.skills import asset_overview


def _chart(reply: Any, kind: str) -> dict[str, Any]:
    return next(block for block in reply.blocks if block["type"] == "chart" and block["kind"] == kind)


def _rows(reply: Any) -> dict[str, str]:
    return {row["label"]: row["value"] for block in reply.blocks if block["type"] == "card" for row in block["rows"]}


def test_the_total_is_to_the_cent_and_the_ring_adds_up(ask: Any, bank: Any) -> None:
    reply = ask(asset_overview, "我现在总资产多少")
    # 400000 + profits - 5000; the ring's parts are the same money.
    ring = _chart(reply, "ring")["data"]
    total = Decimal(ring["center"]["value"])
    assert sum(Decimal(part["value"]) for part in ring["parts"]) == total
    assert f"¥{total:,.2f}" in reply.sentences[0]
    assert reply.privacy.value == "personal"
    assert any(source.id.startswith("nav:") for source in reply.sources)
    assert reply.next_step is not None


def test_units_times_price_is_what_the_card_of_one_product_says(ask: Any) -> None:
    reply = ask(asset_overview, "我的纯债还有多少", products=["ZQ001A"])
    # 80000 / 1.1 = 72727.27 units; 252 trading days from 3 Nov 2025 on, 0.0002 each.
    rows = _rows(reply)
    price = Decimal(rows["最新净值"])
    assert rows["持有份额"] == "72,727.27"
    value = (Decimal("72727.27") * price).quantize(Decimal("0.01"))
    assert rows["现在的市值"] == f"¥{value:,.2f}"
    assert reply.offered == ["ZQ001A"]


def test_one_class_is_looked_through(ask: Any) -> None:
    reply = ask(asset_overview, "我的权益类有多少", asset_class="equity")
    assert any("拆开" in sentence for sentence in reply.sentences)
    titles = [row["label"] for row in reply.blocks[0]["rows"]]
    assert "星桥均衡配置A" in titles and "澜桥纯债A" not in titles


def test_a_past_month_end_is_valued_at_that_day(ask: Any) -> None:
    before = Period("2026-02", date(2026, 2, 1), date(2026, 3, 1))
    reply = ask(asset_overview, "二月底我有多少钱", period=before)
    assert "2月28日" in reply.sentences[0] and "澜桥宽基指数A" not in str(reply.blocks)


def test_a_pending_order_is_told_apart(ask: Any) -> None:
    assert _rows(ask(asset_overview))["确认中"] == "¥3,000.00"


def test_why_reconciles_opening_flows_and_closing(ask: Any) -> None:
    rows = _rows(ask(asset_overview, "为什么", context={"why": True}))
    figures = {label: Decimal(value.replace("¥", "").replace(",", "")) for label, value in rows.items()}
    assert figures["月初资产"] + figures["转入"] + figures["转出"] + figures["本月收益"] == figures["总资产"]


def test_nothing_held_is_an_answer_with_a_first_step(ask: Any) -> None:
    reply = ask(asset_overview, customer="t-empty")
    assert "还没有资产" in reply.sentences[0] and reply.next_step is not None


def test_a_visitor_is_asked_to_scan(ask: Any) -> None:
    reply = ask(asset_overview, customer=None, channel="robot")
    assert reply.privacy.value == "personal" and "扫" in reply.sentences[0] and not reply.blocks


def test_ambiguous_unknown_and_counted_products(ask: Any) -> None:
    asked = ask(asset_overview, "债券那只有多少", candidates=["ZQ001A", "ZQ002A"])
    assert asked.offered == ["ZQ001A", "ZQ002A"] and len(asked.quick_replies) == 2
    second = ask(asset_overview, "第二个", ordinal=2, context={"offered": ["LC001", "HH001A"]})
    assert "星桥均衡配置A" in second.sentences[0]
    assert "没有找到" in ask(asset_overview, products=["NOPE"]).sentences[0]
    assert "2 款" in ask(asset_overview, "第三个", ordinal=3, context={"offered": ["LC001", "HH001A"]}).sentences[0]


def test_impossible_and_future_days_are_explained(ask: Any) -> None:
    impossible = Period("2026-02-30", None, None, valid=False, reason="2 月没有 30 日")
    assert "2 月没有 30 日" in ask(asset_overview, period=impossible).sentences[0]
    future = Period("2027-01", date(2027, 1, 1), date(2027, 2, 1))
    assert "还没到" in ask(asset_overview, period=future).sentences[0]
