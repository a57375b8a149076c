"""Normalises and cuts a message into words of the bank's lexicon; the tokens point into the message as typed."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.understanding import MAX_CHARS
from nlu.words import cut
from zhtext.normalise import trace


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LexiconTokenizer(Tokenizer):
    """Works like Rasa's JiebaTokenizer with an own dictionary, without touching jieba's global one."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> list[str]:
        return ["jieba"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Words with the span that they had before normalising."""
        traced = trace(str(message.get(attribute))[:MAX_CHARS])
        tokens, at = [], 0
        for word in cut(traced.text):
            if word.strip():
                start, end = traced.span(at, at + len(word))
                tokens.append(Token(word, start, end))
            at += len(word)
        return self._apply_token_pattern(tokens)
