"""Hold or sell, and the limits that customers set themselves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tests.wealth.skills.conftest import NOW
from wealth.reply import Purpose
from wealth.request import Request
from wealth.skills import stop_profit_loss
from wealth.store import writes

Ask = Any


def said(reply: Any) -> str:
    return "".join(reply.sentences)


@pytest.fixture
def mine(store: Any) -> Iterator[Any]:
    """The small bank's store, with t-mixed's alerts cleared afterwards."""
    yield store
    for one in store.alert_settings("t-mixed"):
        writes.remove_alert(store, "t-mixed", one.kind, one.product)


def test_all_holdings_are_gone_through_without_a_forecast(ask: Ask) -> None:
    reply = ask(stop_profit_loss, "我手上的产品哪些该留哪些该卖")
    assert "没法预测" in said(reply) and reply.purpose is Purpose.SERVICE
    names = {row["name"] for row in reply.blocks[0]["rows"]}
    assert {"澜桥宽基指数A", "云杉稳进日开"} <= names and "活期存款" not in names


def test_a_product_above_my_level_should_shrink_and_never_grow(ask: Ask) -> None:
    keep = ask(stop_profit_loss, "该留还是该卖", "t-bold", products=["GP001A"])
    assert "减一些" in keep.sentences[0] and "C2" in keep.sentences[0]
    assert "不建议再加" in ask(stop_profit_loss, "还能补仓吗", "t-bold", products=["GP001A"]).sentences[0]


def test_a_limit_is_set_shown_and_cleared(ask: Ask, mine: Any) -> None:
    reply = ask(stop_profit_loss, "澜桥纯债A赚到8%提醒我", products=["ZQ001A"], percent=Decimal(8))
    assert "8%" in said(reply)
    kept = mine.alert_settings("t-mixed")
    assert [(one.kind, one.product, one.threshold) for one in kept] == [("target_return", "ZQ001A", Decimal("0.08"))]
    assert "赚到 8% 提醒" in ask(stop_profit_loss, "我设了哪些提醒").blocks[0]["items"][0]["text"]
    assert "关掉了 1 个" in said(ask(stop_profit_loss, "取消提醒"))
    assert not mine.alert_settings("t-mixed")


def test_without_a_figure_one_is_proposed_and_yes_sets_it(ask: Ask, mine: Any) -> None:
    asked = ask(stop_profit_loss, "澜桥纯债A帮我设个止损", products=["ZQ001A"])
    pending = asked.control["pending"]
    assert not mine.alert_settings("t-mixed")
    given = {"percent": Decimal(pending["params"]["percent"]), "products": pending["params"]["products"]}
    ask(stop_profit_loss, "好的", context={"pending": pending}, **given)
    assert [(one.kind, one.threshold) for one in mine.alert_settings("t-mixed")] == [("stop_loss", Decimal("0.03"))]
    ask(stop_profit_loss, "5%吧", percent=Decimal(5), context={"pending": pending})
    assert [one.threshold for one in mine.alert_settings("t-mixed")] == [Decimal("0.05")]


def test_a_new_question_does_not_set_what_was_proposed(ask: Ask, mine: Any) -> None:
    pending = ask(stop_profit_loss, "澜桥纯债A设个止损", products=["ZQ001A"]).control["pending"]
    fields = {"percent": Decimal(20), "context": {"pending": pending}}
    ask(stop_profit_loss, "我的基金已经亏了20%，到底要不要卖掉呢", **fields)
    assert not mine.alert_settings("t-mixed")


@pytest.mark.parametrize("percent", ["0", "100000"])
def test_a_limit_that_cannot_be_is_refused(ask: Ask, mine: Any, percent: str) -> None:
    reply = ask(stop_profit_loss, "赚到这么多提醒我", products=["ZQ001A"], percent=Decimal(percent))
    assert not mine.alert_settings("t-mixed") and "不合适" in said(reply)


def test_which_one_is_asked_when_no_product_was_named(ask: Ask, mine: Any) -> None:
    reply = ask(stop_profit_loss, "赚到10%提醒我", percent=Decimal(10))
    assert "哪一只" in said(reply) and "赚到10%提醒我" in reply.quick_replies[0].text


def test_reached_limits_lead(demo_store: Any) -> None:
    bank: Any = SimpleNamespace(store=demo_store)
    evening = NOW.replace(hour=21)
    reply = stop_profit_loss.answer(bank, Request("demo-13", "app", "哪些该止盈", evening))
    assert "止损线" in reply.sentences[1] and "止盈线" in reply.sentences[2]
    why = Request("demo-13", "app", "为什么", evening, products=["GP004A"], context={"why": True})
    assert "止损线" in "".join(stop_profit_loss.answer(bank, why).sentences)


def test_not_mine_nothing_at_all_and_a_stranger(ask: Ask) -> None:
    assert "手上没有" in said(ask(stop_profit_loss, "该卖吗", products=["GP003A"]))
    assert "没有会涨跌" in said(ask(stop_profit_loss, "哪些该卖", "t-empty"))
    assert "扫" in said(ask(stop_profit_loss, "该卖吗", None, channel="robot"))
