"""Loading files that people made: what is wrong is said by line, what is right goes in, nothing is lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from wealth.errors import BadSetting
from wealth.loaders.__main__ import main
from wealth.loaders.prices import load_market, load_navs
from wealth.loaders.products import PRODUCTS, load_products
from wealth.loaders.records import load_accounts, load_articles, load_customers, load_ledger
from wealth.positions import holdings
from wealth.store import Store, schema

PRODUCT = {
    "code": "T001",
    "name": "测试基金",
    "kind": "fund",
    "issuer": "测试",
    "risk": "R3",
    "asset_class": "equity",
    "look_through": "equity:0.9|unknown:0.1",
    "valuation": "nav",
    "currency": "CNY",
    "launch_date": "2020-01-01",
    "open_rule": "daily",
    "on_sale": "是",
    "confirm_days": "1",
    "arrival_days": "3",
    "minimum": "10",
    "step": "0.01",
    "summary": "测试",
    "risks": "会跌",
    "source": "测试",
}
CASH = {**PRODUCT, "code": "CASH", "name": "活期", "kind": "demand_deposit", "valuation": "par", "risk": "R1"}
CASH |= {"asset_class": "cash", "look_through": "cash:1"}
LEDGER_HEADER = (
    "ref,customer,account,product,kind,status,trade_date,confirm_date,settle_date,"
    "units,price,amount,fee,cash,pair_ref,matures_on,note"
)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def product_file(path: Path, *rows: dict[str, str]) -> Path:
    return write(path, ",".join(PRODUCTS), *(",".join(row.get(name, "") for name in PRODUCTS) for row in rows))


@pytest.fixture
def store(empty_store: Store, tmp_path: Path) -> Store:
    """A store with a fund, a settlement account product, one customer and one account."""
    assert not load_products(empty_store, product_file(tmp_path / "p.csv", PRODUCT, CASH)).errors
    customers = write(
        tmp_path / "c.csv",
        "id,name,birth_date,level,branch,manager,since,monthly_income,monthly_expense,debts,dependents",
        "k1,测试客户,1980-02-29,普通,测试支行,,2020-01-01,,,,",
        "k2,测试客户,,普通,测试支行,,2020-01-01,10000,6000.50,0,1",
    )
    assert not load_customers(empty_store, customers).errors
    accounts = write(tmp_path / "a.csv", "id,customer,cash_product,last4,opened", "a1,k1,CASH,1234,2020-01-01")
    assert not load_accounts(empty_store, accounts).errors
    return empty_store


def test_bad_rows_are_named_by_line_and_the_others_go_in(store: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path / "T001.csv",
        "净值日期,单位净值,累计净值,日增长率,申购状态,赎回状态,分红送配",
        "2026-11-20,1.2345,nan,1%,开放申购,开放赎回,nan",
        "2026-02-30,1.2,1.2,,,,nan",
        "2026-11-19,-1,1.2,,,,nan",
        "2026-11-18,一块二,1.2,,,,nan",
        "",
        "2026-11-17,1.2,1.2",
        "2026-11-16,1e999999999,1,,,,nan",
        "2026-11-13,1.2222,1.2222,,,,每份派现金0.0500元",
        "2026-11-12,1.2,1.2,,,,每份基金份额折算2份",
    )
    report = load_navs(store, path)
    assert report.added == 2
    assert [error.split("：")[0] for error in report.errors] == [
        f"T001.csv 第 {line} 行" for line in (3, 4, 5, 7, 8, 10)
    ]
    assert [(row.date, row.dividend) for row in store.navs("T001")] == [
        (date(2026, 11, 13), Decimal("0.05")),
        (date(2026, 11, 20), None),
    ]


def test_a_corrected_price_replaces_the_old_one_and_running_services_see_it(store: Store, tmp_path: Path) -> None:
    header = "净值日期,单位净值"
    load_navs(store, write(tmp_path / "T001.csv", header, "2026-11-20,1.5"))
    assert store.prices.lines(["T001"])["T001"].prices.tolist() == [1_500_000]
    report = load_navs(store, write(tmp_path / "T001.csv", header, "2026-11-20,1.6", "2026-11-20,1.7"))
    assert (report.added, report.changed) == (0, 1)
    assert store.prices.lines(["T001"])["T001"].prices.tolist() == [1_700_000]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02\xff\xfe\xfd\x81", "日期,净值\n2026-11-20,1\n".encode(), b"a,b\n1,2\n"]
)
def test_a_file_that_is_none_changes_nothing(store: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "T001.csv"
    path.write_bytes(content)
    with pytest.raises(BadSetting, match=r"T001\.csv"):
        load_navs(store, path)
    assert not store.navs("T001")


def test_files_from_excel_on_chinese_windows_are_read(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "T001.csv"
    path.write_bytes("净值日期,单位净值\r\n2026/11/20,1.5\r\n".encode("gb18030"))
    assert load_navs(store, path).added == 1


def test_unknown_product_and_unknown_series_say_what_to_do(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="请先导入产品"):
        load_navs(store, write(tmp_path / "T999.csv", "净值日期,单位净值", "2026-11-20,1"))
    with pytest.raises(BadSetting, match="--source"):
        load_market(store, write(tmp_path / "x.csv", "date,close", "2026-11-20,1"))


GOOD_BUY = "r2,k1,a1,T001,buy,confirmed,2026-11-16,,,100,1.5,150,0,-150,,,"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("r9,k1,a1,T001,buy,confirmed,2026-11-16,,,100,1.5,150,0,150,,,", "cash"),
        ("r9,k1,a1,T001,buy,confirmed,2026-11-16,,,-100,1.5,150,0,-150,,,", "units"),
        ("r9,k1,a1,T001,sell,confirmed,2026-11-16,,,100,1.5,150,0,150,,,", "units"),
        ("r9,k1,a1,T001,gift,confirmed,2026-11-16,,,100,1.5,150,0,150,,,", "kind"),
        ("r9,k1,a1,T001,buy,pending,2026-11-16,,,100,1.5,150,0,-150,,,", "未确认"),
        ("r9,k1,a1,T001,buy,confirmed,2026-11-16,,,100.00001,1.5,150,0,-150,,,", "小数超过 4 位"),
        ("r9,k1,a1,T001,buy,confirmed,2026-11-16,,,100,1.5,150.001,0,-150,,,", "小数超过 2 位"),
        ("r9,k2,a1,T001,buy,confirmed,2026-11-16,,,100,1.5,150,0,-150,,,", "不属于客户"),
        ("r9,k9,a1,T001,buy,confirmed,2026-11-16,,,100,1.5,150,0,-150,,,", "没有这个客户"),
        ("r9,k1,a1,T999,buy,confirmed,2026-11-16,,,100,1.5,150,0,-150,,,", "没有这个产品"),
        ("r9,k1,a1,T001,cash_in,confirmed,2026-11-16,,,0,,150,0,150,,,", "活期产品"),
        ("r9,k1,a1,T001,sell,confirmed,2026-11-16,,,-1,1.5,1.5,2,-0.5,,,", "fee"),
    ],
)
def test_a_movement_that_contradicts_itself_stays_out(store: Store, tmp_path: Path, row: str, reason: str) -> None:
    report = load_ledger(store, write(tmp_path / "l.csv", LEDGER_HEADER, row, GOOD_BUY))
    assert report.added == 1 and len(report.errors) == 1
    assert "第 2 行" in report.errors[0] and reason in report.errors[0]


def test_a_ledger_loaded_twice_counts_once(store: Store, tmp_path: Path) -> None:
    opening = "r1,k1,a1,CASH,cash_in,confirmed,2026-11-13,,,0,,1000,0,1000,,,"
    path = write(tmp_path / "l.csv", LEDGER_HEADER, GOOD_BUY, opening)
    assert load_ledger(store, path).added == 2
    assert load_ledger(store, path).same == 2
    held = {holding.product.code: holding.value for holding in holdings(store, "k1", date(2026, 11, 20))}
    assert held == {"CASH": Decimal("850.00"), "T001": Decimal("150.00")}


def test_products_need_weights_that_sum_to_one(store: Store, tmp_path: Path) -> None:
    wrong = {**PRODUCT, "code": "T002", "look_through": "equity:0.9"}
    report = load_products(store, product_file(tmp_path / "p.csv", wrong, {**PRODUCT, "name": "改名"}))
    assert len(report.errors) == 1 and "等于 1" in report.errors[0] and report.changed == 1
    assert store.product("T001").name == "改名"


def test_articles_are_dated_and_expire(store: Store, tmp_path: Path) -> None:
    header = "id,kind,title,summary,body,source,author,published_at,valid_until,topics,products,url"
    path = write(
        tmp_path / "x.csv",
        header,
        "n1,news,标题,摘要,正文,来源,作者,2026-11-20 09:00,2026-11-22,equity|tech,,",
        "n2,news,标题,摘要,正文,来源,作者,昨天,,,,",
    )
    report = load_articles(store, path)
    assert report.added == 1 and "昨天" in report.errors[0]
    assert [one.id for one in store.articles(date(2026, 11, 22), topic="tech")] == ["n1"]
    assert not store.articles(date(2026, 11, 23)) and not store.articles(date(2026, 11, 19))


def test_the_command_reports_and_fails_only_for_what_is_wrong(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "T001.csv", "净值日期,单位净值", "2026-11-20,1.5")
    url = str(store.engine.url)
    assert main(["nav", str(good), "--url", url]) == 0
    assert main(["nav", str(tmp_path / "no.csv"), str(good), "--url", url, "--code", "T001"]) == 1
    shown = capsys.readouterr()
    assert "新增 1 行" in shown.out and "未变 1 行" in shown.out and "打不开文件 no.csv" in shown.err
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.navs)).scalar() == 1
