"""The knowledge base: entries that designers write, found by meaning-bearing characters, or honestly not found.

Retrieval is TF-IDF over character 1–3-grams of every way an entry may be asked, plus a bonus where one of its terms
stands in the question. A few hundred entries fit in memory; a search costs well under a millisecond per entry set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer

from zhtext.correct import correct
from zhtext.normalise import normalise

FOLDER = Path(__file__).resolve().parent.parent.parent / "data" / "knowledge"
COLLECTIONS = ("concepts", "branch", "smalltalk", "assessment")
REQUIRED = ("id", "title", "questions", "answer")
TERM_BONUS = 0.35
_LONGEST = 200


class KnowledgeError(ValueError):
    """An entry that can't be used; the message names file and entry in Chinese."""


@dataclass(frozen=True)
class Entry:
    """One piece of knowledge.

    answer: paragraphs to show; the first is also spoken (or `spoken` where it reads better). more: what "为什么" or
    "再讲讲" adds. updated: the day someone last stood by it. next: one question that leads on. control: orders to the
    channel, as in Reply.control.
    """

    id: str
    title: str
    questions: Sequence[str]
    answer: Sequence[str]
    terms: Sequence[str] = ()
    more: str = ""
    spoken: str = ""
    source: str = ""
    updated: date | None = None
    next: str = ""
    control: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """An entry with its likeness to the question: 0 (nothing in common) to about 1.3."""

    entry: Entry
    score: float


class Collection:
    """Entries of one kind, searchable. From the score answer_at on an entry is given, from offer_at on offered."""

    def __init__(
        self, entries: Sequence[Entry], answer_at: float, offer_at: float, fillers: Sequence[str] = ()
    ) -> None:
        self.entries = entries
        self.answer_at, self.offer_at = answer_at, offer_at
        self._fillers = sorted({_plain(word) for word in fillers}, key=len, reverse=True)
        asked = [(number, text) for number, entry in enumerate(entries) for text in (*entry.questions, entry.title)]
        self._owner = np.array([number for number, _ in asked], dtype=int)
        self._vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        self._matrix = self._vectorizer.fit_transform([self._core(text) for _, text in asked]) if asked else None
        self._terms = [(number, _plain(term)) for number, entry in enumerate(entries) for term in entry.terms]

    def search(self, text: str, most: int = 3) -> list[Hit]:
        """The likeliest entries, best first; empty for an empty question or collection."""
        text = text[:_LONGEST]
        hits = self._alike(self._core(text), most)
        if hits and hits[0].score >= self.answer_at:
            return hits
        # Speech and hasty typing put a like-sounding word for a term: 竟值 is 净值.
        written, changes = correct(text)
        heard = self._alike(self._core(written), most) if changes else []
        return heard if heard and (not hits or heard[0].score > hits[0].score) else hits

    def _alike(self, plain: str, most: int) -> list[Hit]:
        if not plain or self._matrix is None:
            return []
        alike = (self._matrix @ self._vectorizer.transform([plain]).T).toarray().ravel()
        scores = np.zeros(len(self.entries))
        np.maximum.at(scores, self._owner, alike)
        # A long term says more about the question than a short one; only the longest of an entry counts.
        bonus = np.zeros(len(self.entries))
        for number, term in self._terms:
            if term and term in plain:
                bonus[number] = max(bonus[number], TERM_BONUS * min(1.0, 0.4 + len(term) / max(len(plain), 6)))
        scores += bonus
        order = np.argsort(-scores, kind="stable")[:most]
        return [Hit(self.entries[number], float(scores[number])) for number in order if scores[number] > 0]

    def _core(self, text: str) -> str:
        """What carries meaning: the plain text without its fillers, unless it is nothing else."""
        plain = rest = _plain(text)
        for word in self._fillers:
            rest = rest.replace(word, "")
        return rest or plain

    def get(self, key: str) -> Entry | None:
        """The entry of that id."""
        return next((entry for entry in self.entries if entry.id == key), None)


class KnowledgeBase:
    """All collections by name."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self._collections = collections

    @classmethod
    def load(cls, folder: Path = FOLDER) -> KnowledgeBase:
        """Read data/knowledge. Raises KnowledgeError."""
        settings = yaml.safe_load((folder / "settings.yml").read_text(encoding="utf-8"))
        missing = [name for name in COLLECTIONS if set(settings.get(name) or ()) != {"answer_at", "offer_at"}]
        if missing:
            raise KnowledgeError(f"settings.yml：{missing[0]} 应当写明 answer_at 和 offer_at")
        fillers = settings.get("fillers") or ()
        return cls(
            {name: Collection(_entries(folder / name), **settings[name], fillers=fillers) for name in COLLECTIONS}
        )

    def __getitem__(self, name: str) -> Collection:
        return self._collections[name]


def _entries(folder: Path) -> list[Entry]:
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yml")):
        file = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if not isinstance(file, Mapping) or not isinstance(file.get("entries"), list):
            raise KnowledgeError(f"{path.name}：文件里应当有 entries（条目列表），可以有 defaults（共同的字段）")
        for raw in file["entries"]:
            entry = _entry(path, raw, file.get("defaults") or {})
            if entry.id in entries:
                raise KnowledgeError(f"{path.name}：条目 {entry.id} 重复")
            entries[entry.id] = entry
    return list(entries.values())


def _entry(path: Path, raw: Any, defaults: Mapping[str, Any]) -> Entry:
    if not isinstance(raw, Mapping):
        raise KnowledgeError(f"{path.name}：每个条目都应当有 id、title、questions、answer")
    raw = {**defaults, **raw}
    missing = [name for name in REQUIRED if not raw.get(name)]
    unknown = [name for name in raw if name not in Entry.__dataclass_fields__]
    if missing or unknown:
        problem = f"缺少 {'、'.join(missing)}" if missing else f"不认识的字段 {'、'.join(unknown)}"
        raise KnowledgeError(f"{path.name}：条目 {raw.get('id', '？')} {problem}")
    answer = raw["answer"]
    values = {**raw, "answer": [answer] if isinstance(answer, str) else list(answer)}
    values = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    values["answer"] = [" ".join(str(text).split()) for text in values["answer"]]
    return Entry(**values)


def _plain(text: str) -> str:
    """What carries meaning: normalised, lower case, letters and digits only."""
    plain = normalise(text)
    return "".join(character for character in str(plain).lower() if character.isalnum())
