"""Understanding, beside Rasa's stock Chinese pipeline (JiebaTokenizer + CountVectors + DIET, 100 epochs).

    python -m benchmarks.nlu [--stock-sample 1400] [--stock-epochs 100] [--no-stock] [--scenarios]

DIET needs about half a second of CPU an utterance and 100 epochs, so it is trained on a sample (every n-th utterance)
and kept in var/; ours is shown on the same sample and on all text. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.noise import sound_alike
from nlu.corpus import Utterance, read_labelled, read_training
from nlu.encoder import content_hash, load, named_folder
from nlu.metrics import Judged, accuracy, calibration_error

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
AWAY = frozenset({"out_of_scope", "chitchat"})
STOCK: dict[str, Any] = {
    "recipe": "default.v1",
    "language": "zh",
    "assistant_id": "stock",
    "pipeline": [
        {"name": "JiebaTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    ],
}


def questions() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Labelled questions by set; several labels where several readings are right."""
    held_out = read_labelled(sorted((ROOT / "tests" / "nlu" / "heldout").glob("*.tsv")))
    sets: dict[str, list[tuple[str, tuple[str, ...]]]] = {
        "held out (own)": [(row.text, (row.intent,)) for row in held_out]
    }
    if SHARED.exists():
        rows = _table(SHARED / "dev_intents.tsv")
        sets["dev_intents"] = [(r["text"], (r["label"], *filter(None, r["alt_label"].split("|")))) for r in rows]
        sets["oos_questions"] = [(r["text"], tuple(AWAY)) for r in _table(SHARED / "oos_questions.tsv")]
    return sets


def measure(model: Path) -> dict[str, Any]:
    """Scores, latency and memory of a trained Rasa model, parsed as the server does; run it in its own process."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    times: list[float] = []

    def read(text: str) -> tuple[list[tuple[str, float]], str]:
        started = time.perf_counter()
        parsed = asyncio.run(agent.parse_message(text))
        times.append((time.perf_counter() - started) * 1000)
        ranking = [(row["name"], float(row["confidence"])) for row in parsed["intent_ranking"]]
        return ranking, parsed.get("decision", "")

    read("你好")
    times.clear()
    found: dict[str, Any] = {}
    for name, rows in questions().items():
        judged = [_judged(text, right, *read(text)) for text, right in rows]
        if name == "oos_questions":
            found["turned away"] = sum(row.hit or row.decision == "refuse" for row in judged) / len(judged)
            continue
        own = [row for row in judged if "out_of_scope" not in row.right]
        found[f"{name}: right"] = accuracy(judged)
        found[f"{name}: in first two"] = accuracy(judged, 2)
        found[f"{name}: calibration error"] = calibration_error(judged)
        found[f"{name}: own refused"] = sum(_refused(row) for row in own) / len(own)
        noisy = [_judged(text, right, *read(sound_alike(text, every=5, seed=1))) for text, right in rows]
        found[f"{name}: drop by sound-alikes"] = accuracy(judged) - accuracy(noisy)
    found["parse p50, ms"] = statistics.median(times)
    found["parse p95, ms"] = sorted(times)[int(len(times) * 0.95)]
    if folder := named_folder():
        found["encoder alone p50, ms"] = _encoding_ms(folder)
    found["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _encoding_ms(folder: Path) -> float:
    """The median time that the bank's encoder takes for one question."""
    encoder = load(folder)
    times = []
    for text, _ in questions()["held out (own)"][:200]:
        started = time.perf_counter()
        encoder.encode([text])
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _judged(text: str, right: tuple[str, ...], ranking: list[tuple[str, float]], decision: str) -> Judged:
    return Judged(text, right, tuple(ranking) or (("", 0.0),), decision)


def _refused(row: Judged) -> bool:
    # Stock has no decision: whatever it reads as out of scope is refused.
    return row.decision == "refuse" if row.decision else row.best == "out_of_scope"


def sample(rows: Sequence[Utterance], size: int) -> list[Utterance]:
    """Every n-th utterance, so that all intents and topic files take part."""
    step = max(1, round(len(rows) / size))
    return list(rows[::step])


def trained(name: str, config: dict[str, Any], rows: Sequence[Utterance]) -> tuple[Path, float | None]:
    """A Rasa NLU model of these utterances, kept in var/; with the CPU seconds of its training if just trained."""
    text = yaml.safe_dump(_nlu(rows), allow_unicode=True, width=10_000)
    settings = yaml.safe_dump(config, allow_unicode=True)
    key = hashlib.sha256((text + settings + _code(config)).encode()).hexdigest()[:12]
    folder = ROOT / "var" / "benchmark"
    path = folder / f"{name}-{key}.tar.gz"
    note = path.with_suffix(".json")
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}-nlu.yml").write_text(text, encoding="utf-8")
        (folder / f"{name}-config.yml").write_text(settings, encoding="utf-8")
        print(f"training {name} on {len(rows)} utterances …", flush=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "rasa", "train", "nlu", "--nlu", str(folder / f"{name}-nlu.yml"),
             "--config", str(folder / f"{name}-config.yml"), "--out", str(folder),
             "--fixed-model-name", path.name.removesuffix(".tar.gz")],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_quiet(),
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        note.write_text(json.dumps({"training CPU, s": seconds}), encoding="utf-8")
    return path, json.loads(note.read_text(encoding="utf-8")).get("training CPU, s")


def _code(config: dict[str, Any]) -> str:
    # Our own components change with the code; Rasa's do not.
    if not any(str(part["name"]).startswith("nlu.") for part in config["pipeline"]):
        return ""
    files = [*sorted((ROOT / "nlu").rglob("*.py")), *sorted((ROOT / "zhtext").glob("*.py"))]
    encoder = content_hash(folder).encode() if (folder := named_folder()) else b""
    return hashlib.sha256(b"".join([*(file.read_bytes() for file in files), encoder])).hexdigest()


def _nlu(rows: Sequence[Utterance]) -> dict[str, Any]:
    by_intent: dict[str, list[str]] = {}
    for row in rows:
        by_intent.setdefault(row.intent, []).append(row.text)
    blocks = [{"intent": name, "examples": "".join(f"- {t}\n" for t in texts)} for name, texts in by_intent.items()]
    return {"version": "3.1", "nlu": blocks}


def scenarios(model: Path) -> None:
    """The same words in different conversations, read with and without data/nlu_priors.yml."""
    from dataclasses import replace

    from nlu.context import Context, reread
    from nlu.priors import Priors, priors
    from nlu.understanding import load_understander

    understander = load_understander(model)
    rows = _table(ROOT / "tests" / "nlu" / "scenarios.tsv")
    right = {"with": 0, "without": 0}
    for row in rows:
        profile = {"stage": row["stage"], "holds": row["holds"].split("|") if row["holds"] else [],
                   "market_day": row["market_day"]}  # fmt: skip
        context = Context({"skill": row["topic"]}, {}, profile)
        reading = understander.read(row["text"])
        for name, table in (("with", priors()), ("without", replace(Priors(), close=0.0))):
            best = reread(row["text"], reading.ranking, [], context, table).ranking[0][0]
            right[name] += best == row["intent"]
    print(f"\nclose readings in context, {len(rows)} scenarios: right with priors {right['with']}, "
          f"without {right['without']}")  # fmt: skip


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {key: value or "" for key, value in row.items()}
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _quiet() -> dict[str, str]:
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONWARNINGS": "ignore",
            "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "PYTHONPATH": str(ROOT),
            "PEIBAN_CATALOGUE": str(ROOT / "var" / "benchmark" / "none.csv")}  # fmt: skip


def _in_own_process(model: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.nlu", "--measure", str(model)],
        cwd=ROOT, check=True, capture_output=True, text=True, env=_quiet(),
    )  # fmt: skip
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlu", description=__doc__.splitlines()[0])
    parser.add_argument("--stock-sample", type=int, default=1400, help="utterances that stock is trained on")
    parser.add_argument("--stock-epochs", type=int, default=100)
    parser.add_argument("--no-stock", action="store_true", help="ours only")
    parser.add_argument("--scenarios", action="store_true", help="only the priors, with and without")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    rows = read_training(ROOT / "data" / "nlu")
    ours = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    ours.pop("policies", None)
    if options.scenarios:
        scenarios(trained("ours", ours, rows)[0])
        return
    part = sample(rows, options.stock_sample)
    runs = {f"ours, {len(rows)}": trained("ours", ours, rows)}
    if not options.no_stock:
        STOCK["pipeline"][-1]["epochs"] = options.stock_epochs
        runs[f"ours, {len(part)}"] = trained("ours-sample", ours, part)
        runs[f"stock, {len(part)}"] = trained("stock", STOCK, part)
    measured = {}
    for name, (path, seconds) in runs.items():
        measured[name] = {**_in_own_process(path), "training CPU, s": seconds}
    print(f"{'':<38}" + "".join(f"{name:>18}" for name in measured))
    for label in next(iter(measured.values())):
        figures = [columns.get(label) for columns in measured.values()]
        digits = 1 if label.endswith((", ms", ", s", ", MB")) else 3
        print(f"{label:<38}" + "".join(f"{'-' if f is None else format(f, f'.{digits}f'):>18}" for f in figures))
    columns = list(measured.values())
    if len(columns) > 1:
        print(f"\nparse p50, ours : stock = {columns[0]['parse p50, ms'] / columns[-1]['parse p50, ms']:.2f}")
    scenarios(runs[next(iter(runs))][0])


if __name__ == "__main__":
    main()
