"""Which turns went wrong, and how: the rules over turns, ratings and calls for a person. Nothing is stored here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from desk.feedback.tracker import Answer, HandedOver, Reader, Turn
from desk.wording import data

_RULES = data("feedback")["collect"]
_WITHIN = float(_RULES["within_minutes"]) * 60
_UNSURE = float(_RULES["unsure_below"])
_NOT_QUESTIONS = frozenset(_RULES["not_questions"])
_CHANNELS = frozenset(_RULES["channels"])
_OPENS = sorted(_RULES["corrections"], key=len, reverse=True)
_NOT_OPENS = tuple(_RULES["not_corrections"])
_MARKS = re.compile(r"^[\W_]+")
_FALLBACK, _REFUSED, _PERSON = "nlu_fallback", "out_of_scope", "human_handoff"
# So many characters after "不是，" say what was meant.
_ENOUGH = 3


@dataclass(frozen=True)
class Finding:
    """One turn that went wrong. kind: as in feedback.yml; meant: the customer's own better words, and their intent."""

    kind: str
    turn: Turn
    answer: Answer
    meant: str = ""
    meant_intent: str = ""
    reason: str = ""
    account: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.turn.key}" + (f":{self.account}" if self.account else "")


def collected(sender: str) -> bool:
    """Whether this conversation is one that may be kept for feedback."""
    return sender.partition(":")[0] in _CHANNELS


def of_turns(reader: Reader, found: list[Turn | HandedOver]) -> Iterator[Finding]:
    """What is wrong with these, in order."""
    for one in found:
        if not collected(one.sender):
            continue
        if isinstance(one, HandedOver):
            yield from handed_over(reader, reader.before(one.sender, one.n, 2), one.reason)
            continue
        yield from _doubtful(reader, one)
        yield from _corrected(reader, one)


def handed_over(reader: Reader, last: list[Turn], reason: str) -> Iterator[Finding]:
    """The turn that made the customer want a person; last: the two turns before the call, newest first."""
    if not last:
        return
    wrong = last[0]
    if wrong.intent == _PERSON:
        # They asked for the person in words: what went wrong is what they had said before.
        if len(last) < 2 or wrong.at - last[1].at > _WITHIN:
            return
        wrong = last[1]
    if wrong.intent not in _NOT_QUESTIONS and wrong.intent != _PERSON:
        yield Finding("handed_over", wrong, reader.answer(wrong), reason=reason)


def _doubtful(reader: Reader, turn: Turn) -> Iterator[Finding]:
    if turn.intent == _FALLBACK:
        answer = reader.answer(turn)
        # In the middle of a form what is not understood is taken for the form's answer: nothing was asked back.
        if answer.skill in ("dialogue", ""):
            yield Finding("asked_back", turn, answer)
        return
    if turn.best in _NOT_QUESTIONS or turn.intent in _NOT_QUESTIONS:
        return
    wrongly_refused = turn.decision == "refuse" and turn.best != _REFUSED
    if wrongly_refused or (turn.decision == "answer" and turn.confidence < _UNSURE):
        yield Finding("low_confidence", turn, reader.answer(turn))


def _corrected(reader: Reader, turn: Turn) -> Iterator[Finding]:
    rest = correction(turn.text)
    if rest is not None and not rest:
        return  # 不是。 and nothing more: the next turn will tell.
    last = reader.before(turn.sender, turn.n, 2)
    if rest is None:
        # A question after a bare 不是 is the one before it, said better.
        if len(last) < 2 or correction(last[0].text) != "" or turn.intent in _NOT_QUESTIONS:
            return
        wrong, between, meant = last[1], last[0], turn.text
    else:
        if not last or correction(last[0].text) is not None:
            return
        wrong, between, meant = last[0], last[0], rest
    if turn.at - between.at > _WITHIN or between.at - wrong.at > _WITHIN or wrong.intent in _NOT_QUESTIONS:
        return
    answer = reader.answer(wrong)
    if answer.asks == "form":
        return  # 不是 was the answer to a question of the form.
    intent = "" if turn.intent in (_FALLBACK, *_NOT_QUESTIONS) else turn.intent
    yield Finding("corrected", wrong, answer, meant=meant, meant_intent=intent)


def correction(text: str) -> str | None:
    """What stands after 不是, 错了 and the like at the beginning ("" for nothing to speak of); None for no such."""
    rest, opened = _MARKS.sub("", text), False
    while not rest.startswith(_NOT_OPENS):
        opening = next((words for words in _OPENS if rest.startswith(words)), None)
        if opening is None:
            break
        rest, opened = _MARKS.sub("", rest[len(opening) :]), True
    if not opened:
        return None
    return rest if len(rest) >= _ENOUGH else ""


def rated(reader: Reader, sender: str, entry: str, at: float, reason: str) -> Finding | None:
    """The turn whose answer got a bad mark; None when its words are gone."""
    turn = reader.message(sender, entry, at)
    return Finding("badly_rated", turn, reader.answer(turn), reason=reason) if turn else None
