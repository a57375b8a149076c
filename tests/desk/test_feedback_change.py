"""A suggestion becomes a patch that git applies, or is refused with a reason a designer understands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from feedback_house import tree

from desk.feedback.corpus import corpus
from desk.feedback.proposal import Change, Refused, Suggestion, change, tidy
from wealth.knowledge.base import KnowledgeBase

NEW = ("帮我瞅瞅咱家底", "#我的钱呢", "家里头: 还有几个子儿")
QUESTIONS = ("同业存单指基是啥玩意", "存单指基有什么来头", "存单指基划算么")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tree(tmp_path)


def applies(root: Path, made: Change) -> None:
    """What `git apply` makes of it is the content that was meant."""
    for options in (["--check"], []):
        done = subprocess.run(["git", "apply", *options, "-"], cwd=root, input=made.patch.encode(), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
    assert (root / made.name).read_text(encoding="utf-8") == made.new


def why(root: Path, *texts: str, **more: str) -> str:
    with pytest.raises(Refused) as refused:
        change(root, Suggestion(texts=texts, **more), 7)
    assert str(refused.value).endswith(("。", "。）"))
    return refused.value.code


def test_new_texts_go_into_a_file_of_their_own_then_to_its_end(root: Path) -> None:
    first = change(root, Suggestion(texts=NEW[:1], intent="asset_overview"), 7)
    assert first.old is None and first.name == "data/nlu/asset_overview/feedback.yml"
    applies(root, first)
    second = change(root, Suggestion(texts=NEW[1:], intent="asset_overview"), 8)
    assert second.old == first.new
    applies(root, second)
    rows = [(row.text, row.intent) for row in corpus(root).rows if row.file == first.name]
    assert rows == [(text, "asset_overview") for text in NEW]


def test_control_words_go_to_the_end_of_their_file(root: Path) -> None:
    file = root / "data/nlu/control/deny.yml"
    file.write_text(file.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    made = change(root, Suggestion(texts=("休想",), intent="deny"), 7)
    assert made.name == "data/nlu/control/deny.yml"
    assert "No newline at end of file" in made.patch
    applies(root, made)


def test_a_file_that_ends_in_something_else_is_left_alone(root: Path) -> None:
    file = root / "data/nlu/control/deny.yml"
    file.write_text(file.read_text(encoding="utf-8") + "- lookup: x\n  examples: |\n    - y\n", encoding="utf-8")
    assert why(root, "休想", intent="deny") == "bad_entry"


def test_a_new_entry_of_the_knowledge_base(root: Path) -> None:
    answer = "就是跟着存单指数走的基金。\n波动小，不保本。"
    made = change(root, Suggestion(texts=QUESTIONS, answer=answer, title="存单指基: 是啥"), 7)
    applies(root, made)
    entry = KnowledgeBase.load(root / "data/knowledge")["concepts"].get("feedback_7")
    assert entry is not None and tuple(entry.questions) == QUESTIONS
    assert list(entry.answer) == answer.splitlines() and entry.title == "存单指基: 是啥"
    assert entry.next and entry.source and entry.updated
    more = change(root, Suggestion(texts=("甲是啥呀", "甲啊甲是啥", "讲讲甲呗"), answer="甲就是甲。"), 8)
    assert more.old == made.new
    applies(root, more)


def test_one_more_way_to_ask(root: Path) -> None:
    made = change(root, Suggestion(texts=('久期"俩字: 啥, 意思 #1',), entry="duration"), 7)
    applies(root, made)
    entry = KnowledgeBase.load(root / "data/knowledge")["concepts"].get("duration")
    assert entry is not None and entry.questions[-1] == '久期"俩字: 啥, 意思 #1'
    assert made.patch.count("\n+") == 2  # the file's head, and one line


@pytest.mark.parametrize(
    ("texts", "more", "code"),
    [
        ([], {"intent": "deny"}, "no_text"),
        (["你好"], {}, "nothing"),
        (["你好"], {"intent": "deny", "answer": "好"}, "both"),
        (["你好"], {"intent": "deny", "entry": "duration"}, "both"),
        (["一句话"] * 21, {"intent": "deny"}, "too_many"),
        (["长" * 201], {"intent": "deny"}, "too_long"),
        (["这[不行](product)"], {"intent": "deny"}, "markup"),
        (["/deny"], {"intent": "deny"}, "markup"),
        (["{greeting}"], {"intent": "deny"}, "markup"),
        (["？？！"], {"intent": "deny"}, "no_words"),
        (["打13812345678找我"], {"intent": "deny"}, "personal"),
        (["某某的钱呢"], {"intent": "asset_overview"}, "personal"),
        (["没门儿", "没门儿！"], {"intent": "deny"}, "twice"),
        (["没门儿"], {"intent": "fly_to_the_moon"}, "no_intent"),
        (["没门儿"], {"intent": "../../etc"}, "no_intent"),
        (["帮我看看，总资产！"], {"intent": "asset_overview"}, "same"),
        (["帮我看看总资产"], {"intent": "pnl_query"}, "clash"),
        (["帮我看看总资产啊"], {"intent": "pnl_query"}, "clash"),
        (["家底有多厚？"], {"intent": "asset_overview"}, "held_out"),
        (["甲是啥"], {"entry": "no_such"}, "no_entry"),
        (["甲是啥"], {"entry": "duration", "collection": "../nlu"}, "no_collection"),
        (["甲是啥"], {"answer": "甲就是甲。"}, "few_questions"),
        (QUESTIONS, {"answer": "字" * 221}, "long_answer"),
        (QUESTIONS, {"answer": "稳赚不赔，零风险。"}, "forbidden"),
        (QUESTIONS, {"answer": "{name}就是甲。"}, "markup"),
        (QUESTIONS, {"answer": "打13812345678问小王。"}, "personal"),
    ],
)
def test_refused(root: Path, texts: list[str], more: dict[str, str], code: str) -> None:
    assert why(root, *texts, **more) == code


def test_text_is_one_line_each_and_stays_text(root: Path) -> None:
    texts = tidy("- 第一句\n\n  第二句 \t 在这 \x00\u200b\r\n<script>alert(1)</script>\u2028- 'x': y\n")
    assert texts == ("第一句", "第二句 在这", "<script>alert(1)</script>", "'x': y")
    made = change(root, Suggestion(texts=texts, intent="deny"), 7)
    applies(root, made)
    rows = yaml.safe_load(made.new)["nlu"]
    assert len(rows) == 1 and rows[0]["examples"].splitlines()[-1] == "- 'x': y"


def test_a_broken_tree_is_said(root: Path) -> None:
    (root / "data/nlu/control/deny.yml").write_text("nlu: [", encoding="utf-8")
    assert why(root, "没门儿", intent="deny") == "bad_entry"
