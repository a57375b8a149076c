"""Write the product catalogue that understanding matches names against (PEIBAN_CATALOGUE, var/catalogue.csv).

Run at every start, and after the bank changed its products: the running server notices the new file by itself.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

from server import settings as peiban_settings
from wealth.errors import StoreUnavailable
from wealth.store import open_store


def write(path: Path) -> int:
    """Write code, name and aliases (separated by |) of every product, atomically. Returns how many."""
    entries = open_store().catalogue()
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "name", "aliases"])
        rows.writerows([entry.code, entry.name, "|".join(entry.aliases)] for entry in entries)
    fresh.replace(path)
    return len(entries)


def main() -> int:
    peiban_settings.load()
    try:
        write(Path(os.environ["PEIBAN_CATALOGUE"]))
    except StoreUnavailable:
        print("银行数据库连不上，产品目录没有更新", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
