"""What the customer earned or lost: any period, all of it, one class or one product, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wealth import calendar
from wealth.classes import class_name
from wealth.days import DailyProfit
from wealth.format import day, money, period_name, signed_money, signed_percent
from wealth.reply import Privacy, QuickReply, Reply
from wealth.request import Period, Request
from wealth.returns import Profit, profit
from wealth.skills._context import about_mine, asks_why, option
from wealth.skills.pnl_query_blocks import by_account, by_class, contributors, course, figures, headline_contributors
from wealth.skills.pnl_query_why import reasons
from wealth.store import Product
from wealth.store.prices import known_day
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "pnl_query"
_DAY = timedelta(days=1)
_EVER = Period("", None, None)


def answer(bank: Bank, request: Request) -> Reply:
    """Profit of a period, or of the usual periods where none is named. Raises UnknownCustomer, StoreUnavailable."""
    product = about_mine(SKILL, bank, request)
    if isinstance(product, Reply):
        return product
    period, note = _answerable(request)
    asset_class = None if product else request.asset_class
    code = product.code if product else None
    made = profit(bank.store, request.owner, period or _EVER, product=code, asset_class=asset_class, at=request.now)
    if not made.by_product:
        return _nothing(request, product, asset_class, period)
    days = made.daily()
    subject = product.name if product else class_name(asset_class) if asset_class else say("pnl.all")
    if asks_why(request):
        return _reply(request, made, days, subject, reasons(made, days, subject, _name(period, request)), product)
    sentences = [_lead(made, days, subject, period, request)]
    sentences += headline_contributors(made) if product is None else []
    return _reply(request, made, days, subject, [note, *sentences] if note else sentences, product)


def _answerable(request: Request) -> tuple[Period | None, str]:
    """The period to reckon with, and a sentence where it is not the one asked for.

    Today's prices come in the evening: before that "今天" is answered with the last day that has them.
    """
    period, today = request.period, request.now.date()
    if period is None or period.start != today or known_day(request.now) >= today:
        return period, ""
    last = calendar.previous_trading_day(today)
    return Period("", last, last + _DAY), say("pnl.today_not_yet", day=day(last, today))


def _name(period: Period | None, request: Request) -> str:
    return period_name(period, request.now.date()) if period else say("pnl.ever")


def _lead(made: Profit, days: Sequence[DailyProfit], subject: str, period: Period | None, request: Request) -> str:
    today = request.now.date()
    if period is None:
        year = sum((one.profit for one in days if one.date.year == today.year), Decimal(0))
        return say(
            "pnl.ever_lead",
            subject=subject,
            amount=signed_money(made.amount),
            year=signed_money(year),
            since=day(made.start, today),
        )
    name = period_name(period, today)
    if made.end - made.start == _DAY and not calendar.is_trading_day(made.start):
        return say("pnl.closed_day", name=name, subject=subject, amount=signed_money(made.amount))
    key = "pnl.gained" if made.amount > 0 else "pnl.lost" if made.amount < 0 else "pnl.even"
    rate = say("pnl.rate", rate=signed_percent(made.period_rate)) if made.period_rate is not None else ""
    return say(key, name=name, subject=subject, amount=money(abs(made.amount)), rate=rate)


def _reply(
    request: Request,
    made: Profit,
    days: Sequence[DailyProfit],
    subject: str,
    sentences: list[str],
    product: Product | None,
) -> Reply:
    today = request.now.date()
    until = made.priced_until or made.end - _DAY
    if made.missing_prices:
        sentences = [*sentences, say("pnl.missing", count=len(made.missing_prices))]
    shown = [figures(made, subject, say("pnl.until", day=day(until, today)))]
    shown += course(made, days, today, subject, usual=request.period is None)
    if product is None:
        shown += [*contributors(made), *by_class(made), *by_account(made)]
    control = {}
    if made.amount < 0:
        sentences = [*sentences, say("pnl.offer_review")]
        params = {"products": [product.code]} if product else {}
        control = {"pending": {"kind": "next", "skill": "stop_profit_loss", "params": params}}
    options = _options(request, made, product)
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=shown,
        quick_replies=options,
        next_step=options[0],
        sources=made.sources,
        disclosures=["past_performance"],
        privacy=Privacy.PERSONAL,
        offered=[product.code] if product else [],
        params={"products": [product.code] if product else []},
        control=control,
    )


def _options(request: Request, made: Profit, product: Product | None) -> list[QuickReply]:
    """First what fits the result: a loss is looked into, a gain is put in its place."""
    options = [] if asks_why(request) else [option("common.options.why")]
    if made.amount < 0:
        options.insert(0, option("pnl.options.keep", name=product.name if product else say("pnl.holdings")))
    period = request.period
    month = period is not None and period.start is not None and period.start >= request.now.date().replace(day=1)
    options.append(option("common.options.last_month" if month else "common.options.this_month"))
    options.append(option("common.options.checkup"))
    return options[:3]


def _nothing(request: Request, product: Product | None, asset_class: str | None, period: Period | None) -> Reply:
    name = _name(period, request)
    what = product.name if product else class_name(asset_class) if asset_class else ""
    text = say("pnl.nothing_of", name=name, what=what) if what else say("pnl.nothing", name=name)
    options = [option("common.options.overview"), option("common.options.this_year")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=options,
        next_step=options[0],
        privacy=Privacy.PERSONAL,
        offered=[product.code] if product else [],
    )
