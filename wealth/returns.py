"""Profit and return of a customer's holdings: by period, product, class and account.

Money adds up to the cent over products and over adjoining periods. A period runs from its start day up to, not
including, its end day: profit = closing value - opening value - money put in + money taken out, where opening is the
value at the close of the day before start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from wealth import calendar, clock, ledger, risk
from wealth.errors import BadSetting
from wealth.reply import Source
from wealth.request import Period
from wealth.store import Product, Store
from wealth.store.prices import known_day
from wealth.store.types import MONEY_DIGITS, unscaled
from wealth.tracks import Track, build
from wealth.valuation import due_day, price_time, source_of

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
class DailyProfit:
    """One day: profit and closing value in CNY, net money put in, and the day's return (None without capital)."""

    date: date
    profit: Decimal
    value: Decimal
    flow: Decimal
    rate: float | None


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


@dataclass(frozen=True)
class Performance:
    """A product's own past over [start, end], dividends reinvested; rates are fractions.

    annualised: only from a year up; volatility: × √242, from 20 returns up.
    """

    product: str
    start: date
    end: date
    total_return: float
    annualised: float | None
    drawdown: float
    volatility: float | None
    source: Source


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
    days = _Days.of(chosen.tracks, chosen.size)
    returns = _trading_day_returns(days, chosen.first)
    held = [track for track in chosen.tracks if track.value[-1]]
    due = due_day(chosen.known).toordinal()
    last = chosen.last.toordinal()
    price_days = {track.product.code: track.quotes.last(last)[1] for track in held if track.product.valuation == "nav"}
    return Profit(
        customer=customer,
        start=chosen.first,
        end=chosen.last + _DAY,
        amount=_money(days.profit.sum()),
        opening=_money(days.value[0]),
        closing=_money(days.value[-1]),
        inflow=_money(np.maximum(days.flow[1:], 0).sum()),
        outflow=_money(-np.minimum(days.flow[1:], 0).sum()),
        dividends=sum((part.dividends for part in parts), Decimal("0.00")),
        fees=sum((part.fees for part in parts), Decimal("0.00")),
        period_rate=_period_rate(days),
        xirr=_xirr(days, chosen.first),
        twr=risk.total_return(days.rates) if days.had_capital else None,
        drawdown=risk.max_drawdown(days.rates) if days.had_capital else None,
        volatility=risk.volatility(returns),
        by_product=parts,
        priced_until=date.fromordinal(max(price_days.values())) if price_days else None,
        missing_prices=tuple(sorted(code for code, day in price_days.items() if day < due)),
        sources=_sources(chosen, price_days),
    )


def daily(
    store: Store,
    customer: str,
    period: Period,
    *,
    product: str | None = None,
    asset_class: str | None = None,
    account: str | None = None,
    at: datetime | None = None,
) -> list[DailyProfit]:
    """The same by calendar day (calendar and line charts); profits add up to profit().amount."""
    chosen = _select(store, customer, period, product, asset_class, account, at)
    days = _Days.of(chosen.tracks, chosen.size)
    start = chosen.first.toordinal()
    return [
        DailyProfit(
            date=date.fromordinal(start + index),
            profit=_money(gain),
            value=_money(days.value[index + 1]),
            flow=_money(days.flow[index + 1]),
            rate=float(days.rates[index]) if days.capital[index] else None,
        )
        for index, gain in enumerate(days.profit)
    ]


def contributions(store: Store, customer: str, period: Period, *, at: datetime | None = None) -> list[Contribution]:
    """Each product's part of the period's profit, greatest gain first, greatest loss last."""
    return list(profit(store, customer, period, at=at).by_product)


def performance(
    store: Store, code: str, start: date | None = None, end: date | None = None, *, at: datetime | None = None
) -> Performance | None:
    """A product's own return between two days (both included), None under two prices. Raises UnknownProduct.

    A day's return is (price + dividend of the day) / price before - 1, as with dividends reinvested.
    """
    product = store.product(code)
    line = store.prices.lines([code])[code]
    known = known_day(at or clock.now())
    last = min(end, known) if end is not None else known
    low = int(np.searchsorted(line.days, start.toordinal())) if start is not None else 0
    high = int(np.searchsorted(line.days, last.toordinal(), side="right"))
    if high - low < 2:
        return None
    prices, dividends = line.prices[low:high].astype(float), line.dividends[low:high].astype(float)
    returns = (prices[1:] + dividends[1:]) / prices[:-1] - 1.0
    first_day, last_day = (date.fromordinal(int(line.days[index])) for index in (low, high - 1))
    total = risk.total_return(returns)
    return Performance(
        product=code,
        start=first_day,
        end=last_day,
        total_return=total,
        annualised=risk.annualised(total, (last_day - first_day).days),
        drawdown=risk.max_drawdown(returns),
        volatility=risk.volatility(returns),
        source=source_of(product, last_day, True, 0),
    )


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


@dataclass(frozen=True)
class _Days:
    """A selection's days added up, in cents. rates and capital are by day of the period, the rest as in Track."""

    value: np.ndarray
    flow: np.ndarray
    profit: np.ndarray
    rates: np.ndarray
    capital: np.ndarray

    @classmethod
    def of(cls, tracks: list[Track], size: int) -> _Days:
        zero = np.zeros(size, dtype=np.int64)
        value = sum((track.value for track in tracks), zero)
        flow = sum((track.flow for track in tracks), zero)
        gain = sum((track.profit for track in tracks), zero[1:])
        market = sum((track.market for track in tracks), zero[1:])
        opening = value[:-1].astype(float)
        # Prices work on the evening's capital, trading costs on what was there to trade with that day.
        traded = opening + market + np.maximum(flow[1:], 0)
        on_prices = np.divide(market, opening, out=np.zeros_like(opening), where=opening > 0)
        on_trades = np.divide(gain - market, traded, out=np.zeros_like(opening), where=traded > 0)
        return cls(
            value=value,
            flow=flow,
            profit=gain,
            rates=(1.0 + on_prices) * (1.0 + on_trades) - 1.0,
            capital=(opening > 0) | (traded > 0),
        )

    @property
    def had_capital(self) -> bool:
        return bool(self.capital.any())


def _contribution(track: Track) -> Contribution | None:
    gain = int(track.profit.sum())
    if not (gain or track.value[0] or track.value[-1] or track.inflow or track.outflow):
        return None
    return Contribution(
        product=track.product,
        account=track.account,
        amount=_money(gain),
        market=_money(track.market.sum()),
        opening=_money(track.value[0]),
        closing=_money(track.value[-1]),
        inflow=_money(track.inflow),
        outflow=_money(track.outflow),
        dividends=_money(track.income[1:].sum()),
        fees=_money(track.fees[1:].sum()),
    )


def _trading_day_returns(days: _Days, first: date) -> np.ndarray:
    """Returns from one trading day's close to the next, from the first day with capital on."""
    if not days.had_capital:
        return np.empty(0)
    line = np.concatenate([[1.0], np.cumprod(1.0 + days.rates)])
    start = first.toordinal() - 1
    begin = int(np.argmax(days.capital))
    later = range(begin + 1, len(line))
    closes = [begin, *(index for index in later if calendar.is_trading_day(date.fromordinal(start + index)))]
    closing = line[closes]
    closing = closing[: int(np.argmin(closing > 0))] if (closing <= 0).any() else closing
    return closing[1:] / closing[:-1] - 1.0


def _period_rate(days: _Days) -> float | None:
    length = len(days.profit)
    flows = [((length - index) / length, float(days.flow[index])) for index in range(1, length + 1) if days.flow[index]]
    return risk.modified_dietz(float(days.value[0]), float(days.value[-1]), flows)


def _xirr(days: _Days, first: date) -> float | None:
    start = first.toordinal() - 1
    amounts = -days.flow.astype(float)
    amounts[0] = -float(days.value[0])
    amounts[-1] += float(days.value[-1])
    used = np.flatnonzero(amounts)
    return risk.xirr([date.fromordinal(start + int(index)) for index in used], [amounts[i] / 100.0 for i in used])


def _sources(chosen: _Chosen, price_days: dict[str, int]) -> tuple[Source, ...]:
    found = [Source(f"movement:{chosen.last_movement}", "您的交易流水", clock.end_of(chosen.last))]
    if price_days:
        day = date.fromordinal(max(price_days.values()))
        found.append(Source(f"nav:{day.isoformat()}", "产品净值", price_time(day)))
    return tuple(found)


def _money(cents: int | np.integer) -> Decimal:
    return unscaled(int(cents), MONEY_DIGITS)
