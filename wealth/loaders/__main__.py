"""`python -m wealth.loaders KIND FILE …`: load CSV files; what it prints is for people, in Chinese."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from wealth.errors import StoreUnavailable, WealthError
from wealth.loaders import prices, products, records
from wealth.loaders.csvfile import Report
from wealth.store import Store, open_store
from wealth.store.migrate import migrate

LOADERS: dict[str, Callable[[Store, Path], Report]] = {
    "products": products.load_products,
    "customers": records.load_customers,
    "accounts": records.load_accounts,
    "ledger": records.load_ledger,
    "articles": records.load_articles,
}
MOST_ERRORS_SHOWN = 50


def parameters(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m wealth.loaders",
        description="把 CSV 文件导入数据库。有错的行会指出行号并跳过，其余照常导入；重复导入不会改变任何东西。",
    )
    parser.add_argument("kind", choices=["nav", "market", *LOADERS], help="文件里是什么")
    parser.add_argument("files", nargs="+", type=Path, metavar="文件")
    parser.add_argument("--url", help="数据库地址（默认 PEIBAN_STORE_URL，或 var/peiban.db）")
    parser.add_argument("--code", help="nav：产品代码（默认取文件名）")
    parser.add_argument("--series", help="market：序列代码（默认取文件名）")
    parser.add_argument("--title", help="market：新序列的名称，例如 沪深300")
    parser.add_argument("--source", help="market：新序列的来源")
    parser.add_argument("--unit", help="market：单位（默认 点）")
    parser.add_argument("--series-kind", choices=["index", "sector", "breadth", "rate", "gold"], help="market：种类")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all went in, 1 if something was left out (said line by line)."""
    options = parameters(arguments)
    try:
        migrate(options.url)
    except WealthError as trouble:
        print(f"数据库打不开（{trouble}）", file=sys.stderr)
        return 1
    store = open_store(options.url)
    failed = False
    for path in options.files:
        try:
            report = _load(store, path, options)
        except StoreUnavailable as trouble:
            print(f"{path.name}：数据库写不进去（{trouble}），这个文件没有导入", file=sys.stderr)
            failed = True
            continue
        except WealthError as trouble:
            print(str(trouble), file=sys.stderr)
            failed = True
            continue
        for error in report.errors[:MOST_ERRORS_SHOWN]:
            print(error, file=sys.stderr)
        if len(report.errors) > MOST_ERRORS_SHOWN:
            print(f"……还有 {len(report.errors) - MOST_ERRORS_SHOWN} 处错误", file=sys.stderr)
        print(
            f"{report.file}：新增 {report.added} 行，更新 {report.changed} 行，"
            f"未变 {report.same} 行，有错跳过 {len(report.errors)} 行"
        )
        failed = failed or bool(report.errors)
    return int(failed)


def _load(store: Store, path: Path, options: argparse.Namespace) -> Report:
    if options.kind == "nav":
        return prices.load_navs(store, path, options.code)
    if options.kind == "market":
        described = {
            "id": options.series,
            "title": options.title,
            "source": options.source,
            "unit": options.unit,
            "kind": options.series_kind,
        }
        return prices.load_market(store, path, {name: value for name, value in described.items() if value})
    return LOADERS[options.kind](store, path)


if __name__ == "__main__":
    raise SystemExit(main())
