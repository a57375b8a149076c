"""How long a skill takes for a customer with many holdings: `python -m benchmarks.skills [--runs 60]`.

A demo bank in a temporary file gets one customer each with 10, 20, 40 and 80 products, bought every quarter for three
years.
Prints p50 and p95 of every skill at 40 holdings, beside what the bare figures (positions and three years of returns)
take for the same customer, and how the time grows with the number of holdings.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from wealth import calendar
from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build
from wealth.positions import portfolio
from wealth.request import Period, Request
from wealth.returns import profit
from wealth.store import Store, open_store, schema
from wealth.store.migrate import migrate

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
START = date(2023, 12, 1)
SIZES = (10, 20, 40, 80)
LIMIT_MS = 50.0
ASKED = 40
YEAR = Period("2026", date(2026, 1, 1), date(2027, 1, 1))
QUESTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("asset_overview", "我有多少钱", {}),
    ("pnl_query", "我赚了多少", {}),
    ("pnl_query", "今年为什么赚", {"period": YEAR}),
    ("wealth_bill", "上个月的账单", {}),
    ("wealth_bill", "今年的账单", {"period": YEAR}),
    ("wealth_checkup", "体检", {}),
    ("wealth_checkup", "给个方案", {}),
)


def furnish(store: Store) -> None:
    """One customer per size: level C5, a purchase of each product every quarter since START."""
    priced = [one for one in store.products() if one.valuation == "nav" and one.kind in ("fund", "wealth", "cash")]
    old = [one for one in priced if one.launch_date < START and one.maturity_date is None][: max(SIZES)]
    days = [calendar.last_trading_day(START + timedelta(days=30 * month)) for month in range(1, 36, 3)]
    lines = {one.code: {row.date: row.nav for row in store.navs(one.code)} for one in old}
    amount = Decimal(1000)
    with store.write() as connection:
        for size in SIZES:
            key = f"bench-{size}"
            person = {
                "id": key,
                "name": "测试客户",
                "birth_date": date(1985, 1, 1),
                "level": "金卡",
                "branch": "演示支行",
            }
            facts = {
                "since": START,
                "is_demo": True,
                "monthly_expense": Decimal(8000),
                "monthly_income": Decimal(20000),
            }
            connection.execute(insert(schema.customers).values(**person, **facts))
            connection.execute(
                insert(schema.accounts).values(
                    id=f"{key}-1", customer=key, cash_product="HQ001", last4="0001", opened=START
                )
            )
            connection.execute(
                insert(schema.assessments).values(
                    customer=key,
                    taken_at=NOW - timedelta(days=30),
                    score=90,
                    rating="C5",
                    confirmed_at=NOW - timedelta(days=30),
                    horizon_months=36,
                    answers={},
                    questionnaire="benchmark",
                )
            )
            common = {"customer": key, "account": f"{key}-1", "status": "confirmed", "fee": Decimal(0), "note": ""}
            total = amount * size * len(days) + 100_000
            nothing = {"units": Decimal(0), "price": None}
            rows = [
                {**common, **nothing, "ref": f"{key}-in", "product": "HQ001", "kind": "cash_in", "trade_date": START}
                | {"amount": total, "cash": total}
            ]
            for product in old[:size]:
                for on in days:
                    price = lines[product.code].get(on)
                    if price is None:
                        continue
                    units = (amount / price).quantize(Decimal("0.01"))
                    trade = {"kind": "buy", "trade_date": on, "units": units, "price": price}
                    ref = f"{key}-{product.code}-{on}"
                    rows.append(
                        {**common, **trade, "ref": ref, "product": product.code, "amount": amount, "cash": -amount}
                    )
            connection.execute(insert(schema.movements), rows)


def timed(call: Callable[[], Any], runs: int) -> list[float]:
    """Milliseconds of each run, sorted, after one to warm up; the collector rests meanwhile, as timeit does it.

    Processor time of this thread: what other programmes do on the machine does not count, waiting for the local
    database file hardly does.
    """
    call()
    gc.collect()
    gc.disable()
    try:
        took = []
        for _ in range(runs):
            started = time.thread_time()
            call()
            took.append((time.thread_time() - started) * 1000)
    finally:
        gc.enable()
    return sorted(took)


def p95(took: list[float]) -> float:
    return took[min(int(len(took) * 0.95), len(took) - 1)]


def asking(bank: Any, skill: str, text: str, size: int, fields: dict[str, Any]) -> Callable[[], Any]:
    module = importlib.import_module(f"wealth.skills.{skill}")
    request = Request(customer=f"bench-{size}", channel="app", text=text, now=NOW, **fields)
    return lambda: module.answer(bank, request)


def figures(store: Store, size: int) -> None:
    """The peer: what is held and three years of profit, without any answer around it."""
    portfolio(store, f"bench-{size}", NOW)
    profit(store, f"bench-{size}", Period("", None, None), at=NOW)


def main() -> int:
    """Print the tables; 0 if every skill is under the limit at 40 holdings and none grows faster than the holdings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        store = open_store(url)
        build(store, Parameters(customers=0, as_of=TODAY, seed=1849), lambda line: None)
        furnish(store)
        return report(store, runs)


def report(store: Store, runs: int) -> int:
    bank = SimpleNamespace(store=store)
    bare = {size: statistics.median(timed(partial(figures, store, size), runs)) for size in SIZES}
    print(f"three years, {ASKED} holdings, {runs} runs; bare figures p50 {bare[ASKED]:.1f} ms")
    print(f"{'skill':<16}{'question':<10}{'p50':>8}{'p95':>8}{'× bare':>8}   ms at {SIZES} holdings, growth 40→80")
    good = True
    for skill, text, fields in QUESTIONS:
        took = {size: timed(asking(bank, skill, text, size, fields), runs) for size in SIZES}
        middle = {size: statistics.median(took[size]) for size in SIZES}
        growth = middle[80] / middle[40]
        slow, steep = p95(took[ASKED]) >= LIMIT_MS, growth > 2.5
        good = good and not slow and not steep
        line = " ".join(f"{middle[size]:6.1f}" for size in SIZES)
        mark = " SLOW" * slow + " STEEP" * steep
        ratio = middle[ASKED] / bare[ASKED]
        print(
            f"{skill:<16}{text:<8}{middle[ASKED]:8.1f}{p95(took[ASKED]):8.1f}{ratio:8.1f}   {line}  ×{growth:.2f}{mark}"
        )
    line = " ".join(f"{bare[size]:6.1f}" for size in SIZES)
    print(f"{'bare figures':<50}   {line}  ×{bare[80] / bare[40]:.2f}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
