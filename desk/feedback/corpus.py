"""The training text as it stands in the tree: what is there already, where a new text would clash, where it goes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from desk.feedback import likeness

_NLU = "data/nlu"
_HELD_OUT = "tests/nlu/heldout"
_NEW_FILE = """\
# 客户反馈里来的说法，由两位同事看过
version: "3.1"
nlu:
- intent: {intent}
  examples: |
"""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableCorpus(ValueError):
    """The training text can't be read; the message names the file in Chinese."""


@dataclass(frozen=True)
class Utterance:
    """A training text, its intent (cut at "/"), and its file relative to the tree."""

    text: str
    plain: str
    intent: str
    file: str


class Corpus:
    """All training text of one state of the tree."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.rows = [row for path in _files(root) for row in _read(root, path)]
        if not self.rows:
            raise UnreadableCorpus(f"{_NLU} 里没有训练语料")
        self._by_plain = {row.plain: row for row in reversed(self.rows)}
        self._held_out = frozenset(_held_out(root))
        self.weights = likeness.Weights([row.plain for row in self.rows])

    @property
    def intents(self) -> list[str]:
        """Every intent there is text for."""
        return sorted({row.intent for row in self.rows})

    def same(self, text: str) -> Utterance | None:
        """The training text that says the same, if there is one."""
        return self._by_plain.get(likeness.plain(text))

    def is_held_out(self, text: str) -> bool:
        """Whether this is one of the questions that measure the model."""
        return likeness.plain(text) in self._held_out

    def clash(self, text: str, intent: str, near: float) -> Utterance | None:
        """The likest text of another intent, if it is nearly the same."""
        alike = (self.weights.rows @ self.weights.of([likeness.plain(text)]).T).toarray().ravel()
        for place in (-alike).argsort(kind="stable"):
            if alike[place] < near:
                return None
            if self.rows[place].intent != intent:
                return self.rows[place]
        return None

    def with_texts(self, intent: str, texts: Sequence[str]) -> tuple[str, str | None, str]:
        """The file that takes an intent's new texts, its content (None for a new one) and the content with them."""
        lines = "".join(f"    - {text}\n" for text in texts)
        folder = self._root / _NLU / intent
        if folder.is_dir():
            file = folder / "feedback.yml"
        else:
            # Control intents are a file each.
            file = self._root / next(row.file for row in self.rows if row.intent == intent)
        name = file.relative_to(self._root).as_posix()
        if not file.exists():
            return name, None, _NEW_FILE.format(intent=intent) + lines
        old = file.read_text(encoding="utf-8")
        new = old.rstrip("\n") + "\n" + lines
        wanted = [*((row.text, row.intent) for row in _parse(name, old)), *((text, intent) for text in texts)]
        if [(row.text, row.intent) for row in _parse(name, new)] != wanted:
            raise UnreadableCorpus(f"{name} 的末尾接不上新的说法，请直接改文件")
        return name, old, new


def corpus(root: Path) -> Corpus:
    """The corpus of this moment, read again when a file changed. Raises UnreadableCorpus."""
    stamps = ((path, path.stat()) for path in _files(root))
    return _cached(root, tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stamps))


@lru_cache(maxsize=1)
def _cached(root: Path, stamp: Any) -> Corpus:
    return Corpus(root)


def _files(root: Path) -> list[Path]:
    return sorted((root / _NLU).rglob("*.yml"))


def _read(root: Path, path: Path) -> Iterator[Utterance]:
    return _parse(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))


def _parse(name: str, content: str) -> Iterator[Utterance]:
    try:
        blocks = (yaml.load(content, Loader=_Loader) or {}).get("nlu") or []
    except (yaml.YAMLError, AttributeError) as error:
        raise UnreadableCorpus(f"{name} 不是有效的 YAML") from error
    for block in blocks:
        if "intent" in block:
            intent = str(block["intent"]).split("/", 1)[0]
            for line in str(block.get("examples") or "").splitlines():
                if text := line.strip().removeprefix("- ").strip():
                    yield Utterance(text, likeness.plain(text), intent, name)


def _held_out(root: Path) -> Iterator[str]:
    for path in sorted((root / _HELD_OUT).glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield likeness.plain(row.get("text") or "")
