"""Words that must not be said, found in one pass; denials ("不保本") and allowed phrases are let through."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick

from wealth.rules.book import Rule


class WordList:
    """The words of one rule. `denials` just before a word (within the window) turn it into its opposite."""

    def __init__(
        self,
        words: Iterable[str],
        denials: Iterable[str] = (),
        window: int = 6,
        allowed: Iterable[str] = (),
        no_denials: Iterable[str] = (),
    ) -> None:
        self._denials, self._no_denials, self._window = tuple(denials), tuple(no_denials), window
        self._words = _automaton(words)
        self._allowed = _automaton(allowed)

    @classmethod
    def of(cls, rule: Rule, name: str = "words") -> WordList:
        """From a rule's settings: its list, and `denials`, `denial_window` and `allowed` where it has them."""
        window = int(rule.settings.get("denial_window", 6))
        return cls(rule.words(name), rule.words("denials"), window, rule.words("allowed"), rule.words("no_denials"))

    def find(self, text: str) -> list[str]:
        """The words said in earnest, in order. Linear in the text's length."""
        if self._words is None:
            return []
        hits = [(end - len(word) + 1, end + 1, word) for end, word in self._words.iter(text)]
        if not hits:
            return []
        allowed = [(end - len(word) + 1, end + 1) for end, word in self._allowed.iter(text)] if self._allowed else []
        return [
            word
            for start, end, word in hits
            if not any(left <= start and end <= right for left, right in allowed) and not self._denied(text, start)
        ]

    def _denied(self, text: str, start: int) -> bool:
        before = text[max(0, start - self._window) : start]
        # A denial reaches over the words of its own clause only ("不承诺保本、保息" is one clause).
        clause = before[max(before.rfind(mark) for mark in "。！？；，!?;,") + 1 :]
        for word in self._no_denials:
            clause = clause.replace(word, "")
        return any(denial in clause for denial in self._denials)


def _automaton(words: Iterable[str]) -> ahocorasick.Automaton | None:
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, word)
    if not len(automaton):
        return None
    automaton.make_automaton()
    return automaton
