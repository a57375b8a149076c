"""The bill of a month, quarter, year or any period: money in and out, trades, profit; and the records one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wealth.format import day, money, period_name, period_title, signed_money
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Period, Request
from wealth.returns import Profit, profit
from wealth.skills._context import about_mine, asks_why, mentions, option
from wealth.skills.pnl_query_why import reasons
from wealth.skills.wealth_bill_blocks import (
    allocation_ring,
    course,
    movement_table,
    share_card,
    summary_card,
    trades,
)
from wealth.store import Movement, Product
from wealth.store.prices import known_day
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "wealth_bill"
_DAY = timedelta(days=1)
_RECENT_DAYS = 90


def answer(bank: Bank, request: Request) -> Reply:
    """The bill of a period, or the records. Raises UnknownCustomer, StoreUnavailable."""
    product = about_mine(SKILL, bank, request)
    if isinstance(product, Reply):
        return product
    code = product.code if product else None
    records = product is not None or mentions(request, "asks_records")
    period = request.period or _usual(request, records, product)
    moves = bank.store.movements(request.owner, period.start, period.end, product=code, status=None)
    if records:
        return _records(bank, request, period, moves, product)
    return _bill(bank, request, period, moves)


def _usual(request: Request, records: bool, product: Product | None) -> Period:
    """What "账单" means without a period: the last whole month; "记录": the last three months; a product's: all."""
    today = request.now.date()
    if product is not None:
        return Period("", None, None)
    if records:
        return Period(say("bill.recent"), today - timedelta(days=_RECENT_DAYS), None)
    first = today.replace(day=1)
    return Period("", (first - _DAY).replace(day=1), first)


def _bill(bank: Bank, request: Request, period: Period, moves: Sequence[Movement]) -> Reply:
    customer, today = request.owner, request.now.date()
    name = period_name(period, today)
    made = profit(bank.store, customer, period, at=request.now)
    if not made.by_product and not moves:
        return _nothing(request, name)
    days = made.daily()
    confirmed = [move for move in moves if move.status == "confirmed"]
    if asks_why(request):
        sentences = reasons(made, days, say("pnl.all"), name)
    else:
        sentences = [_lead(made, confirmed, name), _traded(confirmed, made)]
    if period.end is None or period.end > today:
        sentences.append(say("bill.so_far", day=day(min(known_day(request.now), today), today)))
    products = bank.store.products_by_code()
    title = period_title(period, today)
    shown = [summary_card(made, confirmed, title), *course(made, days, title)]
    shown += [*allocation_ring(made, title), share_card(made, days, confirmed, title)]
    shown += movement_table(moves, products, today)
    options = _options(request, made)
    return Reply(
        skill=SKILL,
        sentences=[sentence for sentence in sentences if sentence],
        spoken=sentences[:1],
        blocks=shown,
        quick_replies=options,
        next_step=options[0],
        sources=made.sources,
        disclosures=["past_performance"],
        privacy=Privacy.PERSONAL,
    )


def _lead(made: Profit, moves: Sequence[Movement], name: str) -> str:
    return say(
        "bill.lead",
        name=name,
        closing=money(made.closing),
        gain=signed_money(made.amount),
        inflow=money(_sum(moves, "cash_in", "transfer_in")),
        outflow=money(_sum(moves, "cash_out", "transfer_out")),
    )


def _sum(moves: Sequence[Movement], *kinds: str) -> Decimal:
    return sum((move.amount for move in moves if move.kind in kinds), Decimal(0))


def _traded(moves: Sequence[Movement], made: Profit) -> str:
    bought, sold = trades(moves, "buy"), trades(moves, "sell", "maturity")
    if not bought and not sold:
        income = say("bill.and_income", income=money(made.dividends)) if made.dividends else ""
        return say("bill.no_trades", income=income)
    return say(
        "bill.trades",
        bought=len(bought),
        bought_amount=money(sum((move.amount for move in bought), Decimal(0))),
        sold=len(sold),
        sold_amount=money(sum((move.amount for move in sold), Decimal(0))),
        fees=money(made.fees),
    )


def _records(bank: Bank, request: Request, period: Period, moves: Sequence[Movement], product: Product | None) -> Reply:
    """The movements one by one, the newest first; money between own cards and interest included."""
    today = request.now.date()
    name = period_name(period, today)
    if not moves:
        return _nothing(request, name, product)
    products = bank.store.products_by_code()
    last = next((move for move in reversed(moves) if move.status != "cancelled"), moves[-1])
    waiting = [move for move in moves if move.status == "pending"]
    sentences = [
        say(
            "bill.records_of" if product else "bill.records",
            name=name,
            product=product.name if product else "",
            count=len(moves),
            day=day(last.trade_date, today),
            kind=say(f"bill.kinds.{last.kind}"),
            last=products[last.product].name,
            amount=money(last.amount),
        )
    ]
    if waiting:
        sentences.append(say("bill.waiting", count=len(waiting), amount=money(_total(waiting))))
    options = [option("common.options.bill"), option("bill.options.year"), option("common.options.this_month")]
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=movement_table(moves, products, today),
        quick_replies=options,
        next_step=options[0],
        sources=[Source(f"movement:{last.id}", say("overview.ledger"), request.now)],
        privacy=Privacy.PERSONAL,
        offered=[product.code] if product else [],
        params={"products": [product.code] if product else []},
    )


def _total(moves: Sequence[Movement]) -> Decimal:
    return sum((move.amount for move in moves), Decimal(0))


def _nothing(request: Request, name: str, product: Product | None = None) -> Reply:
    text = say("bill.nothing_of", name=name, product=product.name) if product else say("bill.nothing", name=name)
    options = [option("common.options.overview"), option("bill.options.year")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=options,
        next_step=options[0],
        privacy=Privacy.PERSONAL,
    )


def _options(request: Request, made: Profit) -> list[QuickReply]:
    length = (made.end - made.start).days
    options = [] if asks_why(request) else [option("common.options.why")]
    options.append(option("bill.options.year" if length < 100 else "common.options.bill"))
    options.append(option("bill.options.records" if length < 100 else "common.options.checkup"))
    return options[:3]
