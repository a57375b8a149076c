"""How was the market, what does it mean for my holdings, may I enter now: figures and sources, never a forecast.

午间点评 and 收盘点评 are the whole market at noon and close; a subject (gold, a sector, rates) gets its own answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from wealth.advice import market_view
from wealth.advice.market_view import Effect
from wealth.blocks import Block, bars, column, table
from wealth.clock import end_of
from wealth.format import day as day_text
from wealth.format import percent, signed_money, signed_percent
from wealth.market import Move
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills import market_commentary_subject as focused
from wealth.skills._context import option, wrong_period
from wealth.skills.market_commentary_words import change_text, level_text, points_text, sentence_of
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "market_commentary"
_MOST_SECTORS = 2
_MOST_PARTS = 5


def answer(bank: Bank, request: Request) -> Reply:
    """The market of a day or period, or one subject of it."""
    wrong = wrong_period(SKILL, request)
    if wrong is not None:
        return wrong
    subject = market_view.subject_of(request.text, request.asset_class)
    if subject is None and (request.context.get("why") or market_view.asks(request.text, "cause")):
        return focused.causes(bank, request, SKILL)
    if subject is not None or market_view.asks(request.text, "enter"):
        return focused.reply(bank, request, SKILL, subject)
    if _is_stretch(request):
        return _period(bank, request)
    return _day(bank, request)


def _is_stretch(request: Request) -> bool:
    period = request.period
    if period is None or period.start is None:
        return False
    return period.end is None or (period.end - period.start).days > 1


def _day(bank: Bank, request: Request) -> Reply:
    """One session: headline, sectors, own holdings."""
    at = request.now
    if request.period is not None and request.period.start is not None:
        at = min(at, end_of(request.period.start))
    found = market_view.moves(bank.store, at, market_view.session_of(request.text))
    if not found:
        text = say("market.no_data")
        step = option("common.options.overview")
        return Reply(SKILL, [text], [text], quick_replies=[step], next_step=step)
    by_id = {move.series.id: move for move in found}
    session, day = found[0].row.session, found[0].row.date
    sentences = [_headline(by_id, found, request)]
    sectors = sorted((move for move in found if move.series.kind == "sector" and move.ratio is not None), key=_ratio)
    if sectors:
        sentences.append(_sectors(sectors))
    touched = _effect(bank, request, day)
    if touched is not None:
        sentences.append(_own(touched, request, day))
    blocks = [_table(found, say(f"market.title.{session}", day=day_text(day, request.now.date())))]
    if sectors:
        blocks.append(
            bars(
                say("market.sectors.title"),
                [(move.series.title, _percent(move)) for move in reversed(sectors)],
                summary=sentences[1],
                unit="%",
                private=False,
            )
        )
    if touched is not None and touched.parts:
        blocks.append(own_bars(touched, sentences[-1]))
    return _reply(request, sentences, blocks, [move.source for move in found], _synthetic(found), touched)


def _headline(by_id: Mapping[str, Move], found: Sequence[Move], request: Request) -> str:
    """The broad index, and how many rose and fell."""
    names = market_view.settings()["headline"]
    index = by_id.get(names["index"]) or next((move for move in found if move.series.kind == "index"), found[0])
    row = index.row
    start = say(f"market.session.{row.session}", day=day_text(row.date, request.now.date()))
    text = say("market.headline", start=start, move=sentence_of(index))
    up, down, turnover = (by_id.get(names[key]) for key in ("up", "down", "turnover"))
    if up is not None and down is not None:
        text += say("market.breadth", up=f"{up.row.value:,.0f}", down=f"{down.row.value:,.0f}")
    if turnover is not None:
        text += say("market.turnover", value=f"{turnover.row.value:,.0f}")
    return text + say("market.stop")


def _sectors(sectors: Sequence[Move]) -> str:
    """Best and worst, sorted ascending by ratio."""
    best = "、".join(f"{one.series.title} {change_text(one)}" for one in reversed(sectors[-_MOST_SECTORS:]))
    worst = "、".join(f"{one.series.title} {change_text(one)}" for one in sectors[:_MOST_SECTORS])
    return say("market.sectors.text", best=best, worst=worst)


def _effect(bank: Bank, request: Request, day: date) -> Effect | None:
    if request.customer is None:
        return None
    return market_view.effect(bank.store, request.customer, day, request.now)


def _own(touched: Effect, request: Request, asked: date) -> str:
    """What the day did to the customer, and which holding did most; the day before while prices are not out."""
    late = touched.day < asked
    day = say("market.own.not_yet" if late else "market.own.day", day=day_text(touched.day, request.now.date()))
    amount = signed_money(touched.profit.amount)
    if not touched.parts:
        return say("market.own.flat", day=day)
    most = max(touched.parts, key=lambda part: abs(part.amount))
    return say("market.own.text", day=day, amount=amount, name=most.product.name, part=signed_money(most.amount))


def own_bars(touched: Effect, summary: str) -> Block:
    """The holdings that moved most, gains first."""
    most = sorted(touched.parts, key=lambda part: -abs(part.amount))[:_MOST_PARTS]
    items = sorted(((part.product.name, part.amount) for part in most), key=lambda pair: -pair[1])
    return bars(say("market.own.title"), items, summary=summary)


def _period(bank: Bank, request: Request) -> Reply:
    """Several days: every index from the close before to the last close."""
    period = request.period
    assert period is not None
    found = market_view.over(bank.store, period, request.now)
    if not found:
        text = say("market.no_data")
        step = option("market.options.today")
        return Reply(SKILL, [text], [text], quick_replies=[step], next_step=step)
    today = request.now.date()
    indices = [one for one in found if one.series.kind == "index"]
    sectors = sorted(
        (one for one in found if one.series.kind == "sector" and one.ratio is not None),
        key=lambda one: one.ratio or Decimal(0),
    )
    first = next((one for one in indices if one.series.id == market_view.settings()["headline"]["index"]), found[0])
    direction = "up" if first.change > 0 else "down" if first.change < 0 else "flat"
    sentences = [
        say(
            f"market.over.{direction}",
            start=day_text(first.start, today),
            end=day_text(first.end, today),
            title=first.series.title,
            change=percent(abs(first.ratio or Decimal(0))),
        )
    ]
    if sectors:
        best, worst = sectors[-1], sectors[0]
        sentences.append(
            say(
                "market.sectors.text",
                best=f"{best.series.title} {signed_percent(best.ratio or Decimal(0))}",
                worst=f"{worst.series.title} {signed_percent(worst.ratio or Decimal(0))}",
            )
        )
    columns = [
        column("name", say("market.table.name")),
        column("value", say("market.table.value"), align="right"),
        column("change", say("market.table.change"), align="right"),
    ]
    rows = [
        {
            "name": one.series.title,
            "value": level_text(one.series, one.value),
            "change": signed_percent(one.ratio) if one.ratio is not None else points_text(one.change),
        }
        for one in found
        if one.series.kind != "breadth"
    ]
    synthetic = any(one.series.synthetic for one in found)
    blocks = [table(say("market.table.title"), columns, rows)]
    return _reply(request, sentences, blocks, [one.source for one in found], synthetic, None)


def _table(found: Sequence[Move], title: str) -> Block:
    columns = [
        column("name", say("market.table.name")),
        column("value", say("market.table.value"), align="right"),
        column("change", say("market.table.change"), align="right"),
    ]
    shown = [move for move in found if move.series.kind in ("index", "gold", "rate")]
    return table(
        title,
        columns,
        [
            {"name": one.series.title, "value": level_text(one.series, one.row.value), "change": change_text(one)}
            for one in shown
        ],
    )


def _reply(
    request: Request,
    sentences: list[str],
    blocks: list[Block],
    sources: Sequence[Source],
    synthetic: bool,
    touched: Effect | None,
) -> Reply:
    steps: list[QuickReply] = [option("market.options.gold"), option("market.options.rates")]
    steps.insert(0, option("market.options.mine" if touched is not None else "market.options.enter"))
    mine = touched.profit.sources if touched is not None else ()
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=blocks,
        quick_replies=steps,
        next_step=steps[0],
        sources=[*sources, *mine],
        disclosures=focused.disclosures(synthetic),
        privacy=Privacy.PERSONAL if touched is not None else Privacy.PUBLIC,
    )


def _ratio(move: Move) -> Decimal:
    return move.ratio or Decimal(0)


def _percent(move: Move) -> Decimal:
    return _ratio(move) * 100


def _synthetic(found: Sequence[Move]) -> bool:
    return any(move.series.synthetic for move in found)
