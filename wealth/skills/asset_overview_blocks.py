"""What an overview shows: the shares in words, the look-through, the table of holdings, and what stands behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from wealth import blocks
from wealth.classes import UNKNOWN, VIEWS, class_name, view_name
from wealth.format import day, money, percent, signed_money, signed_percent
from wealth.positions import Holding, Portfolio
from wealth.reply import Source
from wealth.wording import say

MOST_ROWS = 40


def mixed_note(holding: Holding, asset_class: str) -> str | None:
    """A mixed product's whole value, where only a part of it is counted."""
    if holding.classes[asset_class] == holding.value:
        return None
    return say("overview.through", value=money(holding.value))


def shares(held: Portfolio) -> str:
    """活钱管理 30.0%，稳健理财 55.0%…"""
    shown = [(view, held.by_view[view]) for view in VIEWS if held.by_view[view] > 0]
    return "，".join(f"{view_name(view)} {percent(value / held.total, 1)}" for view, value in shown)


def look_through(held: Portfolio) -> blocks.Block:
    """The engine's view: mixed products looked through, with what nobody disclosed."""
    rows = [
        blocks.row(class_name(name), money(value), note=percent(value / held.total, 1), private=True)
        for name, value in held.by_class.items()
        if value and held.total
    ]
    hidden = held.by_class[UNKNOWN]
    subtitle = say("overview.unknown", value=money(hidden), share=percent(hidden / held.total, 1)) if hidden else None
    return blocks.card(say("overview.look_through"), rows, subtitle=subtitle)


def holdings_table(title: str, held: Sequence[Holding]) -> blocks.Block:
    """Each product once, with its value, profit and rate."""
    columns = [
        blocks.column("name", say("overview.columns.name")),
        blocks.column("value", say("overview.columns.value"), align="right", private=True),
        blocks.column("profit", say("overview.columns.profit"), align="right", private=True),
        blocks.column("rate", say("overview.columns.rate"), align="right", private=True),
    ]
    # The same product under two accounts is one line.
    together: dict[str, list[Holding]] = defaultdict(list)
    for holding in held:
        together[holding.product.code].append(holding)
    rows = []
    for parts in list(together.values())[:MOST_ROWS]:
        gain = sum((one.profit for one in parts), Decimal(0))
        cost = sum((one.cost for one in parts), Decimal(0))
        unrealised = sum((one.unrealised for one in parts), Decimal(0))
        rows.append(
            {
                "name": parts[0].product.name,
                "value": money(sum((one.value for one in parts), Decimal(0))),
                "profit": signed_money(gain),
                "rate": signed_percent(unrealised / cost) if cost else "—",
            }
        )
    return blocks.table(title, columns, rows)


def missing_prices(held: Portfolio, today: date, parts: Sequence[Holding] | None = None) -> list[str]:
    """One sentence about prices that are missing, or none."""
    missing = [one for one in (held.missing_prices if parts is None else parts) if one.missing_price]
    if not missing:
        return []
    names = missing[0].product.name
    if len(missing) > 1:
        names = say("common.missing_more", names=names, count=len(missing))
    return [say("common.missing_prices", names=names, day=day(min(one.price_date for one in missing), today))]


def as_of(held: Portfolio, today: date) -> str:
    """数据截至…"""
    return say("overview.as_of", day=day(held.as_of.date(), today))


def sources(held: Portfolio, parts: Sequence[Holding]) -> list[Source]:
    """The rows behind the figures, each once; the total itself where nothing is held."""
    found = list({one.source.id: one.source for one in parts}.values())[:MOST_ROWS]
    return found or [Source(f"positions:{held.customer}", say("overview.ledger"), held.as_of)]
