"""What can be told from words alone: finished or not, an order to the robot, a mere "嗯", the wake word."""

from __future__ import annotations

from functools import lru_cache

from robot import wording
from robot.settings import Hearing
from zhtext import sound
from zhtext.correct import correct
from zhtext.normalise import normalise


def end_wait(text: str, settings: Hearing) -> float:
    """Seconds of silence after which these words count as finished."""
    plain = normalise(text).rstrip("，。？！,.?! ")
    if not plain:
        return settings.end_usual
    longest_unfinished = max((len(end) for end in _words("unfinished_ends") if plain.endswith(end)), default=0)
    longest_complete = max((len(end) for end in _words("complete_ends") if plain.endswith(end)), default=0)
    if longest_unfinished > longest_complete:
        return settings.end_unfinished
    return settings.end_complete if longest_complete else settings.end_usual


def command(text: str) -> str | None:
    """stop, repeat, slower, faster, louder, softer or goodbye, where the words are that and nothing more."""
    bare = _bare(text)
    for name, ways in wording.table("turns.yml")["commands"].items():
        if bare in ways or normalise(text) in ways:
            return str(name)
    return None


def is_backchannel(text: str) -> bool:
    """A listener's "嗯": no reason to stop talking."""
    return normalise(text).strip("，。,.!！ ") in _words("backchannels")


def is_short_answer(text: str) -> bool:
    """One syllable that answers a question."""
    return normalise(text).strip("，。,.!！ ") in _words("short_answers")


def is_only_a_beginning(text: str) -> bool:
    """The first word of a sentence that did not come."""
    return normalise(text).strip("，。,.!！ ") in _words("only_beginnings")


def after_wake_word(text: str, words: list[str]) -> str | None:
    """What was said after the wake word (may be empty); None where it was not said. Compared by sound."""
    plain = normalise(text)
    heard = sound.code(plain)
    for word in words:
        at = heard.rfind(sound.code(word))
        if at >= 0:
            return plain[at + len(word) :].strip("，。,. ")
    return None


def _bare(text: str) -> str:
    plain = normalise(text).strip("，。？！,.?! ")
    changed = True
    while changed:
        changed = False
        for filler in sorted(_words("fillers"), key=len, reverse=True):
            if plain != filler and plain.startswith(filler):
                plain, changed = plain[len(filler) :], True
            elif plain != filler and plain.endswith(filler):
                plain, changed = plain[: -len(filler)], True
    return plain


@lru_cache(maxsize=8)
def _words(name: str) -> frozenset[str]:
    return frozenset(wording.table("turns.yml")[name])


def as_question(text: str, wake_words: list[str]) -> str:
    """What was asked: corrected by sound, and without the robot's name before it."""
    plain = correct(text)[0]
    rest = after_wake_word(plain, wake_words)
    return plain if rest is None else rest
