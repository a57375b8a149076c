"""Lines on standard input → one JSON object each: what the assistant understands.

    echo 今年以来赚了多少 | python -m nlu.parse [--model models/x.tar.gz] [--ref 2026-11-22T10:00]

Fields: text, decision (answer, clarify, refuse), intent (the best reading), confidence, ranking, entities, and
`also` where a message asks two things. One line out for each line in, empty ones included.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from nlu.understanding import ZONE, load_understander, newest_model

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nlu.parse", description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, help="模型文件（.tar.gz）或所在文件夹；默认 models/ 里最新的")
    parser.add_argument("--ref", type=_moment, help="“现在”，如 2026-11-22T10:00；默认为此刻（北京时间）")
    options = parser.parse_args(arguments)
    given = options.model or ROOT / "models"
    try:
        understander = load_understander(newest_model(given) if given.is_dir() or not options.model else given)
    except (OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        understood = understander.understand(line.rstrip("\r\n"), options.ref)
        print(json.dumps(understood.to_dict(), ensure_ascii=False), flush=True)
    return 0


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"看不懂的时间：{given}；例：2026-11-22T10:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


if __name__ == "__main__":
    sys.exit(main())
