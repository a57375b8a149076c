"""Loader and return figures on two real public funds, against the files themselves and an independent library."""

from __future__ import annotations

import csv
import math
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import empyrical
import numpy as np
import pytest
from sqlalchemy import insert, select

from wealth.clock import SHANGHAI
from wealth.loaders.prices import load_market, load_navs
from wealth.performance import performance
from wealth.store import Store, schema

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real price files of ../shared/data")
AT = datetime(2026, 11, 20, 22, tzinfo=SHANGHAI)
CODES = ("005827", "110011")


@pytest.fixture
def fund_store(empty_store: Store, bank_store: Store) -> Store:
    """Two products that stand for the real funds, with the demo's terms and no prices yet."""
    with bank_store.read() as connection:
        row = connection.execute(select(schema.products).where(schema.products.c.code == "GP001A")).mappings().one()
    with empty_store.write() as connection:
        for code in CODES:
            connection.execute(insert(schema.products).values(**{**row, "code": code, "name": code}))
    return empty_store


def real_rows(code: str) -> list[dict[str, str]]:
    """The file's rows, oldest first."""
    with (SHARED / "nav" / f"{code}.csv").open(encoding="utf-8-sig") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["净值日期"])


def real_returns(code: str) -> np.ndarray:
    """Daily returns with dividends, from the file's text alone."""
    rows = real_rows(code)
    navs = [float(row["单位净值"]) for row in rows]
    paid = [float(found[0]) if (found := re.findall(r"派现金([\d.]+)元", row["分红送配"])) else 0.0 for row in rows]
    return np.array([(navs[i] + paid[i]) / navs[i - 1] - 1 for i in range(1, len(navs))])


@pytest.mark.parametrize("code", CODES)
def test_every_row_goes_in_once_and_a_second_load_changes_nothing(fund_store: Store, code: str) -> None:
    path = SHARED / "nav" / f"{code}.csv"
    first, second = load_navs(fund_store, path), load_navs(fund_store, path)
    rows = real_rows(code)
    assert (first.added, first.errors) == (len(rows), [])
    assert (second.added, second.changed, second.same) == (0, 0, len(rows))
    kept = fund_store.navs(code)
    assert [(row.date.isoformat(), row.nav) for row in kept] == [
        (row["净值日期"], Decimal(row["单位净值"])) for row in rows
    ]


@pytest.mark.parametrize("code", CODES)
def test_figures_agree_with_an_independent_library(fund_store: Store, code: str) -> None:
    load_navs(fund_store, SHARED / "nav" / f"{code}.csv")
    found = performance(fund_store, code, at=AT)
    assert found is not None
    returns = real_returns(code)
    assert found.total_return == pytest.approx(empyrical.cum_returns_final(returns), abs=1e-9)
    assert found.drawdown == pytest.approx(empyrical.max_drawdown(returns), abs=1e-9)
    assert found.volatility == pytest.approx(empyrical.annual_volatility(returns, annualization=242), abs=1e-9)
    years = (found.end - found.start).days / 365
    assert found.annualised == pytest.approx(math.exp(math.log1p(found.total_return) / years) - 1, abs=1e-9)


@pytest.mark.parametrize("code", CODES)
def test_daily_returns_are_those_the_platform_publishes(code: str) -> None:
    published = [row["日增长率"] for row in real_rows(code)[1:]]
    for own, cell in zip(real_returns(code), published, strict=True):
        if cell != "nan":
            assert own * 100 == pytest.approx(float(cell.rstrip("%")), abs=0.011)


def test_a_window_counts_only_its_own_prices(fund_store: Store) -> None:
    load_navs(fund_store, SHARED / "nav" / "110011.csv")
    found = performance(fund_store, "110011", date(2019, 1, 1), date(2019, 12, 31), at=AT)
    inside = [row for row in real_rows("110011") if row["净值日期"].startswith("2019")]
    assert found is not None and (found.start.isoformat(), found.end.isoformat()) == ("2019-01-02", "2019-12-31")
    assert len(inside) > 200 and found.annualised is None


def test_index_closes_go_in_once(fund_store: Store) -> None:
    path = SHARED / "market" / "hs300_idx.csv"
    described = {"title": "沪深300", "source": "公开日收盘价"}
    first = load_market(fund_store, path, described)
    second = load_market(fund_store, path)
    assert first.added == second.same > 5000 and not first.errors and not second.added
