"""Recommending and comparing, as a customer asks for it, with what they ask next."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from wealth.reply import Privacy, Purpose, Reply
from wealth.skills import product_recommend

Ask = Any


def cards(reply: Reply) -> list[dict[str, Any]]:
    return [dict(block) for block in reply.blocks if block["type"] == "product"]


def context(reply: Reply, **more: Any) -> dict[str, Any]:
    return {"skill": reply.skill, "params": dict(reply.params), "offered": list(reply.offered), **more}


def test_recommend_something_that_suits_me(ask: Ask) -> None:
    reply = ask(product_recommend, "推荐适合我的产品")
    assert reply.purpose is Purpose.ADVICE and reply.privacy is Privacy.PERSONAL
    assert 1 <= len(reply.offered) <= 3
    assert [card["code"] for card in cards(reply)] == list(reply.offered)
    assert all(card["reasons"] and card["cautions"] for card in cards(reply))
    assert all(card["risk"] <= "R3" for card in cards(reply))
    assert "suitability" in reply.disclosures and reply.sources
    assert reply.control["pending"]["params"]["products"] == [reply.offered[0]]


@pytest.mark.parametrize("customer", ["t-saver", "t-unsure"])
def test_without_an_assessment_the_assessment_comes_first(ask: Ask, customer: str) -> None:
    reply = ask(product_recommend, "推荐点产品", customer)
    assert not reply.offered and reply.purpose is Purpose.SERVICE
    assert reply.control["pending"]["skill"] == "risk_assessment"
    assert "测评" in reply.sentences[0]


def test_a_stranger_in_the_lobby_is_asked_to_scan(ask: Ask) -> None:
    reply = ask(product_recommend, "推荐点产品", None, channel="robot")
    assert reply.privacy is Privacy.PERSONAL and not reply.blocks and "扫" in reply.sentences[0]


def test_why_tells_how_it_was_chosen_and_that_returns_did_not_count(ask: Ask) -> None:
    first = ask(product_recommend, "推荐适合我的产品")
    why = ask(product_recommend, "为什么", context=context(first, why=True))
    assert list(why.offered) == list(first.offered)
    assert "C3" in why.sentences[0] and "不参与排序" in why.sentences[-1]


def test_why_of_a_theme_stays_with_the_theme(ask: Ask) -> None:
    gold = ask(product_recommend, "推荐黄金的产品")
    why = ask(product_recommend, "为什么", context=context(gold, why=True))
    assert gold.offered and list(why.offered) == list(gold.offered)


def test_others_please(ask: Ask) -> None:
    first = ask(product_recommend, "推荐适合我的产品")
    more = ask(product_recommend, "换一批", context=context(first))
    assert more.offered and not set(more.offered) & set(first.offered)


def test_the_second_one_is_explained(ask: Ask) -> None:
    first = ask(product_recommend, "推荐适合我的产品")
    second = ask(product_recommend, "第二个多少起购", ordinal=2, context=context(first))
    assert second.skill == "product_explain" and list(second.offered) == [first.offered[1]]


def test_a_place_that_was_not_listed_is_said_so(ask: Ask) -> None:
    first = ask(product_recommend, "推荐适合我的产品")
    reply = ask(product_recommend, "第九个", ordinal=9, context=context(first))
    assert "一共" in reply.sentences[0] and not reply.offered


def test_more_risk_than_my_level_goes_to_a_person(ask: Ask) -> None:
    reply = ask(product_recommend, "有没有科技基金", "t-bold")
    assert not reply.offered and "C2" in reply.sentences[0]
    assert any("客户经理" in step.text for step in reply.quick_replies)
    assert not cards(reply)


def test_safe_principal_is_a_deposit(ask: Ask) -> None:
    reply = ask(product_recommend, "有没有保本的")
    assert reply.offered and all(code.startswith("DQ") for code in reply.offered)
    assert "不保本" in "".join(reply.sentences)


def test_a_small_sum_gets_what_it_can_buy(ask: Ask) -> None:
    reply = ask(product_recommend, "有五毛钱买点什么", amount=Decimal("0.5"))
    assert not reply.offered and "起购" in reply.sentences[0]
    assert ask(product_recommend, "有一百块买点什么", amount=Decimal(100)).offered


def test_personal_advice_switched_off_uses_no_holdings(ask: Ask) -> None:
    reply = ask(product_recommend, "推荐点产品", personalised=False)
    assert "个性化推荐" in reply.sentences[0] and reply.offered
    assert reply.control["personalised"] is False
    assert not any("您的" in reason and "占" in reason for card in cards(reply) for reason in card["reasons"])


def test_two_named_products_stand_side_by_side(ask: Ask) -> None:
    reply = ask(product_recommend, "云杉日日清和云杉稳进日开哪个好", products=["XJ001", "LC001"])
    table = next(block for block in reply.blocks if block["type"] == "table")
    assert [column["title"] for column in table["columns"]][1:] == ["云杉日日清", "云杉稳进日开"]
    assert reply.purpose is Purpose.ADVICE and list(reply.offered) == ["XJ001", "LC001"]


def test_a_comparison_with_a_product_above_the_level_recommends_none_of_that(ask: Ask) -> None:
    reply = ask(product_recommend, "这两个哪个好", "t-bold", products=["GP001A", "LC001"])
    assert reply.purpose is Purpose.SERVICE
    assert any("超过了您的 C2 等级" in sentence for sentence in reply.sentences)


def test_compare_what_was_just_listed(ask: Ask) -> None:
    first = ask(product_recommend, "推荐适合我的产品")
    reply = ask(product_recommend, "这几个对比一下", context=context(first))
    assert list(reply.offered) == list(first.offered)


def test_in_the_lobby_products_may_be_compared_without_a_verdict(ask: Ask) -> None:
    reply = ask(product_recommend, "哪个好", None, channel="robot", products=["XJ001", "XJ003"])
    assert reply.privacy is Privacy.PUBLIC and reply.purpose is Purpose.SERVICE


def test_share_classes_differ_by_how_long_they_are_kept(ask: Ask) -> None:
    reply = ask(product_recommend, "A还是C", products=["ZQ001A", "ZQ001C"])
    assert "放得短，澜桥纯债C" in reply.sentences[0] and "放得久，澜桥纯债A" in reply.sentences[0]


def test_others_of_that_kind(ask: Ask) -> None:
    reply = ask(product_recommend, "有和云杉稳进日开类似的吗", products=["LC001"])
    assert reply.offered and "LC001" not in reply.offered
    assert {card["asset_class"] for card in cards(reply)} == {"固收"}
