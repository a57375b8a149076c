"""Explaining a product by the side that was asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.wealth.skills.conftest import NOW
from wealth.reply import Privacy, Purpose
from wealth.skills import product_explain

Ask = Any


def said(reply: Any) -> str:
    return "".join(reply.sentences)


def test_a_bare_name_is_answered_with_what_it_is(ask: Ask) -> None:
    reply = ask(product_explain, "云杉稳进日开", products=["LC001"])
    assert "云杉演示理财" in reply.sentences[0] and "R2 级" in reply.sentences[0]
    assert list(reply.offered) == ["LC001"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("管理费多少", "GP001A", ["0.70%", "已经从净值里扣"]),
        ("风险大吗", "LC001", ["R2 级", "可能亏"]),
        ("封闭多久", "FB015", ["封闭到"]),
        ("起购多少", "LL004", ["¥1,000 起"]),
        ("投什么的", "LC001", ["固收 90%"]),
        ("业绩比较基准是多少", "LC001", ["1.70%", "不是承诺"]),
        ("A类和C类有什么不同", "ZQ001A", ["澜桥纯债C"]),
        ("分红吗", "ZQ001A", ["分红"]),
        ("还能买吗", "FB001", ["不在卖"]),
        ("代码是多少", "LC001", ["LC001"]),
        ("利率多少", "DQ003", ["1.15%"]),
        ("收益怎么样", "BX008", ["保障"]),
    ],
)
def test_the_side_that_was_asked_is_answered(ask: Ask, text: str, code: str, words: list[str]) -> None:
    reply = ask(product_explain, text, products=[code])
    assert all(word in said(reply) for word in words)
    assert reply.sources


def test_past_performance_stands_beside_its_days_and_the_risk_sentence(ask: Ask) -> None:
    reply = ask(product_explain, "过去表现怎么样", products=["LC001"])
    assert "past_performance" in reply.disclosures
    table = next(block for block in reply.blocks if block["type"] == "table")
    assert table["rows"] and all("到" in row["days"] for row in table["rows"])
    assert "近一周" not in str(table)


def test_a_days_old_cash_product_shows_no_yield(demo_store: Any, ask: Ask) -> None:
    from types import SimpleNamespace

    from wealth.request import Request

    bank: Any = SimpleNamespace(store=demo_store)
    request = Request(customer=None, channel="robot", text="新芽日结七日年化多少", now=NOW, products=["XJ008"])
    assert "不到七天" in product_explain.answer(bank, request).sentences[0]
    later = product_explain.answer(bank, Request(None, "robot", "七日年化多少", NOW, products=["XJ001"]))
    assert "七日年化" in later.sentences[0] and "%" in later.sentences[0]


def test_above_my_level_it_is_explained_but_not_advised(ask: Ask) -> None:
    reply = ask(product_explain, "适合我吗", "t-bold", products=["GP003A"])
    assert reply.purpose is Purpose.SERVICE and "不推荐" in said(reply)
    assert not any(block.get("link") for block in reply.blocks)


def test_does_it_suit_me_is_advice_with_both_sides(ask: Ask) -> None:
    reply = ask(product_explain, "适合我吗", products=["LC008"])
    assert reply.purpose is Purpose.ADVICE and "也要留意" in said(reply)


def test_what_i_hold_of_it_is_said_to_me_only(ask: Ask) -> None:
    mine = ask(product_explain, "这个怎么样", products=["ZQ001A"])
    assert "您现在持有" in said(mine) and mine.privacy is Privacy.PERSONAL
    anyone = ask(product_explain, "这个怎么样", None, channel="robot", products=["ZQ001A"])
    assert "您" not in said(anyone) and anyone.privacy is Privacy.PUBLIC


def test_an_expired_assessment_is_renewed_before_any_verdict(ask: Ask) -> None:
    later = NOW + timedelta(days=400)
    reply = ask(product_explain, "适合我吗", products=["XJ001"], now=later)
    assert "过期" in said(reply) and reply.control["pending"]["skill"] == "risk_assessment"


def test_several_products_of_that_name_are_asked_back(ask: Ask) -> None:
    reply = ask(product_explain, "澜桥纯债", candidates=["ZQ001A", "ZQ001C"])
    assert [step.text for step in reply.quick_replies] == ["澜桥纯债A", "澜桥纯债C"]


def test_an_unknown_product_and_none_at_all(ask: Ask) -> None:
    assert "没有找到" in said(ask(product_explain, "某某宝", products=["ZZ999"]))
    assert "哪一款" in said(ask(product_explain, "这款怎么样"))


def test_it_means_the_one_just_spoken_of(ask: Ask) -> None:
    reply = ask(product_explain, "它的费用呢", context={"offered": ["GP001A"]})
    assert list(reply.offered) == ["GP001A"]
