"""The gate of `make test`: trains on data/nlu, judges tests/nlu/heldout, and fails below the recorded floors.

Every button's text (tests/nlu/buttons.tsv) must be understood as what it means, as if it had been tapped in its topic.

python -m nlu.check [--record] [--json FILE]
--record writes tests/nlu/floors.yml from this run, a little below it; --json keeps the figures for a programme.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path

import yaml

from nlu.context import Context
from nlu.corpus import read_labelled, read_training
from nlu.metrics import Judged, accuracy, calibration_error, per_intent
from nlu.products import ProductFinder
from nlu.training import train
from nlu.understanding import Understander

ROOT = Path(__file__).resolve().parent.parent
HELD_OUT = ROOT / "tests" / "nlu" / "heldout"
FLOORS = ROOT / "tests" / "nlu" / "floors.yml"
BUTTONS = ROOT / "tests" / "nlu" / "buttons.tsv"
FORM = "form"
"""The topic of buttons that answer an open form by their very words; the form reads them, not the model."""
_FIGURES = {"name": "悦享稳健九十天持有", "product": "启明科技成长混合", "rate": "15%", "amount": "50000"}
SLACK = 0.04
"""Floors are recorded this much below what was measured: of 60 questions an intent, one more miss is no regression."""


def trained() -> Understander:
    """Trained on the training text, without a catalogue."""
    rows = read_training(ROOT / "data" / "nlu")
    model = train([row.text for row in rows], [row.intent for row in rows])
    return Understander(model, products=ProductFinder(ROOT / "tests" / "nlu" / "no-catalogue.csv"))


def judge_held_out(understander: Understander) -> list[Judged]:
    """The held-out questions, each without context."""
    judged = []
    for row in read_labelled(sorted(HELD_OUT.glob("*.tsv"))):
        understood = understander.understand(row.text)
        judged.append(Judged(row.text, (row.intent,), understood.ranking, understood.decision))
    return judged


def misread_buttons(understander: Understander) -> list[str]:
    """What a customer would tap and not get, one line each."""
    wrong = []
    for row in read_buttons():
        topic, right = row["topic"], row["intent"].split("|")
        if topic == FORM:
            continue
        text = row["text"].format_map({**_FIGURES, "name": row["name"] or _FIGURES["name"]})
        understood = understander.understand(text, context=Context({"skill": topic} if topic else {}))
        read = "out_of_scope" if understood.decision == "refuse" else understood.ranking[0][0]
        # A follow-up goes to the skill that spoke last.
        meant = topic if read == "inform" else read
        if meant not in right or understood.decision == "clarify":
            wrong.append(f"{text} → {read}（{understood.decision}），应为 {' 或 '.join(right)}")
    return wrong


def read_buttons() -> list[dict[str, str]]:
    """Rows of text (with figures to fill in), the topic it is shown in, the intents it may be read as, and the name."""
    with BUTTONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nlu.check", description="语义理解达标检查")
    parser.add_argument("--record", action="store_true", help="按这次的成绩重写底线文件")
    parser.add_argument("--json", type=Path, metavar="文件", help="把成绩另存一份给程序读")
    given = parser.parse_args(arguments)
    record = given.record
    started = time.monotonic()
    understander = trained()
    judged = judge_held_out(understander)
    scores = {intent: score for intent, score in per_intent(judged).items() if score.support}
    floors = {} if record or not FLOORS.exists() else yaml.safe_load(FLOORS.read_text(encoding="utf-8"))
    below = []
    print(f"{'意图':<20}{'F1':>6}{'底线':>7}{'条数':>6}")
    for intent, score in scores.items():
        floor = float((floors.get("intents") or {}).get(intent, 0.0))
        failed = score.f1 < floor
        below += [intent] * failed
        print(f"{intent:<20}{score.f1:>8.3f}{floor:>8.3f}{score.support:>6}{'  ← 低于底线' if failed else ''}")
    right, second, gap = accuracy(judged), accuracy(judged, 2), calibration_error(judged)
    print(
        f"{len(judged)} 条：正确 {right:.3f}，前两名含正确 {second:.3f}，置信度误差 {gap:.3f}，"
        f"用时 {time.monotonic() - started:.0f} 秒"
    )
    if buttons := misread_buttons(understander):
        print("按钮上的话没听对：", *buttons, sep="\n  ", file=sys.stderr)
    if record:
        content = {
            "accuracy": round(right - SLACK / 2, 3),
            "intents": {intent: round(max(score.f1 - SLACK, 0.0), 3) for intent, score in scores.items()},
        }
        header = "# 语义理解的底线，由 python -m nlu.check --record 写出。只升不降：降低要写明原因。\n"
        FLOORS.write_text(header + yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return 0
    if not floors:
        print(f"没有底线文件 {FLOORS.name}，请先运行 python -m nlu.check --record", file=sys.stderr)
        return 1
    if right < float(floors["accuracy"]):
        below.append("总体正确率")
    if missing := sorted(set(floors["intents"]) - set(scores)):
        below += missing
    if given.json:
        figures = {"accuracy": right, "questions": len(judged), "intents": {name: s.f1 for name, s in scores.items()}}
        figures |= {"below": below, "misread": buttons}
        given.json.write_text(json.dumps(figures, ensure_ascii=False), encoding="utf-8")
    if below:
        print(f"低于底线：{'、'.join(below)}", file=sys.stderr)
    return 1 if below or buttons else 0


if __name__ == "__main__":
    sys.exit(main())
