"""What the customer has: the total, how it is spread, each holding; all of it, one class or one product, at any day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wealth import blocks
from wealth.advice.stage import stage_of
from wealth.classes import VIEWS, class_name, view_name
from wealth.format import day, money, percent, signed_money, signed_percent, tone
from wealth.positions import Portfolio, portfolio
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Period, Request
from wealth.returns import profit
from wealth.skills._context import about_mine, asks_why, option
from wealth.skills.asset_overview_blocks import (
    MOST_ROWS,
    as_of,
    holdings_table,
    look_through,
    missing_prices,
    mixed_note,
    shares,
    sources,
)
from wealth.store import Product
from wealth.store.prices import known_day
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "asset_overview"
_DAY = timedelta(days=1)


def answer(bank: Bank, request: Request) -> Reply:
    """Overview, one class or one product. Raises UnknownCustomer, StoreUnavailable."""
    product = about_mine(SKILL, bank, request)
    if isinstance(product, Reply):
        return product
    on = _moment(request)
    held = portfolio(bank.store, request.owner, on)
    if asks_why(request):
        return _why(bank, request, held)
    if product is not None:
        return _one_product(request, held, product)
    if not held.total and not held.pending:
        return _nothing(request)
    if request.asset_class:
        return _one_class(request, held, request.asset_class)
    return _everything(bank, request, held, on)


def _moment(request: Request) -> date | datetime:
    """Now, or the close of a past period's last day ("上个月底我有多少")."""
    period = request.period
    if period is None or period.end is None or period.end > request.now.date():
        return request.now
    return period.end - _DAY


def _everything(bank: Bank, request: Request, held: Portfolio, on: date | datetime) -> Reply:
    today = request.now.date()
    known = known_day(on)
    gain = profit(bank.store, held.customer, Period("", known, known + _DAY), at=request.now).amount
    when = say("overview.now") if on is request.now else day(known, today)
    name = say("overview.yesterday") if known == today - _DAY else day(known, today)
    sentences = [
        say("overview.total", when=when, total=money(held.total), count=len(held.holdings)),
        say("overview.gain", name=name, gain=signed_money(gain), views=shares(held)),
    ]
    sentences += missing_prices(held, today)
    rows = [
        blocks.row(say("overview.rows.total"), money(held.total), private=True),
        blocks.row(say("overview.rows.gain", day=name), signed_money(gain), tone=tone(gain), private=True),
    ]
    rows += [
        blocks.row(
            view_name(view), money(held.by_view[view]), note=percent(held.by_view[view] / held.total, 1), private=True
        )
        for view in VIEWS
        if held.by_view[view] and held.total
    ]
    if held.pending:
        waiting = sum((order.amount for order in held.pending), Decimal(0))
        rows.append(
            blocks.row(
                say("overview.rows.pending"),
                money(waiting),
                note=say("overview.pending_note", count=len(held.pending)),
                private=True,
            )
        )
    stage = stage_of(held)
    options = [option("common.options.this_year"), option("common.options.checkup"), option("overview.options.steady")]
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=[
            blocks.card(say("overview.title"), rows, subtitle=as_of(held, today)),
            blocks.ring(
                say("overview.ring"),
                [(view_name(view), held.by_view[view]) for view in VIEWS],
                summary=shares(held) or say("overview.nothing_short"),
                center=say("overview.rows.total"),
            ),
            look_through(held),
            holdings_table(say("overview.holdings"), held.holdings),
        ],
        quick_replies=options,
        next_step=stage.next_step,
        sources=sources(held, held.holdings),
        privacy=Privacy.PERSONAL,
        params={"asset_class": None, "products": []},
    )


def _one_class(request: Request, held: Portfolio, asset_class: str) -> Reply:
    name = class_name(asset_class)
    inside = held.by_class.get(asset_class, Decimal(0))
    parts = [holding for holding in held.holdings if holding.classes.get(asset_class)]
    today = request.now.date()
    if not parts:
        return _plain(say("overview.class_none", name=name), request, option("common.options.overview"))
    share = percent(inside / held.total, 1)
    sentences = [say("overview.class_total", name=name, value=money(inside), share=share, count=len(parts))]
    if any(holding.classes[asset_class] != holding.value for holding in parts):
        sentences.append(say("overview.class_mixed", name=name))
    sentences += missing_prices(held, today, parts)
    rows = [
        blocks.row(
            holding.product.name,
            money(holding.classes[asset_class]),
            note=mixed_note(holding, asset_class),
            private=True,
        )
        for holding in sorted(parts, key=lambda one: -one.classes[asset_class])[:MOST_ROWS]
    ]
    options = [
        option("overview.options.class_profit", name=name),
        option("common.options.overview"),
        option("common.options.checkup"),
    ]
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=[blocks.card(say("overview.class_title", name=name), rows, subtitle=as_of(held, today))],
        quick_replies=options,
        next_step=options[0],
        sources=sources(held, parts),
        privacy=Privacy.PERSONAL,
    )


def _one_product(request: Request, held: Portfolio, product: Product) -> Reply:
    parts = [holding for holding in held.holdings if holding.product.code == product.code]
    waiting = [order for order in held.pending if order.product == product.code]
    today = request.now.date()
    if not parts:
        key = "overview.product_pending" if waiting else "overview.product_none"
        text = say(key, name=product.name)
        return _plain(text, request, option("overview.options.explain", name=product.name), product)
    value = sum((one.value for one in parts), Decimal(0))
    cost = sum((one.cost for one in parts), Decimal(0))
    gain = sum((one.profit for one in parts), Decimal(0))
    units = sum((one.units for one in parts), Decimal(0))
    sentences = [say("overview.product_total", name=product.name, value=money(value), gain=signed_money(gain))]
    sentences += missing_prices(held, today, parts)
    rows = [
        blocks.row(say("overview.rows.value"), money(value), private=True),
        blocks.row(say("overview.rows.cost"), money(cost), private=True),
        blocks.row(
            say("overview.rows.unrealised"),
            signed_money(value - cost),
            tone=tone(value - cost),
            note=signed_percent((value - cost) / cost) if cost else None,
            private=True,
        ),
        blocks.row(say("overview.rows.profit"), signed_money(gain), tone=tone(gain), private=True),
    ]
    if product.valuation == "nav":
        rows.insert(1, blocks.row(say("overview.rows.units"), f"{units.normalize():,f}", private=True))
        rows.insert(
            2,
            blocks.row(
                say("overview.rows.price"), f"{parts[0].price.normalize():f}", note=day(parts[0].price_date, today)
            ),
        )
    rows += [
        blocks.row(say("overview.rows.matures", day=day(due.date, today)), money(due.amount), private=True)
        for one in parts
        for due in one.maturities[:3]
    ]
    options = [
        option("overview.options.product_profit", name=product.name),
        option("overview.options.keep", name=product.name),
        option("overview.options.explain", name=product.name),
    ]
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=[blocks.card(product.name, rows, subtitle=f"{product.rating} · {class_name(product.asset_class)}")],
        quick_replies=options,
        next_step=options[0],
        sources=sources(held, parts),
        privacy=Privacy.PERSONAL,
        offered=[product.code],
        params={"products": [product.code]},
    )


def _why(bank: Bank, request: Request, held: Portfolio) -> Reply:
    """Why the total is what it is: this month's way from opening to closing value."""
    today = request.now.date()
    month = Period("", today.replace(day=1), None)
    made = profit(bank.store, held.customer, month, at=request.now)
    text = say(
        "overview.why",
        opening=money(made.opening),
        inflow=money(made.inflow),
        outflow=money(made.outflow),
        gain=signed_money(made.amount),
        closing=money(made.closing),
    )
    rows = [
        blocks.row(say("overview.rows.opening"), money(made.opening), private=True),
        blocks.row(say("overview.rows.inflow"), money(made.inflow), private=True),
        blocks.row(say("overview.rows.outflow"), money(-made.outflow), private=True),
        blocks.row(say("overview.rows.month_gain"), signed_money(made.amount), tone=tone(made.amount), private=True),
        blocks.row(say("overview.rows.total"), money(made.closing), private=True),
    ]
    options = [option("common.options.this_month"), option("common.options.bill"), option("common.options.checkup")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        blocks=[blocks.card(say("overview.why_title"), rows)],
        quick_replies=options,
        next_step=options[0],
        sources=made.sources,
        privacy=Privacy.PERSONAL,
    )


def _nothing(request: Request) -> Reply:
    return _plain(say("overview.nothing"), request, option("common.options.recommend"))


def _plain(text: str, request: Request, first: QuickReply, product: Product | None = None) -> Reply:
    options = [first, option("common.options.overview"), option("common.options.checkup")]
    options = list({one.text: one for one in options}.values())
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=options,
        next_step=first,
        sources=[Source(f"positions:{request.customer}", say("overview.ledger"), request.now)],
        privacy=Privacy.PERSONAL,
        offered=[product.code] if product else (),
    )
