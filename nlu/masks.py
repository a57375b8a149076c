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
CODE, PERCENT, FIGURE, FUND = "Ⓒ", "％", "0", "Ⓕ"
_NUMBER = re.compile(r"\d{6}(?!\d)|\d+(?:\.\d+)?%?|[零一二两三四五六七八九十百千万亿]{2,}")
_BETWEEN = r"[^\s,，。.!！?？、;；:：的了吗呢吧和跟与或换转买卖这那哪几只支个是不就还有]"
_KIND = (
    r"(?:[ⓃⒾⓈ]型?|交易型开放式|发起式|基金中基金|指数型?|债券型?|纯债|基金|etf|lof|fof|qdii|reits?|0个月|0[天年]"
    r"|[(（](?:lof|fof|qdii|etf)[)）])"
)
_FULL_NAME = re.compile(rf"Ⓗ(?:{_BETWEEN}{{0,9}}?{_KIND})+(?:[a-e](?![a-z])类?(?:份额)?)?")
"""A fund's full name: a house, then anything that ends in a kind of fund, with its share class."""


def mask(text: str) -> str:
    """Normalised text with signs for codes, percents, figures and names; runs of one sign are one, a full name too."""
    return _FULL_NAME.sub(FUND, "".join(sign for sign, _ in _signs(text)))


def fold(text: str) -> str:
    """Normalised text as written, only that each full name of a fund is one sign."""
    signs = _signs(text)
    line = "".join(sign for sign, _ in signs)
    pieces, at = [], 0
    for found in _FULL_NAME.finditer(line):
        pieces += [*(written for _, written in signs[at : found.start()]), FUND]
        at = found.end()
    return "".join([*pieces, *(written for _, written in signs[at:])])


def _signs(text: str) -> list[tuple[str, str]]:
    """The text cut into (sign or character, what is written there)."""
    longest: dict[int, tuple[int, str]] = {}
    for end, (length, sign) in _automaton().iter(text):
        start = end - length + 1
        if longest.get(start, (0, ""))[0] < length:
            longest[start] = (length, sign)
    pieces: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        if found := longest.get(at):
            length, sign = found
        elif figure := _NUMBER.match(text, at):
            length, sign = len(figure.group()), _figure(figure)
        else:
            length, sign = 1, text[at]
        if length > 1 and pieces and pieces[-1][0] == sign:
            pieces[-1] = (sign, pieces[-1][1] + text[at : at + length])
        else:
            pieces.append((sign, text[at : at + length]))
        at += length
    return pieces


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
            raise ValueError(f"词表 entities.yml 的 names 里不认识的类别：{word.kind}；可用：{'、'.join(_SIGNS)}")
        if word.text not in automaton:
            automaton.add_word(word.text, (len(word.text), _SIGNS[word.kind]))
    automaton.make_automaton()
    return automaton
