"""Lots: when the units held were bought, oldest sold first, for what holding days decide: locks and redemption fees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from wealth.advice import terms
from wealth.positions import Holding
from wealth.store import Movement, Product, Store

_IN = frozenset({"buy", "reinvest", "convert_in", "transfer_in"})
_OUT = frozenset({"sell", "convert_out", "transfer_out", "maturity"})


@dataclass(frozen=True)
class Lot:
    """Units bought on one day; free_from: the first day they may be sold."""

    bought: date
    units: Decimal
    free_from: date


@dataclass(frozen=True)
class Sale:
    """What selling `units` of a product today would mean, at the last known price; money in CNY.

    value: gross. fee: redemption fee by each lot's holding days on the order's day. free: units that may be sold now;
    next_free: when the next ones become free, None where all are.
    """

    units: Decimal
    free: Decimal
    value: Decimal
    fee: Decimal
    next_free: date | None
    dates: terms.Dates


def sales(store: Store, customer: str, holdings: Sequence[Holding], at: datetime) -> list[Sale]:
    """What selling all that is free of each holding now would mean, in the order given; one read for all of them."""
    until = terms.today_of(at) + timedelta(days=1)
    codes = {one.product.code for one in holdings}
    only = next(iter(codes)) if len(codes) == 1 else None
    by_key: dict[tuple[str, str], list[Movement]] = {}
    for movement in store.movements(customer, end=until, product=only):
        by_key.setdefault((movement.account, movement.product), []).append(movement)
    return [_sale(one, lots(by_key.get((one.account, one.product.code), []), one.product), at) for one in holdings]


def lots(movements: Sequence[Movement], product: Product) -> list[Lot]:
    """The lots that one product's movements under one account leave, oldest first (先进先出)."""
    held: list[Lot] = []
    # Same-day purchases come before same-day sales, as in the ledger.
    for movement in sorted(movements, key=lambda one: (one.trade_date, one.kind in _OUT, one.id)):
        if movement.kind in _IN and movement.units > 0:
            held.append(_lot(movement, product))
        elif movement.kind in _OUT:
            held = _without(held, -movement.units)
    return held


def _sale(holding: Holding, held: Sequence[Lot], at: datetime) -> Sale:
    product = holding.product
    dates = terms.redemption_dates(product, at)
    free = [lot for lot in held if lot.free_from <= dates.placed]
    units = sum((lot.units for lot in free), Decimal(0))
    fee = sum(
        (
            terms.fee_of(product.redemption_fee((dates.placed - lot.bought).days), _worth(lot.units, holding))
            for lot in free
        ),
        Decimal("0.00"),
    )
    return Sale(
        units=holding.units,
        free=units,
        value=_worth(units, holding),
        fee=fee,
        next_free=min((lot.free_from for lot in held if lot.free_from > dates.placed), default=None),
        dates=dates,
    )


def _worth(units: Decimal, holding: Holding) -> Decimal:
    return (units * holding.price).quantize(Decimal("0.01"))


def _lot(movement: Movement, product: Product) -> Lot:
    # Units paid for by a dividend are free at once; those bought have to stay.
    locked = product.lock_days if movement.kind == "buy" else 0
    start = movement.confirm_date or movement.trade_date
    return Lot(movement.trade_date, movement.units, start + timedelta(days=locked))


def _without(held: list[Lot], units: Decimal) -> list[Lot]:
    left: list[Lot] = []
    for lot in held:
        taken = min(lot.units, units)
        units -= taken
        if lot.units > taken:
            left.append(replace(lot, units=lot.units - taken))
    return left
