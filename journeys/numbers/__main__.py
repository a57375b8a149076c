"""`python -m journeys.numbers [name …] [--days 30] [--branch 网点] [--csv FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl

from journeys.numbers.compute import compute, export, numbers
from journeys.store import Journal
from journeys.store.migrate import migrate
from wealth import clock
from wealth.errors import WealthError
from wealth.store import open_store, store_url


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all numbers could be computed."""
    parser = argparse.ArgumentParser(prog="python -m journeys.numbers", description="经营数字")
    parser.add_argument("names", nargs="*", metavar="名称", help="只要这几项（默认全部）")
    parser.add_argument("--days", type=int, default=30, metavar="天数", help="最近多少天（默认 30）")
    parser.add_argument("--branch", metavar="网点", help="只看一个网点")
    parser.add_argument("--csv", type=Path, metavar="文件夹", help="另存为 CSV")
    parser.add_argument("--url", help="数据库地址（默认 PEIBAN_STORE_URL，或 var/peiban.db）")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in numbers()]
    if unknown:
        print(f"没有 {unknown[0]}（可选：{'、'.join(numbers())}）", file=sys.stderr)
        return 2
    url = options.url or store_url()
    now = clock.now()
    try:
        migrate(url)
        since = now.date() - timedelta(days=options.days)
        found = compute(Journal(open_store(url)), now, since, branch=options.branch, names=options.names or None)
    except WealthError as trouble:
        print(f"没有算出来：{trouble}", file=sys.stderr)
        return 1
    for name, table in found.items():
        print(f"\n{numbers()[name].title}")
        with pl.Config(tbl_rows=40, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
            print(table)
    if options.csv:
        print(f"已写 {len(export(found, options.csv))} 个 CSV。")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
