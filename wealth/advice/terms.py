"""Terms: what a product's rules mean on a given day: when money comes back, what it costs, whether it is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from wealth import calendar
from wealth.clock import SHANGHAI
from wealth.store import FeeTier, Product

_DAYS_A_YEAR = Decimal(365)
_MOST = Decimal(10) ** 12


@dataclass(frozen=True)
class Dates:
    """An order's days. placed: T, whose price counts; confirmed; arrives: money back on the card (sales only).

    certain: False where a day lies in a year whose holidays are not published yet.
    """

    placed: date
    confirmed: date
    arrives: date | None
    certain: bool


def purchase_dates(product: Product, at: datetime) -> Dates:
    """A purchase placed now. A periodic product waits for its next open day."""
    placed = calendar.order_day(at, product.cutoff)
    if product.open_rule == "periodic":
        placed = next_open_day(product, placed) or placed
    confirmed = calendar.add_trading_days(placed, product.confirm_days)
    return Dates(placed, confirmed, None, calendar.is_certain(confirmed))


def redemption_dates(product: Product, at: datetime) -> Dates:
    """A redemption placed now, leaving holding periods aside: those are the lot's (see positions)."""
    placed = calendar.order_day(at, product.cutoff)
    if product.open_rule == "periodic":
        placed = next_open_day(product, placed) or placed
    confirmed = calendar.add_trading_days(placed, product.confirm_days)
    arrives = calendar.add_trading_days(placed, max(product.arrival_days, product.confirm_days))
    return Dates(placed, confirmed, arrives, calendar.is_certain(arrives))


def maturity_arrival(product: Product, due: date) -> date:
    """When the money of a maturity or a sale on `due` is on the card."""
    return calendar.add_trading_days(due, product.arrival_days)


def next_open_day(product: Product, day: date) -> date | None:
    """The first open day on or after a day, moved to a trading day; None if none is announced."""
    opened = (calendar.add_trading_days(one, 0) for one in sorted(product.open_days))
    return next((one for one in opened if one >= day), None)


def days_locked(product: Product, day: date) -> int:
    """For how many days from a purchase on `day` the money cannot be taken out as a rule."""
    if product.kind == "insurance":
        return 3650
    if product.open_rule == "closed" or product.kind == "time_deposit":
        if product.maturity_date is not None:
            return max((product.maturity_date - day).days, 0)
        return product.term_days or 0
    if product.open_rule == "periodic":
        wait = next_open_day(product, day + timedelta(days=max(product.lock_days, 1)))
        return max((wait - day).days if wait else 0, product.lock_days)
    return product.lock_days


def days_to_cash(product: Product, day: date) -> int:
    """Days from a purchase on `day` until the money can be back on the card."""
    return days_locked(product, day) + product.arrival_days


def yearly_cost(product: Product) -> Decimal:
    """Management, custody and sales service fees a year, as a fraction; already inside the price."""
    return product.management_fee + product.custody_fee + product.service_fee


def cost_over(product: Product, amount: Decimal, days: int) -> Decimal:
    """CNY that placing `amount` for `days` costs in all: purchase, running and redemption fees, to the cent."""
    total = fee_of(product.purchase_fee(amount), amount)
    total += amount * yearly_cost(product) * days / _DAYS_A_YEAR
    total += fee_of(product.redemption_fee(days), amount)
    return total.quantize(Decimal("0.01"))


def fee_of(tier: FeeTier | None, amount: Decimal) -> Decimal:
    """CNY of one fee step on an amount charged on top of nothing else: amount × rate, or the fixed sum."""
    if tier is None:
        return Decimal("0.00")
    return (tier.fixed if tier.fixed is not None else amount * tier.rate).quantize(Decimal("0.01"))


def purchase_fee_inside(product: Product, amount: Decimal) -> Decimal:
    """The fee inside a purchase of `amount` (外扣法): amount - amount / (1 + rate), or the fixed sum."""
    tier = product.purchase_fee(amount)
    if tier is None:
        return Decimal("0.00")
    if tier.fixed is not None:
        return tier.fixed
    return amount - (amount / (1 + tier.rate)).quantize(Decimal("0.01"))


def usable(amount: Decimal | None) -> Decimal | None:
    """A sum a customer can mean: above 0 and up to a trillion CNY; None for anything else, "nan" and the like."""
    if amount is None or not amount.is_finite() or not 0 < amount <= _MOST:
        return None
    return amount


def today_of(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(SHANGHAI).date()
