"""Text on the screen → text that a Chinese voice reads correctly: figures, dates, codes and letters in words.

The finance layer (words, units, signs) is data/lexicon/aloud.yml; figures become words by cn2an. Idempotent on
text that has nothing left to rewrite.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from zhtext import lexicon
from zhtext.normalise import fold

_DIGITS = "零一二三四五六七八九"
_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ENDS = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]+[”」』）)]*|[^。！？；!?;\n]+")
_LETTERED = r"(?<![A-Za-z&])(?!USD|CNY|RMB|HKD)([A-Za-z]{1,6})-?(0\d*|\d{4,}|(?<![A-Za-z]{3})\d{3})(?![\d.,%])"
"""Letters and figures that name something: a queue number, a product's or a stock's code. Read digit by digit."""
_LONG = 45
"""A clause longer than this many characters is split at commas too, so that speech can begin early."""
_SHORT = 8
"""A shorter beginning than this is no clause of its own."""


def speak(text: str, *, change: bool = False) -> str:
    """`text` as it should be read. `change`: a sign says rise or fall (+3.2% → 涨百分之三点二), else 正 or 负."""
    plain = fold(text).text
    for step in _steps():
        plain = step(plain)
    plain = _signs(plain, change)
    for pattern, rewrite in _figures():
        plain = pattern.sub(rewrite, plain)
    return _tidy(plain)


def sentences(text: str, *, opening: int = _LONG) -> list[str]:
    """The clauses of `text`, each with its closing mark: split at 。！？； and, where still long, at commas.

    opening: the length from which the first clause is split; a short one is spoken sooner.
    """
    found: list[str] = []
    for clause in _ENDS.findall(text):
        clause = clause.strip()
        if not clause:
            continue
        while len(clause) > (longest := _LONG if found else opening) and (cut := _comma(clause, longest)):
            found.append(clause[:cut])
            clause = clause[cut:]
        found.append(clause)
    return found


def _comma(clause: str, longest: int) -> int:
    """Where to cut a long clause: after the last comma in its first part, after the first one beyond."""
    marks = [at + 1 for at, char in enumerate(clause[:-1]) if char in "，,、：:" and not clause[at + 1].isdigit()]
    early = [at for at in marks if _SHORT <= at <= longest]
    return early[-1] if early else (marks[0] if marks and marks[0] >= _SHORT else 0)


def in_words(figure: str) -> str:
    """A figure in words: 22000 → 两万二千, 1,050.5 → 一千零五十点五; beyond 16 digits one by one."""
    figure = figure.replace(",", "")
    whole, _, decimals = figure.partition(".")
    if len(whole) > 16:
        return digits(figure)
    import cn2an

    # 2,000 is 两千 at the head of a figure, 二百 and 二十 inside.
    spelled = re.sub(r"^二(?=[百千万亿])|(?<=[万亿零])二(?=千)", "两", cn2an.an2cn(str(int(whole)), "low"))
    return spelled + ("点" + "".join(_DIGITS[int(d)] for d in decimals) if decimals else "")


def digits(figure: str, one: str = "一") -> str:
    """Digits one by one; `one` is how 1 is said (幺 in phone numbers)."""
    return "".join((one if c == "1" else _DIGITS[int(c)]) if c.isdigit() else c for c in figure)


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    return lexicon.table("aloud.yml")


@lru_cache(maxsize=1)
def _steps() -> tuple[Callable[[str], str], ...]:
    """What comes before signs: mark-up, fixed words, phones, dates, times, codes, money signs."""
    rules = _rules()
    words = {str(k): str(v) for k, v in rules["words"].items()}
    fixed = re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)))
    labels = "|".join(re.escape(w) for w in rules["digit_by_digit"])
    money = {str(k).replace("￥", "¥"): v for k, v in rules["money"].items()}
    signs = "|".join(re.escape(w) for w in sorted(money, key=len, reverse=True))
    one = rules["phone_one"]

    def phone(found: re.Match[str]) -> str:
        return ",".join(digits(part, one) for part in re.findall(r"\d+", found.group()))

    def mobile(found: re.Match[str]) -> str:
        return ",".join(digits(part, one) for part in found.groups())

    def label(found: re.Match[str]) -> str:
        return found[1] + digits(found[2], rules["code_one"])

    replacements: list[tuple[str, Any]] = [
        (r"https?://\S+|www\.\S+", "网址"),
        (r"(?:\d{1,6} *)?(?:\*{2,} *)+(?=\d{4}(?!\d))", "尾号"),
        (r"\*\*|__|`|^#+\s*|^>\s*", ""),
        (rf"((?:{labels})[是为:\s]*[A-Z]*)(\d+)", label),
        (r"(?<!\d)(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)", mobile),
        (r"(?<!\d)[48]00[ -]?\d{3}[ -]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)", phone),
        (r"(?<![\d.,])(?:95\d{3}|12378|12363|96110|110|120)(?![\d.,%元块万个份股只])", phone),
        (r"(?<!\d)((?:19|20)\d\d)([-/.])(\d{1,2})\2(\d{1,2})日?(?!\d)", _date),
        (r"(?<!\d)((?:19|20)\d\d)()(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)", _date),
        (r"(?<!\d)((?:19|20)\d\d)[-/](0?[1-9]|1[0-2])(?![\d/-])", lambda m: f"{digits(m[1])}年{in_words(m[2])}月"),
        (r"(?<!\d)((?:19|20)\d\d)\s*[-~—]\s*((?:19|20)\d\d)(?=\s*年)", lambda m: f"{digits(m[1])}到{digits(m[2])}"),
        (r"(?<!\d)(\d{4})年?Q([1-4])(?!\w)", lambda m: f"{digits(m[1])}年第{in_words(m[2])}季度"),
        (r"(?<![A-Za-z\d])Q([1-4])(?![A-Za-z\d])", lambda m: f"{in_words(m[1])}季度"),
        (r"(?<!\d)(\d{4})(?=\s*年)", lambda m: digits(m[1])),
        (r"(?<!\d)(\d\d)(?=年\d{1,2}月)", lambda m: digits(m[1])),
        (r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])", _time),
        (r"(?<![\dA-Za-z.,])(\d{6})(?![\dA-Za-z,%]|\.\d|\s*[元块万亿份股只个笔人次年天户点倍条名])", _code),
        (rf"({signs})\s*({_FIGURE})([万亿]?)", lambda m: f"{m[2]}{m[3]}{money[m[1]]}"),
        (rf"({signs})\s*(?=-)-\s*({_FIGURE})([万亿]?)", lambda m: f"-{m[2]}{m[3]}{money[m[1]]}"),
        (r"([TD])\s*([+-])\s*(\d+)", lambda m: f"{m[1]}{'加' if m[2] == '+' else '减'}{in_words(m[3])}"),
        (r"([元块万亿])/(份|股|克|人|天|月|年|笔|个)", r"\1每\2"),
    ]
    compiled = [(re.compile(pattern, re.MULTILINE), rewrite) for pattern, rewrite in replacements]

    def literal(text: str) -> str:
        return fixed.sub(lambda found: words[found.group()], text)

    steps: list[Callable[[str], str]] = [literal]
    steps += [partial(pattern.sub, rewrite) for pattern, rewrite in compiled]
    return tuple(steps)


def _signs(text: str, change: bool) -> str:
    """A plus or minus before a figure, unless it joins two: 5-8 is a range."""
    said = _rules()["change" if change else "sign"]
    text = re.sub(r"(?<![\w%)])\+\s*(?=\d)", said["plus"], text)
    text = re.sub(r"(?<=[\u4e00-\u9fff])\+(?=\d)", said["plus"], text)
    text = re.sub(r"(?<=[年月日天号周])-(?=\d+(?:\.\d+)?\s*%)", said["minus"], text)
    return re.sub(r"(?<![\dA-Za-z%)元块万亿年月日天号])[-−](?=\d)", said["minus"], text)


@lru_cache(maxsize=1)
def _figures() -> tuple[tuple[re.Pattern[str], Any], ...]:
    """What turns figures and letters into words, in order: the longer readings first."""
    rules = _rules()
    units = {str(k): str(v) for k, v in rules["units"].items()}
    unit = "|".join(re.escape(w) for w in sorted(units, key=len, reverse=True))
    measures = re.escape(rules["measures"])
    letters = {str(k): str(v) for k, v in rules["letters"].items()}

    def spell(found: re.Match[str]) -> str:
        word = found.group()
        return letters.get(word) or " ".join(word)

    def percent(found: re.Match[str]) -> str:
        return f"{'百' if found[2] == '%' else '千'}分之{in_words(found[1])}"

    patterns: list[tuple[str, Any]] = [
        (rf"({_FIGURE})\s*[%]?\s*[-~—–至到]+\s*({_FIGURE})\s*%", _percent_range),
        (rf"(?<=\d)(?:\s*[~—–]+\s*|\s*-\s*)(?=(?:{_FIGURE}))", "到"),
        (r"(?<=[元块万亿年月日天号点分%时])\s*[-~—–]+\s*(?=[\d零一二三四五六七八九十])", "到"),
        (r"(?<=[RC][1-5])\s*[-~—–]\s*(?=[RC][1-5])", "到"),
        (r"(?<![\d.])100\s*%", "百分之百"),
        (rf"({_FIGURE})\s*([%‰])", percent),
        (r"(?<![\d/])(\d{1,4})/(\d{1,4})(?![\d/])", lambda m: f"{in_words(m[2])}分之{in_words(m[1])}"),
        (r"(?<![\d:])(\d{1,3}):(\d{1,3})(?![\d:])", lambda m: f"{in_words(m[1])}比{in_words(m[2])}"),
        (rf"({_FIGURE})\s*({unit})(?![A-Za-z])", lambda m: _two(m[1], units[m[2]]) + units[m[2]]),
        (rf"(?<![\d.第A-Za-z])2(?=[{measures}])", "两"),
        (r"(?<![\d.])2(?=[百千万亿])", "两"),
        (_LETTERED, lambda m: m[1] + digits(m[2], rules["code_one"])),
        (r"(?<![A-Za-z])([RCA-Z])([1-9])(?!\d)", lambda m: m[1] + in_words(m[2])),
        (_FIGURE, lambda m: in_words(m.group())),
        (r"(?<![A-Za-z])[A-Z]{2,}(?![a-z])", spell),
        (r"(?<![A-Za-z])App(?![a-z])", spell),
    ]
    return tuple((re.compile(pattern), rewrite) for pattern, rewrite in patterns)


def _two(figure: str, unit: str) -> str:
    return "两" if figure == "2" and unit[:1] in "万千个亿" else in_words(figure)


def _percent_range(found: re.Match[str]) -> str:
    return f"百分之{in_words(found[1])}到百分之{in_words(found[2])}"


def _date(found: re.Match[str]) -> str:
    month, day = int(found[3]), int(found[4])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return found.group()
    return f"{digits(found[1])}年{in_words(str(month))}月{in_words(str(day))}日"


def _time(found: re.Match[str]) -> str:
    hour, minute, second = int(found[1]), int(found[2]), found[3]
    said = ("两" if hour == 2 else in_words(str(hour))) + "点"
    if minute or second:
        said += ("零" if 0 < minute < 10 else "") + in_words(str(minute)) + "分"
    return said + (f"{in_words(second)}秒" if second else "")


def _code(found: re.Match[str]) -> str:
    """Six digits alone are a product code, a round sum apart."""
    figure = found[1]
    if figure.endswith("000") and figure[0] != "0":
        return figure
    return digits(figure, _rules()["code_one"])


def _tidy(text: str) -> str:
    """What no voice reads: brackets become pauses, quotes and pictures go, marks are Chinese ones."""
    text = re.sub(r"[(\[【]\s*", ",", text)
    text = re.sub(r"\s*[)\]】]", ",", text)
    text = re.sub(r"[《》%‰“”‘’\"'「」『』<>{}*_~|\\^=]", "", text)
    text = re.sub(r"[\u2190-\u2bff\U0001f000-\U0001faff]", "", text)
    text = re.sub(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])", "", text)
    text = text.translate(str.maketrans(",;!?:", "，；！？："))
    text = re.sub(r"，+(?=[。！？；：，])|(?<=[。！？；：])，+", "", text)
    return re.sub(r"，{2,}", "，", text).strip("， ")
