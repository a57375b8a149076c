"""How to buy, how to sell, what matures: days, fees and orders of this customer."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.wealth.skills.conftest import NOW
from wealth.clock import SHANGHAI
from wealth.reply import Privacy, Purpose
from wealth.request import Period, Request
from wealth.skills import product_maturity, product_recommend, purchase_howto, redeem_howto

Ask = Any
EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)


def said(reply: Any) -> str:
    return "".join(reply.sentences)


def of(skill: Any, store: Any, customer: str, text: str, now: datetime = NOW, **fields: Any) -> Any:
    from types import SimpleNamespace

    bank: Any = SimpleNamespace(store=store)
    return skill.answer(bank, Request(customer=customer, channel="app", text=text, now=now, **fields))


def test_before_three_it_is_today_after_three_the_next_trading_day(ask: Ask) -> None:
    early = ask(purchase_howto, "怎么买", products=["ZQ001A"])
    assert "今天 15:00 前" in said(early) and "11月23日确认" in said(early)
    late = ask(purchase_howto, "怎么买", products=["ZQ001A"], now=EVENING)
    assert "11月23日 的" in said(late) and "11月24日确认" in said(late)


def test_a_sum_gets_its_fee_reckoned(ask: Ask) -> None:
    reply = ask(purchase_howto, "买一万", products=["ZQ001A"], amount=Decimal(10000))
    assert "¥14.98" in said(reply) and "¥9,985.02" in said(reply)


@pytest.mark.parametrize(
    ("amount", "words"), [("100000", "还不够起购"), ("255000", "¥250,000"), ("250000", "不收买入费")]
)
def test_a_sum_that_cannot_be_bought_is_put_right(ask: Ask, amount: str, words: str) -> None:
    assert words in said(ask(purchase_howto, "存大额存单", products=["DQ007"], amount=Decimal(amount)))


def test_above_my_level_there_is_no_way_but_a_person(ask: Ask) -> None:
    reply = ask(purchase_howto, "怎么买", "t-bold", products=["GP003A"])
    assert "在手机上买不了" in said(reply) and "15:00" not in said(reply)
    assert reply.control["pending"]["skill"] == "human_handoff"
    assert not any(block.get("link") for block in reply.blocks)


def test_without_an_assessment_it_is_the_first_step(ask: Ask) -> None:
    reply = ask(purchase_howto, "怎么买", "t-unsure", products=["LC001"])
    assert reply.control["pending"]["skill"] == "risk_assessment"
    assert not any(block.get("link") for block in reply.blocks)


def test_the_old_are_offered_a_person_for_risky_products(demo_store: Any) -> None:
    reply = of(purchase_howto, demo_store, "demo-11", "怎么买", products=["GP003A"])
    assert reply.control["pending"]["skill"] == "human_handoff"
    assert not any(block.get("link") for block in reply.blocks)
    assert any(
        block.get("link") for block in of(purchase_howto, demo_store, "demo-11", "买", products=["LC001"]).blocks
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("付款失败怎么回事", "对照"),
        ("夜间下单算哪天", "下午三点"),
        ("国债怎么买", "国债"),
        ("定投怎么设", "定投"),
        ("怎么买", "三步"),
    ],
)
def test_without_a_product_the_way_itself_is_explained(ask: Ask, text: str, words: str) -> None:
    reply = ask(purchase_howto, text, None, channel="robot")
    assert words in reply.sentences[0] and reply.privacy is Privacy.PUBLIC
    assert reply.blocks[0]["items"]


def test_selling_tells_the_day_the_fee_and_the_sum(ask: Ask) -> None:
    """Bought 2026-03-02, held 263 days: 0.5 %."""
    reply = ask(redeem_howto, "澜桥宽基指数A卖出多久到账", products=["GP001A"])
    assert "11月25日 到卡里" in said(reply)
    units = Decimal(40000) / Decimal("1.579")
    left = units.quantize(Decimal("0.01")) - 10000
    value = next(row for row in reply.blocks[0]["rows"] if row["label"] == "现在能卖")["value"]
    fee = next(row for row in reply.blocks[0]["rows"] if row["label"] == "现在全卖的卖出费")["value"]
    worth = Decimal(value.strip("¥").replace(",", ""))
    assert abs(worth / left - Decimal("1.65")) < Decimal("0.2")
    assert Decimal(fee.strip("¥").replace(",", "")) == (worth * Decimal("0.005")).quantize(Decimal("0.01"))


def test_closed_until_it_matures(demo_store: Any) -> None:
    reply = of(redeem_howto, demo_store, "demo-12", "能提前取吗", products=["FB002"])
    assert "到期前不能取" in said(reply) and "11月24日" in said(reply)


def test_an_order_can_be_taken_back_until_three(demo_store: Any) -> None:
    early = of(redeem_howto, demo_store, "demo-15", "我要撤单")
    late = of(redeem_howto, demo_store, "demo-15", "我要撤单", EVENING)
    assert "前可以撤" in early.blocks[0]["items"][0]["text"]
    assert "撤不了" in late.blocks[0]["items"][0]["text"]
    assert "没有可以撤的" in said(of(redeem_howto, demo_store, "demo-03", "我要撤单"))


def test_which_of_my_money_is_there_first(ask: Ask) -> None:
    reply = ask(redeem_howto, "我急用钱，哪些能取")
    assert reply.sentences[0].startswith("卡里有")
    assert reply.offered[0] in ("XJ001", "LC001")
    assert "扫" in said(ask(redeem_howto, "我要取钱", None, channel="robot"))
    assert "没有可以卖" in said(ask(redeem_howto, "我要取钱", "t-empty"))


def test_maturities_are_listed_with_the_day_of_arrival(demo_store: Any) -> None:
    reply = of(product_maturity, demo_store, "demo-12", "哪些快到期")
    table = next(block for block in reply.blocks if block["type"] == "table")
    assert [row["due"] for row in table["rows"]] == ["11月21日", "11月23日", "11月27日"]
    assert table["rows"][0]["arrives"] == "11月23日"  # a Saturday's maturity, paid on the next trading day
    assert reply.control["pending"]["skill"] == "product_recommend"


def test_maturities_of_a_period_to_come(demo_store: Any) -> None:
    week = Period("下周", date(2026, 11, 23), date(2026, 11, 30))
    assert list(of(product_maturity, demo_store, "demo-12", "下周到期的", period=week).offered) == ["FB002", "JG003"]
    empty = Period("明年", date(2027, 6, 1), date(2027, 7, 1))
    assert "没有到期" in said(of(product_maturity, demo_store, "demo-12", "到期的", period=empty))
    wrong = Period("2月30日", None, None, False, "2 月没有 30 日")
    assert "2 月没有 30 日" in said(of(product_maturity, demo_store, "demo-12", "到期的", period=wrong))


def test_what_never_matures_and_what_is_not_mine(ask: Ask) -> None:
    assert "没有到期日" in said(ask(product_maturity, "什么时候到期", products=["LC001"]))
    rule = ask(product_maturity, "什么时候到期", None, channel="robot", products=["FB002"])
    assert rule.privacy is Privacy.PUBLIC and "11月23日" in said(rule)


@pytest.mark.parametrize("amount", ["NaN", "-5", "0", "1e30", "Infinity", "0.001"])
@pytest.mark.parametrize("skill", [purchase_howto, redeem_howto, product_recommend])
def test_sums_that_nobody_means_change_nothing_and_break_nothing(ask: Ask, skill: Any, amount: str) -> None:
    products = [] if skill is product_recommend else ["LC001"]
    assert ask(skill, "就这么多钱", products=products, amount=Decimal(amount)).sentences


@pytest.mark.parametrize("skill", [purchase_howto, redeem_howto, product_maturity])
def test_nothing_here_is_advice(ask: Ask, skill: Any) -> None:
    assert ask(skill, "怎么弄", products=["LC001"]).purpose is Purpose.SERVICE
