"""How fast positions and returns are read, and how their cost grows with holdings: `python -m benchmarks.returns`.

Peer: the same three figures (value, profit, time-weighted return) by one plain loop of Decimals over days and holdings,
the way a first version would be written. Printed as a ratio; nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from sqlalchemy import insert

from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build
from wealth.positions import portfolio
from wealth.request import Period
from wealth.returns import profit
from wealth.store import Store, open_store, schema
from wealth.store.migrate import migrate

AS_OF = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 21, tzinfo=SHANGHAI)
SIZES = (5, 10, 20, 40, 80)
CASH = "HQ001"


def spread(run: Callable[[], object], times: int) -> tuple[float, float]:
    """(median, 95th percentile) in milliseconds after one run to warm up."""
    run()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found), statistics.quantiles(found, n=20)[-1]


def add_customer(store: Store, holdings: int) -> str:
    """A customer who bought `holdings` products (some more than once) a month for three years."""
    customer, account = f"bench-{holdings}", f"bench-a-{holdings}"
    codes = [one.code for one in store.products() if one.valuation == "nav" and one.maturity_date is None]
    codes = [code for code in codes if len(store.navs(code)) > 700]
    begin = AS_OF - timedelta(days=1095)
    rows = [_row(customer, account, CASH, "cash_in", begin, Decimal(0), None, Decimal(9_000_000), 0)]
    accounts = [account, f"{account}b"]
    for index in range(holdings):
        code, held_at = codes[index % len(codes)], accounts[index // len(codes)]
        prices = store.navs(code)
        for month in range(12):
            nav = prices[5 + month * 55]
            units = (Decimal(1000) / nav.nav).quantize(Decimal("0.01"), ROUND_HALF_UP)
            rows.append(_row(customer, held_at, code, "buy", nav.date, units, nav.nav, Decimal(1000), len(rows)))
    with store.write() as connection:
        connection.execute(
            insert(schema.customers).values(id=customer, name="", level="", branch="", since=begin, is_demo=True)
        )
        for one in accounts:
            connection.execute(
                insert(schema.accounts).values(id=one, customer=customer, cash_product=CASH, last4="0", opened=begin)
            )
        connection.execute(insert(schema.movements), rows)
    return customer


def _row(
    customer: str,
    account: str,
    product: str,
    kind: str,
    on: date,
    units: Decimal,
    price: Decimal | None,
    amount: Decimal,
    number: int,
) -> dict[str, object]:
    return {
        "ref": f"{customer}-{number}",
        "customer": customer,
        "account": account,
        "product": product,
        "kind": kind,
        "status": "confirmed",
        "trade_date": on,
        "units": units,
        "price": price,
        "amount": amount,
        "fee": Decimal(0),
        "cash": amount if kind == "cash_in" else -amount,
        "note": "",
    }


def plain_loop(store: Store, customer: str) -> tuple[Decimal, float]:
    """The peer: Decimal sums day by day; (profit, time-weighted return)."""
    moves = store.movements(customer)
    prices = {
        code: {row.date: row.nav for row in store.navs(code)} for code in {move.product for move in moves} - {CASH}
    }
    units: dict[tuple[str, str], Decimal] = {}
    last: dict[str, Decimal] = {}
    cash = before = put_in = Decimal(0)
    growth = 1.0
    by_day: dict[date, list] = {}
    for move in moves:
        by_day.setdefault(move.trade_date, []).append(move)
    day = moves[0].trade_date
    while day <= AS_OF:
        flow = Decimal(0)
        for move in by_day.get(day, ()):
            cash += move.cash
            if move.product != CASH:
                key = (move.account, move.product)
                units[key] = units.get(key, Decimal(0)) + move.units
            elif move.kind == "cash_in":
                flow += move.amount
        value = cash
        for (_, code), held in units.items():
            last[code] = prices[code].get(day, last.get(code, Decimal(0)))
            value += (held * last[code]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if before + flow:
            growth *= float((value - before - flow) / (before + flow)) + 1
        put_in += flow
        before = value
        day += timedelta(days=1)
    return before - put_in, growth - 1


def main() -> None:
    """Build a small bank in a temporary folder and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.returns", description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="runs per figure (default 40)")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        store = open_store(url)
        build(store, Parameters(200, AS_OF, 1849), lambda line: None)
        whole = Period("成立以来", None, None)
        print(
            f"{'holdings':>8} {'movements':>9} {'portfolio p50/p95':>19} {'profit p50/p95':>17} "
            f"{'plain loop':>11} ratio"
        )
        for size in SIZES:
            customer = add_customer(store, size)
            moves = len(store.movements(customer))
            held = spread(lambda one=customer: portfolio(store, one, AT), times)  # type: ignore[misc]
            earned = spread(lambda one=customer: profit(store, one, whole, at=AT), times)  # type: ignore[misc]
            begun = time.perf_counter()
            amount, rate = plain_loop(store, customer)
            loop = (time.perf_counter() - begun) * 1000
            ours = profit(store, customer, whole, at=AT)
            same = ours.amount == amount and ours.twr is not None and abs(ours.twr - rate) < 1e-6
            print(
                f"{size:>8} {moves:>9} {held[0]:>8.1f} /{held[1]:>6.1f} ms {earned[0]:>6.1f} /{earned[1]:>6.1f} ms "
                f"{loop:>8.0f} ms {loop / earned[0]:>5.0f}x {'same figures' if same else 'FIGURES DIFFER'}"
            )


if __name__ == "__main__":
    main()
