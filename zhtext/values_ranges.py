"""Dates and periods as customers combine them: 从三月到五月, 今年以来, 2018 年之前, 成立以来, 1995-1997 年."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from zhtext import values_dates, values_periods
from zhtext.values_calendar import DAY, MONTH, Atom, Span, day_span, month_span, number, year_span, yearly
from zhtext.values_model import Period, Value

_JOINT = re.compile(r"\s*(?:到|至|~|--?|—+|–)\s*")
_AND = re.compile(r"\s*(?:和|与|跟)\s*")
_SINCE_LEAD = re.compile(r"(?:自从|自)\s*$")
_UNTIL_LEAD = re.compile(r"(?:截止|截至)到?\s*$")
_LEAD = re.compile(r"(?:从|自从|自|在|由)\s*$")
_BETWEEN = re.compile(r"\s*(?:之间|期间|间)(?!隔|接)")
_SINCE = re.compile(r"\s*(?:以来|至今|到现在|到今天|到目前|起(?!伏|来|码|始)|开始)(?:为止)?")
_UNTIL = re.compile(r"\s*(?:或|及|和)(?:之前|以前)")
_FROM = re.compile(r"\s*(?:或|及|和)(?:之后|以后)")
_BEFORE = re.compile(r"\s*(?:之前|以前|前(?![后期半三两景几\d]))")
_AFTER = re.compile(r"\s*(?:之后|以后)")
_INCEPTION = re.compile(
    r"(?:自|从)?(?:成立|上市|买入|持有|建仓|开户|购买|投资|运作|发行|设立|开始)(?:以来|至今|到现在|到今天)|历史以来|有史以来"
)
_YEARS = re.compile(
    r"(?P<lead>(?:从|自)\s*)?(?<!\d)(?P<a>(?:19|20)\d\d)\s*年?\s*(?:到|至|~|--?|—+)\s*(?P<b>(?:19|20)\d\d)(?!\d|\s*[-/.月元块个]\d?)"
    r"(?P<unit>\s*年)?"
)
_MONTHS = re.compile(rf"(?<![\d.])(?P<a>{MONTH})\s*(?:到|至|~|--?|—+)\s*(?={MONTH}\s*月)")


def find(text: str, reference: date) -> Iterator[Value]:
    """Dates and periods in folded `text`, relative to the reference day."""
    chosen = _choose([*values_dates.atoms(text, reference), *values_periods.atoms(text, reference), *_short(text)])
    years = [found for found in _YEARS.finditer(text) if found["lead"] or found["unit"]]
    for found in years:
        yield _year_range(text, found, reference)
    taken = [found.span() for found in years]
    chosen = [a for a in chosen if not any(start < a.end and a.start < end for start, end in taken)]
    for found in _INCEPTION.finditer(text):
        yield _period(text, *found.span(), None, reference + DAY, reference, {"type": "daterange"})
    at = 0
    while at < len(chosen):
        first = chosen[at]
        second = chosen[at + 1] if at + 1 < len(chosen) else None
        joined = _join(text, first, second, reference) if second else None
        if joined:
            yield joined
            at += 2
            continue
        if first.grain != "half-range":
            yield _alone(text, first, reference)
        at += 1


def _short(text: str) -> Iterator[Atom]:
    """The first half of 3-5 月: a month whose 月 stands only after the second."""
    for found in _MONTHS.finditer(text):
        month = number(found["a"])
        yield Atom(found.start("a"), found.end("a"), f"XXXX-{month:02}", "half-range", (), None, month)


def _choose(atoms: list[Atom]) -> list[Atom]:
    """The longest mentions, without overlap, in reading order."""
    taken: list[Atom] = []
    for atom in sorted(atoms, key=lambda a: (a.start - a.end, a.start)):
        if not any(a.start < atom.end and atom.start < a.end for a in taken):
            taken.append(atom)
    return sorted(taken, key=lambda a: a.start)


def _join(text: str, first: Atom, second: Atom, reference: date) -> Value | None:
    between = text[first.end : second.start]
    tail = _BETWEEN.match(text, second.end)
    after = _AFTER.match(text, first.end)
    before = _BEFORE.match(text, second.end)
    chained = bool(after and before and after.end() == second.start)
    if not (_JOINT.fullmatch(between) or (_AND.fullmatch(between) and tail) or chained):
        return None
    if {first.grain, second.grain} & {"rolling", "ahead", "recent", "to_date"}:
        return None
    first, second = _complete(first, second, reference)
    lead = _LEAD.search(text[max(0, first.start - 3) : first.start])
    start = first.start - len(lead.group()) if lead else first.start
    end = before.end() if chained and before else tail.end() if tail else second.end
    pairs = _pair(first, second)
    if not pairs:
        reason = first.reason or second.reason or "结束早于开始"
        return replace(_period(text, start, end, None, None, reference, _unresolved()), valid=False, reason=reason)
    timex = f"({_full(first)},{_full(second)},{_size(first, second, pairs[0])})"
    rows = [_row(timex, a[0].isoformat(), b[0].isoformat()) for a, b in pairs]
    chosen_a, chosen_b = pairs[0]
    stop = chosen_b[0] if chained else chosen_b[1]
    return _period(text, start, end, chosen_a[0], stop, reference, {"values": _unique(rows)})


def _complete(first: Atom, second: Atom, reference: date) -> tuple[Atom, Atom]:
    """Fill in what one half leaves to the other: 一月十日到十二日, 去年三月到五月, 3-5 月."""
    if first.grain == "half-range":
        first = replace(first, grain="month", year=second.year)
        if second.year and first.month:
            span = month_span(second.year, first.month)
            first = replace(first, readings=(span,) if span else (), timex=f"{second.year:04}-{first.month:02}")
        elif first.month:
            begins = first.month
            first = replace(first, readings=yearly(lambda y: month_span(y, begins), reference))
    if second.grain == "day" and second.day and not second.year:
        month = second.month or first.month
        if month and first.year:
            span = day_span(first.year, month, second.day)
            if span and first.valid and span[0] < first.readings[0][0]:
                span = day_span(first.year + 1, month, second.day)
            timex = span[0].isoformat() if span else ""
            return first, replace(second, readings=(span,) if span else (), timex=timex, year=first.year)
        if month:
            day = second.day
            timex = f"XXXX-{month:02}-{day:02}"
            return first, replace(
                second, month=month, timex=timex, readings=yearly(lambda y: day_span(y, month, day), reference)
            )
    if second.grain == "month" and second.month and not second.year and first.year:
        span = month_span(first.year, second.month)
        if span and first.valid and span[0] < first.readings[0][0]:
            span = month_span(first.year + 1, second.month)
        return first, replace(second, readings=(span,) if span else (), timex=f"{span[0]:%Y-%m}" if span else "")
    return first, second


def _pair(first: Atom, second: Atom) -> list[tuple[Span, Span]]:
    """For each reading of the first, the second's first day at or after it."""
    pairs: list[tuple[Span, Span]] = []
    for span in first.readings:
        later = [s for s in second.readings if s[0] >= span[0]]
        if later:
            pairs.append((span, min(later)))
            continue
        if second.year or not second.month:
            continue
        for year in (span[0].year, span[0].year + 1):
            made = day_span(year, second.month, second.day) if second.day else month_span(year, second.month)
            if made and made[0] >= span[0]:
                pairs.append((span, made))
                break
    if len(first.readings) == 2 and len(pairs) == 2 and not second.year and second.month:
        # Both halves without a year keep to the same year, not the one nearest to the reference.
        pairs = [(span, _same_year(span, second) or other) for span, other in pairs]
    return pairs


def _same_year(span: Span, second: Atom) -> Span | None:
    for year in (span[0].year, span[0].year + 1):
        month = second.month or 1
        made = day_span(year, month, second.day) if second.day else month_span(year, month)
        if made and made[0] >= span[0]:
            return made
    return None


def _full(atom: Atom) -> str:
    if atom.grain == "year":
        return f"{atom.timex}-01-01"
    if atom.grain == "month":
        return f"{atom.timex}-01"
    return atom.timex if atom.grain == "day" else (atom.readings[0][0].isoformat() if atom.valid else "")


def _size(first: Atom, second: Atom, pair: tuple[Span, Span]) -> str:
    begin, end = pair[0][0], pair[1][0]
    if first.grain == second.grain == "year":
        return f"P{end.year - begin.year}Y"
    if first.grain == second.grain == "month":
        return f"P{(end.year - begin.year) * 12 + end.month - begin.month}M"
    return f"P{(end - begin).days}D"


def _year_range(text: str, found: re.Match[str], reference: date) -> Value:
    first, last = year_span(int(found["a"])), year_span(int(found["b"]))
    if not first or not last or first > last:
        bad = _period(text, *found.span(), None, None, reference, _unresolved())
        return replace(bad, valid=False, reason="结束早于开始")
    timex = f"({first[0]},{last[0]},P{last[0].year - first[0].year}Y)"
    rows = [_row(timex, first[0].isoformat(), last[0].isoformat())]
    return _period(text, *found.span(), first[0], last[1], reference, {"values": rows})


def _alone(text: str, atom: Atom, reference: date) -> Value:
    """One mention with what stands right before and after it: since, until, before, after."""
    source = "datetimepoint" if atom.grain == "day" else "datetimerange"
    if atom.valid and atom.grain not in ("rolling", "ahead", "recent", "to_date"):
        first, last = atom.pick(reference)
        if (since := _SINCE.match(text, atom.end)) or (since := _FROM.match(text, atom.end)):
            lead = _LEAD.search(text[max(0, atom.start - 3) : atom.start])
            start = atom.start - len(lead.group()) if lead and "或" not in since.group() else atom.start
            row = {"timex": atom.timex, "Mod": "since", "type": "daterange", "sourceEntity": source}
            row["start"] = first.isoformat()
            stop = reference + DAY if first <= reference else None
            return _period(text, start, since.end(), first, stop, reference, {"values": [row]})
        if until := _UNTIL.match(text, atom.end):
            day = first if atom.grain == "day" else last
            row = {"timex": atom.timex, "Mod": "until", "type": "daterange", "sourceEntity": source}
            row["end"] = day.isoformat()
            return _period(text, atom.start, until.end(), None, last, reference, {"values": [row]})
        if before := _BEFORE.match(text, atom.end):
            row = {"timex": atom.timex, "Mod": "before", "type": "daterange", "sourceEntity": source}
            row["end"] = first.isoformat()
            return _period(text, atom.start, before.end(), None, first, reference, {"values": [row]})
        if after := _AFTER.match(text, atom.end):
            row = {"timex": atom.timex, "Mod": "after", "type": "daterange", "sourceEntity": source}
            row["start"] = (first if atom.grain == "day" else last).isoformat()
            return _period(text, atom.start, after.end(), last, None, reference, {"values": [row]})
        head = text[max(0, atom.start - 4) : atom.start]
        if lead := _SINCE_LEAD.search(head):
            row = {"timex": atom.timex, "Mod": "since", "type": "daterange", "sourceEntity": source}
            row["start"] = first.isoformat()
            stop = reference + DAY if first <= reference else None
            start = atom.start - len(lead.group())
            return _period(text, start, atom.end, first, stop, reference, {"values": [row]})
        if lead := _UNTIL_LEAD.search(head):
            row = {"timex": atom.timex, "Mod": "before", "type": "daterange", "sourceEntity": source}
            row["end"] = first.isoformat()
            start = atom.start - len(lead.group())
            return _period(text, start, atom.end, None, last, reference, {"values": [row]})
    if atom.grain == "day":
        return _day(text, atom, reference)
    return _stretch(text, atom, reference)


def _day(text: str, atom: Atom, reference: date) -> Value:
    rows = [{"timex": atom.timex, "type": "date", "value": span[0].isoformat()} for span in atom.readings]
    if not rows:
        rows = [{"timex": atom.timex, "type": "date", "value": "not resolved"}]
    chosen = atom.pick(reference)[0] if atom.valid else None
    return Value(
        "date",
        text[atom.start : atom.end],
        atom.start,
        atom.end,
        chosen,
        valid=atom.valid,
        future=bool(chosen and chosen > reference),
        reason=atom.reason,
        type_name="datetimeV2.date",
        resolution={"values": rows},
    )


def _stretch(text: str, atom: Atom, reference: date) -> Value:
    said = text[atom.start : atom.end]
    if atom.grain == "recent":
        rows: list[dict[str, str]] = [{"timex": atom.timex, "type": "date", "value": reference.isoformat()}]
    elif atom.grain == "season":
        rows = [{"timex": atom.timex, "type": "daterange"}]
    else:
        rows = []
        for first, last in atom.readings:
            until = reference if atom.grain == "rolling" or said == "今年" else last
            rows.append(_row(atom.timex, first.isoformat(), until.isoformat()))
    begin, stop = atom.pick(reference) if atom.valid else (None, None)
    value = _period(text, atom.start, atom.end, begin, stop, reference, {"values": rows}, atom.grain)
    name = "datetimeV2.date" if atom.grain == "recent" else value.type_name
    return replace(value, valid=atom.valid, reason=atom.reason, type_name=name)


def _period(
    text: str,
    start: int,
    end: int,
    first: date | None,
    last: date | None,
    reference: date,
    resolution: dict[str, Any],
    grain: str = "custom",
) -> Value:
    kept = grain if grain in ("week", "month", "quarter", "year") else "custom"
    return Value(
        "period",
        text[start:end],
        start,
        end,
        Period(re.sub(r"\s+", "", text[start:end]), first, last, kept),
        future=bool(first and first > reference),
        type_name="datetimeV2.daterange",
        resolution=resolution,
    )


def _row(timex: str, start: str, end: str) -> dict[str, str]:
    return {"timex": timex, "type": "daterange", "start": start, "end": end}


def _unique(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for at, row in enumerate(rows) if row not in rows[:at]]


def _unresolved() -> dict[str, Any]:
    return {"values": [{"timex": "", "type": "daterange", "value": "not resolved"}]}
