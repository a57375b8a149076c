"""A suggestion as a change of files: refused with a reason where it would do harm, else a patch that git applies."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk.feedback import knowledge
from desk.feedback.corpus import UnreadableCorpus, corpus
from desk.feedback.likeness import plain
from desk.feedback.masking import personal
from desk.wording import data
from wealth.knowledge.base import Entry, KnowledgeError
from zhtext.mask import mask

_DATA = data("feedback")
_RULES = _DATA["suggestion"]
_LONGEST = int(_DATA["collect"]["longest"])
# What Rasa's training reader takes for an entity, and for a signal instead of words.
_MARKUP = re.compile(r"[\[\]{}]|^/")

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_NO_END = "\\ No newline at end of file\n"


class Refused(ValueError):
    """A suggestion that can't be taken; the message says why, in Chinese."""

    def __init__(self, code: str, **figures: Any) -> None:
        super().__init__(_DATA["refusals"][code].format(**figures))
        self.code = code


@dataclass(frozen=True)
class Suggestion:
    """texts: what customers say. Then either their intent; or an answer for a new entry (with a title); or the id of
    an entry that answers them already."""

    texts: tuple[str, ...]
    intent: str = ""
    answer: str = ""
    title: str = ""
    collection: str = "concepts"
    entry: str = ""

    @property
    def teaches_intent(self) -> bool:
        return bool(self.intent)

    def to_dict(self) -> dict[str, Any]:
        """JSON, as kept and as shown."""
        return {**self.__dict__, "texts": list(self.texts)}

    @classmethod
    def of(cls, body: dict[str, Any]) -> Suggestion:
        """From to_dict()."""
        return cls(**{**body, "texts": tuple(body["texts"])})


@dataclass(frozen=True)
class Change:
    """One file's new content; old None: the file is new. name: relative to the tree, with slashes."""

    name: str
    old: str | None
    new: str

    @property
    def patch(self) -> str:
        """A unified diff for `git apply`."""
        old = self.old or ""
        lines = difflib.unified_diff(
            _LINE.findall(old),
            _LINE.findall(self.new),
            "/dev/null" if self.old is None else f"a/{self.name}",
            f"b/{self.name}",
        )
        head = f"diff --git a/{self.name} b/{self.name}\n" + ("new file mode 100644\n" if self.old is None else "")
        # A last line without its end of line must be said so.
        return head + "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in lines)


def tidy(text: str) -> tuple[str, ...]:
    """One text a line, each on one line without what can't be printed."""
    lines = ("".join(char if char.isprintable() else " " for char in line) for line in text.splitlines())
    return tuple(line for raw in lines if (line := " ".join(raw.split()).removeprefix("- ").strip()))


def change(root: Path, suggestion: Suggestion, group: int) -> Change:
    """The change of one file in the tree. Raises Refused."""
    try:
        _check_texts(suggestion)
        return _utterances(root, suggestion) if suggestion.teaches_intent else _knowledge(root, suggestion, group)
    except (UnreadableCorpus, KnowledgeError) as error:
        raise Refused("bad_entry", reason=error) from None


def _check_texts(suggestion: Suggestion) -> None:
    wanted = [bool(suggestion.intent), bool(suggestion.answer or suggestion.entry)]
    if not any(wanted):
        raise Refused("nothing")
    if all(wanted):
        raise Refused("both")
    if not suggestion.texts:
        raise Refused("no_text")
    if len(suggestion.texts) > int(_RULES["most_texts"]):
        raise Refused("too_many", most=_RULES["most_texts"])
    seen = set()
    for text in suggestion.texts:
        _check_words(text)
        if plain(text) in seen:
            raise Refused("twice", text=text)
        seen.add(plain(text))


def _check_words(text: str) -> None:
    if len(text) > _LONGEST:
        raise Refused("too_long", text=f"{text[:12]}…", longest=_LONGEST)
    if _MARKUP.search(text):
        raise Refused("markup", text=text)
    if not any(char.isalnum() for char in text):
        raise Refused("no_words", text=text)
    if personal(text):
        raise Refused("personal", text=text)


def _utterances(root: Path, suggestion: Suggestion) -> Change:
    known, near = corpus(root), float(_RULES["near"])
    if suggestion.intent not in known.intents:
        raise Refused("no_intent", intent=suggestion.intent)
    for text in suggestion.texts:
        same = known.same(text)
        if same is not None and same.intent == suggestion.intent:
            raise Refused("same", text=text, intent=same.intent)
        clash = same or known.clash(text, suggestion.intent, near)
        if clash is not None:
            raise Refused("clash", text=text, intent=clash.intent, other=clash.text)
        if known.is_held_out(text):
            raise Refused("held_out", text=text)
    return Change(*known.with_texts(suggestion.intent, suggestion.texts))


def _knowledge(root: Path, suggestion: Suggestion, group: int) -> Change:
    if suggestion.collection not in _RULES["collections"]:
        raise Refused("no_collection", collection=suggestion.collection)
    if suggestion.entry:
        if knowledge.find(root, suggestion.collection, suggestion.entry) is None:
            raise Refused("no_entry", entry=suggestion.entry)
        try:
            return Change(*knowledge.with_questions(root, suggestion.collection, suggestion.entry, suggestion.texts))
        except knowledge.NotOneLine:
            raise Refused("not_one_line", entry=suggestion.entry) from None
    return Change(*knowledge.with_entry(root, suggestion.collection, _entry(suggestion, group)))


def _entry(suggestion: Suggestion, group: int) -> Entry:
    if len(suggestion.texts) < int(_RULES["entry_questions"]):
        raise Refused("few_questions", least=_RULES["entry_questions"])
    paragraphs = tidy(suggestion.answer)
    if any(len(paragraph) > int(_RULES["paragraph"]) for paragraph in paragraphs):
        raise Refused("long_answer", most=_RULES["paragraph"])
    title = " ".join(suggestion.title.split()) or suggestion.texts[0]
    said = (title, *paragraphs)
    for text in said:
        # An amount in an answer is an example of ours; a number that needs masking never is.
        if mask(text) != text or "**" in text:
            raise Refused("personal", text=text[:40])
        # Filled in at run time, and nothing would be there to fill it.
        if "{" in text or "}" in text:
            raise Refused("markup", text=text[:40])
    if words := knowledge.forbidden(said):
        raise Refused("forbidden", words="、".join(words))
    return Entry(id=entry_id(group), title=title, questions=suggestion.texts, answer=paragraphs)


def entry_id(group: int) -> str:
    """The id of the entry that comes from a group."""
    return f"feedback_{group}"
