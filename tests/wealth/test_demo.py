"""The demo bank holds what it promises, is the same every time, and its snapshots follow from its ledger."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, insert, select, update

from tests.wealth.conftest import AS_OF, EVENING
from wealth import calendar
from wealth.demo.__main__ import main
from wealth.demo.catalogue import read
from wealth.demo.personas import personas
from wealth.demo.prices import factor_returns
from wealth.market import rows, series, snapshot
from wealth.positions import holdings, portfolio
from wealth.request import Period
from wealth.returns import profit
from wealth.snapshot import main as snapshot_main
from wealth.store import Store, open_store, schema


def customers(store: Store) -> list[str]:
    with store.read() as connection:
        ids = connection.execute(select(schema.customers.c.id).order_by(schema.customers.c.id)).scalars()
        return [one for one in ids if not one.startswith("test-")]


def test_the_catalogue_is_wide_and_its_weights_sum_to_one(bank_store: Store) -> None:
    products = bank_store.products()
    assert len(products) >= 120 and len({product.name for product in products}) == len(products)
    assert {product.asset_class for product in products} == {"cash", "fixed", "equity", "alternative", "protection"}
    assert {product.risk for product in products} == {1, 2, 3, 4, 5}
    assert all(sum(product.look_through.values()) == 1 for product in products)
    pairs = [product for product in products if product.pair_code]
    assert pairs and all(bank_store.product(product.pair_code or "").pair_code == product.code for product in pairs)


def test_every_persona_can_be_asked(bank_store: Store) -> None:
    for one in personas():
        found = portfolio(bank_store, one["id"], EVENING)
        whole = profit(bank_store, one["id"], Period("成立以来", None, None), at=EVENING)
        assert bank_store.customer(one["id"]).name == one["name"] and one["try"]
        assert whole.closing == found.total
        assert all(holding.value >= 0 and holding.units > 0 for holding in found.holdings)


def test_the_oddities_are_there(bank_store: Store) -> None:
    kinds = Counter(
        (move.kind, move.status) for one in personas() for move in bank_store.movements(one["id"], status=None)
    )
    for kind in (
        "dividend",
        "reinvest",
        "convert_in",
        "convert_out",
        "transfer_in",
        "maturity",
        "interest",
        "fee",
        "sell",
    ):
        assert kinds[kind, "confirmed"], kind
    assert kinds["buy", "pending"] and kinds["buy", "cancelled"]
    assert not portfolio(bank_store, "demo-06", EVENING).holdings
    assert len(portfolio(bank_store, "demo-07", EVENING).holdings) == 1
    assert len(portfolio(bank_store, "demo-05", EVENING).holdings) >= 38
    assert [held.product.code for held in portfolio(bank_store, "demo-14", EVENING).missing_prices] == ["GP011A"]
    due = {lot.date - AS_OF for held in holdings(bank_store, "demo-12", EVENING) for lot in held.maturities}
    assert due == {timedelta(1), timedelta(3), timedelta(7)}
    assert any(held.units % 1 and held.product.kind == "gold" for held in holdings(bank_store, "demo-18", EVENING))
    yesterday = Period("昨日", AS_OF, AS_OF + timedelta(days=1))
    assert any(profit(bank_store, one["id"], yesterday, at=EVENING).amount < 0 for one in personas())
    ratings = {bank_store.assessments(one["id"])[0].rating for one in personas() if "rating" in one}
    assert ratings == {"C1", "C2", "C3", "C4", "C5"} and not bank_store.assessments("demo-09")


def test_alerts_of_the_alert_persona_are_due(bank_store: Store) -> None:
    held = {holding.product.code: holding.return_on_cost for holding in holdings(bank_store, "demo-13", EVENING)}
    for alert in bank_store.alert_settings("demo-13"):
        gain = held[alert.product or ""]
        assert gain is not None
        if alert.kind == "target_return":
            assert gain >= alert.threshold
        elif alert.kind == "stop_loss":
            assert gain <= -alert.threshold


def test_nobody_ever_owes_cash_or_units(bank_store: Store) -> None:
    for customer in customers(bank_store):
        cash = Counter[str]()
        units = Counter[tuple[str, str]]()
        for move in bank_store.movements(customer):
            cash[move.account] += move.cash  # type: ignore[assignment]
            units[move.account, move.product] += move.units  # type: ignore[assignment]
        assert all(value >= 0 for value in (*cash.values(), *units.values())), customer


def test_snapshots_follow_from_the_ledger(bank_store: Store) -> None:
    for customer in customers(bank_store):
        query = select(schema.positions).where(schema.positions.c.customer == customer)
        with bank_store.read() as connection:
            kept = {(row.account, row.product): (row.units, row.cost) for row in connection.execute(query)}
        derived = {
            (held.account, held.product.code): (held.units, held.cost) for held in holdings(bank_store, customer, AS_OF)
        }
        assert kept == derived, customer


def test_snapshots_can_be_rebuilt_from_the_ledger_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/bank.db"
    assert main(["--url", url, "--customers", "30", "--as-of", AS_OF.isoformat()]) == 0
    store = open_store(url)
    before = positions(store)
    with store.write() as connection:
        connection.execute(update(schema.positions).values(units=Decimal("1"), cost=Decimal("1")))
    monkeypatch.setenv("PEIBAN_NOW", EVENING.isoformat())
    assert snapshot_main(["--url", url]) == 0
    assert positions(store) == before and f"{len(before):,} 条" in capsys.readouterr().out
    assert snapshot_main(["--url", f"sqlite:///{tmp_path}/none.db"]) == 1


def positions(store: Store) -> set[tuple]:
    with store.read() as connection:
        return {tuple(row) for row in connection.execute(select(schema.positions))}


def test_prices_move_like_the_measured_indices() -> None:
    """Over many seeds, for three years alone say little about a correlation."""
    moments = read("moments.yml")
    names = list(moments["measured"])
    lines = np.concatenate(
        [np.log1p([factor_returns(seed, 726)[name] for name in names]) for seed in range(30)], axis=1
    )
    measured = [moments["measured"][name]["sd"] for name in names]
    assert np.std(lines, axis=1) == pytest.approx(measured, rel=0.05)
    assert np.corrcoef(lines) == pytest.approx(np.array(moments["correlation"]), abs=0.04)


def test_market_rows_say_that_they_are_synthetic_and_noon_comes_before_close(bank_store: Store) -> None:
    assert all(one.synthetic and "演示" in one.title and "合成" in one.source for one in series(bank_store))
    assert {one.kind for one in series(bank_store)} == {"index", "sector", "breadth", "rate", "gold"}
    noon = EVENING.replace(hour=12)
    assert {(move.row.session, move.row.date) for move in snapshot(bank_store, noon)} == {("noon", AS_OF)}
    assert {move.row.session for move in snapshot(bank_store, EVENING)} == {"close"}
    morning = snapshot(bank_store, EVENING.replace(hour=9))
    assert {move.row.date for move in morning} == {calendar.previous_trading_day(AS_OF)}
    (broad,) = [move for move in snapshot(bank_store, EVENING, kind="index") if move.series.id == "broad"]
    closes = rows(bank_store, "broad", AS_OF - timedelta(days=1), AS_OF + timedelta(days=1))
    assert broad.change == closes[1].value - closes[0].value and broad.ratio == broad.change / closes[0].value
    assert not snapshot(bank_store, EVENING - timedelta(days=5000))


def contents(store: Store) -> list[list[tuple]]:
    with store.read() as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in schema.metadata.sorted_tables
        ]


def test_the_same_parameters_make_the_same_bank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in "ab"]
    for url in urls:
        assert main(["--url", url, "--customers", "20", "--as-of", "2026-11-22"]) == 0
    first, second = map(open_store, urls)
    assert contents(first) == contents(second)
    capsys.readouterr()
    assert main(["--url", urls[0], "--customers", "20", "--as-of", "2026-11-20"]) == 0
    assert "无需重做" in capsys.readouterr().out, "Sunday's bank is Friday's"
    assert main(["--url", urls[0], "--customers", "5", "--as-of", "2026-11-20"]) == 0
    with first.read() as connection:
        count = connection.execute(select(func.count()).select_from(schema.customers)).scalar()
    assert count == 5 + len(personas())


def test_real_customers_are_never_overwritten(empty_store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    real = {"id": "r1", "name": "真实", "level": "普通", "branch": "x", "since": date(2020, 1, 1), "is_demo": False}
    with empty_store.write() as connection:
        connection.execute(insert(schema.customers).values(**real))
    assert main(["--url", str(empty_store.engine.url), "--customers", "1", "--as-of", "2026-11-20"]) == 1
    assert "真实客户" in capsys.readouterr().err
    assert empty_store.customer("r1").name == "真实" and not empty_store.products()


@pytest.mark.parametrize("options", [["--as-of", "明天"], ["--customers", "-1"], ["--customers", "99999999"]])
def test_options_that_cannot_be_used_are_said_in_chinese(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(options) == 2
    assert capsys.readouterr().err.strip()


def test_a_deposit_pays_what_its_rate_says(bank_store: Store) -> None:
    """Interest of every matured deposit: principal × rate × days / 365, cut to the cent."""
    checked = 0
    for customer in customers(bank_store):
        moves = [
            move for move in bank_store.movements(customer) if bank_store.product(move.product).kind == "time_deposit"
        ]
        for paid in (move for move in moves if move.kind == "interest"):
            begun = [move for move in moves if move.product == paid.product and move.matures_on == paid.trade_date]
            if len(begun) == 1:
                days = (paid.trade_date - begun[0].trade_date).days
                exact = begun[0].amount * (bank_store.product(paid.product).rate or 0) * days / 365
                assert abs(exact - paid.amount) < Decimal("0.01")
                checked += 1
    assert checked
