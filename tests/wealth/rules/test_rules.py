"""Each rule: a Reply that breaks it is found, is not found when the rule is off, and near-misses pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from tests.wealth.conftest import AS_OF, EVENING
from wealth.advice.suitability import standing
from wealth.adviser import Adviser
from wealth.bank import Bank
from wealth.reply import Privacy, Purpose, QuickReply, Reply, Source
from wealth.request import Request
from wealth.rules.book import RuleBook, RuleBookError
from wealth.rules.guard import Guard
from wealth.store import Product, Store, schema

FROM = Source("test", "测试", EVENING)


def asked(customer: str | None = "demo-02", channel: str = "app", text: str = "", **fields: Any) -> Request:
    return Request(customer=customer, channel=channel, text=text, now=EVENING, **fields)  # type: ignore[arg-type]


def said(text: str, skill: str = "concept_qa", **fields: Any) -> Reply:
    return Reply(skill=skill, sentences=[text], spoken=[text], **{"sources": [FROM], **fields})


def card(product: Product, **fields: Any) -> Mapping[str, Any]:
    shown = {"type": "product", "code": product.code, "name": product.name, "risk": product.rating, "facts": []}
    return {**shown, "asset_class": product.asset_class, "reasons": [], "cautions": [], **fields}


def rules_of(bank: Bank, reply: Reply, request: Request) -> set[int]:
    return {finding.rule for finding in bank.guard.findings(reply, request)}


def only_by(bank: Bank, number: int, reply: Reply, request: Request) -> None:
    """Found by this rule, and by none once it is switched off."""
    assert rules_of(bank, reply, request) == {number}
    off = Guard.load(bank.store, off=frozenset({number}))
    assert not off.findings(reply, request)
    assert off.check(reply, request).sentences[: len(reply.sentences)] == reply.sentences
    assert bank.guard.check(reply, request).sentences != reply.sentences


@pytest.fixture(scope="session")
def risky(bank_store: Store) -> Product:
    return next(one for one in bank_store.products() if one.risk >= 4)


@pytest.fixture(scope="session")
def calm(bank_store: Store) -> Product:
    return next(one for one in bank_store.products() if one.risk == 1 and one.kind == "wealth")


@pytest.fixture(scope="session")
def elder(bank_store: Store) -> str:
    """A C5 customer of 70."""
    with bank_store.write() as connection:
        connection.execute(
            insert(schema.customers).values(
                id="rule-elder", name="测试客户", birth_date=date(1956, 1, 1), level="金卡", branch="演示支行",
                since=AS_OF, is_demo=True,
            )
        )  # fmt: skip
        at = EVENING - timedelta(days=30)
        connection.execute(
            insert(schema.assessments).values(
                customer="rule-elder", taken_at=at, score=90, rating="C5", confirmed_at=at, horizon_months=60,
                answers={}, questionnaire="test",
            )
        )  # fmt: skip
    return "rule-elder"


def test_rule_1_above_the_level(bank: Bank, risky: Product) -> None:
    offer = said("可以看看这款。", purpose=Purpose.ADVICE, offered=[risky.code])
    only_by(bank, 1, offer, asked())
    assert not rules_of(bank, replace(offer, purpose=Purpose.SERVICE), asked())  # own holdings, an explanation


def test_rule_1_within_the_level_passes(bank: Bank, calm: Product) -> None:
    assert not rules_of(bank, said("可以看看这款。", purpose=Purpose.ADVICE, offered=[calm.code]), asked())


def test_rule_2_no_valid_assessment(bank: Bank, calm: Product) -> None:
    unassessed = next(key for key in personas(bank) if standing(bank.store, key, EVENING).state != "valid")
    offer = said("可以看看这款。", purpose=Purpose.ADVICE, offered=[calm.code])
    only_by(bank, 2, offer, asked(unassessed))
    sent = bank.guard.check(offer, asked(unassessed))
    assert "测评" in sent.sentences[0] and sent.control["pending"]["skill"] == "risk_assessment"
    assert not rules_of(bank, replace(offer, purpose=Purpose.SERVICE), asked(unassessed))


def personas(bank: Bank) -> list[str]:
    return [f"demo-{number:02d}" for number in range(1, 22)]


def test_rule_3_hints(bank: Bank) -> None:
    only_by(bank, 3, said("这题建议您选最后一项。", "risk_assessment"), asked())
    assert not rules_of(bank, said("这题要您自己选，我不能提示。", "risk_assessment"), asked())


def test_rule_4_elderly(bank: Bank, risky: Product, elder: str) -> None:
    shown = said("这款产品的资料在这里。", blocks=[card(risky, link="https://bank.example/buy")])
    only_by(bank, 4, shown, asked(elder))
    sent = bank.guard.check(shown, asked(elder))
    assert sent.sentences[0] == shown.sentences[0] and "link" not in sent.blocks[0]
    assert sent.next_step is not None and sent.control["pending"]["skill"] == "human_handoff"
    assert not rules_of(bank, replace(shown, blocks=[card(risky)]), asked(elder))


def test_rule_5_insisting_goes_to_a_person(bank: Bank, risky: Product) -> None:
    link = {"type": "link", "kind": "purchase", "title": "去购买", "url": "https://bank.example/buy"}
    shown = said("这款产品的资料在这里。", blocks=[card(risky), link])
    only_by(bank, 5, shown, asked())
    sent = bank.guard.check(shown, asked())
    assert [block["type"] for block in sent.blocks] == ["product"] and "客户经理" in sent.sentences[-1]


@pytest.mark.parametrize(
    "text",
    ["这款产品保本。", "稳赚的。", "基本零风险", "买理财就是存款", "放心，不会亏", "银行会兜底的", "不错，它保本"],
)
def test_rule_6_safety_promised(bank: Bank, text: str) -> None:
    only_by(bank, 6, said(text), asked())


@pytest.mark.parametrize(
    "text",
    [
        "理财不保本，也不承诺保息。", "过往业绩好，不表明没有风险。", "打破刚兑以后", "没有谁能保证收益",
        "无风险利率常用国债",
        "声称保本高息的，要当心。", "这不等于没有风险。", "您问它是否保本，要看合同。",
    ],
)  # fmt: skip
def test_rule_6_near_misses(bank: Bank, text: str) -> None:
    assert not rules_of(bank, said(text), asked())


def test_rule_6_a_deposit_may_be_called_safe(bank: Bank) -> None:
    deposit = next(one for one in bank.store.products() if one.kind == "time_deposit")
    structured = next(one for one in bank.store.products() if one.kind == "structured_deposit")
    assert not rules_of(bank, said("定期存款保本保息。", blocks=[card(deposit)]), asked())
    assert rules_of(bank, said("结构性存款，保本。", blocks=[card(structured)]), asked()) == {6}


@pytest.mark.parametrize("text", ["低门槛，秒到账。", "高收益，手慢无", "这是一款低风险的好产品", "收益高达很多"])
def test_rule_7_inducing(bank: Bank, text: str) -> None:
    only_by(bank, 7, said(text), asked())


@pytest.mark.parametrize(
    "text", ["风险等级：R1 级。", "R1（低风险）", "这款是中低风险等级", "高收益往往伴随高风险", "别信高收益的宣传"]
)
def test_rule_7_near_misses(bank: Bank, text: str) -> None:
    assert not rules_of(bank, said(text), asked())


def test_rule_8_forecast_and_basis(bank: Bank, calm: Product) -> None:
    only_by(bank, 8, said("预计年化能到这个数。"), asked())
    only_by(bank, 8, said("请看。", blocks=[card(calm, benchmark={"text": "2.4%", "basis": ""})]), asked())
    shown = said("请看。", blocks=[card(calm, benchmark={"text": "2.4%", "basis": "中债指数×80%"})])
    sent = bank.guard.check(shown, asked())
    assert any("不是预期收益率" in one["text"] for one in sent.disclosures)  # type: ignore[index]
    off = Guard.load(bank.store, off=frozenset({8})).check(shown, asked())
    assert not off.disclosures


def test_rule_8_no_seven_day_yield_in_the_first_week(bank: Bank) -> None:
    young = next(one for one in bank.store.products() if one.kind == "cash")
    launched = {"launch_date": AS_OF - timedelta(days=3)}
    before = young.launch_date
    with bank.store.write() as connection:
        connection.execute(update(schema.products).where(schema.products.c.code == young.code).values(**launched))
    try:
        fresh = Bank(type(bank.store)(bank.store.engine), bank.guard, bank.knowledge)
        fresh = replace(fresh, guard=Guard.load(fresh.store))
        only_by(fresh, 8, said("它的七日年化在这里。", offered=[young.code]), asked())
    finally:
        with bank.store.write() as connection:
            connection.execute(
                update(schema.products).where(schema.products.c.code == young.code).values(launch_date=before)
            )
    assert not rules_of(bank, said("它的七日年化在这里。", offered=[young.code]), asked())


def test_rule_9_past_performance(bank: Bank, calm: Product) -> None:
    text = "近一年收益率 2.31%（2025-11-20 至 2026-11-20）"
    sent = bank.guard.check(said(text, purpose=Purpose.EDUCATION), asked())
    assert "过往业绩不代表其未来表现" in sent.disclosures[-1]["text"]  # type: ignore[index]
    off = Guard.load(bank.store, off=frozenset({9})).check(said(text, purpose=Purpose.EDUCATION), asked())
    assert not off.disclosures
    only_by(bank, 9, said("近一周涨得不错。", purpose=Purpose.ADVICE, offered=[calm.code]), asked())


def test_rule_10_ranking_and_switch(bank: Bank) -> None:
    only_by(bank, 10, said("收益率最高的是它。"), asked())
    personal = said("按您的情况挑的。", purpose=Purpose.ADVICE, control={"personalised": True})
    only_by(bank, 10, personal, asked(personalised=False))
    assert not rules_of(bank, personal, asked(personalised=True))


def test_rule_11_no_service_refused_for_a_refused_consent(bank: Bank) -> None:
    only_by(bank, 11, said("不同意就无法使用。"), asked())
    assert not rules_of(bank, said("不同意也不影响查账和转账。"), asked())


@pytest.mark.parametrize("channel", ["robot"])
def test_rule_12_nothing_personal_in_the_lobby(bank: Bank, channel: str) -> None:
    reply = said("您一共有 12345.67 元。", privacy=Privacy.PERSONAL)
    only_by(bank, 12, reply, asked(channel=channel))
    sent = bank.guard.check(reply, asked(channel=channel))
    assert "扫" in sent.sentences[0] and not any(sign.isdigit() for sign in "".join(sent.sentences))
    assert not rules_of(bank, reply, asked(channel="app"))
    # Not a digit in it, and still it tells what the customer holds.
    assert rules_of(bank, said("您的云杉日日清没有到期日。", privacy=Privacy.PERSONAL), asked(channel="robot")) == {12}


def test_rule_13_last_four_digits(bank: Bank) -> None:
    reply = said("卡号 6222 0212 3456 7890 123，手机 13812345678。")
    sent = bank.guard.check(reply, asked()).sentences[0]
    assert "6222 0212" not in sent and "13812345678" not in sent and "5678" in sent
    off = Guard.load(bank.store, off=frozenset({13})).check(reply, asked())
    assert "13812345678" in off.sentences[0]


def test_rule_14_no_traces(bank: Bank) -> None:
    only_by(bank, 14, said("我会记住您的声音。"), asked(None, "robot"))


def test_rule_15_never_a_person(bank: Bank) -> None:
    only_by(bank, 15, said("我是真人，放心。"), asked())
    for text in ("你是真人吗", "你是谁", "你好"):
        answer = Adviser(bank).answer("chitchat", asked(None, "robot", text))
        assert "AI" in answer.sentences[0]


def test_rule_16_no_sale_is_closed(bank: Bank) -> None:
    only_by(bank, 16, said("已为您购买成功。"), asked())


def test_rule_17_figures_have_a_source(bank: Bank) -> None:
    only_by(bank, 17, said("现在是 3.2%。", sources=[]), asked())
    only_by(bank, 17, said("请看图。", sources=[], blocks=[{"type": "chart", "kind": "line"}]), asked())
    assert not rules_of(bank, said("现在是 3.2%。"), asked())


@pytest.mark.parametrize(
    "text", ["有人让我转账给陌生人", "我要投诉你们", "说我要把钱转到安全账户", "亏得血本无归，不想活了", "我被骗了"]
)
def test_rule_18_a_person_at_once(bank: Bank, text: str) -> None:
    reply = said("净值是每份的价格。")
    sent = bank.guard.check(reply, asked(text=text))
    assert sent.control["handoff"] and any("96110" in sentence for sentence in sent.sentences)
    assert Guard.load(bank.store, off=frozenset({18})).check(reply, asked(text=text)).sentences == reply.sentences


def test_rule_18_an_understood_cry_for_help_gets_the_anti_fraud_sentence(bank: Bank) -> None:
    sent = Adviser(bank).answer("human_handoff", asked(text="钱转错到骗子那里了，快叫人"))
    assert sent.control["handoff"] == "alarm"
    assert any("96110" in one["text"] for one in sent.disclosures)  # type: ignore[index]
    calm = Adviser(bank).answer("human_handoff", asked(text="帮我找客户经理"))
    assert calm.control["handoff"] == "asked" and not calm.disclosures


def test_rule_18_asking_how_to_guard_against_it_is_education(bank: Bank) -> None:
    sent = bank.guard.check(said("净值是每份的价格。"), asked(text="怎么防范杀猪盘"))
    assert "handoff" not in sent.control


def test_rule_19_a_push_carries_its_opt_out(bank: Bank) -> None:
    push = said("您的理财快到期了。", purpose=Purpose.PUSH)
    only_by(bank, 19, push, asked())
    opt_out = QuickReply("不再提醒这类消息", "不再给我推送这类消息")
    assert not rules_of(bank, replace(push, quick_replies=[opt_out]), asked())


def rows(store: Store) -> list[Mapping[str, Any]]:
    with store.read() as connection:
        return list(connection.execute(select(schema.audit).order_by(schema.audit.c.id)).mappings())


def test_rule_20_every_answer_leaves_a_row_without_words(bank: Bank) -> None:
    before = len(rows(bank.store))
    request = asked(text="我的手机号是13812345678")
    bank.guard.check(said("好的。"), request)
    bank.guard.check(said("稳赚的。"), request)
    made = rows(bank.store)[before:]
    assert [row["decision"] for row in made] == ["answered", "held back"]
    assert made[1]["details"]["rules"] == "6"
    assert not any(word in str(dict(row)) for row in made for word in ("demo-02", "138", "稳赚"))
    Guard.load(bank.store, off=frozenset({20})).check(said("好的。"), request)
    assert len(rows(bank.store)) == before + 2


def test_rule_20_rows_cannot_be_changed(bank: Bank) -> None:
    bank.guard.check(said("好的。"), asked())
    for statement in (update(schema.audit).values(decision="x"), schema.audit.delete()):
        with pytest.raises(Exception, match=r"."), bank.store.write() as connection:
            connection.execute(statement)
    with bank.store.read() as connection:
        count = select(func.count()).select_from(schema.audit).where(schema.audit.c.decision == "x")
        assert connection.execute(count).scalar() == 0


def test_the_book_names_every_rule(tmp_path: Any) -> None:
    book = RuleBook.load()
    assert sorted(book.rules) == list(range(1, 21)) and all(rule.on and rule.source for rule in book.rules.values())
    broken = tmp_path / "rules.yml"
    broken.write_text("rules: {1: {name: 甲, source: 乙, enabled: true}}", encoding="utf-8")
    with pytest.raises(RuleBookError, match="缺少规则"):
        RuleBook.load(broken)
