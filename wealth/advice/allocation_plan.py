"""What an allocation plan is made of: positions, the case of one customer, steps, reasons and the plan itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from wealth.advice.allocation_rules import rules
from wealth.classes import UNKNOWN
from wealth.reply import Source
from wealth.store import Product


@dataclass(frozen=True)
class Position:
    """Something held. value and maturing (due within the window) in CNY; classes sum to value, looked through.

    locked: None if it can be sold, else why not (locked|closed|deposit|fee); until: from when it can be.
    """

    product: Product
    value: Decimal
    classes: Mapping[str, Decimal]
    maturing: Decimal = Decimal(0)
    locked: str | None = None
    until: date | None = None


@dataclass(frozen=True)
class Case:
    """One customer to plan for. level 1..5. money: on the settlement accounts; new_money: about to come in.

    reserve: emergency money kept in cash; set_aside: yearly premium for the protection gap. positions: without
    settlement accounts and insurance. candidates: products that may be bought, best first within each class.
    """

    level: int
    positions: Sequence[Position]
    candidates: Sequence[Product]
    money: Decimal = Decimal(0)
    new_money: Decimal = Decimal(0)
    reserve: Decimal = Decimal(0)
    set_aside: Decimal = Decimal(0)


@dataclass(frozen=True)
class Step:
    """One trade. action buy|sell; amount in CNY. cause: of a purchase, the money that pays for it
    (new|maturing|idle|sale); of a sale, what asks for it (level|size|band).
    """

    action: str
    product: Product
    amount: Decimal
    cause: str


@dataclass(frozen=True)
class Reason:
    """Why a plan is not whole: key of data/wording/checkup.yml below `plan.reasons`, class, products, amount."""

    key: str
    asset_class: str = ""
    products: Sequence[Product] = ()
    until: date | None = None


@dataclass(frozen=True)
class Plan:
    """steps: sales first, then purchases by rising risk. before (as it stands, without money to come), after, low,
    high, target: class → fraction of the investable money. funding: CNY by purse (new|maturing|idle|sale).

    base: the investable money (total - reserve - set_aside), CNY. fits: within bands, caps, volatility and level.
    reasons: why not, where it does not; also says what was left alone. cap_lapsed: too little money for the cap.
    """

    level: int
    total: Decimal
    base: Decimal
    reserve: Decimal
    set_aside: Decimal
    before: Mapping[str, Decimal]
    after: Mapping[str, Decimal]
    target: Mapping[str, Decimal]
    low: Mapping[str, Decimal]
    high: Mapping[str, Decimal]
    volatility: float
    fits: bool
    steps: Sequence[Step] = ()
    funding: Mapping[str, Decimal] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()
    cap_lapsed: bool = False
    source: Source = field(default_factory=lambda: rules().source)

    @property
    def handed_over(self) -> bool:
        """Whether a person should look at it: a limit is not kept for more than a gap in the bank's own shelf."""
        return not self.fits and any(reason.key not in ("no_product", "reserve_first") for reason in self.reasons)

    @property
    def needed(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.steps)


@lru_cache(maxsize=4096)
def _shares(code: str, asset_class: str, weights: tuple[tuple[str, Decimal], ...]) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, weight in weights:
        own = asset_class if name == UNKNOWN else name
        found[own] = found.get(own, Decimal(0)) + weight
    return found


def shares(product: Product) -> Mapping[str, Decimal]:
    """A product's class weights; what is not disclosed counts to its main class."""
    weights = product.look_through or {product.asset_class: Decimal(1)}
    return _shares(product.code, product.asset_class, tuple(weights.items()))


def shown(weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Weights for people: a reserve larger than all cash leaves no cash, not less than none."""
    positive = {name: max(weight, Decimal(0)) for name, weight in weights.items()}
    whole = sum(positive.values(), Decimal(0))
    return {name: weight / whole for name, weight in positive.items()} if whole else positive
