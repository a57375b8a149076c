"""A quick sweep of every skill, and proof that the sweep's own eyes see what the guard does not stop."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.rules_sweep import SKILLS, breaches, count_breaches, sweep, table
from tests.wealth.conftest import EVENING
from wealth.bank import Bank
from wealth.reply import Privacy, Purpose, Reply, Source
from wealth.request import Request

FROM = Source("test", "测试", EVENING)


@pytest.mark.parametrize("skill", SKILLS)
def test_no_skill_breaks_a_rule(bank: Bank, skill: str) -> None:
    found = sweep(bank, ["demo-02", None], [skill], each=2)
    assert not count_breaches(found), "\n".join([table(found), *found[skill].examples])
    assert not found[skill].failed, found[skill].examples


@pytest.mark.parametrize(
    ("rule", "channel", "reply"),
    [
        (6, "app", {"sentences": ["这款产品稳赚。"]}),
        (7, "app", {"sentences": ["错过再等一年。"]}),
        (8, "app", {"sentences": ["业绩比较基准 2.5%。"]}),
        (8, "app", {"sentences": ["它将上涨。"]}),
        (9, "app", {"sentences": ["近一年收益率 3.1%。"], "purpose": Purpose.ADVICE}),
        (10, "app", {"sentences": ["收益率最高的是它。"]}),
        (12, "robot", {"sentences": ["您有 5 万。"], "privacy": Privacy.PERSONAL}),
        (13, "app", {"sentences": ["手机 13812345678。"]}),
        (15, "app", {"sentences": ["我是真人。"]}),
        (16, "app", {"sentences": ["已为您购买。"]}),
        (17, "app", {"sentences": ["今天 2.5%。"], "sources": []}),
        (3, "app", {"sentences": ["这题建议您选 A。"], "skill": "risk_assessment"}),
    ],
)
def test_the_sweep_sees_a_breach(bank: Bank, rule: int, channel: Any, reply: dict[str, Any]) -> None:
    sent = Reply(**{"skill": "concept_qa", "sources": [FROM], **reply})
    request = Request(customer="demo-02", channel=channel, text="", now=EVENING)
    assert rule in {number for number, _ in breaches(bank.store, sent, request)}


def test_the_sweep_sees_a_product_above_the_level(bank: Bank) -> None:
    risky = next(one for one in bank.store.products() if one.risk == 5 and len(one.name) > 3)
    request = Request(customer="demo-02", channel="app", text="", now=EVENING)
    named = Reply(skill="product_recommend", sentences=[f"看看{risky.name}。"], purpose=Purpose.ADVICE)
    assert (1, risky.code) in breaches(bank.store, named, request)
