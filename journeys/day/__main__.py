"""`python -m journeys.day --customers 2000`: play a day, write results/day.md and var/day/report.json.

Ends with 0 only if every count adds up.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from journeys.day.play import play
from journeys.day.report import figures, markdown
from wealth import calendar, clock
from wealth.errors import WealthError

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m journeys.day", description="回放银行的一天")
    parser.add_argument("--customers", type=int, default=2000, metavar="数量", help="客户数量（默认 2000）")
    parser.add_argument("--as-of", metavar="日期", help="哪一天，例如 2026-11-20（默认最近的交易日）")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "day", help="数据放在哪里（每次重做）")
    parser.add_argument("--report", type=Path, default=ROOT / "results" / "day.md", help="报告写到哪里")
    options = parser.parse_args(arguments)
    try:
        as_of = date.fromisoformat(options.as_of) if options.as_of else clock.now().date()
    except ValueError:
        print(f"日期写得不对：{options.as_of}（应像 2026-11-20）", file=sys.stderr)
        return 2
    if not 1 <= options.customers <= 200_000:
        print("客户数量应在 1 到 200,000 之间", file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        day = play(
            options.folder, options.customers, calendar.last_trading_day(as_of), lambda line: print(line, flush=True)
        )
    except WealthError as trouble:
        print(f"没有放完：{trouble}", file=sys.stderr)
        return 1
    found = figures(day)
    written = markdown(found, time.monotonic() - started)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(written, encoding="utf-8")
    # The desk shows it (数据 → 回放的一天).
    (options.folder / "report.json").write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    print(written.partition("```")[0])
    print(f"报告：{options.report.name}；检查：python -m benchmarks.day_checker")
    return 0 if all(found["adds_up"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
