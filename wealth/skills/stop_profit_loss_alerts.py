"""The customer's own limits: set, show and remove take-profit, stop-loss and price-move alerts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wealth.advice import alerts
from wealth.blocks import item, listing
from wealth.errors import BadSetting
from wealth.positions import portfolio
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills._context import option
from wealth.store import Product, writes
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

SKILL = "stop_profit_loss"
_HUNDRED = Decimal(100)
# Longer answers to "设多少？" are new questions.
_SHORT_ANSWER = 12


def handle(bank: Bank, request: Request, product: Product | None, wanted: str | None) -> Reply | None:
    """The reply if the question is about alerts, None if it asks for a view."""
    asked = _asked_back(request)
    if asked is not None:
        chosen = bank.store.product(asked["products"][0]) if asked.get("products") else product
        if request.percent is not None and chosen is not None:
            return _set(bank, request, str(asked["alert"]), chosen)
    if wanted == "show":
        return _show(bank, request)
    if wanted == "remove":
        return _remove(bank, request, product)
    if wanted == "set":
        kind = alerts.kind_of(request.text) or "nav_band"
        if product is None:
            return _which(bank, request, kind)
        return _set(bank, request, kind, product) if request.percent is not None else _propose(request, kind, product)
    return None


def proposal(kind: str, product: Product) -> QuickReply:
    """A button that sets a sensible limit in the customer's own words."""
    return option(f"stoploss.options.{kind}", name=product.name, rate=rate_text(alerts.suggested(kind, product)))


def rate_text(rate: Decimal) -> str:
    """A limit in per cent with no more decimals than it has: 8%, 0.5%."""
    return f"{(rate * _HUNDRED).normalize():f}%"


def _asked_back(request: Request) -> dict[str, Any] | None:
    """What we asked before ("设多少？"), if this is the answer to it and not a new question."""
    pending = request.context.get("pending") or {}
    params = pending.get("params") or {}
    if pending.get("skill") != SKILL or "alert" not in params or len(request.text) > _SHORT_ANSWER:
        return None
    return dict(params)


def _set(bank: Bank, request: Request, kind: str, product: Product) -> Reply:
    rate = abs(request.percent or Decimal(0)) / _HUNDRED
    try:
        kept = writes.set_alert(bank.store, request.owner, kind, rate, request.now, product.code)
    except BadSetting:
        return _plain(say("stoploss.alerts.bad_rate"), [proposal(kind, product)])
    text = say(f"stoploss.alerts.set.{kind}", name=product.name, rate=rate_text(kept.threshold))
    return _plain(
        text,
        [option("stoploss.options.show"), option("explain.options.keep", name=product.name)],
        product,
        [Source(f"alert:{kept.id}", say("stoploss.alerts.source"), kept.created_at)],
    )


def _propose(request: Request, kind: str, product: Product) -> Reply:
    """No figure was named: propose one that "好的" accepts."""
    rate = alerts.suggested(kind, product)
    reply = _plain(
        say(f"stoploss.alerts.propose.{kind}", name=product.name, rate=rate_text(rate)),
        [proposal(kind, product)],
        product,
        [Source(f"product:{product.code}", say("stoploss.alerts.rule"), request.now)],
    )
    params = {"alert": kind, "products": [product.code], "percent": str(rate * _HUNDRED)}
    return replace(reply, control={"pending": {"kind": "confirm", "skill": SKILL, "params": params}})


def _which(bank: Bank, request: Request, kind: str) -> Reply:
    """An alert for what: the customer's own products as buttons."""
    held = portfolio(bank.store, request.owner, request.now).holdings
    names = list(dict.fromkeys(one.product.name for one in held if one.product.valuation == "nav"))[:3]
    if not names:
        return _plain(say("stoploss.nothing"), [option("common.options.recommend")])
    if request.percent:
        rate = rate_text(request.percent / _HUNDRED)
        steps = [QuickReply(name, option(f"stoploss.options.{kind}", name=name, rate=rate).text) for name in names]
    else:
        steps = [QuickReply(name, say("stoploss.alerts.ask", name=name)) for name in names]
    return _plain(say("stoploss.alerts.which"), steps)


def _show(bank: Bank, request: Request) -> Reply:
    kept = bank.store.alert_settings(request.owner)
    if not kept:
        return _plain(say("stoploss.alerts.none"), [option("stoploss.options.all")])
    rows = [
        item(
            bank.store.product(one.product).name if one.product else say("stoploss.alerts.everything"),
            text=say(f"stoploss.alerts.line.{one.kind}", rate=rate_text(one.threshold)),
            private=True,
        )
        for one in kept
    ]
    text = say("stoploss.alerts.count", count=len(kept))
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        blocks=[listing(say("stoploss.alerts.title"), rows)],
        quick_replies=(steps := [option("stoploss.options.all"), option("stoploss.options.remove")]),
        next_step=steps[0],
        sources=[Source(f"alert:{one.id}", say("stoploss.alerts.source"), one.created_at) for one in kept],
        privacy=Privacy.PERSONAL,
        offered=list(dict.fromkeys(one.product for one in kept if one.product)),
    )


def _remove(bank: Bank, request: Request, product: Product | None) -> Reply:
    """Off go those of the product, or all of them; of one kind where it was named."""
    kind = alerts.kind_of(request.text)
    gone = 0
    for one in bank.store.alert_settings(request.owner):
        if (product is None or one.product == product.code) and kind in (None, one.kind):
            gone += writes.remove_alert(bank.store, request.owner, one.kind, one.product)
    key = "stoploss.alerts.removed" if gone else "stoploss.alerts.nothing_to_remove"
    return _plain(say(key, count=gone), [option("stoploss.options.all")], product)


def _plain(text: str, steps: list[QuickReply], product: Product | None = None, sources: Any = ()) -> Reply:
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=steps,
        next_step=steps[0],
        sources=list(sources),
        privacy=Privacy.PERSONAL,
        offered=[product.code] if product is not None else [],
        params={"products": [product.code]} if product is not None else {},
    )
