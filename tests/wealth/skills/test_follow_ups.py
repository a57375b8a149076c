"""接着问：时间、类别、产品和"为什么"接得上，换个话题再回来也不乱。"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions.turn import Turn, slot_params
from tests.wealth.skills.conftest import NOW
from wealth.request import Request
from wealth.skills import asset_overview, pnl_query, wealth_bill, wealth_checkup

LAST_MONTH = {
    "entity": "period",
    "value": {"name": "上个月", "start": "2026-10-01", "end": "2026-11-01", "valid": True},
}
THIS_YEAR = {"entity": "period", "value": {"name": "今年", "start": "2026-01-01", "end": "2027-01-01", "valid": True}}


class Talk:
    """A conversation as the actions keep it: the topic after each answer."""

    def __init__(self, bank: Any) -> None:
        self.bank = bank
        self.topic: dict[str, Any] = {}
        self.pending: dict[str, Any] = {}

    def _turn(self, text: str, intent: str, entities: list[dict[str, Any]]) -> Turn:
        metadata = {"channel": "app", "customer": "t-mixed"}
        return Turn(intent, [], text, metadata, entities, self.topic, self.pending)

    def ask(self, skill: Any, text: str, *entities: dict[str, Any]) -> Any:
        return self._answer(skill, replace(self._turn(text, skill.SKILL, list(entities)).request(), now=NOW))

    def follow(self, skill: Any, text: str, *entities: dict[str, Any], why: bool = False) -> Any:
        request = replace(self._turn(text, "inform", list(entities)).follow_up(), now=NOW)
        if why:
            request = replace(request, context={**request.context, "why": True})
        return self._answer(skill, request)

    def _answer(self, skill: Any, request: Request) -> Any:
        reply = skill.answer(self.bank, request)
        offered = list(reply.offered) or list(self.topic.get("offered") or [])
        params = {**slot_params(request), **reply.params}
        self.topic = {"skill": reply.skill, "params": params, "offered": offered}
        self.pending = dict(reply.control.get("pending") or {})
        return reply


def test_period_class_and_reason_carry_over(bank: Any) -> None:
    talk = Talk(bank)
    assert "累计" in talk.ask(pnl_query, "我赚了多少").sentences[0]
    assert talk.follow(pnl_query, "那上个月呢", LAST_MONTH).sentences[0].startswith("上个月")
    fixed = talk.follow(pnl_query, "换成固收呢", {"entity": "asset_class", "value": "fixed"})
    assert "上个月" in fixed.sentences[0] and "固收" in fixed.sentences[0]
    why = talk.follow(pnl_query, "为什么", why=True)
    assert "上个月" in why.sentences[0] and "固收" in why.sentences[0]


def test_a_product_follows_and_a_class_replaces_it(bank: Any) -> None:
    talk = Talk(bank)
    talk.ask(asset_overview, "纯债还有多少", {"entity": "product", "value": {"code": "ZQ001A"}})
    assert "澜桥纯债A" in talk.ask(pnl_query, "它今年赚了多少", THIS_YEAR).sentences[0]
    other = talk.follow(pnl_query, "那权益呢", {"entity": "asset_class", "value": "equity"})
    assert "权益" in other.sentences[0] and "纯债" not in other.sentences[0]


def test_a_bill_by_month_then_by_year(bank: Any) -> None:
    talk = Talk(bank)
    assert "上个月" in talk.ask(wealth_bill, "账单").sentences[0]
    assert "今年" in talk.follow(wealth_bill, "今年的呢", THIS_YEAR).sentences[0]


def test_a_sum_leads_to_a_plan_and_a_new_check_up_forgets_it(bank: Any) -> None:
    talk = Talk(bank)
    talk.ask(wealth_checkup, "体检")
    plan = talk.follow(wealth_checkup, "要是再加二十万呢", {"entity": "amount", "value": {"value": "200000"}})
    assert "新增的钱" in plan.sentences[0]
    assert "区间" in talk.follow(wealth_checkup, "为什么", why=True).sentences[0]
    assert "分" in talk.ask(wealth_checkup, "再做个体检").sentences[0]
    assert talk.topic["params"]["amount"] is None


def test_a_wrong_period_is_not_carried_on(bank: Any) -> None:
    talk = Talk(bank)
    bad = {"entity": "period", "value": {"name": "2月30日", "valid": False, "reason": "2 月没有 30 日"}}
    assert "没有 30 日" in talk.ask(pnl_query, "2月30日赚了多少", bad).sentences[0]
    assert "累计" in talk.follow(pnl_query, "那算了，总的呢").sentences[0]
