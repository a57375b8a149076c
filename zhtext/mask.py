"""Masks card numbers, phone numbers and ID numbers: only the last four digits stay, however they are written.

Full-width, spaced and dashed digits are found too. What is masked keeps its length in digits as stars.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_RUN = re.compile(r"(?<![0-9])(?:\+?86[ \-]?)?[0-9](?:[ \-\u3000\u200b\u200c\u200d·_]{0,3}[0-9]){6,30}[Xx]?(?![0-9])")
_MOBILE = re.compile(r"(?:86)?1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[1-9][0-9]{9,10}")
_ID = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]")
_OLD_ID = re.compile(r"[1-9][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")
_DATES = re.compile(r"(?:(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][ \-]*)+")
_KEPT = 4


@dataclass(frozen=True)
class Secret:
    """A number that must not be shown: kind (phone, id, card) and its place in the text, end exclusive."""

    kind: str
    start: int
    end: int


def mask(text: str) -> str:
    """`text` with every such number masked; the same string where there is none. Masking twice changes nothing."""
    out: list[str] = []
    at = 0
    for secret in find(text):
        out.append(text[at : secret.start])
        out.append(_stars(text[secret.start : secret.end]))
        at = secret.end
    return "".join(out) + text[at:] if out else text


def find(text: str) -> Iterator[Secret]:
    """The numbers to be masked, in reading order."""
    plain = _ascii_digits(text)
    for run in _RUN.finditer(plain):
        yield from _inside(plain, run.start(), run.end())


def _inside(plain: str, start: int, end: int) -> Iterator[Secret]:
    """A run of digits as one number; where that is none, its parts between separators."""
    if _DATES.fullmatch(plain, start, end):
        return
    figures = re.sub(r"[^0-9Xx]", "", plain[start:end])
    if kind := _kind(figures):
        yield Secret(kind, start, end)
        return
    pieces = [(m.start() + start, m.end() + start) for m in re.finditer(r"[0-9]+[Xx]?", plain[start:end])]
    at = 0
    while at < len(pieces):
        for last in range(len(pieces), at, -1):
            joined = re.sub(r"[^0-9Xx]", "", plain[pieces[at][0] : pieces[last - 1][1]])
            if kind := _kind(joined):
                yield Secret(kind, pieces[at][0], pieces[last - 1][1])
                at = last
                break
        else:
            at += 1


def _kind(figures: str) -> str | None:
    if _ID.fullmatch(figures) or _OLD_ID.fullmatch(figures):
        return "id"
    if _MOBILE.fullmatch(figures) or _LANDLINE.fullmatch(figures):
        return "phone"
    # Cards have 13 to 19 digits (ISO/IEC 7812). The check digit is not asked for: a mistyped card is one too.
    return "card" if 13 <= len(figures) <= 30 and figures.isdigit() else None


def _stars(shown: str) -> str:
    digits = [char for char in shown if char.isdigit() or char in "XxＸｘ"]
    tail = unicodedata.normalize("NFKC", "".join(digits[-_KEPT:]))
    return "*" * (len(digits) - _KEPT) + tail


def _ascii_digits(text: str) -> str:
    """Every kind of decimal digit as ASCII, position by position."""
    if text.isascii():
        return text
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    folded = {"Ｘ": "X", "ｘ": "x", "－": "-", "—": "-", "–": "-", "　": " ", "．": ".", "＋": "+", "\u00a0": " "}
    return folded.get(char, char)
