"""每位演示客户都问一遍：资产、收益、账单、体检、方案；数字对得上，消息合格，规则不破。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from channels import schema as messages
from channels.rendering.reply import messages as rendered
from tests.wealth.skills.conftest import NOW
from wealth.request import Period, Request
from wealth.rules.guard import Guard
from wealth.skills import asset_overview, pnl_query, wealth_bill, wealth_checkup
from wealth.store import Store, schema

YEAR = Period("2026", date(2026, 1, 1), date(2027, 1, 1))
MONTH = Period("2026-10", date(2026, 10, 1), date(2026, 11, 1))
WHY = {"why": True}
QUESTIONS: list[tuple[Any, str, dict[str, Any]]] = [
    (asset_overview, "我有多少钱", {}),
    (asset_overview, "我的固收有多少", {"asset_class": "fixed"}),
    (asset_overview, "为什么", {"context": WHY}),
    (pnl_query, "我赚了多少", {}),
    (pnl_query, "上个月赚了多少", {"period": MONTH}),
    (pnl_query, "权益今年为什么亏", {"period": YEAR, "asset_class": "equity"}),
    (wealth_bill, "账单", {}),
    (wealth_bill, "今年的账单", {"period": YEAR}),
    (wealth_bill, "最近的交易记录", {}),
    (wealth_checkup, "体检", {}),
    (wealth_checkup, "为什么", {"context": WHY}),
    (wealth_checkup, "给个配置方案", {}),
    (wealth_checkup, "再来二十万怎么配", {"amount": Decimal(200_000)}),
]


@pytest.fixture(scope="module")
def guard(demo_store: Store) -> Guard:
    return Guard.load(demo_store)


@pytest.mark.parametrize(("skill", "text", "fields"), QUESTIONS, ids=[text for _, text, _ in QUESTIONS])
def test_every_demo_customer_gets_a_sound_answer(
    skill: Any, text: str, fields: dict[str, Any], demo_store: Store, guard: Guard
) -> None:
    bank: Any = SimpleNamespace(store=demo_store)
    with demo_store.read() as connection:
        customers = connection.execute(select(schema.customers.c.id)).scalars().all()
    assert len(customers) > 30
    for customer in customers:
        for channel in ("app", "robot"):
            request = Request(customer=customer, channel=channel, text=text, now=NOW, **fields)  # type: ignore[arg-type]
            reply = skill.answer(bank, request)
            assert not guard.findings(reply, request), customer
            assert 1 <= len(reply.sentences) <= 8 and reply.spoken
            assert all("{" not in sentence for sentence in reply.sentences)
            for message in rendered(guard.check(reply, request).to_dict(), "m"):
                messages.check(message)
            if channel == "app":
                assert reply.next_step is not None and 1 <= len(reply.quick_replies) <= 3, customer
                _adds_up(reply)


def _adds_up(reply: Any) -> None:
    for block in reply.blocks:
        rows = {row["label"]: row["value"] for row in block.get("rows", []) if isinstance(row, dict) and "label" in row}
        if "期初资产" in rows:
            figures = {label: Decimal(value.translate(_PLAIN)) for label, value in rows.items()}
            way = ("期初资产", "转入", "转出", "投资收益")
            assert sum(figures[name] for name in way) == figures["期末资产"]
        if block.get("kind") == "ring":
            shares = sum(Decimal(part["share"]) for part in block["data"]["parts"])
            assert not block["data"]["parts"] or abs(shares - 1) < Decimal("0.001")


_PLAIN = str.maketrans("", "", "¥,+")
