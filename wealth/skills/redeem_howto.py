"""How to sell and when the money arrives: for this holding its free units, fee and days; without one, what is fastest.

It moves no money (rule 16): the customer sells in the app.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wealth.advice import howto, lots, terms
from wealth.advice.lots import Sale
from wealth.blocks import Block, card, column, item, listing, row, table
from wealth.format import day as day_text
from wealth.format import money
from wealth.positions import Holding, portfolio
from wealth.reply import Privacy, Reply, Source
from wealth.request import Request
from wealth.skills._context import (
    Ambiguous,
    asks_for_product,
    named_product,
    option,
    product_not_found,
    scan_first,
    which_product,
)
from wealth.skills._product import (
    amount_text,
    arrival_text,
    redemption_tiers,
    source_of,
    term_text,
    tier_line,
)
from wealth.store import Movement, Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "redeem_howto"
_DEPOSITS = frozenset({"time_deposit", "structured_deposit"})
_MOST_ROWS = 12
# Sales made this recently may still be on their way.
_ON_THE_WAY = timedelta(days=20)


def answer(bank: Bank, request: Request) -> Reply:
    """The way out of the product meant, of what was ordered, or of the whole portfolio."""
    topic = howto.topic_of(request.text, "redeem")
    product = named_product(bank, request, implicit=topic is None)
    if isinstance(product, Ambiguous):
        return which_product(SKILL, product)
    if product is None and asks_for_product(request):
        return product_not_found(SKILL, request)
    if topic in ("status", "cancel") and request.customer is not None:
        return _orders(bank, request, request.customer, product, topic)
    if product is not None:
        return _product(bank, request, product, topic)
    if topic is not None:
        return _general(request, topic)
    if request.customer is None:
        return scan_first(SKILL)
    return _fastest(bank, request, request.customer)


def _product(bank: Bank, request: Request, product: Product, topic: str | None) -> Reply:
    held = _held(bank, request, product)
    sales = lots.sales(bank.store, request.owner, held, request.now) if held else []
    sentences = [_when(product, request, sales)]
    if sales:
        sentences += _own(product, request, sales)
    if topic == "convert":
        sentences.append(_convert(bank, product))
    elif _can_be_sold(product) and not (sales and not _sum(sale.free for sale in sales)):
        sentences.append(say("redeem.where"))
    keep = option("explain.options.keep" if held else "redeem.options.explain", name=product.name)
    steps = [keep, option("explain.options.fee")]
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=[_card(product, request, sales)],
        quick_replies=steps,
        next_step=steps[0],
        sources=[source_of(product, terms.today_of(request.now)), *(one.source for one in held)],
        privacy=Privacy.PERSONAL if held else Privacy.PUBLIC,
        offered=[product.code],
        params={"products": [product.code]},
    )


def _held(bank: Bank, request: Request, product: Product) -> list[Holding]:
    if request.customer is None:
        return []
    found = portfolio(bank.store, request.customer, request.now).holdings
    return [one for one in found if one.product.code == product.code and one.units > 0]


def _can_be_sold(product: Product) -> bool:
    return product.open_rule != "closed" and product.kind not in (*_DEPOSITS, "insurance", "demand_deposit")


def _when(product: Product, request: Request, sales: list[Sale]) -> str:
    """The answer: when the money is there if sold now, or why it cannot be sold."""
    today = terms.today_of(request.now)
    if product.kind in ("demand_deposit", "insurance", "time_deposit"):
        return say(f"redeem.when.{product.kind}", name=product.name)
    if not _can_be_sold(product):
        if product.maturity_date is None or product.maturity_date < today:
            return say("redeem.when.ended", name=product.name)
        arrives = terms.maturity_arrival(product, product.maturity_date)
        due = day_text(product.maturity_date, today)
        return say("redeem.when.closed", name=product.name, due=due, arrives=day_text(arrives, today))
    free = _sum(sale.free for sale in sales)
    waits = [sale.next_free for sale in sales if sale.next_free is not None]
    if sales and not free and waits:
        return say("redeem.when.locked", name=product.name, day=day_text(min(waits), today))
    dates = sales[0].dates if sales else terms.redemption_dates(product, request.now)
    figures = {
        "name": product.name,
        "placed": day_text(dates.placed, today),
        "arrives": day_text(dates.arrives, today) if dates.arrives else "",
        "cutoff": f"{product.cutoff:%H:%M}",
    }
    if not sales and product.lock_days and product.open_rule == "daily":
        arrival = arrival_text(product)
        return say("redeem.when.locked_rule", name=product.name, days=product.lock_days, arrival=arrival)
    if product.instant_limit is not None:
        return say("redeem.when.instant", limit=amount_text(product.instant_limit), **figures)
    if product.open_rule == "periodic":
        return say("redeem.when.periodic", **figures)
    return say("redeem.when.today" if dates.placed == today else "redeem.when.next", **figures)


def _own(product: Product, request: Request, sales: list[Sale]) -> list[str]:
    """What the customer has of it: how much may go now, at what fee."""
    free, units = _sum(sale.free for sale in sales), _sum(sale.units for sale in sales)
    value, fee = _sum(sale.value for sale in sales), _sum(sale.fee for sale in sales)
    if not _can_be_sold(product) or not free:
        return []
    much = say("redeem.own.all" if free >= units else "redeem.own.part", value=money(value))
    cost = say("redeem.own.fee", fee=money(fee)) if fee else say("redeem.own.free")
    sentences = [f"{much}{cost}"]
    waits = [sale.next_free for sale in sales if sale.next_free is not None]
    if waits:
        sentences.append(say("redeem.own.rest", day=day_text(min(waits), terms.today_of(request.now))))
    amount = terms.usable(request.amount)
    if amount is not None and amount > value:
        sentences.append(say("redeem.own.too_much", amount=amount_text(amount)))
    return sentences


def _convert(bank: Bank, product: Product) -> str:
    if product.pair_code is None:
        return say("redeem.convert.none")
    return say("redeem.convert.pair", other=bank.store.product(product.pair_code).name)


def _card(product: Product, request: Request, sales: list[Sale]) -> Block:
    today = terms.today_of(request.now)
    rows = []
    if sales and _can_be_sold(product):
        rows.append(row(say("redeem.card.free"), money(_sum(sale.value for sale in sales)), private=True))
        rows.append(row(say("redeem.card.fee_now"), money(_sum(sale.fee for sale in sales)), private=True))
    if _can_be_sold(product):
        dates = sales[0].dates if sales else terms.redemption_dates(product, request.now)
        note = None if dates.certain else say("purchase.card.uncertain")
        rows.append(row(say("purchase.card.placed"), day_text(dates.placed, today)))
        if dates.arrives is not None:
            rows.append(row(say("redeem.card.arrives"), day_text(dates.arrives, today), note=note))
        rows.append(row(say("product.labels.redemption_fee"), tier_line(redemption_tiers(product))))
    rows.append(row(say("product.labels.term"), term_text(product, today)))
    return card(say("redeem.card.title", name=product.name), rows)


def _orders(bank: Bank, request: Request, customer: str, product: Product | None, topic: str) -> Reply:
    """Where is my money, can I take the order back: what is not confirmed yet and what is on its way."""
    today = terms.today_of(request.now)
    pending = [
        one
        for one in bank.store.movements(customer, status="pending")
        if product is None or one.product == product.code
    ]
    coming = _coming(bank, request, customer, product) if topic == "status" else []
    rows = [item(_order_title(bank, one), text=_order_text(bank, request, one, topic), private=True) for one in pending]
    rows += [
        item(
            say("redeem.orders.sold", name=bank.store.product(one.product).name, amount=money(one.cash)),
            text=say("redeem.orders.arrives", day=day_text(_arrival(bank, one), today)),
            private=True,
        )
        for one in coming
    ]
    if not rows:
        text = say(f"redeem.orders.none_{topic}")
    elif topic == "cancel":
        text = say("redeem.orders.cancel", count=len(rows))
    else:
        text = say("redeem.orders.status", count=len(rows))
    steps = [option("redeem.options.bill"), option("common.options.person")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        blocks=[listing(say("redeem.orders.title"), rows)] if rows else [],
        quick_replies=steps,
        next_step=steps[0],
        sources=[Source(f"movement:{one.id}", say("redeem.orders.source"), request.now) for one in (*pending, *coming)],
        privacy=Privacy.PERSONAL,
    )


def _coming(bank: Bank, request: Request, customer: str, product: Product | None) -> list[Movement]:
    """Confirmed sales and maturities whose money is still due."""
    today = terms.today_of(request.now)
    recent = bank.store.movements(customer, today - _ON_THE_WAY, today + timedelta(days=1))
    return [
        one
        for one in recent
        if one.kind in ("sell", "maturity")
        and (product is None or one.product == product.code)
        and _arrival(bank, one) > today
    ]


def _arrival(bank: Bank, movement: Movement) -> date:
    return terms.maturity_arrival(bank.store.product(movement.product), movement.trade_date)


def _order_title(bank: Bank, movement: Movement) -> str:
    buying = movement.kind in ("buy", "convert_in", "transfer_in")
    key = "redeem.orders.buying" if buying else "redeem.orders.selling"
    return say(key, name=bank.store.product(movement.product).name, amount=money(movement.amount))


def _order_text(bank: Bank, request: Request, movement: Movement, topic: str) -> str:
    """When the order is confirmed, or until when it may be taken back."""
    product, today = bank.store.product(movement.product), terms.today_of(request.now)
    if topic == "status" and movement.confirm_date is not None:
        return say("redeem.orders.confirms", day=day_text(movement.confirm_date, today))
    local = request.now.astimezone(terms.SHANGHAI)
    open_still = movement.trade_date > today or (movement.trade_date == today and local.time() < product.cutoff)
    key = "redeem.orders.can_cancel" if open_still else "redeem.orders.too_late"
    return say(key, day=day_text(movement.trade_date, today), cutoff=f"{product.cutoff:%H:%M}")


def _general(request: Request, topic: str) -> Reply:
    """No product was named: how this goes in general."""
    text = say(f"redeem.general.{topic}")
    steps = [option("redeem.options.fastest"), option("common.options.person")]
    return Reply(skill=SKILL, sentences=[text], spoken=[text], quick_replies=steps, next_step=steps[0])


def _fastest(bank: Bank, request: Request, customer: str) -> Reply:
    """No product was named: which of the customer's money is there first."""
    today = terms.today_of(request.now)
    held = [one for one in portfolio(bank.store, customer, request.now).holdings if one.value > 0]
    if not held:
        buy = option("common.options.recommend")
        text = say("redeem.fastest.nothing")
        return Reply(SKILL, [text], [text], quick_replies=[buy], next_step=buy, privacy=Privacy.PERSONAL)
    at_once = _sum(one.value for one in held if one.product.kind == "demand_deposit")
    sold = [one for one in held if _can_be_sold(one.product)]
    sales = zip(sold, lots.sales(bank.store, customer, sold, request.now), strict=True)
    ready = sorted(
        ((one, sale) for one, sale in sales if sale.free and sale.dates.arrives is not None),
        key=lambda pair: (pair[1].dates.arrives, -pair[1].value),
    )[:_MOST_ROWS]
    sentences = [say("redeem.fastest.cash", cash=money(at_once)) if at_once else say("redeem.fastest.no_cash")]
    if ready:
        first, sale = ready[0]
        sentences.append(
            say(
                "redeem.fastest.next",
                name=first.product.name,
                value=money(sale.value),
                day=day_text(sale.dates.arrives or today, today),
            )
        )
    columns = [
        column("name", say("redeem.fastest.table.name")),
        column("value", say("redeem.fastest.table.value"), align="right", private=True),
        column("arrives", say("redeem.fastest.table.arrives")),
    ]
    rows = [
        {
            "name": one.product.name,
            "value": money(sale.value),
            "arrives": day_text(sale.dates.arrives or today, today),
        }
        for one, sale in ready
    ]
    steps = [option("redeem.options.how", name=one.product.name) for one, _ in ready[:2]]
    steps.append(option("redeem.options.maturity"))
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=[table(say("redeem.fastest.table.title"), columns, rows)] if rows else [],
        quick_replies=steps,
        next_step=steps[0],
        sources=[one.source for one in held],
        privacy=Privacy.PERSONAL,
        offered=[one.product.code for one, _ in ready],
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
