"""The market at noon and close, a subject of it, and what it did to me."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from channels import schema as messages
from channels.rendering.reply import messages as rendered
from wealth import market
from wealth.clock import SHANGHAI
from wealth.format import signed_money
from wealth.reply import Privacy
from wealth.request import Period, Request
from wealth.returns import profit
from wealth.skills import market_commentary

EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=SHANGHAI)
DAY = Period("今天", date(2026, 11, 20), date(2026, 11, 21))


@pytest.fixture
def asked(demo_store: Any) -> Any:
    """asked(text, customer, now, …) → Reply, checked against the channels' schema."""

    def ask(text: str, customer: str | None = "demo-04", now: datetime = EVENING, **fields: Any) -> Any:
        bank: Any = SimpleNamespace(store=demo_store)
        channel: Any = "app" if customer else "robot"
        reply = market_commentary.answer(bank, Request(customer, channel, text, now, **fields))
        for message in rendered(reply.to_dict(), "m"):
            messages.check(message)
        return reply

    return ask


def test_the_close_and_what_it_did_to_me(asked: Any, demo_store: Any) -> None:
    reply = asked("今天行情怎么样")
    broad = next(move for move in market.snapshot(demo_store, EVENING) if move.series.id == "broad")
    assert f"{broad.row.value:,.2f} 点" in reply.sentences[0] and "收盘" in reply.sentences[0]
    mine = profit(demo_store, "demo-04", DAY, at=EVENING).amount
    assert signed_money(mine) in reply.sentences[-1]
    assert reply.privacy is Privacy.PERSONAL and "synthetic_market" in reply.disclosures


def test_at_noon_the_morning_counts_and_prices_are_not_out_yet(asked: Any) -> None:
    reply = asked("午间点评", now=NOON)
    assert "11月20日午间" in reply.sentences[0]
    assert "今天的净值晚上才公布，先看 11月19日" in reply.sentences[-1]
    assert "午间" in asked("上午行情怎么样").sentences[0]


def test_a_visitor_hears_the_market_and_nothing_of_anyone(asked: Any) -> None:
    reply = asked("大盘怎么样", None)
    assert reply.privacy is Privacy.PUBLIC and "您的持仓" not in "".join(reply.sentences)


def test_a_subject_with_what_i_hold_of_it(asked: Any) -> None:
    reply = asked("黄金怎么样")
    assert "元/克" in reply.sentences[0] and "远帆黄金联接" in reply.sentences[1]
    assert any(source.id.startswith("article:") for source in reply.sources)


@pytest.mark.parametrize(
    ("customer", "words"), [("demo-02", "分几次"), ("demo-04", "先不加"), ("demo-09", "测评"), (None, "闲钱")]
)
def test_may_i_enter_is_answered_by_level_and_share(asked: Any, customer: str | None, words: str) -> None:
    assert words in "".join(asked("现在能买股票基金吗", customer).sentences)


def test_causes_are_quoted_or_unknown(asked: Any) -> None:
    assert "《" in "".join(asked("今天为什么跌").sentences)
    years_ago = datetime(2024, 6, 3, 16, 0, tzinfo=SHANGHAI)
    assert "不乱猜" in "".join(asked("今天为什么跌", now=years_ago).sentences)


def test_a_month_is_measured_from_the_close_before_it(asked: Any, demo_store: Any) -> None:
    month = Period("本月", date(2026, 11, 1), None)
    reply = asked("这个月行情怎么样", period=month)
    closes = market.rows(demo_store, "broad", date(2026, 10, 30), date(2026, 11, 21))
    moved = closes[-1].value / closes[0].value - 1
    assert closes[0].date == date(2026, 10, 30)
    assert f"{abs(moved) * 100:.2f}%" in reply.sentences[0] and "10月30日到11月20日" in reply.sentences[0]


def test_yesterday_tomorrow_and_never(asked: Any) -> None:
    yesterday = Period("昨天", date(2026, 11, 19), date(2026, 11, 20))
    assert "11月19日收盘" in asked("昨天行情", period=yesterday).sentences[0]
    tomorrow = Period("明天", date(2026, 11, 21), date(2026, 11, 22))
    assert "还没到" in asked("明天行情", period=tomorrow).sentences[0]
    long_ago = datetime(2010, 1, 4, 16, 0, tzinfo=SHANGHAI)
    assert "没到" in asked("今天行情", now=long_ago).sentences[0]


def test_a_class_followed_up_on(asked: Any) -> None:
    assert "国债收益率" in asked("债券的呢", asset_class="fixed").sentences[0]
