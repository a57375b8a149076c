"""Alerts: what a customer should be told of their holdings now: band, take-profit, stop-loss, maturity, concentration.

Thresholds are the customer's own where set, else the bank's (data/wealth/alerts.yml). Take-profit and stop-loss only
ever go by what the customer set. Rates are fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import yaml

from wealth.advice import terms
from wealth.advice.suitability import Standing, standing
from wealth.classes import DATA
from wealth.positions import Holding, Portfolio, portfolio
from wealth.reply import Source
from wealth.store import AlertSetting, Product, Store
from wealth.store.prices import EMPTY_LINE, PriceLine, known_day

KINDS = ("nav_band", "target_return", "stop_loss")
_ZERO = Decimal(0)


@lru_cache(maxsize=1)
def settings() -> Mapping[str, Any]:
    """data/wealth/alerts.yml."""
    with (DATA / "wealth" / "alerts.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


@dataclass(frozen=True)
class Owned:
    """A product over all accounts; money in CNY. share: of the whole portfolio.

    gain: unrealised plus what was paid out; rate: gain / cost, None without cost.
    """

    product: Product
    value: Decimal
    cost: Decimal
    gain: Decimal
    share: Decimal
    holdings: Sequence[Holding]

    @property
    def rate(self) -> Decimal | None:
        return self.gain / self.cost if self.cost else None

    @property
    def source(self) -> Source:
        return self.holdings[0].source


@dataclass(frozen=True)
class Alert:
    """One thing to tell. kind: nav_band|target_return|stop_loss|maturity|concentration|above_level.

    value: what was measured: the day's move, the return, the share, the days left or the product's risk; threshold:
    what it passed, in the same unit. own: the customer set it. on: the price day or the day of maturity.
    """

    kind: str
    product: Product
    value: Decimal
    threshold: Decimal
    own: bool
    on: date
    source: Source


def owned(held: Portfolio) -> list[Owned]:
    """The portfolio by product, greatest value first."""
    by_code: dict[str, list[Holding]] = {}
    for one in held.holdings:
        if one.value > 0:
            by_code.setdefault(one.product.code, []).append(one)
    return [_together(parts, held.total) for parts in by_code.values()]


def alerts(store: Store, customer: str, at: datetime) -> list[Alert]:
    """All that is due at a moment, by product value. Raises UnknownCustomer, StoreUnavailable."""
    held = portfolio(store, customer, at)
    return due(store, owned(held), store.alert_settings(customer), standing(store, customer, at), at)


def due(
    store: Store, products: Sequence[Owned], own: Sequence[AlertSetting], stands: Standing, at: datetime
) -> list[Alert]:
    """The same from what has been read already."""
    today = terms.today_of(at)
    lines = store.prices.lines(one.product.code for one in products if one.product.valuation == "nav")
    found: list[Alert] = []
    for one in products:
        found += _returns(one, own, today)
        found += _band(one, lines.get(one.product.code, EMPTY_LINE), own, at)
        found += _maturity(one, today)
        found += _structure(one, stands, today)
    return found


def threshold(own: Sequence[AlertSetting], kind: str, product: Product) -> Decimal | None:
    """What the customer set for this product, else for all; None if neither."""
    mine = {one.product: one.threshold for one in own if one.kind == kind and one.product in (product.code, None)}
    return mine.get(product.code, mine.get(None))


def suggested(kind: str, product: Product) -> Decimal:
    """A threshold to propose for this kind of product."""
    return Decimal(str(settings()["suggested"][kind][product.asset_class]))


def last_move(line: PriceLine, at: datetime) -> tuple[date, Decimal] | None:
    """The last published day and its price's move, its dividend included; None under two prices."""
    last = int(np.searchsorted(line.days, known_day(at).toordinal(), side="right")) - 1
    if last < 1:
        return None
    moved = Decimal(int(line.prices[last] + line.dividends[last])) / Decimal(int(line.prices[last - 1])) - 1
    return date.fromordinal(int(line.days[last])), moved


def _together(parts: Sequence[Holding], total: Decimal) -> Owned:
    value = sum((one.value for one in parts), _ZERO)
    return Owned(
        product=parts[0].product,
        value=value,
        cost=sum((one.cost for one in parts), _ZERO),
        gain=sum((one.unrealised + one.dividends for one in parts), _ZERO),
        share=value / total if total else _ZERO,
        holdings=parts,
    )


def _returns(one: Owned, own: Sequence[AlertSetting], today: date) -> list[Alert]:
    rate = one.rate
    if rate is None:
        return []
    target, loss = (threshold(own, kind, one.product) for kind in ("target_return", "stop_loss"))
    if target is not None and rate >= target:
        return [Alert("target_return", one.product, rate, target, True, one.holdings[0].price_date, one.source)]
    if loss is not None and rate <= -loss:
        return [Alert("stop_loss", one.product, rate, loss, True, one.holdings[0].price_date, one.source)]
    return []


def _band(one: Owned, line: PriceLine, own: Sequence[AlertSetting], at: datetime) -> list[Alert]:
    moved = last_move(line, at)
    if moved is None:
        return []
    mine = threshold(own, "nav_band", one.product)
    band = mine if mine is not None else Decimal(str(settings()["nav_band"][one.product.asset_class]))
    if abs(moved[1]) < band:
        return []
    return [Alert("nav_band", one.product, moved[1], band, mine is not None, moved[0], one.source)]


def _maturity(one: Owned, today: date) -> list[Alert]:
    found = []
    for day in sorted({due.date for held in one.holdings for due in held.maturities}):
        left = (day - today).days
        if left in settings()["maturity_days"]:
            found.append(Alert("maturity", one.product, Decimal(left), Decimal(left), False, day, one.source))
    return found


def _structure(one: Owned, stands: Standing, today: date) -> list[Alert]:
    found = []
    limit = Decimal(str(settings()["concentration"]))
    if one.product.kind not in settings()["not_concentrated"] and one.share >= limit:
        found.append(Alert("concentration", one.product, one.share, limit, False, today, one.source))
    if stands.level is not None and one.product.risk > stands.level:
        risk, level = Decimal(one.product.risk), Decimal(stands.level)
        found.append(Alert("above_level", one.product, risk, level, False, today, one.source))
    return found


def wanted(text: str) -> str | None:
    """What a question does with alerts or holdings: remove|show|set|add; None if it only asks for a view."""
    cues: Mapping[str, Sequence[str]] = settings()["cues"]
    return next((name for name, words in cues.items() if any(word in text for word in words)), None)


def kind_of(text: str) -> str | None:
    """Which alert a question is about."""
    kinds: Mapping[str, Sequence[str]] = settings()["kinds"]
    return next((name for name, words in kinds.items() if any(word in text for word in words)), None)
