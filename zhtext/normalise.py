"""Text as typed or heard → text fit for understanding, with a map back to the original characters.

`fold` changes single characters only (width, traditional → simplified, invisible characters): values and
masks read it. `normalise` goes on to words, emoji, repeats, spaces and case, for classifiers and matching.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zhtext import lexicon

MAX_CHARS = 10_000
"""Longer input is cut here, so that no message can be slow."""

_KEEP_REPEATS = frozenset("零〇一二三四五六七八九十百千万亿兆两")
_SKIN_AND_JOINERS = frozenset("\u200d\ufe0f\ufe0e\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


@dataclass(frozen=True)
class Traced:
    """A changed text and, per character, where it came from: `starts[i]`, `ends[i]` in the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original (start, end exclusive) of `text[start:end]`."""
        if not self.starts:
            return 0, 0
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else self.ends[-1]
            return at, at
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> str:
    """Text for understanding. Never raises on any string; at most MAX_CHARS characters are read."""
    return trace(text).text


def fold(text: str, *, lower: bool = False) -> Traced:
    """Half-width, simplified, without invisible characters; line ends and tabs become spaces."""
    simplify = _simplified()
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(text[:MAX_CHARS]):
        if char == "，" and at and text[at - 1] in "0123456789":
            # Between plain digits a full-width comma divides figures ($20，300); it groups no thousands.
            chars.append(char)
            starts.append(at)
            ends.append(at + 1)
            continue
        for piece in _plain(char):
            piece = simplify.get(piece, piece)
            chars.append(piece.lower() if lower and len(piece.lower()) == 1 else piece)
            starts.append(at)
            ends.append(at + 1)
    return Traced("".join(chars), tuple(starts), tuple(ends))


def trace(text: str) -> Traced:
    """`normalise` with the map back to `text`."""
    traced = _squeeze(_emoji(fold(text, lower=True)))
    return _replace(traced, _word_pattern(), _word_table())


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    if char.isascii() and char.isprintable():
        return char
    if char in "\r\n\t\x0b\x0c\u2028\u2029":
        return " "
    category = unicodedata.category(char)
    if char in _SKIN_AND_JOINERS or category in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"):
        return ""
    wide = unicodedata.normalize("NFKC", char)
    return "".join(piece for piece in wide if unicodedata.category(piece) not in ("Mn", "Me")) or ""


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    # OpenCC's own character table: its converter does not keep positions, and positions are what we report.
    import importlib.util

    spec = importlib.util.find_spec("opencc")
    if spec is None or spec.origin is None:
        raise RuntimeError("缺少 opencc-python-reimplemented,无法转换繁体字")
    table: dict[str, str] = {}
    for line in (Path(spec.origin).parent / "dictionary" / "TSCharacters.txt").open(encoding="utf-8"):
        source, _, targets = line.strip().partition("\t")
        if len(source) == 1 and targets:
            table[source] = targets.split(" ")[0]
    return table


@lru_cache(maxsize=1)
def _word_table() -> dict[str, str]:
    return dict(lexicon.pairs("taiwan.csv"))


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(_word_table(), key=len, reverse=True)))


def _replace(traced: Traced, pattern: re.Pattern[str], table: dict[str, str]) -> Traced:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = 0
    for found in pattern.finditer(traced.text):
        chars.extend(traced.text[last : found.start()])
        starts.extend(traced.starts[last : found.start()])
        ends.extend(traced.ends[last : found.start()])
        start, end = traced.span(found.start(), found.end())
        for piece in table[found.group()]:
            chars.append(piece)
            starts.append(start)
            ends.append(end)
        last = found.end()
    if not last:
        return traced
    chars.extend(traced.text[last:])
    return Traced("".join(chars), (*starts, *traced.starts[last:]), (*ends, *traced.ends[last:]))


@lru_cache(maxsize=1)
def _emoji_words() -> dict[str, str]:
    return dict(lexicon.pairs("emoji.csv"))


_PICTURE = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u2500-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299]"
)


def _emoji(traced: Traced) -> Traced:
    if not _PICTURE.search(traced.text):
        return traced
    words = _emoji_words()
    table = {char: words.get(char, "") for char in set(_PICTURE.findall(traced.text))}
    return _replace(traced, _PICTURE, table)


def _squeeze(traced: Traced) -> Traced:
    """Repeats: a mark once, a letter twice at most (digits and numerals stay); spaces only where needed."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    run = 0
    for char, start, end in zip(traced.text, traced.starts, traced.ends, strict=True):
        run = run + 1 if chars and chars[-1] == char else 1
        if char.isdigit() or char in _KEEP_REPEATS:
            allowed = MAX_CHARS
        elif char.isalnum():
            allowed = 2
        else:
            allowed = 1
        if run > allowed:
            ends[-1] = end
            continue
        chars.append(char)
        starts.append(start)
        ends.append(end)
    keep = [
        at
        for at, char in enumerate(chars)
        if char != " " or (0 < at < len(chars) - 1 and chars[at - 1].isascii() and chars[at + 1].isascii())
    ]
    return Traced("".join(chars[i] for i in keep), tuple(starts[i] for i in keep), tuple(ends[i] for i in keep))
