"""When does it mature, and what then: dates and principal due, arrival on the card, rolling over or a next home.

Also answers for products that open from time to time: their next open day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wealth.advice import terms
from wealth.blocks import Block, column, table
from wealth.format import day as day_text
from wealth.format import money, percent
from wealth.positions import Holding, portfolio
from wealth.reply import Privacy, QuickReply, Reply
from wealth.request import Request
from wealth.skills._context import (
    Ambiguous,
    asks_for_product,
    named_product,
    option,
    product_not_found,
    scan_first,
    which_product,
    wrong_period,
)
from wealth.skills._product import source_of, term_text
from wealth.store import Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "product_maturity"
_SOON = timedelta(days=7)
_MOST_ROWS = 20


@dataclass(frozen=True)
class Due:
    """Money of one holding that comes free on a day; principal in CNY at the last known price."""

    holding: Holding
    date: date
    amount: Decimal


def answer(bank: Bank, request: Request) -> Reply:
    """One product's maturity, or all that matures, in a period where one was named."""
    product = named_product(bank, request, implicit=False)
    if isinstance(product, Ambiguous):
        return which_product(SKILL, product)
    if product is None and asks_for_product(request):
        return product_not_found(SKILL, request)
    if request.customer is None:
        return _anyone(request, product) if product is not None else scan_first(SKILL)
    held = [one for one in portfolio(bank.store, request.customer, request.now).holdings if one.units > 0]
    if product is not None:
        own = [one for one in held if one.product.code == product.code]
        return _one(request, product, own) if own else _anyone(request, product)
    unanswerable = _wrong_period(request)
    return unanswerable or _all(request, held)


def _wrong_period(request: Request) -> Reply | None:
    """Maturities lie ahead: only a period that cannot exist is refused, not one to come."""
    if request.period is not None and not request.period.valid:
        return wrong_period(SKILL, request)
    return None


def upcoming(held: Sequence[Holding], today: date) -> list[Due]:
    """What matures from today on, the next first."""
    found = [
        Due(one, maturity.date, maturity.amount)
        for one in held
        for maturity in one.maturities
        if maturity.date >= today
    ]
    return sorted(found, key=lambda due: (due.date, due.holding.product.code))


def _all(request: Request, held: Sequence[Holding]) -> Reply:
    today = terms.today_of(request.now)
    due = [one for one in upcoming(held, today) if _within(request, one.date)]
    if not due:
        return _none(request, held)
    first = due[0]
    total = sum((one.amount for one in due), Decimal(0))
    sentences = [
        say(
            "maturity.all.one" if len(due) == 1 else "maturity.all.several",
            count=len(due),
            name=first.holding.product.name,
            day=day_text(first.date, today),
            left=_left(first.date, today),
            amount=_amount(first),
            total=money(total),
        ),
        say("maturity.arrives", day=day_text(_arrival(first), today)),
    ]
    if first.date - today <= _SOON:
        sentences.append(say("maturity.soon"))
    return _reply(request, sentences, [_table(due, today)], due, [one.holding for one in due])


def _one(request: Request, product: Product, own: Sequence[Holding]) -> Reply:
    today = terms.today_of(request.now)
    due = upcoming(own, today)
    if not due:
        return _without_date(request, product, own)
    first = due[0]
    sentences = [
        say(
            "maturity.one",
            name=product.name,
            day=day_text(first.date, today),
            left=_left(first.date, today),
            amount=_amount(first),
        ),
        say("maturity.arrives", day=day_text(_arrival(first), today)),
        _after(product),
    ]
    blocks = [_table(due, today)] if len(due) > 1 else []
    return _reply(request, sentences, blocks, due, own)


def _without_date(request: Request, product: Product, own: Sequence[Holding]) -> Reply:
    """Held, but nothing of it matures: open every day, from time to time, or over already."""
    today = terms.today_of(request.now)
    return _reply(request, [_rule(product, today)], [], [], own)


def _anyone(request: Request, product: Product) -> Reply:
    """A product that is not held: its rule, which anyone may know."""
    today = terms.today_of(request.now)
    text = _rule(product, today)
    steps = [option("redeem.options.explain", name=product.name), option("explain.options.fee")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=steps,
        next_step=steps[0],
        sources=[source_of(product, today)],
        offered=[product.code],
        params={"products": [product.code]},
    )


def _rule(product: Product, today: date) -> str:
    """When a product matures or opens, in one sentence."""
    if product.maturity_date is not None:
        key = "past" if product.maturity_date < today else "ahead"
        return say(f"maturity.rule.{key}", name=product.name, day=day_text(product.maturity_date, today))
    if product.kind == "time_deposit":
        return say("maturity.rule.deposit", name=product.name, days=product.term_days, rate=percent(product.rate or 0))
    if product.kind == "insurance":
        return say("maturity.rule.insurance", name=product.name)
    return say("maturity.rule.never", name=product.name, term=term_text(product, today))


def _after(product: Product) -> str:
    """What happens at maturity."""
    if product.kind == "time_deposit":
        return say("maturity.after.deposit", rate=percent(product.rate or 0))
    return say("maturity.after.structured" if product.kind == "structured_deposit" else "maturity.after.closed")


def _none(request: Request, held: Sequence[Holding]) -> Reply:
    today = terms.today_of(request.now)
    key = "none_in_period" if request.period is not None else "none"
    opening = [
        (opened, one)
        for one in held
        if one.product.open_rule == "periodic"
        and (opened := terms.next_open_day(one.product, today)) is not None
        and _within(request, opened)
    ]
    sentences = [say(f"maturity.{key}")]
    if opening:
        opened, one = min(opening, key=lambda pair: pair[0])
        sentences.append(say("maturity.opens", name=one.product.name, day=day_text(opened, today)))
    return _reply(request, sentences, [], [], [one for _, one in opening])


def _reply(
    request: Request, sentences: list[str], blocks: list[Block], due: Sequence[Due], held: Sequence[Holding]
) -> Reply:
    steps = _steps(due, held)
    codes = list(dict.fromkeys(one.product.code for one in held))
    control: dict[str, Any] = {}
    if due:
        control = {"pending": {"kind": "next", "skill": "product_recommend", "params": {"amount": str(due[0].amount)}}}
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=blocks,
        quick_replies=steps,
        next_step=steps[0],
        sources=[one.source for one in held],
        privacy=Privacy.PERSONAL,
        offered=codes,
        params={"products": codes} if len(codes) == 1 else {},
        control=control,
    )


def _steps(due: Sequence[Due], held: Sequence[Holding]) -> list[QuickReply]:
    if due:
        return [
            option("maturity.options.next", amount=f"{due[0].amount:.0f}"),
            option("redeem.options.fastest"),
            option("common.options.overview"),
        ]
    steps = [option("redeem.options.how", name=held[0].product.name)] if held else []
    return [*steps, option("redeem.options.fastest"), option("common.options.overview")]


def _table(due: Sequence[Due], today: date) -> Block:
    columns = [
        column("name", say("maturity.table.name")),
        column("due", say("maturity.table.due")),
        column("arrives", say("maturity.table.arrives")),
        column("amount", say("maturity.table.amount"), align="right", private=True),
    ]
    rows = [
        {
            "name": one.holding.product.name,
            "due": day_text(one.date, today),
            "arrives": day_text(_arrival(one), today),
            "amount": money(one.amount),
        }
        for one in due[:_MOST_ROWS]
    ]
    return table(say("maturity.table.title"), columns, rows)


def _arrival(due: Due) -> date:
    return terms.maturity_arrival(due.holding.product, due.date)


def _amount(due: Due) -> str:
    """Principal, or the value by the last price; what will be paid in the end is not known before."""
    kind = "nav" if due.holding.product.valuation == "nav" else "par"
    return say(f"maturity.amount.{kind}", amount=money(due.amount))


def _left(day: date, today: date) -> str:
    """今天, 明天 or N 天后."""
    days = (day - today).days
    return say(
        "maturity.left.today" if not days else "maturity.left.tomorrow" if days == 1 else "maturity.left.days",
        days=days,
    )


def _within(request: Request, day: date) -> bool:
    period = request.period
    if period is None:
        return True
    return (period.start is None or day >= period.start) and (period.end is None or day < period.end)
