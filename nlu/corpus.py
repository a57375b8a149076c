"""Reads training utterances (data/nlu) and labelled questions (tests/nlu/heldout) without Rasa."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Utterance:
    """One text, its intent cut at "/", and the file it stands in."""

    text: str
    intent: str
    file: Path


def read_training(folder: Path) -> list[Utterance]:
    """All utterances below a folder of Rasa NLU YAML files, in the order of the file names."""
    return [row for path in sorted(folder.rglob("*.yml")) for row in _read_yaml(path)]


def _read_yaml(path: Path) -> Iterator[Utterance]:
    try:
        blocks = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("nlu") or []
    except yaml.YAMLError as problem:
        raise ValueError(f"{path} 不是有效的 YAML:{problem}") from problem
    for block in blocks:
        if "intent" in block:
            intent = str(block["intent"]).split("/", 1)[0]
            for line in str(block.get("examples") or "").splitlines():
                if text := line.strip().removeprefix("- ").strip():
                    yield Utterance(text, intent, path)


def read_labelled(paths: Iterable[Path]) -> list[Utterance]:
    """Rows of TSV files with the columns text and intent."""
    rows = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if not {"text", "intent"} <= set(table.fieldnames or ()):
                raise ValueError(f"{path} 缺少列 text、intent")
            rows += [Utterance(row["text"], row["intent"], path) for row in table]
    return rows
