"""The risk questionnaire: questions, what an answer in the customer's words means, and the level that answers give.

All in data/assessment/questionnaire.yml. The level is the highest whose score is reached, capped by the most careful
answer ("一分都不能亏" is C1 whatever else was said).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import cn2an
import yaml

from wealth.classes import DATA
from wealth.request import Request
from zhtext.normalise import normalise

PATH = DATA / "assessment" / "questionnaire.yml"
LETTERS = "ABCDE"
LEVELS = ("C1", "C2", "C3", "C4", "C5")


class QuestionnaireError(ValueError):
    """The file can't be used; the message says in Chinese what is wrong."""


@dataclass(frozen=True)
class Option:
    """One answer. value: its letter, which is what is kept. start/end: the numbers it covers (end exclusive)."""

    value: str
    title: str
    score: int
    also: Sequence[str] = ()
    cap: str | None = None
    months: int | None = None
    start: Decimal | None = None
    end: Decimal | None = None


@dataclass(frozen=True)
class Question:
    """One step. number: "age" (years) or "amount" (CNY) if a figure answers it too. known: a fact the bank may have."""

    id: str
    text: str
    options: Sequence[Option]
    number: str | None = None
    known: str | None = None

    def option(self, value: str) -> Option | None:
        return next((option for option in self.options if option.value == value), None)


@dataclass(frozen=True)
class Outcome:
    """What answers come to. cap: the answer that kept the level from being higher, if one did."""

    score: int
    rating: str
    horizon_months: int | None
    cap: Option | None


@dataclass(frozen=True)
class Questionnaire:
    """All questions, the levels' thresholds and names, and the words of the commands while answering."""

    id: str
    minutes: int
    questions: Sequence[Question]
    thresholds: Mapping[str, int]
    names: Mapping[str, str]
    commands: Mapping[str, Sequence[str]]

    def outcome(self, answers: Mapping[str, str]) -> Outcome:
        """Score and level of complete answers (question id → letter). Raises QuestionnaireError for a gap."""
        chosen = {question.id: question.option(answers.get(question.id, "")) for question in self.questions}
        missing = [key for key, option in chosen.items() if option is None]
        if missing:
            raise QuestionnaireError(f"这些题还没有答：{'、'.join(missing)}")
        picked = [option for option in chosen.values() if option is not None]
        score = sum(option.score for option in picked)
        reached = max(level for level in LEVELS if score >= self.thresholds[level])
        capping = min((option for option in picked if option.cap), key=lambda option: str(option.cap), default=None)
        capped = capping is not None and str(capping.cap) < reached
        months = next((option.months for option in picked if option.months), None)
        return Outcome(score, str(capping.cap) if capped and capping else reached, months, capping if capped else None)

    def command(self, text: str) -> str | None:
        """back, stop, restart, go_on, hint, confirm or decline, if the text says one."""
        plain = _plain(text)
        for name in ("hint", "decline", "back", "restart", "stop", "go_on"):
            if any(_plain(word) in plain for word in self.commands[name] if len(word) > 1):
                return name
        for name, words in self.commands.items():
            if plain in {_plain(word) for word in words}:
                return name
        return None


@lru_cache(maxsize=1)
def questionnaire() -> Questionnaire:
    return load(PATH)


def load(path: Path) -> Questionnaire:
    """Read and check the file. Raises QuestionnaireError."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    levels = raw.get("levels") or {}
    if tuple(levels) != LEVELS:
        raise QuestionnaireError("levels 应当依次写明 C1 到 C5")
    thresholds = {level: int(entry["from"]) for level, entry in levels.items()}
    if list(thresholds.values()) != sorted(thresholds.values()) or thresholds["C1"] != 0:
        raise QuestionnaireError("等级的起点分数应当从 0 开始，一级比一级高")
    questions = [_question(entry) for entry in raw.get("questions") or []]
    if not questions or len({question.id for question in questions}) != len(questions):
        raise QuestionnaireError("题目的 id 缺少或重复")
    return Questionnaire(
        id=str(raw["id"]),
        minutes=int(raw["minutes"]),
        questions=questions,
        thresholds=thresholds,
        names={level: str(entry["name"]) for level, entry in levels.items()},
        commands={name: [str(word) for word in words] for name, words in raw["commands"].items()},
    )


def _question(raw: Mapping[str, Any]) -> Question:
    options = raw.get("options") or []
    if not 2 <= len(options) <= len(LETTERS):
        raise QuestionnaireError(f"题目 {raw.get('id')}：选项应当有 2 到 {len(LETTERS)} 个")
    made = [
        Option(
            value=letter,
            title=str(option["title"]),
            score=int(option["score"]),
            also=[str(word) for word in option.get("also", [])],
            cap=option.get("cap"),
            months=option.get("months"),
            start=_decimal(option.get("from")),
            end=_decimal(option.get("to")),
        )
        for letter, option in zip(LETTERS, options, strict=False)
    ]
    bad = [option.cap for option in made if option.cap is not None and option.cap not in LEVELS]
    if bad:
        raise QuestionnaireError(f"题目 {raw['id']}：没有 {bad[0]} 这个等级")
    return Question(str(raw["id"]), str(raw["question"]), made, raw.get("number"), raw.get("known"))


def choose(question: Question, request: Request) -> Option | None:
    """The one option that the customer's words mean; None if none or several do."""
    plain = _plain(request.text)
    if not plain:
        return None
    exact = [option for option in question.options if plain in {_plain(word) for word in (option.title, *option.also)}]
    if len(exact) == 1:
        return exact[0]
    position = _position(request, plain)
    if position is not None:
        return question.options[position] if 0 <= position < len(question.options) else None
    figure = _figure(question, request)
    if figure is not None:
        return covering(question, figure)
    # Several names may stand in one another ("没买过" in "从没买过股票"): the longest one said decides.
    said = [
        (len(_plain(word)), option)
        for option in question.options
        for word in (option.title, *option.also)
        if len(_plain(word)) > 1 and _plain(word) in plain
    ]
    longest = {option.value: option for length, option in said if length == max(size for size, _ in said)}
    return next(iter(longest.values())) if len(longest) == 1 else None


def covering(question: Question, figure: Decimal) -> Option | None:
    """The option whose range holds a figure."""
    return next(
        (
            option
            for option in question.options
            if option.start is not None and option.start <= figure and (option.end is None or figure < option.end)
        ),
        None,
    )


_LETTER = re.compile(r"^(?:我?选|答案?是?|就)?([a-e])(?:项|选项|吧|这个|那个)?$")
_COUNTED = re.compile(r"^(?:我?选|就|是)?第([1-9一二三四五六七八九两])(?:个|项|条|种)?(?:选项)?(?:吧)?$")
_BARE = re.compile(r"^[1-5]$")
_TENS = "[一二三四五六七八九]"
_YEARS = re.compile(rf"(?<![A-Za-z0-9])([0-9]{{2,3}})(?![0-9])|({_TENS}?十{_TENS}|{_TENS}十|一百)")


def _position(request: Request, plain: str) -> int | None:
    letter = _LETTER.match(plain)
    if letter:
        return "abcde".index(letter[1])
    counted = _COUNTED.match(plain)
    if counted:
        return int(cn2an.cn2an(counted[1], "smart")) - 1
    if _BARE.match(plain):
        return int(plain) - 1
    if request.ordinal is not None and len(plain) <= 8:
        return request.ordinal - 1 if request.ordinal > 0 else None
    return None


def _figure(question: Question, request: Request) -> Decimal | None:
    if question.number == "amount":
        return request.amount
    if question.number == "age":
        found = _YEARS.search(normalise(request.text[:100]))
        if found and found[1]:
            return Decimal(found[1])
        return Decimal(str(cn2an.cn2an(found[2], "smart"))) if found else None
    return None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _plain(text: str) -> str:
    return "".join(sign for sign in normalise(text[:100]).lower() if sign.isalnum() or sign == "%")
