"""Recommendation: which few products to offer a customer. Suitability bars first, fit ranks what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wealth.advice import fit, terms
from wealth.advice.fit import Fit, Situation
from wealth.advice.situation import situation_of
from wealth.advice.wish import Wish
from wealth.store import Product, Store

MOST_PICKS = 3
# The settlement account itself is where money comes from, not something to buy.
_NEVER = frozenset({"demand_deposit"})


@dataclass(frozen=True)
class Recommendation:
    """picks: best first, empty where nothing is left. dropped: reason → how many products it took out.

    considered: products for sale that are what was asked for, before any bar.
    """

    situation: Situation
    wish: Wish
    personal: bool
    picks: Sequence[Fit]
    considered: int
    dropped: Mapping[str, int]

    @property
    def main_hindrance(self) -> str | None:
        """What took out most; None if nothing did."""
        return max(self.dropped, key=lambda reason: self.dropped[reason]) if self.dropped else None


def recommend(
    store: Store,
    customer: str,
    wish: Wish,
    at: datetime,
    *,
    personal: bool = True,
    without: Collection[str] = (),
    limit: int = MOST_PICKS,
) -> Recommendation:
    """Up to `limit` products for the customer. Raises UnknownCustomer, StoreUnavailable.

    personal False leaves out stage, gap and past behaviour; the level still binds. A customer without a valid
    assessment gets no picks (situation.standing says why). without: codes already shown.
    """
    situation = situation_of(store, customer, at)
    dropped: Counter[str] = Counter()
    fits: list[Fit] = []
    considered = 0
    for product in store.products():
        if product.kind in _NEVER or product.code in without or not wish.fits(product):
            continue
        if product.kind == "insurance" and not wish.specific:
            continue
        barrier = situation.standing.barrier(product, situation.today)
        if barrier == "not_on_sale":
            continue
        considered += 1
        reason = barrier or fit.barred(product, situation, wish)
        if reason is not None:
            dropped[reason] += 1
            continue
        fits.append(fit.assess(product, situation, wish, personal=personal))
    fits.sort(key=lambda one: (-one.score, terms.yearly_cost(one.product), one.product.code))
    return Recommendation(situation, wish, personal, _varied(fits, wish, limit), considered, dropped)


def _varied(fits: Sequence[Fit], wish: Wish, limit: int) -> list[Fit]:
    """The best few that are not the same thing thrice: share classes of one fund once, classes and issuers mixed."""
    settings = fit.settings()
    left, picks = list(fits), list[Fit]()
    while left and len(picks) < limit:

        def value(one: Fit) -> float:
            same_class = sum(pick.product.asset_class == one.product.asset_class for pick in picks)
            same_issuer = sum(pick.product.issuer == one.product.issuer for pick in picks)
            less = 0.0 if wish.specific else settings["same_class"] * same_class
            return one.score - less - settings["same_issuer"] * same_issuer

        best = max(left, key=value)
        picks.append(best)
        left = [one for one in left if one is not best and not _same_fund(one.product, best.product)]
    return picks


def _same_fund(one: Product, other: Product) -> bool:
    return one.pair_code == other.code
