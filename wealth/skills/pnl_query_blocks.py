"""Cards and charts of the profit skill: figures, who contributed, the course of the days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from wealth import blocks
from wealth.calendar import is_trading_day
from wealth.classes import class_name
from wealth.days import DailyProfit
from wealth.format import money, percent, signed_money, signed_percent, tone
from wealth.returns import Contribution, Profit
from wealth.wording import say

_DAY = timedelta(days=1)
_YEAR = 365
MOST_BARS = 10
MOST_CALENDAR_DAYS = 62
MOST_LINE_POINTS = 260


def by_name(made: Profit) -> list[tuple[str, Decimal]]:
    """Profit by product over all accounts, greatest gain first; nothing that came to zero."""
    return [(name, amount) for name, amount in _sums(made, lambda part: part.product.name) if amount]


def _sums(made: Profit, key: Callable[[Contribution], str]) -> list[tuple[str, Decimal]]:
    found: dict[str, Decimal] = {}
    for part in made.by_product:
        found[key(part)] = found.get(key(part), Decimal(0)) + part.amount
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def headline_contributors(made: Profit) -> list[str]:
    """One sentence: who gained most and who lost most."""
    parts = by_name(made)
    if len(parts) < 2:
        return []
    (best, gain), (worst, loss) = parts[0], parts[-1]
    if gain > 0 > loss:
        return [say("pnl.best_and_worst", best=best, gain=signed_money(gain), worst=worst, loss=signed_money(loss))]
    if gain > 0:
        return [say("pnl.best", best=best, gain=signed_money(gain))]
    return [say("pnl.worst", worst=worst, loss=signed_money(loss))]


def figures(made: Profit, subject: str, until: str) -> blocks.Block:
    """The card: amount, rates with what they mean, dividends, fees."""
    rows = [_amount("pnl.rows.amount", made.amount)]
    if made.period_rate is not None:
        rows.append(_rate("pnl.rows.period_rate", made.period_rate, say("pnl.notes.period_rate")))
    if made.xirr is not None and (made.end - made.start).days >= _YEAR:
        rows.append(_rate("pnl.rows.xirr", made.xirr, say("pnl.notes.xirr")))
    if made.twr is not None:
        rows.append(_rate("pnl.rows.twr", made.twr, say("pnl.notes.twr")))
    if made.drawdown:
        rows.append(_rate("pnl.rows.drawdown", made.drawdown, say("pnl.notes.drawdown")))
    if made.volatility is not None:
        rows.append(blocks.row(say("pnl.rows.volatility"), percent(made.volatility), note=say("pnl.notes.volatility")))
    if made.dividends:
        rows.append(_amount("pnl.rows.dividends", made.dividends))
    if made.fees:
        rows.append(blocks.row(say("pnl.rows.fees"), money(made.fees), private=True))
    return blocks.card(say("pnl.title", subject=subject), rows, subtitle=until)


def _amount(label: str, amount: Decimal) -> blocks.Block:
    return blocks.row(say(label), signed_money(amount), tone=tone(amount), private=True)


def _rate(label: str, rate: float, note: str) -> blocks.Block:
    return blocks.row(say(label), signed_percent(rate), tone=tone(round(rate, 4)), note=note, private=True)


def contributors(made: Profit) -> list[blocks.Block]:
    """Bars of the products that gained and lost most."""
    parts = by_name(made)
    if len(parts) < 2:
        return []
    half = MOST_BARS // 2
    shown = parts if len(parts) <= MOST_BARS else parts[:half] + parts[-half:]
    summary = "；".join(f"{name} {signed_money(amount)}" for name, amount in shown)
    return [blocks.bars(say("pnl.contributors"), shown, summary=summary)]


def by_class(made: Profit) -> list[blocks.Block]:
    """A card of profit by main class, where there is more than one."""
    parts = [pair for pair in _sums(made, lambda part: part.product.asset_class) if pair[1]]
    if len(parts) < 2:
        return []
    rows = [
        blocks.row(class_name(name), signed_money(amount), tone=tone(amount), private=True) for name, amount in parts
    ]
    return [blocks.card(say("pnl.by_class"), rows)]


def by_account(made: Profit) -> list[blocks.Block]:
    """A card of profit by account, where there is more than one; accounts by their last four."""
    parts = _sums(made, lambda part: part.account)
    if len(parts) < 2:
        return []
    rows = [
        blocks.row(say("pnl.account", last4=account[-4:]), signed_money(amount), tone=tone(amount), private=True)
        for account, amount in parts
    ]
    return [blocks.card(say("pnl.by_account"), rows)]


def course(made: Profit, days: Sequence[DailyProfit], today: date, subject: str, *, usual: bool) -> list[blocks.Block]:
    """How the days went: a table of the usual periods, a calendar for a short stretch, a line for a longer one."""
    shown = [usual_periods(days, today)] if usual else []
    if len(days) < 2:
        return shown
    gains = sum(1 for one in days if one.profit > 0)
    losses = sum(1 for one in days if one.profit < 0)
    summary = say("pnl.course", gains=gains, losses=losses, amount=signed_money(made.amount))
    if len(days) <= MOST_CALENDAR_DAYS:
        points = [(one.date, calendar_value(one, made)) for one in days]
        shown.append(blocks.calendar(say("pnl.calendar", subject=subject), points, summary=summary))
    running = list(accumulate((one.profit for one in days), initial=Decimal(0)))[1:]
    # Every point of three years is more than a phone can draw; the last one is always among them.
    step = -(-len(days) // MOST_LINE_POINTS)
    picked = sorted({*range(len(days) - 1, -1, -step)})
    shown.append(
        blocks.line(
            say("pnl.line", subject=subject),
            [days[index].date for index in picked],
            {say("pnl.cumulative"): [running[index] for index in picked]},
            summary=summary,
        )
    )
    return shown


def calendar_value(one: DailyProfit, made: Profit) -> Decimal | None:
    """A day's profit for a calendar; None on closed days and those whose prices are still to come."""
    priced = made.priced_until is None or one.date <= made.priced_until
    return one.profit if one.profit or (priced and is_trading_day(one.date)) else None


def usual_periods(days: Sequence[DailyProfit], today: date) -> blocks.Block:
    """Yesterday, this month, the last three months, this year and ever, from one series of days."""
    month = today.month - 3
    quarter = date(today.year, month, 1) if month > 0 else date(today.year - 1, month + 12, 1)
    quarter = min(quarter + timedelta(days=today.day - 1), today)
    starts = {
        "yesterday": today - _DAY,
        "month": today.replace(day=1),
        "quarter": quarter,
        "year": date(today.year, 1, 1),
        "ever": date.min,
    }
    rows = []
    for name, start in starts.items():
        end = today if name == "yesterday" else date.max
        amount = sum((one.profit for one in days if start <= one.date < end), Decimal(0))
        rows.append(_amount(f"pnl.periods.{name}", amount))
    return blocks.card(say("pnl.usual"), rows)
