"""Changes of the knowledge base: a new entry, or one more way to ask for an old one; and what they do to the rest."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from desk.wording import data
from wealth import clock
from wealth.knowledge.base import Entry, KnowledgeBase
from wealth.rules.book import RuleBook
from wealth.rules.checks import LISTS
from wealth.rules.words import WordList

FOLDER = "data/knowledge"
_CASES = "tests/wealth/knowledge/cases.tsv"
_RULES = data("feedback")["suggestion"]
# The rules on what may be said at all; the others are about offers and persons.
_SAYING = (6, 7, 8, 10, 11, 14, 15, 16)
_NEW_FILE = """\
# 客户反馈里来的条目，由两位同事看过
defaults: {{source: {source}, next: {next}}}
entries:
"""


class NotOneLine(ValueError):
    """The entry's questions don't stand in one line of the file."""


@dataclass(frozen=True)
class Found:
    """How the questions of a collection find their entries. right of asked; wrong: the questions that don't."""

    asked: int
    right: int
    wrong: frozenset[str]

    def to_json(self) -> str:
        return json.dumps({"asked": self.asked, "right": self.right, "wrong": sorted(self.wrong)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Found:
        """From to_json(). Raises ValueError, KeyError, TypeError for anything else."""
        read = json.loads(text)
        return cls(int(read["asked"]), int(read["right"]), frozenset(read["wrong"]))


def find(root: Path, collection: str, entry: str) -> Entry | None:
    """An entry as it stands. Raises KnowledgeError."""
    return KnowledgeBase.load(root / FOLDER)[collection].get(entry)


def with_entry(root: Path, collection: str, entry: Entry) -> tuple[str, str | None, str]:
    """The file that takes a new entry, its content (None for a new file) and the content with it."""
    name = f"{FOLDER}/{collection}/feedback.yml"
    file = root / name
    old = file.read_text(encoding="utf-8") if file.exists() else None
    head = _NEW_FILE.format(source=_RULES["source"], next=_RULES["next"])
    questions = ", ".join(_scalar(question) for question in entry.questions)
    lines = [
        f"- id: {entry.id}",
        f"  title: {_scalar(entry.title)}",
        f"  questions: [{questions}]",
        f"  updated: {clock.now().date().isoformat()}",
        "  answer:",
        *(f"    - {_scalar(paragraph)}" for paragraph in entry.answer),
    ]
    return name, old, (old.rstrip("\n") + "\n" if old else head) + "\n".join(lines) + "\n"


def with_questions(root: Path, collection: str, entry: str, questions: Sequence[str]) -> tuple[str, str, str]:
    """The file of an entry, its content, and the content with more ways to ask. Raises NotOneLine."""
    place = re.compile(
        rf"^(?P<head>- id: {re.escape(entry)}[ \t]*\n(?:  .*\n)*?  questions: \[)(?P<asked>.*)(?P<tail>\][ \t]*)$", re.M
    )
    for file in sorted((root / FOLDER / collection).glob("*.yml")):
        old = file.read_text(encoding="utf-8")
        found = place.search(old)
        if found is None:
            continue
        more = "".join(f", {_scalar(question)}" for question in questions)
        new = f"{old[: found.start('tail')]}{more}{old[found.start('tail') :]}"
        return file.relative_to(root).as_posix(), old, new
    raise NotOneLine(entry)


def forbidden(texts: Sequence[str]) -> list[str]:
    """Words in them that the assistant may not say."""
    book = RuleBook.load()
    lists = [WordList.of(book[number], name) for number, name in LISTS if number in _SAYING]
    return list(dict.fromkeys(word for words in lists for text in texts for word in words.find(text)))


def measure(root: Path, collection: str) -> Found:
    """Ask every question we have for a collection, in the entries' own words and in others'. Raises KnowledgeError."""
    found = KnowledgeBase.load(root / FOLDER)[collection]
    asked = {question: entry.id for entry in found.entries for question in entry.questions}
    if collection == "concepts":
        asked.update(_cases(root))
    wrong = set()
    for question, entry in asked.items():
        hits = found.search(question, most=1)
        if not hits or hits[0].entry.id != entry:
            wrong.add(question)
    return Found(len(asked), len(asked) - len(wrong), frozenset(wrong))


def answers(root: Path, collection: str, question: str, entry: str) -> bool:
    """Whether a question is answered by this entry, without asking back."""
    found = KnowledgeBase.load(root / FOLDER)[collection]
    hits = found.search(question, most=1)
    return bool(hits) and hits[0].entry.id == entry and hits[0].score >= found.answer_at


def _cases(root: Path) -> Iterator[tuple[str, str]]:
    file = root / _CASES
    if file.exists():
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.reader(opened, delimiter="\t"):
                if len(row) >= 2 and row[0] != "text":
                    yield row[0], row[1]


def _scalar(text: str) -> str:
    """A YAML scalar for a flow list: plain where that reads back as the same string, else in double quotes."""
    try:
        plain: Any = yaml.safe_load(f"[{text}]")
    except yaml.YAMLError:
        plain = None
    return text if plain == [text] and "#" not in text else json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    # python -m desk.feedback.knowledge <tree> <collection>
    sys.stdout.write(measure(Path(sys.argv[1]), sys.argv[2]).to_json())
