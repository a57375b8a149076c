"""Reading aloud: every case of aloud_cases.tsv, and clauses that a voice can start with early."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhtext.aloud import sentences, speak

TABLE = Path(__file__).with_name("aloud_cases.tsv")
with TABLE.open(encoding="utf-8", newline="") as rows:
    CASES = [tuple(row) for row in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 120 and len({case[:2] for case in CASES}) == len(CASES)


@pytest.mark.parametrize(("text", "change", "spoken"), CASES)
def test_case(text: str, change: str, spoken: str) -> None:
    assert speak(text, change=change == "yes") == spoken


@pytest.mark.parametrize("case", CASES)
def test_what_is_spoken_holds_no_figures_or_signs(case: tuple[str, str, str]) -> None:
    assert not set(speak(case[0])) & set("0123456789%‰¥￥$+*#<>=/\\|~")
    assert speak(speak(case[0])) == speak(case[0])


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert not any(char in "0123456789%" for char in speak(text))


def test_sentences_keep_their_marks() -> None:
    assert sentences("您好。今天涨了！要看看吗？好；走吧") == ["您好。", "今天涨了！", "要看看吗？", "好；", "走吧"]
    assert sentences("") == []
    assert sentences("……\n\n") != ["", ""]


def test_long_clauses_are_cut_at_commas_only() -> None:
    text = "这只产品的风险等级是R二，投资期限是一百八十天，基准是百分之二点八到百分之三点二，起购金额是一千元，随时可查"
    parts = sentences(text)
    assert "".join(parts) == text and len(parts) > 1
    assert all(part.endswith("，") for part in parts[:-1])


def test_a_decimal_point_ends_nothing() -> None:
    assert sentences("净值1.05元,涨了0.3%。") == ["净值1.05元,涨了0.3%。"]


@pytest.mark.parametrize("part", ["1", "一,", "1-", "2024-", "%"])
def test_huge_input_ends(part: str) -> None:
    speak(part * 5000)
    sentences(part * 5000)
