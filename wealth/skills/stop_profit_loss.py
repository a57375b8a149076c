"""Hold or sell what I own, add to it, take profit, cut a loss: by level, share and own limits, never by a forecast.

Setting, listing and removing alerts is in stop_profit_loss_alerts.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wealth.advice import alerts, hold, lots, terms
from wealth.advice.alerts import Owned
from wealth.advice.fit import Situation
from wealth.advice.hold import View
from wealth.advice.situation import situation_of
from wealth.blocks import Block, card, column, row, table
from wealth.format import day as day_text
from wealth.format import money, percent, signed_money, signed_percent, tone
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills import stop_profit_loss_alerts as setting
from wealth.skills._context import (
    Ambiguous,
    asks_for_product,
    named_product,
    option,
    product_not_found,
    scan_first,
    which_product,
)
from wealth.store import Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "stop_profit_loss"
_MOST_ROWS = 12


def answer(bank: Bank, request: Request) -> Reply:
    """A view of one holding or of all, or what was asked of the alerts."""
    if request.customer is None:
        return scan_first(SKILL)
    wanted = alerts.wanted(request.text)
    product = named_product(bank, request, implicit=wanted in ("set", "remove", "add"))
    if isinstance(product, Ambiguous):
        return which_product(SKILL, product)
    if product is None and asks_for_product(request):
        return product_not_found(SKILL, request)
    done = setting.handle(bank, request, product, wanted)
    if done is not None:
        return done
    situation = situation_of(bank.store, request.customer, request.now)
    products = alerts.owned(situation.portfolio)
    own = bank.store.alert_settings(request.customer)
    due = alerts.due(bank.store, products, own, situation.standing, request.now)
    views = [
        hold.view(one, situation, due) for one in products if one.product.kind not in ("demand_deposit", "insurance")
    ]
    if product is None:
        return _all(request, situation, views)
    mine = next((seen for seen in views if seen.owned.product.code == product.code), None)
    if mine is None:
        return _not_owned(product)
    return _one(bank, request, situation, mine, adding=wanted == "add")


def _one(bank: Bank, request: Request, situation: Situation, seen: View, *, adding: bool) -> Reply:
    one = seen.owned
    sentences = [_add(seen, situation) if adding else _verdict(seen), _state(one)]
    if request.context.get("why"):
        sentences = [_verdict(seen), *(_ground(ground, seen) for ground in seen.grounds if ground != "steady")]
    sentences.append(say("stoploss.no_forecast"))
    steps = _steps(one, seen)
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=[_card(bank, request, one)],
        quick_replies=steps,
        next_step=steps[0],
        sources=_sources([one], situation),
        disclosures=["not_advice"],
        privacy=Privacy.PERSONAL,
        offered=[one.product.code],
        params={"products": [one.product.code]},
        control=_pending(one, seen),
    )


def _verdict(seen: View) -> str:
    name = seen.owned.product.name
    return say(f"stoploss.verdict.{seen.verdict}", name=name, reason=_ground(seen.grounds[0], seen))


def _add(seen: View, situation: Situation) -> str:
    """May more be bought: the suitability and balance answer."""
    barrier = hold.may_add(seen, situation)
    key = f"stoploss.add.{barrier or 'may'}"
    one = seen.owned
    return say(
        key,
        name=one.product.name,
        rating=one.product.rating,
        level=situation.standing.rating or "",
        share=percent(one.share, 0),
    )


def _ground(ground: str, seen: View) -> str:
    """One ground in words, with its figures."""
    one = seen.owned
    figures: dict[str, Any] = {
        "rating": one.product.rating,
        "share": percent(one.share, 0),
        "rate": signed_percent(one.rate or 0),
        "name": say(f"recommend.classes.{one.product.asset_class}"),
    }
    limit = next((alert.threshold for alert in seen.alerts if alert.kind == ground), None)
    if limit is not None:
        figures["limit"] = f"C{limit}" if ground == "above_level" else setting.rate_text(limit)
    return say(f"stoploss.grounds.{ground}", **figures)


def _state(one: Owned) -> str:
    return say(
        "stoploss.state",
        value=money(one.value),
        gain=signed_money(one.gain),
        rate=signed_percent(one.rate or 0),
        share=percent(one.share, 1),
    )


def _card(bank: Bank, request: Request, one: Owned) -> Block:
    """The holding, what selling it would cost now, and its limits."""
    customer, today = request.owner, terms.today_of(request.now)
    own = bank.store.alert_settings(customer)
    rows = [
        row(say("stoploss.card.value"), money(one.value), private=True),
        row(say("stoploss.card.gain"), signed_money(one.gain), tone=tone(one.gain), private=True),
        row(say("stoploss.card.rate"), signed_percent(one.rate or 0), tone=tone(one.gain), private=True),
        row(say("stoploss.card.share"), percent(one.share, 1), private=True),
    ]
    sales = lots.sales(bank.store, customer, one.holdings, request.now)
    if one.product.open_rule != "closed" and any(sale.free for sale in sales):
        fee = sum((sale.fee for sale in sales[1:]), sales[0].fee)
        arrives = sales[0].dates.arrives
        rows.append(row(say("redeem.card.fee_now"), money(fee), private=True))
        if arrives is not None:
            rows.append(row(say("redeem.card.arrives"), day_text(arrives, today)))
    for kind in alerts.KINDS:
        limit = alerts.threshold(own, kind, one.product)
        value = setting.rate_text(limit) if limit is not None else say("stoploss.card.unset")
        rows.append(row(say(f"stoploss.kinds.{kind}"), value))
    return card(one.product.name, rows)


def _all(request: Request, situation: Situation, views: Sequence[View]) -> Reply:
    """Everything held: what asks for a look first."""
    if not views:
        step = option("common.options.recommend")
        text = say("stoploss.nothing")
        return Reply(SKILL, [text], [text], quick_replies=[step], next_step=step, privacy=Privacy.PERSONAL)
    order = list(hold.VERDICTS)
    ranked = sorted(views, key=lambda seen: (order.index(seen.grounds[0]), -seen.owned.value))
    urgent = [seen for seen in ranked if seen.urgent]
    sentences = [say("stoploss.all.some", count=len(urgent)) if urgent else say("stoploss.all.none", count=len(views))]
    sentences += [_verdict(seen) for seen in urgent[:2]]
    sentences.append(say("stoploss.no_forecast"))
    shown = ranked[:_MOST_ROWS]
    columns = [
        column("name", say("stoploss.table.name")),
        column("rate", say("stoploss.table.rate"), align="right", private=True),
        column("share", say("stoploss.table.share"), align="right", private=True),
        column("view", say("stoploss.table.view")),
    ]
    rows = [
        {
            "name": seen.owned.product.name,
            "rate": signed_percent(seen.owned.rate or 0),
            "share": percent(seen.owned.share, 1),
            "view": say(f"stoploss.short.{seen.verdict}"),
        }
        for seen in shown
    ]
    steps: list[QuickReply] = [option("explain.options.keep", name=seen.owned.product.name) for seen in shown[:2]]
    steps.append(option("common.options.checkup"))
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[:1],
        blocks=[table(say("stoploss.table.title"), columns, rows)],
        quick_replies=steps,
        next_step=steps[0],
        sources=_sources([seen.owned for seen in shown], situation),
        disclosures=["not_advice"],
        privacy=Privacy.PERSONAL,
        offered=[seen.owned.product.code for seen in shown],
    )


def _not_owned(product: Product) -> Reply:
    text = say("stoploss.not_owned", name=product.name)
    steps = [option("redeem.options.explain", name=product.name), option("stoploss.options.all")]
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=steps,
        next_step=steps[0],
        privacy=Privacy.PERSONAL,
        offered=[product.code],
        params={"products": [product.code]},
    )


def _steps(one: Owned, seen: View) -> list[QuickReply]:
    """Selling first where the view is to sell, else the limit that is not set yet."""
    target = setting.proposal("target_return", one.product)
    loss = setting.proposal("stop_loss", one.product)
    sell = option("redeem.options.how", name=one.product.name)
    return [sell, target, loss] if seen.urgent else [target, loss, sell]


def _pending(one: Owned, seen: View) -> dict[str, Any]:
    if not seen.urgent:
        return {}
    return {"pending": {"kind": "next", "skill": "redeem_howto", "params": {"products": [one.product.code]}}}


def _sources(shown: Sequence[Owned], situation: Situation) -> list[Source]:
    found = [one.source for one in shown]
    stands = situation.standing
    if stands.taken_at is not None:
        found.append(Source(f"assessment:{stands.customer}", say("recommend.source"), stands.taken_at))
    return found
