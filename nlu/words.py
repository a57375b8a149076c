"""Chinese words with the bank's lexicon. The tokeniser is our own instance: jieba's global one stays untouched."""

from __future__ import annotations

import logging
from functools import lru_cache

import jieba

from nlu import lexicon

jieba.setLogLevel(logging.WARNING)


@lru_cache(maxsize=1)
def tokeniser() -> jieba.Tokenizer:
    """The tokeniser, loaded at the first call (about a second)."""
    own = jieba.Tokenizer()
    own.initialize()
    for word in lexicon.words():
        own.add_word(word)
    return own


def cut(text: str) -> list[str]:
    """The words of a text, in order; joined they are the text again."""
    return list(tokeniser().cut(text))
