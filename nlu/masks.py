"""Names and figures become signs of their kind, so that an unseen fund house or amount reads like a seen one."""

from __future__ import annotations

import re
from functools import lru_cache

import ahocorasick

from nlu import lexicon

_SIGNS = {
    "house": "Ⓗ",
    "bank": "Ⓑ",
    "platform": "Ⓟ",
    "sector": "Ⓢ",
    "index": "Ⓘ",
    "wealth_name": "Ⓝ",
    "fund_word": "Ⓝ",
    "manager": "Ⓜ",
}
CODE, PERCENT, FIGURE = "Ⓒ", "％", "0"
_NUMBER = re.compile(r"\d{6}(?!\d)|\d+(?:\.\d+)?%?|[零一二两三四五六七八九十百千万亿]{2,}")


def mask(text: str) -> str:
    """Normalised text with signs for codes, percents, figures and known names; runs of one sign are one."""
    text = _NUMBER.sub(_figure, text)
    longest: dict[int, tuple[int, str]] = {}
    for end, (length, sign) in _automaton().iter(text):
        start = end - length + 1
        if longest.get(start, (0, ""))[0] < length:
            longest[start] = (length, sign)
    pieces: list[str] = []
    at = 0
    while at < len(text):
        if found := longest.get(at):
            if not pieces or pieces[-1] != found[1]:
                pieces.append(found[1])
            at += found[0]
        else:
            pieces.append(text[at])
            at += 1
    return "".join(pieces)


def _figure(found: re.Match[str]) -> str:
    figure = found.group()
    if figure.endswith("%"):
        return PERCENT
    return CODE if len(figure) == 6 and figure.isdecimal() else FIGURE


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word in lexicon.names():
        if word.kind not in _SIGNS:
            raise ValueError(f"词表 entities.yml 的 names 里不认识的类别:{word.kind};可用:{'、'.join(_SIGNS)}")
        if word.text not in automaton:
            automaton.add_word(word.text, (len(word.text), _SIGNS[word.kind]))
    automaton.make_automaton()
    return automaton
