"""Why a profit is what it is: market or own trades, their timing, who made it, and the days that mattered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from wealth.days import DailyProfit
from wealth.format import day, percent, signed_money
from wealth.returns import Profit
from wealth.skills.pnl_query_blocks import by_name
from wealth.wording import say

_DAY = timedelta(days=1)
# Under this difference between the customer's own rate and the holdings' rate, timing is not worth a word.
_TIMING = 0.003
_NAMED = 3


def reasons(made: Profit, days: Sequence[DailyProfit], subject: str, name: str) -> list[str]:
    """Two to four sentences, the most important first."""
    market = sum((part.market for part in made.by_product), Decimal(0))
    trades = made.amount - market
    amounts = {"amount": signed_money(made.amount), "market": signed_money(market), "trades": signed_money(trades)}
    source = "pnl.why.market" if not trades else "pnl.why.market_and_trades"
    return [
        say(source, name=name, subject=subject, **amounts),
        *_who(made),
        *_timing(made),
        *_when(days),
    ]


def _who(made: Profit) -> list[str]:
    parts = by_name(made)
    if len(parts) < 2:
        return []
    gains = [part for part in parts if part[1] > 0][:_NAMED]
    losses = [part for part in reversed(parts) if part[1] < 0][:_NAMED]
    said = []
    if gains:
        said.append(say("pnl.why.gains", parts=_listed(gains)))
    if losses:
        said.append(say("pnl.why.losses", parts=_listed(losses)))
    return said


def _listed(parts: Sequence[tuple[str, Decimal]]) -> str:
    return "、".join(f"{name}（{signed_money(amount)}）" for name, amount in parts)


def _timing(made: Profit) -> list[str]:
    """The money-weighted against the time-weighted rate: what moving money in and out changed."""
    if made.period_rate is None or made.twr is None or not (made.inflow or made.outflow):
        return []
    effect = made.period_rate - made.twr
    if abs(effect) < _TIMING:
        return []
    key = "pnl.why.timing_helped" if effect > 0 else "pnl.why.timing_hurt"
    return [say(key, own=percent(made.period_rate), held=percent(made.twr))]


def _when(days: Sequence[DailyProfit]) -> list[str]:
    if len(days) < 5:
        return []
    best = max(days, key=lambda one: one.profit)
    worst = min(days, key=lambda one: one.profit)
    if best.profit <= 0 or worst.profit >= 0:
        return []
    return [
        say(
            "pnl.why.days",
            best=day(best.date),
            gain=signed_money(best.profit),
            worst=day(worst.date),
            loss=signed_money(worst.profit),
        )
    ]
