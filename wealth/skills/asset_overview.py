"""What the customer has: the total, how it is spread, each holding; all of it, one class or one product, at any day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wealth import blocks
from wealth.advice.stage import stage_of
from wealth.classes import UNKNOWN, VIEWS, class_name, view_name
from wealth.format import day, money, percent, signed_money, signed_percent, tone
from wealth.positions import Holding, Portfolio, portfolio
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Period, Request
from wealth.returns import profit
from wealth.skills._context import (
    Ambiguous,
    asks_for_product,
    asks_why,
    named_product,
    option,
    product_not_found,
    scan_first,
    seen_by_others,
    which_product,
    wrong_period,
)
from wealth.store import Product
from wealth.store.prices import known_day
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "asset_overview"
_DAY = timedelta(days=1)
_MOST_ROWS = 40


def answer(bank: Bank, request: Request) -> Reply:
    """Overview, one class or one product. Raises UnknownCustomer, StoreUnavailable."""
    if request.customer is None or seen_by_others(request):
        return scan_first(SKILL)
    wrong = wrong_period(SKILL, request)
    if wrong is not None:
        return wrong
    product = named_product(bank, request, implicit=False)
    if isinstance(product, Ambiguous):
        return which_product(SKILL, product)
    if product is None and asks_for_product(request):
        return product_not_found(SKILL, request)
    on = _moment(request)
    held = portfolio(bank.store, request.customer, on)
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
        say("overview.gain", name=name, gain=signed_money(gain), views=_shares(held)),
    ]
    sentences += _gaps(held, today)
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
            blocks.card(say("overview.title"), rows, subtitle=_as_of(held, today)),
            blocks.ring(
                say("overview.ring"),
                [(view_name(view), held.by_view[view]) for view in VIEWS],
                summary=_shares(held) or say("overview.nothing_short"),
                center=say("overview.rows.total"),
            ),
            _look_through(held),
            _holdings_table(say("overview.holdings"), held.holdings),
        ],
        quick_replies=options,
        next_step=stage.next_step,
        sources=_sources(held, held.holdings),
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
    sentences += _gaps(held, today, parts)
    rows = [
        blocks.row(
            holding.product.name,
            money(holding.classes[asset_class]),
            note=None
            if holding.product.asset_class == asset_class
            else say("overview.through", value=money(holding.value)),
            private=True,
        )
        for holding in sorted(parts, key=lambda one: -one.classes[asset_class])[:_MOST_ROWS]
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
        blocks=[blocks.card(say("overview.class_title", name=name), rows, subtitle=_as_of(held, today))],
        quick_replies=options,
        next_step=options[0],
        sources=_sources(held, parts),
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
    sentences += _gaps(held, today, parts)
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
        sources=_sources(held, parts),
        privacy=Privacy.PERSONAL,
        offered=[product.code],
        params={"products": [product.code]},
    )


def _mixed_note(holding: Holding, asset_class: str) -> str | None:
    """A mixed product's whole value, where only a part of it is counted."""
    if holding.classes[asset_class] == holding.value:
        return None
    return say("overview.through", value=money(holding.value))


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


def _shares(held: Portfolio) -> str:
    """活钱管理 30.0%，稳健理财 55.0%…"""
    shown = [(view, held.by_view[view]) for view in VIEWS if held.by_view[view] > 0]
    return "，".join(f"{view_name(view)} {percent(value / held.total, 1)}" for view, value in shown)


def _look_through(held: Portfolio) -> blocks.Block:
    """The engine's view: mixed products looked through, with what nobody disclosed."""
    rows = [
        blocks.row(class_name(name), money(value), note=percent(value / held.total, 1), private=True)
        for name, value in held.by_class.items()
        if value and held.total
    ]
    hidden = held.by_class[UNKNOWN]
    subtitle = say("overview.unknown", value=money(hidden), share=percent(hidden / held.total, 1)) if hidden else None
    return blocks.card(say("overview.look_through"), rows, subtitle=subtitle)


def _holdings_table(title: str, held: Sequence[Holding]) -> blocks.Block:
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
    for parts in list(together.values())[:_MOST_ROWS]:
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


def _gaps(held: Portfolio, today: date, parts: Sequence[Holding] | None = None) -> list[str]:
    """One sentence about prices that are missing, or none."""
    missing = [one for one in (held.missing_prices if parts is None else parts) if one.missing_price]
    if not missing:
        return []
    names = missing[0].product.name
    if len(missing) > 1:
        names = say("common.missing_more", names=names, count=len(missing))
    return [say("common.missing_prices", names=names, day=day(min(one.price_date for one in missing), today))]


def _as_of(held: Portfolio, today: date) -> str:
    return say("overview.as_of", day=day(held.as_of.date(), today))


def _sources(held: Portfolio, parts: Sequence[Holding]) -> list[Source]:
    """The rows behind the figures, each once; the total itself where nothing is held."""
    found = list({one.source.id: one.source for one in parts}.values())[:_MOST_ROWS]
    return found or [Source(f"positions:{held.customer}", say("overview.ledger"), held.as_of)]
