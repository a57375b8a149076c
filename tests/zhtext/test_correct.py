"""Recognised speech put right by sound, and right sentences left as they are."""

import csv
from pathlib import Path

import pytest

from benchmarks.matching import FRAMES, ORDINARY, names, one_wrong
from zhtext.correct import correct
from zhtext.match import Catalogue, Entry

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SHELF = Catalogue([Entry("990201", "鹿鸣医疗创新混合"), Entry("990101", "云栖稳健添利债券A")])


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("我想书回基金", "我想赎回基金"),
        ("稳件理财有什么", "稳健理财有什么"),
        ("什么叫七日年划", "什么叫七日年化"),
        ("最大回测是多少", "最大回撤是多少"),
        ("我要做风险侧评", "我要做风险测评"),
        ("申够费率", "申购费率"),
        ("我的可转寨亏了", "我的可转债亏了"),
        ("大鹅存单", "大额存单"),
        ("货必基金", "货币基金"),
        ("余恶是多少", "余额是多少"),
        ("路名医疗创新混合怎么样", "鹿鸣医疗创新混合怎么样"),
        ("云七稳健填利债券A到期了吗", "云栖稳健添利债券a到期了吗"),
    ],
)
def test_puts_right(heard: str, written: str) -> None:
    text, changes = correct(heard, SHELF)
    assert text == written
    assert changes and all(heard.lower()[c.start : c.end] == c.heard != c.written for c in changes)


RIGHT = [
    *ORDINARY,
    *(frame.format("云栖稳健添利债券a") for frame in FRAMES),
    "我只能去柜台吗", "微信转钱有限制吗", "今天菜里放了鸡精", "他讲了一个故事", "进货的钱从哪里来", "受益人能改吗",
    "你说得对", "我全已卖掉了", "书会不会很贵", "他故意的", "这件事只有你知道", "我们一起去吃饭吧", "水喝完了",
    "谁来帮帮我",    "网商银行安全吗", "财付通扣钱怎么停", "这只股票的股东是谁", "年轻人怎么攒钱",
    "我妈妈的生日快到了", "什么时候能拿到钱",
]  # fmt: skip


@pytest.mark.parametrize("said", RIGHT)
def test_right_sentences_stay(said: str) -> None:
    assert correct(said, SHELF) == (said.replace(",", ","), [])


def test_misheard_product_names_are_written_as_the_catalogue_has_them() -> None:
    import random

    shelf = Catalogue(names(500))
    chance = random.Random(2)
    picked = chance.sample(shelf.entries, 100)
    right = sum(entry.name.lower() in correct(f"帮我看看{one_wrong(entry.name, chance)}", shelf)[0] for entry in picked)
    assert right >= 90


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_typed_questions_are_hardly_touched() -> None:
    with (SHARED / "oos_questions.tsv").open(encoding="utf-8") as rows:
        questions = [row["text"] for row in csv.DictReader(rows, delimiter="\t")]
    changed = [(text, changes) for text in questions if (changes := correct(text, SHELF)[1])]
    assert len(changed) <= len(questions) * 0.002, changed


@pytest.mark.parametrize(("part", "times"), [("", 0), (" ", 1), ("😀", 1), ("a", 20_000), ("书回", 3000)])
def test_any_input(part: str, times: int) -> None:
    correct(part * times, SHELF)
