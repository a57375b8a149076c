"""Blocks of the bill: summary, calendar or months, the ring, the picture worth sharing, and the movements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from wealth import blocks
from wealth.classes import VIEWS, class_name, view_name
from wealth.days import DailyProfit
from wealth.format import day, money, signed_money, signed_percent, tone
from wealth.returns import Profit
from wealth.skills.pnl_query_blocks import MOST_CALENDAR_DAYS, calendar_value
from wealth.store import Movement, Product
from wealth.wording import say

MOST_MOVEMENTS = 100
_SOLD = ("sell", "maturity")
# Bounds of the word under the shared picture: the deepest fall of the period, and trades that make a habit.
_ROUGH = -0.05
_CALM = -0.01
_HABIT = 3


def trades(moves: Iterable[Movement], *kinds: str) -> list[Movement]:
    """The movements of these kinds."""
    return [move for move in moves if move.kind in kinds]


def _sum(moves: Sequence[Movement], *kinds: str) -> Decimal:
    return sum((move.amount for move in trades(moves, *kinds)), Decimal(0))


def summary_card(made: Profit, moves: Sequence[Movement], name: str) -> blocks.Block:
    """From opening to closing, line by line; the lines add up."""
    inflow, outflow = _sum(moves, "cash_in", "transfer_in"), _sum(moves, "cash_out", "transfer_out")
    rows = [
        blocks.row(say("bill.rows.opening"), money(made.opening), private=True),
        blocks.row(say("bill.rows.inflow"), signed_money(inflow), private=True),
        blocks.row(say("bill.rows.outflow"), signed_money(-outflow), private=True),
        blocks.row(say("bill.rows.gain"), signed_money(made.amount), tone=tone(made.amount), private=True),
        blocks.row(say("bill.rows.closing"), money(made.closing), private=True),
    ]
    # What did not happen needs no line.
    for name_of, kinds in (("bought", ("buy",)), ("sold", _SOLD)):
        if trades(moves, *kinds):
            amount = money(_sum(moves, *kinds))
            rows.append(blocks.row(say(f"bill.rows.{name_of}"), amount, note=_count(moves, *kinds), private=True))
    for name_of, value in (("income", made.dividends), ("fees", made.fees)):
        if value:
            rows.append(blocks.row(say(f"bill.rows.{name_of}"), money(value), private=True))
    return blocks.card(say("bill.title", name=name), rows)


def _count(moves: Sequence[Movement], *kinds: str) -> str:
    return say("bill.count", count=len(trades(moves, *kinds)))


def course(made: Profit, days: Sequence[DailyProfit], name: str) -> list[blocks.Block]:
    """A calendar for up to two months, bars by month for longer; nothing for a single day."""
    gains, losses = sum(one.profit > 0 for one in days), sum(one.profit < 0 for one in days)
    summary = say("pnl.course", gains=gains, losses=losses, amount=signed_money(made.amount))
    if len(days) < 2:
        return []
    if len(days) <= MOST_CALENDAR_DAYS:
        points = [(one.date, calendar_value(one, made)) for one in days]
        return [blocks.calendar(say("bill.calendar", name=name), points, summary=summary)]
    months = [
        (f"{year}-{month:02d}", sum((one.profit for one in part), Decimal(0)))
        for (year, month), part in groupby(days, key=lambda one: (one.date.year, one.date.month))
    ]
    return [blocks.bars(say("bill.months", name=name), months[-60:], summary=summary)]


def allocation_ring(made: Profit, name: str) -> list[blocks.Block]:
    """How the assets stood at the end, in per cent only: fit to be shown to others."""
    if made.closing <= 0:
        return []
    values = dict.fromkeys(VIEWS, Decimal(0))
    for part in made.by_product:
        values[part.product.view] += part.closing
    parts = [(view_name(view), value * 100 / made.closing) for view, value in values.items()]
    summary = "，".join(f"{title} {share:.0f}%" for title, share in parts if share > 0)
    title, center = say("bill.ring", name=name), say("bill.ring_center")
    return [blocks.ring(title, parts, summary=summary, center=center, unit="%", private=False)]


def share_card(made: Profit, days: Sequence[DailyProfit], moves: Sequence[Movement], name: str) -> blocks.Block:
    """The picture worth sharing: no money, no product, no name in it."""
    priced = [one for one in days if one.profit]
    gains = sum(one.profit > 0 for one in priced)
    rows = []
    if made.period_rate is not None:
        rows.append(blocks.row(say("bill.share.rate"), signed_percent(made.period_rate), tone=tone(made.period_rate)))
    if priced:
        rows.append(blocks.row(say("bill.share.days"), say("bill.share.of_days", gains=gains, days=len(priced))))
        rows.append(blocks.row(say("bill.share.streak"), say("bill.share.in_a_row", days=_longest_streak(priced))))
    best = _best_class(made)
    if best:
        rows.append(blocks.row(say("bill.share.hero"), class_name(best)))
    rows.append(blocks.row(say("bill.share.word"), say(f"bill.share.words.{_word(made, moves)}")))
    return blocks.card(say("bill.share.title", name=name), rows, subtitle=say("bill.share.subtitle"))


def _longest_streak(days: Sequence[DailyProfit]) -> int:
    """The most gaining days in a row; days without any change between them do not break it."""
    return max((len(list(run)) for gaining, run in groupby(days, key=lambda one: one.profit > 0) if gaining), default=0)


def _best_class(made: Profit) -> str | None:
    found: dict[str, Decimal] = {}
    for part in made.by_product:
        found[part.product.asset_class] = found.get(part.product.asset_class, Decimal(0)) + part.amount
    best = max(found, key=lambda name: (found[name], name), default=None)
    return best if best is not None and found[best] > 0 else None


def _word(made: Profit, moves: Sequence[Movement]) -> str:
    """One word for the period: first, habit, brave, calm, saving or steady."""
    if not made.opening:
        return "first"
    if len(trades(moves, "buy")) >= _HABIT:
        return "habit"
    if made.drawdown is not None and made.drawdown <= _ROUGH:
        return "brave"
    if made.inflow > made.outflow:
        return "saving"
    return "calm" if made.drawdown is None or made.drawdown >= _CALM else "steady"


def movement_table(moves: Sequence[Movement], products: Mapping[str, Product], today: date) -> list[blocks.Block]:
    """The newest movements first; orders under way and cancelled ones say so."""
    if not moves:
        return []
    columns = [
        blocks.column("day", say("bill.columns.day")),
        blocks.column("kind", say("bill.columns.kind")),
        blocks.column("name", say("bill.columns.product")),
        blocks.column("amount", say("bill.columns.amount"), align="right", private=True),
        blocks.column("status", say("bill.columns.status")),
    ]
    rows = [
        {
            "day": day(move.trade_date, today),
            "kind": say(f"bill.kinds.{move.kind}"),
            "name": products[move.product].name,
            "amount": money(move.amount),
            "status": _status(move),
        }
        for move in list(reversed(moves))[:MOST_MOVEMENTS]
    ]
    title = "bill.table" if len(moves) <= MOST_MOVEMENTS else "bill.table_newest"
    return [blocks.table(say(title, count=len(moves), shown=len(rows)), columns, rows)]


def _status(move: Movement) -> str:
    shown = say(f"bill.status.{move.status}")
    if move.status != "confirmed" or not move.fee:
        return shown
    return say("bill.with_fee", status=shown, fee=money(move.fee))
