"""The NLU report for conversation designers, one HTML page: results/nlu-report.html.

    python -m nlu.report [--quick] [--questions FILE]

--quick judges the held-out questions with the newest model and leaves out what takes long (cross-validation, near
duplicates). --questions reads a file of one question a line and shows what the assistant would do with them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from nlu import corpus_checks
from nlu.check import HELD_OUT, judge_held_out, trained
from nlu.corpus import Utterance, read_labelled, read_training
from nlu.metrics import Judged, accuracy, calibration_error, confusions, per_intent, reliability
from nlu.training import cross_validate
from nlu.understanding import ZONE, Understander, load_understander, newest_model

ROOT = Path(__file__).resolve().parent.parent
WORST = 50
LISTED = 200


def judged_by_cross_validation(rows: Sequence[Utterance]) -> list[Judged]:
    """Every training utterance as a model read it that had not seen it."""
    held = cross_validate([row.text for row in rows], [row.intent for row in rows])
    judged = []
    for text, label, shares in zip(held.texts, held.labels, held.shares, strict=True):
        order = (-shares).argsort()[:5]
        judged.append(Judged(text, (label,), tuple((held.intents[at], float(shares[at])) for at in order)))
    return judged


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """What the page shows of one set of labelled readings."""
    mixed = confusions(judged)
    intents = sorted({intent for pair in mixed for intent in pair})
    most = max(mixed.values(), default=1)
    return {
        "count": len(judged),
        "accuracy": accuracy(judged),
        "top2": accuracy(judged, 2),
        "gap": calibration_error(judged),
        "scores": per_intent(judged),
        "intents": intents,
        "mixed": mixed,
        "most": most,
        "pairs": mixed.most_common(25),
        "bins": reliability(judged),
        "worst": sorted((row for row in judged if not row.hit), key=lambda row: -row.ranking[0][1])[:WORST],
    }


def entities_found(understander: Understander, texts: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """How often each entity is found, and in which words most."""
    words: dict[str, Counter[str]] = {}
    for text in texts:
        for one in understander.understand(text, now).entities:
            words.setdefault(one["entity"], Counter())[one["text"]] += 1
    return [
        {"kind": kind, "count": sum(found.values()), "words": found.most_common(8)}
        for kind, found in sorted(words.items())
    ]


def coverage(understander: Understander, texts: Sequence[str], now: datetime) -> dict[str, Any]:
    """What the assistant would do with unlabelled questions, and which it is least sure of."""
    read = [understander.understand(text, now) for text in texts]
    decisions = Counter(one.decision for one in read)
    return {
        "count": len(read),
        "decisions": {name: decisions[name] / len(read) for name in ("answer", "clarify", "refuse")} if read else {},
        "intents": Counter(one.ranking[0][0] for one in read).most_common(),
        "unsure": sorted((one for one in read if one.decision == "clarify"), key=lambda one: one.ranking[0][1])[:WORST],
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nlu.report", description="语义理解报告（网页）")
    parser.add_argument("--quick", action="store_true", help="只用现有模型看留出的问题，不做交叉验证和近似重复")
    parser.add_argument("--questions", type=Path, help="一行一个问题的文件，看助手会怎么处理")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "nlu-report.html", help="报告写到哪里")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    now = datetime.now(ZONE)
    try:
        understander = load_understander(newest_model(ROOT / "models"))
        questions = _lines(options.questions) if options.questions else []
    except (OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    rows = read_training(ROOT / "data" / "nlu")
    held_out = read_labelled(sorted(HELD_OUT.glob("*.tsv")))
    if options.quick:
        judged = [Judged(row.text, (row.intent,), understander.read(row.text).ranking) for row in held_out]
    else:
        judged = judge_held_out(trained())
    pairs = corpus_checks.same(rows) if options.quick else corpus_checks.near(rows)
    page = {
        "made": now,
        "quick": options.quick,
        "utterances": corpus_checks.counts(rows),
        "held_out": summary(judged),
        "crossed": None if options.quick else summary(judged_by_cross_validation(rows)),
        "entities": entities_found(understander, [row.text for row in held_out], now),
        "clashes": [pair for pair in pairs if pair.clash][:LISTED],
        "doubles": [pair for pair in pairs if not pair.clash][:LISTED],
        "doubles_count": sum(not pair.clash for pair in pairs),
        "personal": corpus_checks.personal(rows)[:LISTED],
        "asked": coverage(understander, questions, now) if questions else None,
        "root": ROOT,
    }
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(environment.get_template("report.html.j2").render(page), encoding="utf-8")
    print(f"报告：{options.out}（用时 {time.monotonic() - started:.0f} 秒）")
    return 0


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except FileNotFoundError:
        raise FileNotFoundError(f"找不到问题文件：{path}") from None
    except UnicodeDecodeError:
        raise ValueError(f"问题文件不是 UTF-8 编码：{path}") from None


if __name__ == "__main__":
    sys.exit(main())
