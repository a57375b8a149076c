"""A customer as the allocation sees them: what can be sold and when, what is due, which products may be bought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from wealth.advice import terms
from wealth.advice.allocation_plan import Case, Position
from wealth.advice.allocation_rules import CLASSES, rules
from wealth.advice.emergency import Emergency, ProtectionGap
from wealth.advice.suitability import Standing, is_for_sale
from wealth.classes import UNKNOWN
from wealth.positions import Holding, Portfolio
from wealth.store import Product

# Until their maturity these pay their interest or no interest at all; breaking them is never advised.
_DEPOSITS = frozenset({"time_deposit", "structured_deposit"})


def case_of(
    portfolio: Portfolio,
    standing: Standing,
    products: Sequence[Product],
    emergency: Emergency,
    gap: ProtectionGap,
    on: date,
    new_money: Decimal = Decimal(0),
) -> Case:
    """What the optimiser needs, from what is held on a day; `products` is the bank's whole catalogue.

    Raises ValueError without a valid level. To elderly customers no risky product is put forward (rule 4).
    """
    if standing.level is None:
        raise ValueError("no plan without a valid risk assessment")
    offered = [product for product in products if not standing.needs_care(product)]
    held = [one for one in portfolio.holdings if one.value > 0 and one.product.asset_class != "protection"]
    codes = {one.product.code for one in held}
    return Case(
        level=standing.level,
        positions=[_position(one, on) for one in held if one.product.kind != "demand_deposit"],
        candidates=candidates(offered, standing.level, codes, on),
        money=sum((one.value for one in held if one.product.kind == "demand_deposit"), Decimal(0)),
        new_money=new_money,
        reserve=emergency.target,
        set_aside=gap.budget,
    )


def candidates(products: Sequence[Product], level: int, held: set[str], on: date) -> list[Product]:
    """The few products per class a plan may buy: suitable, for sale, not locked too long.

    What is held already comes first, then the lower risk, the shorter lock, the lower cost and minimum. Never by
    return (rule 10).
    """
    book = rules()
    usable = [
        product
        for product in products
        if product.risk <= level
        and product.kind not in book.not_for_plans
        and product.asset_class in CLASSES
        and is_for_sale(product, on)
    ]
    found: list[Product] = []
    for name in CLASSES:
        fitting = [product for product in usable if product.asset_class == name and _short(product, name, on)]
        if not fitting:
            # No product of this class suits the level: mixed ones with enough of it do, under their own class's lock.
            fitting = [product for product in usable if product.look_through.get(name, 0) >= book.enough_in_mixed]
            fitting = [product for product in fitting if _short(product, product.asset_class, on)]
        fitting.sort(key=lambda product: _preference(product, held, on))
        found += _one_share_class(fitting)[: book.candidates_per_class]
    return list({product.code: product for product in found}.values())


def _short(product: Product, asset_class: str, on: date) -> bool:
    return terms.days_locked(product, on) <= rules().longest_lock_days[asset_class]


def _preference(product: Product, held: set[str], on: date) -> tuple[bool, int, int, int, Decimal, str]:
    # A mixed product moves several classes at once; one that is mostly its own class is easier to reckon with.
    own = product.look_through.get(product.asset_class, Decimal(1))
    return (
        product.code not in held,
        product.risk,
        terms.days_locked(product, on),
        -int(own * 10),
        terms.yearly_cost(product) + product.minimum / Decimal(10**7),
        product.code,
    )


def _one_share_class(products: Sequence[Product]) -> list[Product]:
    """Only the first share class of each fund."""
    kept: list[Product] = []
    for product in products:
        if all(product.pair_code != other.code for other in kept):
            kept.append(product)
    return kept


def _position(holding: Holding, on: date) -> Position:
    window = on + timedelta(days=rules().matures_within_days)
    maturing = sum((due.amount for due in holding.maturities if due.date <= window), Decimal(0))
    locked, until = _lock(holding, on)
    return Position(
        product=holding.product,
        value=holding.value,
        classes=_classes(holding),
        maturing=min(maturing, holding.value),
        locked=locked,
        until=until,
    )


def _classes(holding: Holding) -> dict[str, Decimal]:
    """By the four classes; what is not disclosed, and a rider of protection, count to the main class."""
    found: dict[str, Decimal] = {}
    for name, value in holding.classes.items():
        own = name if name in CLASSES and name != UNKNOWN else holding.product.asset_class
        found[own] = found.get(own, Decimal(0)) + value
    return found


def _lock(holding: Holding, on: date) -> tuple[str | None, date | None]:
    """Why a holding cannot be sold now, and from when it can."""
    product = holding.product
    due = holding.maturities[0].date if holding.maturities else product.maturity_date
    if product.kind in _DEPOSITS:
        return "deposit", due
    if product.open_rule == "closed":
        return "closed", due
    free = holding.last_traded + timedelta(days=product.lock_days)
    if free > on:
        return "locked", free
    fee = product.redemption_fee((on - holding.last_traded).days)
    if fee is not None and fee.rate >= rules().dear_redemption:
        return "fee", holding.last_traded + timedelta(days=int(fee.end or 0))
    return None, None
