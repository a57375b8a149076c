"""Conformance of typed values with Microsoft Recognizers-Text cases: `python -m benchmarks.values [--failures]`.

A case is right when its values and spans are exactly the expected ones, extra finds counting as wrong.
Left out: cases marked unsupported, holidays, dynasties and lunar dates, and anything with a clock time.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from zhtext.values import extract

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "recognizers_zh.jsonl"
SUITES = {
    "Number/NumberModel.json": ("number", {"number"}),
    "Number/PercentModel.json": ("percent", {"percentage"}),
    "NumberWithUnit/CurrencyModel.json": ("currency", {"currency"}),
    "Number/OrdinalModel.json": ("ordinal", {"ordinal"}),
    "DateTime/DateTimeModel.json": ("date,period", {"datetimeV2.date", "datetimeV2.daterange"}),
    "DateTime/DateParser.json": ("date,period", {"date"}),
    "DateTime/DatePeriodParser.json": ("date,period", {"daterange"}),
}
_DYNASTY = re.compile("康熙|雍正|民国|神龙|公元前|农历|大年|正月|初[一二三四五六七八九十]|除夕")


@dataclass(frozen=True)
class Outcome:
    """One case: what was expected and found, each as (start, end inclusive, resolution)."""

    suite: str
    text: str
    expected: list[tuple[int, int, Any]]
    found: list[tuple[int, int, Any]]

    @property
    def right(self) -> bool:
        return self.expected == self.found


def cases(path: Path = CASES, *, everything: bool = False) -> Iterator[Outcome]:
    """Each case in scope, run. `everything` keeps those that other Recognizers ports do not support."""
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["suite"] not in SUITES or (case["unsupported"] and not everything):
            continue
        kinds, names = SUITES[case["suite"]]
        results = case["results"]
        if kinds == "date,period":
            types = {r.get("TypeName") or r.get("Type") for r in results}
            if not types <= names or _DYNASTY.search(case["input"]):
                continue
        reference = datetime.fromisoformat(case["ref"] or "2026-11-22T10:00:00")
        found = extract(case["input"], reference, kinds=frozenset(kinds.split(",")))
        parser = "Parser" in case["suite"]
        yield Outcome(
            case["suite"],
            case["input"],
            [(r["Start"], r["End"] if "End" in r else r["Start"] + r["Length"] - 1, _expect(r)) for r in results],
            [(v.start, v.end - 1, _span_only(v.resolution) if parser else dict(v.resolution)) for v in found],
        )


def _expect(result: dict[str, Any]) -> Any:
    if "Resolution" in result:
        return result["Resolution"]
    value = result["Value"]
    days = [
        {key.replace("startDate", "start").replace("endDate", "end"): day for key, day in value[side].items()}
        for side in ("PastResolution", "FutureResolution")
    ]
    return sorted({(value["Timex"], d.get("date"), d.get("start"), d.get("end")) for d in days}, key=str)


def _span_only(resolution: Any) -> Any:
    rows = {
        (v["timex"], v["value"] if v["type"] == "date" else None, v.get("start"), v.get("end"))
        for v in resolution.get("values", [])
    }
    return sorted(rows, key=str)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", action="store_true", help="print each case that is wrong")
    options.add_argument("--all", action="store_true", help="also cases that other ports do not support")
    options.add_argument("--file", type=Path, default=CASES)
    asked = options.parse_args()
    tally: dict[str, list[int]] = {}
    for outcome in cases(asked.file, everything=asked.all):
        count = tally.setdefault(outcome.suite, [0, 0])
        count[0] += outcome.right
        count[1] += 1
        if asked.failures and not outcome.right:
            print(f"{outcome.suite}: {outcome.text}\n  expected {outcome.expected}\n  found    {outcome.found}")
    for suite, (right, total) in sorted(tally.items()):
        print(f"{suite:36} {right:4}/{total:<4} {right / total:6.1%}")


if __name__ == "__main__":
    main()
