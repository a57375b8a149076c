"""The entries as a whole, and that they are found: asked in other words, misheard, and not where nothing fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.knowledge import cases, sentences, shares
from wealth.bank import Bank
from wealth.clock import now
from wealth.knowledge.base import COLLECTIONS, Entry, KnowledgeBase, KnowledgeError
from wealth.request import Request
from wealth.rules.book import RuleBook
from wealth.rules.checks import LISTS
from wealth.rules.words import WordList
from wealth.skills import branch_service, concept_qa

BASE = KnowledgeBase.load()
TOLD = [(name, entry) for name in COLLECTIONS for entry in BASE[name].entries]
# Questions that lead on to another skill; anything else must be known here.
ELSEWHERE = {
    "今年以来赚了多少", "为什么亏了", "我亏了要不要卖", "推荐适合我的产品", "给我的资产做个体检", "我现在有多少资产",
    "今天行情怎么样", "今天金价怎么样", "今天科技板块怎么样", "怎么设置定投", "帮我设个止盈提醒", "我的风险等级是多少",
    "我要做风险测评", "怎么把A基金转成B基金", "怎么买这个产品", "我的产品什么时候到期", "找客户经理", "取个号",
    "还要等多久", "看看上个月的账单", "附近的网点在哪", "比较一下这两个产品", "我要了解养老基金",
}  # fmt: skip


def test_there_is_enough_to_know() -> None:
    assert len(BASE["concepts"].entries) >= 250
    assert len(BASE["branch"].entries) >= 60
    assert len(BASE["smalltalk"].entries) >= 40


@pytest.mark.parametrize("name", ["concepts", "branch"])
def test_every_entry_is_whole(name: str) -> None:
    for entry in BASE[name].entries:
        assert len(entry.questions) >= 3, entry.id
        assert entry.next and entry.source and entry.updated, entry.id
        assert all(len(paragraph) <= 220 for paragraph in entry.answer), entry.id


def test_every_entry_is_found_by_its_own_questions() -> None:
    for name, entry in TOLD:
        for question in entry.questions:
            hits = BASE[name].search(question, most=1)
            assert hits and hits[0].entry.id == entry.id, (question, entry.id, hits[0].entry.id)
            assert hits[0].score >= BASE[name].answer_at


def test_no_entry_says_what_may_not_be_said() -> None:
    book = RuleBook.load()
    lists = [WordList.of(book[number], name) for number, name in LISTS if number in (6, 7, 8, 10, 11, 14, 15, 16)]
    for _, entry in TOLD:
        for text in (*entry.answer, entry.more, entry.spoken, entry.title):
            assert not [word for words in lists for word in words.find(text)], (entry.id, text)


def test_every_next_step_leads_somewhere() -> None:
    for name in ("concepts", "branch", "assessment"):
        for entry in BASE[name].entries:
            if entry.next in ELSEWHERE or not entry.next:
                continue
            hits = BASE["concepts"].search(entry.next, most=1)
            assert hits and hits[0].score >= BASE["concepts"].answer_at, (entry.id, entry.next)


def test_questions_in_other_words_find_their_entry() -> None:
    found = [(text, entry, BASE["concepts"].search(text)) for text, entry in cases()]
    wrong = [(text, entry) for text, entry, hits in found if not hits or hits[0].entry.id != entry]
    assert len(wrong) <= 0.05 * len(found), wrong
    sure = [hits[0].score >= BASE["concepts"].answer_at for _, _, hits in found if hits]
    assert sum(sure) >= 0.9 * len(found)


def test_other_things_are_not_known() -> None:
    answered, _, unknown = shares(BASE, sentences("out_of_scope")[::10])
    assert answered <= 0.06 and unknown >= 0.8


@pytest.mark.parametrize("text", ["", "？？？", "今晚吃什么", "asdfgh", "🙂🙂", "净" * 5000])
def test_bad_questions_hurt_nobody(text: str) -> None:
    hits = BASE["concepts"].search(text)
    assert not hits or hits[0].score < BASE["concepts"].answer_at or "净" in text


def test_unknown_is_said_and_a_person_offered(bank: Bank) -> None:
    reply = concept_qa.answer(bank, Request(customer=None, channel="app", text="量子纠缠怎么做菜", now=now()))
    assert "不知道" in reply.sentences[0] and reply.quick_replies and not reply.sources


def test_more_on_why(bank: Bank) -> None:
    context = {"why": True, "params": {"entry": "drawdown"}}
    reply = concept_qa.answer(bank, Request(customer=None, channel="app", text="为什么", now=now(), context=context))
    assert reply.sentences == [_entry("drawdown").more]


def test_the_robot_leads_the_app_does_not(bank: Bank) -> None:
    robot = branch_service.answer(bank, Request(customer=None, channel="robot", text="厕所在哪", now=now()))
    assert robot.control == {"guide": "restroom"}
    app = branch_service.answer(bank, Request(customer="x", channel="app", text="厕所在哪", now=now()))
    assert not app.control
    named = Request(customer=None, channel="robot", text="茅坑", now=now(), place="restroom")
    assert branch_service.answer(bank, named).control == {"guide": "restroom"}


def test_every_place_is_on_the_robots_map() -> None:
    places = (Path(__file__).parents[3] / "data" / "robot" / "map.yml").read_text(encoding="utf-8")
    for entry in BASE["branch"].entries:
        if entry.control.get("guide"):
            assert f"  {entry.control['guide']}: {{" in places


def _entry(key: str) -> Entry:
    found = BASE["concepts"].get(key)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- id: a", "entries"),
        ("entries:\n- id: a\n  title: 甲", "缺少 questions"),
        ("entries:\n- {id: a, title: 甲, questions: [乙], answer: 丙, colour: 红}", "colour"),
        ("entries:\n- &a {id: a, title: 甲, questions: [乙], answer: 丙}\n- *a", "重复"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    for name in COLLECTIONS:
        (tmp_path / name).mkdir()
    settings = "\n".join(f"{name}: {{answer_at: 0.6, offer_at: 0.4}}" for name in COLLECTIONS)
    (tmp_path / "settings.yml").write_text(settings, encoding="utf-8")
    (tmp_path / "concepts" / "x.yml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        KnowledgeBase.load(tmp_path)
