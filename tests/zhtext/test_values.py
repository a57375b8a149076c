"""Typed values: what customers write becomes figures and days, impossible ones are flagged, names are left alone."""

import json
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhtext.values import Duration, Period, Value, extract

NOW = datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def only(text: str) -> Value:
    found = extract(text, NOW)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "said", "figure"),
    [
        ("我有三万五", "三万五", "35000"),
        ("存5k", "5k", "5000"),
        ("买3.5w的", "3.5w", "35000"),
        ("一共1,234.56元", "1,234.56元", "1234.56"),
        ("转１００００块", "１００００块", "10000"),
        ("轉三萬塊錢", "三萬塊錢", "30000"),
        ("三块五", "三块五", "3.5"),
        ("十二块三毛五分", "十二块三毛五分", "12.35"),
        ("一亿两千万", "一亿两千万", "120000000"),
        ("两千万点五", "两千万点五", "20000000.5"),
        ("1.5亿", "1.5亿", "150000000"),
        ("投 5000", "5000", "5000"),
        ("给我转100000", "100000", "100000"),
        ("￥300", "￥300", "300"),
        ("3萬5", "3萬5", "35000"),
    ],
)
def test_amounts(text: str, said: str, figure: str) -> None:
    value = only(text)
    assert (value.type, value.text, value.value, value.currency) == ("amount", said, Decimal(figure), "CNY")
    assert text[value.start : value.end] == said


@pytest.mark.parametrize(
    ("text", "base", "low", "high"),
    [
        ("十来万", 100000, 90000, 120000),
        ("二十几万", 200000, 200000, 290000),
        ("十几万", 100000, 100000, 190000),
        ("几十万", 200000, 200000, 900000),
        ("两三千块", 2000, 2000, 3000),
        ("七八万", 70000, 70000, 80000),
        ("500多万", 5000000, 5000000, 6000000),
        ("三百多块", 300, 300, 400),
        ("5000~10000", 5000, 5000, 10000),
        ("1-2万", 10000, 10000, 20000),
        ("三到五万", 30000, 30000, 50000),
    ],
)
def test_approximate_amounts(text: str, base: int, low: int, high: int) -> None:
    value = only(text)
    assert (value.type, value.value, value.low, value.high) == ("amount", base, low, high)


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("百分之三点五", "3.5"),
        ("3.5%", "3.5"),
        ("跌了-2.31％", "-2.31"),
        ("六個百分點", "6"),
        ("亏了3个点", "3"),
        ("三成", "30"),
        ("七成五", "75"),
        ("八五折", "85"),
        ("加了25个基点", "0.25"),
        ("30bp", "0.3"),
        ("卖一半", "50"),
        ("千分之一点五", "0.15"),
        ("百分之百", "100"),
    ],
)
def test_percents(text: str, percent: str) -> None:
    value = only(text)
    assert (value.type, value.value) == ("percent", Decimal(percent))


@pytest.mark.parametrize(
    ("text", "start", "end", "grain"),
    [
        ("上上个月", "2026-09-01", "2026-10-01", "month"),
        ("上个月", "2026-10-01", "2026-11-01", "month"),
        ("本月", "2026-11-01", "2026-12-01", "month"),
        ("去年", "2025-01-01", "2026-01-01", "year"),
        ("前年", "2024-01-01", "2025-01-01", "year"),
        ("2024年", "2024-01-01", "2025-01-01", "year"),
        ("去年三季度", "2025-07-01", "2025-10-01", "quarter"),
        ("一季度", "2026-01-01", "2026-04-01", "quarter"),
        ("前三季度", "2026-01-01", "2026-10-01", "custom"),
        ("上半年", "2026-01-01", "2026-07-01", "custom"),
        ("上周", "2026-11-09", "2026-11-16", "week"),
        ("近三个月", "2026-08-22", "2026-11-23", "custom"),
        ("近半年", "2026-05-22", "2026-11-23", "custom"),
        ("最近一年", "2025-11-22", "2026-11-23", "custom"),
        ("今年以来", "2026-01-01", "2026-11-23", "custom"),
        ("年初至今", "2026-01-01", "2026-11-23", "custom"),
        ("从三月到五月", "2026-03-01", "2026-06-01", "custom"),
        ("3-5月", "2026-03-01", "2026-06-01", "custom"),
        ("去年11月到今年2月", "2025-11-01", "2026-03-01", "custom"),
        ("2025年12月到2月", "2025-12-01", "2026-03-01", "custom"),
        ("3月1日到3月15日", "2026-03-01", "2026-03-16", "custom"),
        ("12月", "2025-12-01", "2026-01-01", "month"),
        ("成立以来", None, "2026-11-23", "custom"),
        ("2024-05", "2024-05-01", "2024-06-01", "month"),
        ("上个月底", "2026-10-21", "2026-11-01", "custom"),
        ("自2025年3月1日以来", "2025-03-01", "2026-11-23", "custom"),
    ],
)
def test_periods(text: str, start: str | None, end: str, grain: str) -> None:
    value = only(text)
    first = date.fromisoformat(start) if start else None
    assert value.value == Period(text, first, date.fromisoformat(end), grain)
    assert value.valid and not value.future


@pytest.mark.parametrize("text", ["明年", "下个月", "未来三个月", "2030年", "年底"])
def test_future_periods_are_flagged(text: str) -> None:
    value = only(text)
    assert value.type == "period" and value.valid and value.future


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昨日", "2026-11-21"),
        ("大前天", "2026-11-19"),
        ("2026年11月3号", "2026-11-03"),
        ("2026-11-03", "2026-11-03"),
        ("20261103", "2026-11-03"),
        ("11月3日", "2026-11-03"),
        ("上周五", "2026-11-13"),
        ("上个月15号", "2026-10-15"),
        ("三天前", "2026-11-19"),
        ("去年今天", "2025-11-22"),
        ("5月1日", "2026-05-01"),
        ("12月5日", "2026-12-05"),
        ("11/3", "2026-11-03"),
    ],
)
def test_days(text: str, day: str) -> None:
    value = only(text)
    assert (value.type, value.value) == ("date", date.fromisoformat(day))


@pytest.mark.parametrize("text", ["2月30日", "昨天的明天", "2025年2月29日", "4月31号", "2026-13-05"])
def test_impossible_days_are_flagged_not_guessed(text: str) -> None:
    value = only(text)
    assert value.type == "date" and not value.valid and value.reason and value.value is None


def test_a_range_that_runs_backwards_is_flagged() -> None:
    value = only("2026年5月1日到2024年3月1日")
    assert value.type == "period" and not value.valid and value.reason


@pytest.mark.parametrize(
    ("text", "kind", "figure"),
    [
        ("第二个", "ordinal", 2),
        ("第十二只", "ordinal", 12),
        ("T+1", "term", 1),
        ("t + 0", "term", 0),
        ("R2", "rating", "R2"),
        ("c3", "rating", "C3"),
        ("封闭182天", "duration", Duration(days=Decimal("182.0"))),
        ("三年半", "duration", Duration(years=Decimal("3.5"))),
        ("040041", "code", "040041"),
        ("买110022", "code", "110022"),
    ],
)
def test_terms(text: str, kind: str, figure: object) -> None:
    value = only(text)
    assert (value.type, value.value) == (kind, figure)


def test_a_third_is_no_day() -> None:
    assert only("卖1/3").type == "number"


def test_three_to_five_years() -> None:
    value = only("三五年")
    assert (value.type, value.low, value.high) == ("duration", 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "一点钱",
        "沪深300能买吗",
        "易方达中证1000现在低位",
        "科创50怎么样",
        "等一下,一定要涨",
        "万一亏了呢",
        "这个人很放肆",
        "https://a.cn/q=30%25%2020%",
        "大陆的队伍十分好",
        "",
        "😀😀",
        "今日头条",
        "第三方存管",
    ],
)
def test_no_value(text: str) -> None:
    assert extract(text, NOW) == []


def test_several_in_one_sentence() -> None:
    found = extract("投40万一年,近三个月涨了3%,000001在R3以下吗", NOW)
    assert [v.type for v in found] == ["amount", "duration", "period", "percent", "code", "rating"]


def test_a_hyphen_between_percents_is_no_minus() -> None:
    assert [v.value for v in extract("浮动3%-5.1%", NOW)] == [3, Decimal("5.1")]


def test_kinds_limit_the_search() -> None:
    assert [v.text for v in extract("近三个月赚了5%", NOW, frozenset({"number"}))] == ["三", "5"]
    with pytest.raises(ValueError, match="不认识的类型"):
        extract("三", NOW, frozenset({"money"}))


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet="一二三十百万亿点分之年月日上下半近到从0123456789.,%-/^+～ 块元第折成kwT个又负前后零两", max_size=40
    )
)
def test_any_mixture_is_read_without_error(text: str) -> None:
    for value in extract(text, NOW):
        assert text[value.start : value.end] == value.text != ""
        json.dumps(value.to_dict())
        json.dumps(value.entity())


@pytest.mark.parametrize("part", ["一", "1", "1,", "三万五", "3月5日到", "百分之", "1 ", " ", "1/", "十几万多", "."])
def test_huge_input_ends(part: str) -> None:
    extract(part * (20_000 // len(part)), NOW)


def test_command_line_prints_one_object_a_line() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "zhtext.values", "--ref", "2026-11-22T10:00"],
        input="近三个月赚了三万五\n\n2月30日\n".encode(),
        capture_output=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
    assert [len(line["values"]) for line in lines] == [2, 0, 1]
    period, amount = lines[0]["values"]
    assert period["value"] == {"name": "近三个月", "start": "2026-08-22", "end": "2026-11-23", "grain": "custom"}
    assert (amount["value"], amount["start"], amount["end"], amount["end_inclusive"]) == ("35000", 6, 9, 8)
    assert amount["resolution"] == {"value": "35000"}
    assert lines[2]["values"][0]["valid"] is False


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_recognizers_text_conformance() -> None:
    from benchmarks.values import cases

    right: dict[str, list[int]] = {"figures": [0, 0], "days": [0, 0]}
    for outcome in cases(SHARED / "recognizers_zh.jsonl"):
        group = right["days" if outcome.suite.startswith("DateTime") else "figures"]
        group[0] += outcome.right
        group[1] += 1
    assert right["figures"][1] > 300 and right["figures"][0] / right["figures"][1] >= 0.97
    assert right["days"][1] > 50 and right["days"][0] / right["days"][1] >= 0.90
