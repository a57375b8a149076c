"""财富体检与配置方案：得分、改进、步骤，测评没有或过期时不给方案。"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wealth.skills import wealth_checkup


def _gauge(reply: Any) -> dict[str, Any]:
    return next(block for block in reply.blocks if block.get("kind") == "gauge")


def _list(reply: Any) -> list[dict[str, Any]]:
    return next(block["items"] for block in reply.blocks if block["type"] == "list")


def _table(reply: Any, title: str) -> list[dict[str, str]]:
    return next(block["rows"] for block in reply.blocks if block["type"] == "table" and title in block["title"])


def test_the_gauge_and_the_sentence_tell_the_same_score(ask: Any) -> None:
    reply = ask(wealth_checkup, "给我的资产做个体检")
    data = _gauge(reply)["data"]
    assert f"{data['value']} 分" in reply.sentences[0] and len(data["parts"]) == 5
    assert reply.privacy.value == "personal" and reply.purpose.value == "service" and not reply.offered
    assert any(source.id.startswith("checkup:") for source in reply.sources)


def test_at_most_three_upgrades_each_with_reason_effect_and_a_button(ask: Any) -> None:
    for customer in ("t-mixed", "t-saver", "t-bold", "t-unsure"):
        items = _list(ask(wealth_checkup, customer=customer))
        assert 1 <= len(items) <= 3
        assert all(item["text"] and item["value"] and item["action"]["text"] for item in items)


def test_a_product_above_the_level_caps_the_score_and_comes_first(ask: Any) -> None:
    reply = ask(wealth_checkup, customer="t-bold")
    assert int(_gauge(reply)["data"]["value"]) <= 59
    assert "超出" in _list(reply)[0]["title"]
    assert reply.control["pending"] == {"kind": "next", "skill": "stop_profit_loss", "params": {"products": ["GP001A"]}}


def test_without_an_assessment_that_is_the_first_step_and_no_plan_is_given(ask: Any) -> None:
    reply = ask(wealth_checkup, customer="t-saver")
    assert "测评" in _list(reply)[0]["title"] and "可信度低" in reply.sentences[0]
    refused = ask(wealth_checkup, "给个配置方案", customer="t-saver")
    assert not refused.offered and not refused.blocks
    assert refused.control["pending"]["skill"] == "risk_assessment"


def test_the_plan_names_only_what_suits_and_shows_the_bands(ask: Any, bank: Any) -> None:
    reply = ask(wealth_checkup, "我的配置怎么调", customer="t-bold")
    assert reply.purpose.value == "advice" and reply.offered
    assert all(bank.store.product(code).risk <= 2 for code in reply.offered)
    assert _table(reply, "步骤")[0]["step"] == "卖出"
    assert len(_table(reply, "参考比例")) == 4
    assert "suitability" in reply.disclosures


def test_new_money_is_placed_without_selling_what_fits(ask: Any) -> None:
    reply = ask(wealth_checkup, "再来五十万怎么配", amount=Decimal(500_000))
    assert "新增的钱" in reply.sentences[0]
    spent = sum(
        Decimal(row["amount"].strip("¥").replace(",", "")) for row in _table(reply, "步骤") if row["step"] == "买入"
    )
    assert Decimal(400_000) < spent <= Decimal(620_000)


def test_personal_advice_switched_off_names_no_product(ask: Any) -> None:
    reply = ask(wealth_checkup, "给个方案", customer="t-bold", personalised=False)
    assert not reply.offered and "关闭了个性化" in "".join(reply.sentences)
    assert all("步骤" not in block["title"] for block in reply.blocks)


def test_why_lists_every_measure(ask: Any) -> None:
    items = _list(ask(wealth_checkup, "为什么", context={"why": True, "skill": "wealth_checkup"}))
    assert len(items) == 10 and all("分" in item["value"] for item in items)


def test_why_after_a_plan_is_about_the_plan(ask: Any) -> None:
    context = {"why": True, "skill": "wealth_checkup", "params": {"plan": True}}
    reply = ask(wealth_checkup, "为什么", customer="t-bold", context=context)
    assert any("合适的区间" in sentence for sentence in reply.sentences)


def test_yes_to_the_offered_plan_gives_the_plan(ask: Any) -> None:
    context = {"pending": {"kind": "next", "skill": "wealth_checkup", "params": {"plan": True}}}
    assert _table(ask(wealth_checkup, "好的", context=context), "步骤")
    assert _gauge(ask(wealth_checkup, "再体检一次", context=context))


def test_nothing_to_check_is_said_kindly(ask: Any) -> None:
    reply = ask(wealth_checkup, customer="t-empty")
    assert "还没有资产" in reply.sentences[0] and reply.next_step is not None


def test_nothing_personal_in_the_hall(ask: Any) -> None:
    assert not ask(wealth_checkup, customer="t-mixed", channel="robot").blocks
    assert not ask(wealth_checkup, customer=None, channel="robot").blocks
