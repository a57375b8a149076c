"""`python -m wealth.demo`: make the demo bank. What it prints is for people, in Chinese."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date

from wealth import calendar, clock
from wealth.demo.build import Parameters, build, is_current
from wealth.demo.personas import personas
from wealth.errors import StoreUnavailable, WealthError
from wealth.store import open_store, store_url
from wealth.store.migrate import migrate

MOST_CUSTOMERS = 9_999_999


def parameters(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m wealth.demo",
        description="生成演示银行：虚构的产品、净值、行情、客户和流水。参数相同则什么也不做；不同则整个换成新的。",
    )
    parser.add_argument("--url", help="数据库地址（默认 PEIBAN_STORE_URL，或 var/peiban.db）")
    parser.add_argument("--customers", type=int, default=2000, metavar="数量", help="随机客户的数量（默认 2000）")
    parser.add_argument("--as-of", metavar="日期", help="演示银行的今天，例如 2026-11-20（默认最近的交易日）")
    parser.add_argument("--seed", type=int, default=1849, metavar="种子", help="同一种子，同一家银行")
    parser.add_argument("--force", action="store_true", help="参数相同也重新生成")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the demo bank is there, 1 with a reason when not, 2 for options that cannot be used."""
    options = parameters(arguments)
    try:
        as_of = date.fromisoformat(options.as_of) if options.as_of else clock.now().date()
    except ValueError:
        print(f"日期写得不对：{options.as_of}（应像 2026-11-20）", file=sys.stderr)
        return 2
    if not 0 <= options.customers <= MOST_CUSTOMERS:
        print(f"客户数量应在 0 到 {MOST_CUSTOMERS:,} 之间", file=sys.stderr)
        return 2
    wanted = Parameters(options.customers, calendar.last_trading_day(as_of), options.seed)
    try:
        return _make(options.url or store_url(), wanted, force=options.force)
    except StoreUnavailable as trouble:
        print(f"数据库打不开或写不进去（{trouble}），原来的内容没有改动。", file=sys.stderr)
    except WealthError as trouble:
        print(f"没有生成：{trouble}", file=sys.stderr)
    return 1


def _make(url: str, wanted: Parameters, *, force: bool) -> int:
    migrate(url)
    store = open_store(url)
    if not force and is_current(store, wanted):
        print(f"演示银行已是最新（{wanted.as_of}，{wanted.customers:,} 位客户），无需重做。")
        return 0
    started = time.monotonic()
    print(f"正在生成演示银行：{wanted.as_of}，{wanted.customers:,} 位客户 …")
    build(store, wanted, lambda line: print(f"  {line}", flush=True))
    print(f"完成，用时 {time.monotonic() - started:.1f} 秒。可以试试这些演示客户：")
    for one in personas():
        print(f"  {one['id']}  {one['name']}  {one['stage']}：{one['about']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
