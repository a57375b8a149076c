"""Normalising what customers type: the words come out plain, the positions stay those of the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhtext.lexicon import LexiconError, pairs, words
from zhtext.normalise import MAX_CHARS, fold, normalise, trace


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("我想停利，怎麼做？", "我想止盈,怎么做?"),
        ("基 金 净 值 是 多 少", "基金净值是多少"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("哈哈哈哈哈", "哈哈"),
        ("怎么办！！！！！！", "怎么办!"),
        ("10000000元", "10000000元"),
        ("一千万万", "一千万万"),
        ("贖回到\u200b帳要幾天", "赎回到账要几天"),
        ("📉📉我的基金", "跌跌我的基金"),
        ("👨‍👩‍👧", ""),
        ("\x00\x1b[31m申购\x07", "[31m申购"),
        ("新台币和台币", "新台币和新台币"),
        ("申购费率", "申购费率"),
        ("", ""),
    ],
)
def test_normalise(text: str, plain: str) -> None:
    assert normalise(text) == plain


def test_spans_point_into_the_original() -> None:
    text = "  请问 停利！！ 怎麼設"
    traced = trace(text)
    at = traced.text.index("止盈")
    assert text[slice(*traced.span(at, at + 2))] == "停利"
    at = traced.text.index("怎么")
    assert text[slice(*traced.span(at, at + 2))] == "怎麼"


@given(st.text(max_size=200))
def test_any_text_keeps_an_ordered_map(text: str) -> None:
    for traced in (fold(text), trace(text)):
        assert len(traced.text) == len(traced.starts) == len(traced.ends)
        assert all(s < e <= len(text) for s, e in zip(traced.starts, traced.ends, strict=True))
        assert list(traced.starts) == sorted(traced.starts)


@given(st.text(alphabet="停利报酬网路帐户ab12万！ 😀", max_size=60))
def test_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def test_huge_input_is_cut() -> None:
    assert len(normalise("理财产品" * 100_000)) <= MAX_CHARS


def test_broken_list_names_file_and_line(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PEIBAN_DATA", str(tmp_path))
    folder = tmp_path / "lexicon"
    folder.mkdir()
    (folder / "terms.txt").write_text("基金\n债券\n基金\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"terms\.txt 第 3 行.*第 1 行重复"):
        words("terms.txt")
    (folder / "taiwan.csv").write_text("from,to\n停利\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"taiwan\.csv 第 2 行"):
        pairs("taiwan.csv")
    with pytest.raises(LexiconError, match="找不到文件"):
        words("none.txt")
