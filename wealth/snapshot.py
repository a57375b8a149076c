"""The `positions` table for batch scans, rebuilt from the ledger: `python -m wealth.snapshot` after each day's load."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select

from wealth import clock, ledger
from wealth.errors import WealthError
from wealth.store import Store, bulk, open_store, schema

CHUNK = 50_000
_COLUMNS = ("account", "product", "customer", "units", "cost", "as_of")


def rebuild(store: Store, as_of: date) -> int:
    """Replace all positions by what the ledger says at the end of `as_of`; returns how many. All or nothing."""
    count = 0
    # Read on one connection while writing on another: a database reads the state from before the write.
    with store.read() as reading, store.write() as writing:
        table = schema.accounts
        cash = {row.id: row.cash_product for row in reading.execute(select(table.c.id, table.c.cash_product))}
        writing.execute(delete(schema.positions))
        rows: list[tuple[str, str, str, int, int, str]] = []
        for customer, entries in ledger.stream(reading, as_of):
            for held in ledger.fold(entries, cash):
                if held.units:
                    rows.append((held.account, held.product, customer, held.units, held.cost, as_of.isoformat()))
            if len(rows) >= CHUNK:
                count += bulk.append(writing, schema.positions, _by_column(rows))
                rows = []
        if rows:
            count += bulk.append(writing, schema.positions, _by_column(rows))
    return count


def _by_column(rows: list[tuple[str, str, str, int, int, str]]) -> dict[str, list[object]]:
    return dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the positions are in step with the ledger."""
    parser = argparse.ArgumentParser(prog="python -m wealth.snapshot", description="按流水重算持仓表，供批量扫描使用")
    parser.add_argument("--url", help="数据库地址（默认 PEIBAN_STORE_URL，或 var/peiban.db）")
    options = parser.parse_args(arguments)
    try:
        count = rebuild(open_store(options.url), clock.now().date())
    except WealthError as trouble:
        print(f"持仓没有重算：{trouble}，原来的内容没有改动。", file=sys.stderr)
        return 1
    print(f"已重算持仓 {count:,} 条。")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
