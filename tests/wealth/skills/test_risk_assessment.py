"""The risk questionnaire as a customer goes through it, and rule 3: no hints, limits, a changed level is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from channels import schema as messages
from channels.rendering.reply import messages as rendered
from wealth.advice.questionnaire import QuestionnaireError, choose, load, questionnaire
from wealth.advice.suitability import standing
from wealth.adviser import Adviser
from wealth.bank import Bank
from wealth.clock import SHANGHAI
from wealth.errors import BadSetting
from wealth.knowledge.base import KnowledgeBase
from wealth.reply import Privacy, Reply
from wealth.request import Request
from wealth.rules.guard import Guard
from wealth.skills import risk_assessment
from wealth.store import Store, schema

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
BALANCED = {
    "age": "B", "income": "C", "source": "A", "debts": "B", "share": "B", "experience": "C", "years": "C",
    "horizon": "C", "reserve": "B", "goal": "C", "loss": "C", "reaction": "C",
}  # fmt: skip


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return KnowledgeBase.load()


@pytest.fixture
def assessed(store: Store, knowledge: KnowledgeBase) -> Bank:
    return Bank(store=store, guard=Guard.load(store), knowledge=knowledge)


@pytest.fixture
def newcomer(store: Store, request: pytest.FixtureRequest) -> Callable[..., str]:
    """newcomer(rating=None, days_ago=60, birth_date=None): a customer of this test's own."""

    def made(rating: str | None = None, days_ago: int = 60, birth_date: Any = None) -> str:
        made.count += 1  # type: ignore[attr-defined]
        key = f"{request.node.name}-{made.count}"[-60:]  # type: ignore[attr-defined]
        row = {"id": key, "name": "测试客户", "birth_date": birth_date, "level": "金卡", "branch": "演示支行"}
        with store.write() as connection:
            connection.execute(insert(schema.customers).values(**row, since=NOW.date(), is_demo=True))
        for age in [days_ago] if rating else []:
            keep(store, key, str(rating), NOW - timedelta(days=age))
        return key

    made.count = 0  # type: ignore[attr-defined]
    return made


def keep(store: Store, key: str, rating: str, at: datetime) -> None:
    with store.write() as connection:
        connection.execute(
            insert(schema.assessments).values(
                customer=key, taken_at=at, score=50, rating=rating, confirmed_at=at, horizon_months=36, answers={},
                questionnaire="test",
            )
        )  # fmt: skip


class Talk:
    """One customer's conversation: each message carries what the last reply left pending."""

    def __init__(self, bank: Bank, customer: str) -> None:
        self.bank, self.customer, self.pending = bank, customer, {}

    def say(self, text: str, now: datetime = NOW, **fields: Any) -> Reply:
        context = {"pending": self.pending}
        request = Request(customer=self.customer, channel="app", text=text, now=now, context=context, **fields)
        reply = risk_assessment.answer(self.bank, request)
        assert not self.bank.guard.findings(reply, request)
        for message in rendered(reply.to_dict(), "m-1"):
            messages.check(message)
        self.pending = dict(reply.control.get("pending") or {})
        return reply

    def answer_all(self, answers: dict[str, str] = BALANCED, now: datetime = NOW) -> Reply:
        reply = self.say("我要做风险测评", now)
        asked = [one for one in questionnaire().questions if one.text == reply.blocks[0]["question"]]
        for question in questionnaire().questions[questionnaire().questions.index(asked[0]) :]:
            option = question.option(answers[question.id])
            assert option is not None
            reply = self.say(option.title, now)
        return reply


def test_from_first_question_to_confirmed_level(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer())
    first = talk.say("我要做风险测评")
    assert first.blocks[0]["step"] == 1 and first.blocks[0]["of"] == 12
    result = talk.answer_all()
    assert "确认" in result.sentences[-1]
    assert standing(assessed.store, talk.customer, NOW).rating is None  # nothing counts before the confirmation
    done = talk.say("好的")
    level = standing(assessed.store, talk.customer, NOW)
    assert level.rating == "C3" and "C3" in done.sentences[0] and "2027年11月19日" in done.sentences[0]
    assert not talk.pending


def test_the_bank_knows_the_age(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer(birth_date=datetime(1950, 1, 1).date()))
    first = talk.say("做风险测评")
    assert first.blocks[0]["of"] == 11 and "年纪" not in first.blocks[0]["question"]
    talk.answer_all()
    assert assessed.store.assessments(talk.customer)[0].answers["age"] == "E"


@pytest.mark.parametrize(
    ("change", "level"),
    [({"loss": "A"}, "C1"), ({"horizon": "A"}, "C2"), ({"goal": "A"}, "C2"), ({"loss": "B"}, "C2"), ({}, "C3")],
)
def test_careful_answers_cap_the_level(change: dict[str, str], level: str) -> None:
    assert questionnaire().outcome({**BALANCED, **change}).rating == level


def test_every_level_can_be_reached() -> None:
    most = {one.id: max(one.options, key=lambda option: option.score).value for one in questionnaire().questions}
    least = {one.id: min(one.options, key=lambda option: option.score).value for one in questionnaire().questions}
    assert questionnaire().outcome(most).rating == "C5"
    assert questionnaire().outcome(least).rating == "C1"
    assert questionnaire().outcome({**most, "loss": "D"}).rating == "C4"


def test_an_unanswered_question_is_no_result() -> None:
    with pytest.raises(QuestionnaireError, match="loss"):
        questionnaire().outcome({key: value for key, value in BALANCED.items() if key != "loss"})


def test_back_changes_an_answer(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer())
    talk.say("做风险测评")
    assert "第一题" in talk.say("上一题").sentences[0]
    talk.say("35")
    back = talk.say("点错了，回上一题")
    assert back.blocks[0]["step"] == 1
    talk.say("70 岁以上")
    assert talk.pending["answers"] == {"age": "E"}


def test_stop_keeps_nothing(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer())
    talk.say("做风险测评")
    talk.say("35")
    stopped = talk.say("不做了")
    assert stopped.control == {"form_done": True} and not assessed.store.assessments(talk.customer)


@pytest.mark.parametrize("text", ["今天天气", "", "啊啊啊" * 2000, "F", "第九个", "250"])
def test_what_fits_no_option_is_asked_again(assessed: Bank, newcomer: Callable[..., str], text: str) -> None:
    talk = Talk(assessed, newcomer())
    talk.say("做风险测评")
    again = talk.say(text)
    assert again.blocks[0]["step"] == 1 and talk.pending["answers"] == {}


@pytest.mark.parametrize("text", ["这题我该选哪个", "你帮我选", "哪个分高选哪个", "怎么答才能测出C4"])
def test_rule_3_no_hint(assessed: Bank, newcomer: Callable[..., str], text: str) -> None:
    talk = Talk(assessed, newcomer())
    talk.say("做风险测评")
    reply = talk.say(text)
    assert "不能给提示" in reply.sentences[0] and reply.blocks[0]["step"] == 1


def test_rule_3_a_hint_that_slipped_in_is_held_back(assessed: Bank) -> None:
    reply = Reply(skill="risk_assessment", sentences=["这题建议您选最后一项。"], spoken=[])
    request = Request(customer=None, channel="app", text="", now=NOW)
    assert [finding.rule for finding in assessed.guard.findings(reply, request)] == [3]
    assert not Guard.load(assessed.store, off=frozenset({3})).findings(reply, request)


def test_rule_3_two_a_day(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer())
    talk.answer_all()
    talk.say("不确认")
    talk.answer_all()
    talk.say("不确认")
    refused = talk.say("再测一次")
    assert "2 次" in refused.sentences[0] and not refused.blocks
    assert talk.say("再测一次", NOW + timedelta(days=1)).blocks
    free = Bank(assessed.store, Guard.load(assessed.store, off=frozenset({3})), assessed.knowledge)
    assert Talk(free, talk.customer).say("再测一次").blocks


def test_rule_3_eight_in_twelve_months(assessed: Bank, newcomer: Callable[..., str]) -> None:
    key = newcomer()
    for days in range(30, 30 + 8 * 30, 30):
        keep(assessed.store, key, "C2", NOW - timedelta(days=days))
    assert "8 次" in Talk(assessed, key).say("做风险测评").sentences[0]


def test_two_open_forms_do_not_pass_the_limit(assessed: Bank, newcomer: Callable[..., str]) -> None:
    key = newcomer()
    first, second, third = (Talk(assessed, key) for _ in range(3))
    for talk in (first, second, third):
        talk.say("做风险测评")
        for question in questionnaire().questions[:-1]:
            talk.say(str(question.option(BALANCED[question.id]).title))  # type: ignore[union-attr]
    for talk in (first, second, third):
        last = talk.say("先不动，看看再说")
    assert "2 次" in last.sentences[0] and len(assessed.store.assessments(key)) == 2


def test_a_changed_level_waits_for_the_customer(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer("C2"))
    result = talk.answer_all()
    assert "C2" in result.sentences[0] and "C3" in result.sentences[0]
    assert standing(assessed.store, talk.customer, NOW).rating == "C2"
    again = talk.say("嗯？什么意思")
    assert "确认" in again.sentences[0] and talk.pending["step"] == "confirm"
    kept = talk.say("不确认")
    assert "C2" in kept.sentences[0] and standing(assessed.store, talk.customer, NOW).rating == "C2"


def test_a_lower_level_counts_before_it_is_confirmed(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer("C4"))
    talk.answer_all({**BALANCED, "loss": "A"})
    declined = talk.say("不同意")
    assert "C1" in declined.sentences[0] and standing(assessed.store, talk.customer, NOW).rating == "C1"
    status = talk.say("我的风险等级是多少")
    assert any("更谨慎" in sentence for sentence in status.sentences)


def test_an_unchanged_level_is_renewed(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer("C3", days_ago=500))
    assert "过期" in talk.say("我的风险等级是多少").sentences[0]
    result = talk.answer_all()
    assert "没有变化" in result.sentences[0] and not talk.pending
    assert standing(assessed.store, talk.customer, NOW).rating == "C3"


def test_confirming_twice_is_once(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer())
    talk.answer_all()
    pending = dict(talk.pending)
    talk.say("确认")
    talk.pending = pending
    talk.say("确认", NOW + timedelta(minutes=5))
    assert len(assessed.store.assessments(talk.customer)) == 1


def test_nobody_confirms_for_somebody_else(assessed: Bank, newcomer: Callable[..., str]) -> None:
    mine, other = Talk(assessed, newcomer()), Talk(assessed, newcomer())
    mine.answer_all()
    other.pending = dict(mine.pending)
    with pytest.raises(BadSetting, match="没有这次测评"):
        other.say("确认")


def test_status_tells_level_day_and_expiry(assessed: Bank, newcomer: Callable[..., str]) -> None:
    reply = Talk(assessed, newcomer("C3")).say("我的风险等级是多少")
    assert (
        "C3 平衡型" in reply.sentences[0] and "9月21日" in reply.sentences[0] and "2027年9月20日" in reply.sentences[0]
    )
    assert reply.sources and reply.privacy is Privacy.PERSONAL
    assert "还没有" in Talk(assessed, newcomer()).say("我C几来着").sentences[0]


def test_in_the_lobby_it_is_the_own_phone(assessed: Bank) -> None:
    for text in ("我的风险等级是多少", "做风险测评"):
        request = Request(customer=None, channel="robot", text=text, now=NOW)
        reply = risk_assessment.answer(assessed, request)
        assert reply.privacy is Privacy.PERSONAL and "扫" in reply.sentences[0] and not reply.blocks
    public = Request(customer=None, channel="robot", text="一天可以测几次", now=NOW)
    assert "2 次" in risk_assessment.answer(assessed, public).sentences[0]


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("age", "我今年三十八岁", "B"), ("age", "66", "D"), ("loss", "选B", "B"), ("loss", "第三个吧", "C"),
        ("loss", "我不能承受任何亏损", "A"), ("horizon", "三到五年吧", "C"), ("debts", "我没有贷款", "A"),
        ("experience", "买过股票", "D"), ("reaction", "我会再买一些", "D"), ("years", "没买过", "A"),
        ("loss", "两成", "D"),
    ],
)  # fmt: skip
def test_answers_in_own_words(question: str, text: str, value: str) -> None:
    asked = next(one for one in questionnaire().questions if one.id == question)
    chosen = choose(asked, Request(customer=None, channel="app", text=text, now=NOW))
    assert chosen is not None and chosen.value == value


def test_an_income_said_as_a_figure() -> None:
    asked = next(one for one in questionnaire().questions if one.id == "income")
    request = Request(customer=None, channel="app", text="二十万左右", now=NOW, amount=Decimal(200_000))
    chosen = choose(asked, request)
    assert chosen is not None and chosen.value == "C"


def test_a_broken_file_says_what_is_wrong(tmp_path: Any) -> None:
    broken = tmp_path / "questionnaire.yml"
    broken.write_text("levels: {C1: {name: 谨慎型, from: 3}}", encoding="utf-8")
    with pytest.raises(QuestionnaireError, match="C1 到 C5"):
        load(broken)


def test_a_question_in_between_is_answered_and_leads_back(assessed: Bank, newcomer: Callable[..., str]) -> None:
    talk = Talk(assessed, newcomer())
    talk.say("做风险测评")
    talk.say("35")
    context = {"pending": talk.pending}
    request = Request(customer=talk.customer, channel="app", text="什么是净值", now=NOW, context=context)
    between = Adviser(assessed).answer("concept_qa", request)
    assert "净值" in between.sentences[0] and between.quick_replies[-1].text == "继续测评"
    assert "form_done" not in between.control
    assert talk.say("继续测评").blocks[0]["step"] == 2
