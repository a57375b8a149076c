"""Profit and return of a customer's holdings: by period, product, class and account.

Money adds up to the cent over products and over adjoining periods. A period runs from its start day up to, not
including, its end day: profit = closing value - opening value - money put in + money taken out, where opening is the
value at the close of the day before start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from wealth import clock, ledger, risk
from wealth.days import DailyProfit, Days, from_cents
from wealth.errors import BadSetting
from wealth.reply import Source
from wealth.request import Period
from wealth.store import Product, Store
from wealth.store.prices import known_day
from wealth.tracks import Track, build
from wealth.valuation import due_day, price_time

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Contribution:
    """One product's part of a profit; money in CNY.

    market: from price moves and income on what was held; the rest of amount is the cost of the customer's own trades.
    """

    product: Product
    account: str
    amount: Decimal
    market: Decimal
    opening: Decimal
    closing: Decimal
    inflow: Decimal
    outflow: Decimal
    dividends: Decimal
    fees: Decimal


@dataclass(frozen=True)
class Profit:
    """Profit of a selection over [start, end). Rates are fractions, None where undefined (no capital, too few days).

    xirr: money-weighted, a year, from 30 days up; period_rate: money-weighted over the period itself (modified Dietz);
    twr: time-weighted over the period; drawdown: greatest fall from a peak (negative or 0); volatility: standard
    deviation of trading-day returns × √242, from 20 trading days up. priced_until: the last day with a price in it.
    missing_prices: codes without the price of the last day due. by_product sums to amount.
    """

    customer: str
    start: date
    end: date
    amount: Decimal
    opening: Decimal
    closing: Decimal
    inflow: Decimal
    outflow: Decimal
    dividends: Decimal
    fees: Decimal
    period_rate: float | None
    xirr: float | None
    twr: float | None
    drawdown: float | None
    volatility: float | None
    by_product: Sequence[Contribution]
    priced_until: date | None
    missing_prices: Sequence[str]
    sources: Sequence[Source]
    _days: Days = field(repr=False, compare=False)

    def daily(self) -> list[DailyProfit]:
        """The same by calendar day (calendar and line charts); the days' profits add up to amount."""
        return self._days.listed(self.start)


def profit(
    store: Store,
    customer: str,
    period: Period,
    *,
    product: str | None = None,
    asset_class: str | None = None,
    account: str | None = None,
    at: datetime | None = None,
) -> Profit:
    """P/L of all, one product, one main class or one account over a period.

    period.start None: since the first movement; end None or after `at`: up to what is priced at `at` (default now).
    Raises UnknownCustomer, UnknownProduct, StoreUnavailable; BadSetting for a period that is not valid.
    """
    chosen = _select(store, customer, period, product, asset_class, account, at)
    parts = sorted(
        (part for part in map(_contribution, chosen.tracks) if part is not None),
        key=lambda part: (-part.amount, part.product.code, part.account),
    )
    days = Days.of(chosen.tracks, chosen.size)
    held = [track for track in chosen.tracks if track.value[-1]]
    due = due_day(chosen.known).toordinal()
    last = chosen.last.toordinal()
    price_days = {track.product.code: track.quotes.last(last)[1] for track in held if track.product.valuation == "nav"}
    return Profit(
        customer=customer,
        start=chosen.first,
        end=chosen.last + _DAY,
        amount=from_cents(days.profit.sum()),
        opening=from_cents(days.value[0]),
        closing=from_cents(days.value[-1]),
        inflow=from_cents(np.maximum(days.flow[1:], 0).sum()),
        outflow=from_cents(-np.minimum(days.flow[1:], 0).sum()),
        dividends=sum((part.dividends for part in parts), Decimal("0.00")),
        fees=sum((part.fees for part in parts), Decimal("0.00")),
        period_rate=days.period_rate(),
        xirr=days.xirr(chosen.first),
        twr=risk.total_return(days.rates) if days.had_capital else None,
        drawdown=risk.max_drawdown(days.rates) if days.had_capital else None,
        volatility=risk.volatility(days.trading_day_returns(chosen.first)),
        by_product=parts,
        priced_until=date.fromordinal(max(price_days.values())) if price_days else None,
        missing_prices=tuple(sorted(code for code, day in price_days.items() if day < due)),
        sources=_sources(chosen, price_days),
        _days=days,
    )


def contributions(store: Store, customer: str, period: Period, *, at: datetime | None = None) -> list[Contribution]:
    """Each product's part of the period's profit, greatest gain first, greatest loss last."""
    return list(profit(store, customer, period, at=at).by_product)


@dataclass(frozen=True)
class _Chosen:
    """The tracks of a selection over the days first … last, with prices up to `known`."""

    tracks: list[Track]
    first: date
    last: date
    known: date
    last_movement: int

    @property
    def size(self) -> int:
        return (self.last - self.first).days + 2


def _select(
    store: Store,
    customer: str,
    period: Period,
    product: str | None,
    asset_class: str | None,
    account: str | None,
    at: datetime | None,
) -> _Chosen:
    if not period.valid:
        raise BadSetting(period.reason or "这个时间段不存在")
    moment = at or clock.now()
    today = moment.astimezone(clock.SHANGHAI).date()
    last = min(period.end - _DAY, today) if period.end is not None else today
    known = min(known_day(moment), last)
    if product is not None:
        store.product(product)
    cash = ledger.cash_products(store, customer)
    entries = ledger.read(store, customer, last)
    products = store.products_by_code()
    first = period.start
    if first is None:
        first = date.fromordinal(entries[0].day) if entries else last
    if first > last:
        raise BadSetting(period.reason or "这个时间段还没有到，或者起止日期反了")
    lines = store.prices.lines({entry.product for entry in entries if products[entry.product].valuation == "nav"})
    tracks = build(entries, cash, products, lines, first=first, last=last, known=known)
    return _Chosen(
        tracks=[
            track
            for track in tracks
            if (product is None or track.product.code == product)
            and (asset_class is None or track.product.asset_class == asset_class)
            and (account is None or track.account == account)
        ],
        first=first,
        last=last,
        known=known,
        last_movement=max((entry.id for entry in entries), default=0),
    )


def _contribution(track: Track) -> Contribution | None:
    gain = int(track.profit.sum())
    if not (gain or track.value[0] or track.value[-1] or track.inflow or track.outflow):
        return None
    return Contribution(
        product=track.product,
        account=track.account,
        amount=from_cents(gain),
        market=from_cents(track.market.sum()),
        opening=from_cents(track.value[0]),
        closing=from_cents(track.value[-1]),
        inflow=from_cents(track.inflow),
        outflow=from_cents(track.outflow),
        dividends=from_cents(track.income[1:].sum()),
        fees=from_cents(track.fees[1:].sum()),
    )


def _sources(chosen: _Chosen, price_days: dict[str, int]) -> tuple[Source, ...]:
    found = [Source(f"movement:{chosen.last_movement}", "您的交易流水", clock.end_of(chosen.last))]
    if price_days:
        day = date.fromordinal(max(price_days.values()))
        found.append(Source(f"nav:{day.isoformat()}", "产品净值", price_time(day)))
    return tuple(found)
