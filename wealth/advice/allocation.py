"""The allocation plan: what to buy and, last of all, sell, so that every class comes into its band for the level.

New money first, then what matures, then idle cash, sales last; nothing moves while all is within the bands. A plan
that cannot get there says why. No forecast of return goes in: weights, bands, caps and costs only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache

import numpy as np

from wealth.advice.allocation_model import Inputs, solve
from wealth.advice.allocation_plan import Case, Plan, Position, Reason, Step, shares, shown
from wealth.advice.allocation_rules import CLASSES, Level, rules
from wealth.advice.emergency import is_liquid
from wealth.store import Product

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
# Bands are aimed at a little from inside, so that whole steps and minimum amounts do not fall out again.
_INSIDE = 0.004
_MOST_ROUNDS = 6


def plan(case: Case) -> Plan:
    """The plan for a case. Deterministic; raises nothing that depends on the customer."""
    made = _attempt(_Desk(case, worthwhile=True))
    if made.fits or not made.needed:
        return made
    # Trades too small to be worth it are still better than a class left outside its band.
    finer = _attempt(_Desk(case, worthwhile=False))
    return finer if finer.fits else made


def _attempt(desk: _Desk) -> Plan:
    if desk.base <= 0:
        return desk.nothing_to_invest()
    if not desk.has_cause():
        return desk.result(np.zeros(0), np.zeros(0), frozenset())
    dropped: frozenset[str] = frozenset()
    for _ in range(_MOST_ROUNDS):
        sales, purchases = desk.solved(dropped)
        too_small = desk.below_minimum(purchases)
        if not too_small:
            break
        # The smallest one goes first; its money finds another place in the next round.
        dropped |= {min(too_small, key=lambda code: (too_small[code], code))}
    else:
        dropped |= frozenset(desk.below_minimum(purchases))
    return desk.result(sales, purchases, dropped)


class _Desk:
    """A case with its sums worked out.

    worthwhile: round amounts, a margin inside every limit, and no trade too small to bother the customer with.
    """

    def __init__(self, case: Case, *, worthwhile: bool) -> None:
        book = rules()
        self.case, self.book = case, book
        self.level: Level = book.levels[case.level]
        self.matured = sum((one.maturing for one in case.positions), Decimal(0))
        self.kept = [_remaining(one) for one in case.positions if one.value > one.maturing]
        self.money = case.money + case.new_money + self.matured
        self.total = self.money + sum((one.value for one in self.kept), Decimal(0))
        self.base = self.total - case.reserve - case.set_aside
        self.cap_lapsed = self.total < book.cap_lapses_below
        self.limit = self.total * book.product_cap
        self.sellable = [one for one in self.kept if one.locked is None]
        self.candidates = [one for one in case.candidates if one.risk <= case.level]
        worth = max(book.least_trade, book.least_trade_share * max(self.base, Decimal(0)))
        self.least_trade = worth if worthwhile else Decimal(1)
        self.round = _HUNDRED if worthwhile else Decimal(1)
        self.inside = _INSIDE if worthwhile else _INSIDE / 10

    # what is ------------------------------------------------------------------------------------------------
    def weights(self, sold: Sequence[Decimal] = (), bought: Mapping[str, Decimal] | None = None) -> dict[str, Decimal]:
        """Class weights after trades, exactly; cash without the reserve and what is set aside."""
        amounts = dict.fromkeys(CLASSES, Decimal(0))
        amounts["cash"] += self.money - self.case.reserve - self.case.set_aside
        for one in self.kept:
            for name, part in one.classes.items():
                amounts[name] += part
        for one, amount in zip(self.sellable, sold, strict=False):
            amounts["cash"] += amount
            for name, part in one.classes.items():
                amounts[name] -= part * amount / one.value
        for product in self.candidates:
            amount = (bought or {}).get(product.code, Decimal(0))
            amounts["cash"] -= amount
            for name, weight in shares(product).items():
                amounts[name] += weight * amount
        return {name: amount / self.base for name, amount in amounts.items()}

    def now(self) -> dict[str, Decimal]:
        """Class weights as they stand: nothing matured yet, no new money, the reserve off cash as far as it reaches."""
        amounts = dict.fromkeys(CLASSES, Decimal(0))
        amounts["cash"] += self.case.money - self.case.reserve - self.case.set_aside
        for one in self.case.positions:
            for name, part in one.classes.items():
                amounts[name] += part
        return shown(amounts)

    def liquid(self, sold: Sequence[Decimal], bought: Mapping[str, Decimal]) -> Decimal:
        """CNY at hand within days after trades: the settlement accounts and cash products."""
        at_hand = self.money + sum(sold, Decimal(0)) - sum(bought.values(), Decimal(0))
        at_hand += sum((one.value for one in self.kept if is_liquid(one.product)), Decimal(0))
        for one, amount in zip(self.sellable, sold, strict=False):
            at_hand -= amount if is_liquid(one.product) else Decimal(0)
        for product in self.candidates:
            at_hand += bought.get(product.code, Decimal(0)) if is_liquid(product) else Decimal(0)
        return at_hand

    def outside(self, weights: Mapping[str, Decimal]) -> list[str]:
        return [name for name in CLASSES if not self.level.low[name] <= weights[name] <= self.level.high[name]]

    def volatility(self, weights: Mapping[str, Decimal]) -> float:
        line = np.array([float(weights[name]) for name in CLASSES])
        return float(np.sqrt(max(line @ self.book.covariance @ line, 0.0)))

    def must_sell(self, one: Position) -> Decimal:
        """CNY that level or cap ask to sell of a position, whatever the bands say."""
        if one.product.risk > self.case.level:
            return one.value
        return max(one.value - self.limit, Decimal(0)) if self.sold_for_size(one.product) else Decimal(0)

    def capped(self, product: Product) -> bool:
        return not self.cap_lapsed and product.kind not in self.book.uncapped_kinds

    def sold_for_size(self, product: Product) -> bool:
        """Cash products hold the reserve: none is bought beyond the cap, but none is sold for its size either."""
        return self.capped(product) and not is_liquid(product)

    def has_cause(self) -> bool:
        """Whether there is anything to act on: money to place, or something outside its limits."""
        weights = self.weights()
        return bool(
            self.case.new_money + self.matured
            or self.outside(weights)
            or self.liquid((), {}) < self.case.reserve
            or self.volatility(weights) > self.level.volatility_cap
            or any(self.must_sell(one) for one in self.sellable)
        )

    # what to do ---------------------------------------------------------------------------------------------
    def solved(self, dropped: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
        start = self.weights()
        base = float(self.base)
        held = {one.product.code: one.value for one in self.kept}
        room = [self._room(product, held) if product.code not in dropped else 0.0 for product in self.candidates]
        short = self.liquid((), {}) < self.case.reserve
        acting = short or bool(self.outside(start)) or self.volatility(start) > self.level.volatility_cap
        low, high = self._aim()
        found = solve(
            Inputs(
                start=_vector(start),
                target=_vector(self.level.weights),
                low=low,
                high=high,
                volatility_root=_root(),
                volatility_cap=self.level.volatility_cap * (1 - self.inside),
                held=_matrix([{name: part / one.value for name, part in one.classes.items()} for one in self.sellable]),
                least=np.array([float(self.must_sell(one)) / base for one in self.sellable]),
                most=np.array([float(one.value) / base for one in self.sellable]),
                bought=_matrix([shares(product) for product in self.candidates]),
                room=np.array(room),
                held_liquid=np.array([float(is_liquid(one.product)) for one in self.sellable]),
                bought_liquid=np.array([float(is_liquid(product)) for product in self.candidates]),
                spare_liquid=float(self.liquid((), {}) - self.case.reserve) / base - self.inside / 2,
                money=float(self.money) / base,
                free=float(self.case.new_money + self.matured) / base,
                # Idle cash moves freely once something is out of its band, and stays put while nothing is.
                idle_cost=0.0 if acting else 4.0,
            )
        )
        return found.sales, found.purchases

    def _room(self, product: Product, held: Mapping[str, Decimal]) -> float:
        """The most to buy of a candidate, as a fraction of base; both share classes of a fund count together."""
        if not self.capped(product):
            return float(self.total / self.base)
        have = held.get(product.code, Decimal(0)) + held.get(product.pair_code or "", Decimal(0))
        return max(float((self.limit - have) / self.base), 0.0)

    def _aim(self) -> tuple[np.ndarray, np.ndarray]:
        low, high = _vector(self.level.low), _vector(self.level.high)
        inside = np.minimum(self.inside, (high - low) / 4)
        return np.where(low > 0, low + inside, low), high - inside

    def below_minimum(self, purchases: np.ndarray) -> dict[str, float]:
        """Candidates that would be bought for less than their minimum or not worth a trade: code → fraction."""
        found = {}
        for product, share in zip(self.candidates, purchases, strict=True):
            amount = Decimal(float(share)) * self.base
            if share > 1e-6 and amount < max(product.minimum, self.least_trade):
                found[product.code] = float(share)
        return found

    # what comes of it ---------------------------------------------------------------------------------------
    def result(self, sales: np.ndarray, purchases: np.ndarray, dropped: frozenset[str]) -> Plan:
        sold = [self._sale(one, share) for one, share in zip(self.sellable, sales, strict=False)]
        bought = {
            product.code: self._purchase(product, share)
            for product, share in zip(self.candidates, purchases, strict=False)
            if product.code not in dropped
        }
        self._within_means(sold, bought)
        after = self.weights(sold, bought)
        reasons = self._reasons(after, sold, bought, dropped)
        volatility = self.volatility(after)
        steps = [
            Step("sell", one.product, amount, self._cause(one))
            for one, amount in zip(self.sellable, sold, strict=False)
            if amount
        ]
        purchases_made, funding = self._funded(bought)
        return Plan(
            level=self.case.level,
            total=self.total,
            base=self.base,
            reserve=self.case.reserve,
            set_aside=self.case.set_aside,
            before=self.now(),
            after=after,
            target=self.level.weights,
            low=self.level.low,
            high=self.level.high,
            volatility=volatility,
            fits=not reasons,
            steps=[*steps, *purchases_made],
            funding=funding,
            reasons=reasons,
            cap_lapsed=self.cap_lapsed,
        )

    def _cause(self, one: Position) -> str:
        if one.product.risk > self.case.level:
            return "level"
        return "size" if self.must_sell(one) else "band"

    def _sale(self, one: Position, share: float) -> Decimal:
        """A sale in CNY: rounded up, all of it where little would stay."""
        amount = Decimal(float(share)) * self.base
        must = self.must_sell(one)
        if amount < self.least_trade and not must:
            return Decimal(0)
        amount = (amount / self.round).to_integral_value(ROUND_CEILING) * self.round
        amount = max(amount, must.quantize(_CENT, ROUND_CEILING))
        return one.value if one.value - amount < max(self.least_trade, one.product.minimum) else amount

    def _purchase(self, product: Product, share: float) -> Decimal:
        """A purchase in CNY: down to whole steps, and to round amounts where the step is finer."""
        amount = Decimal(float(share)) * self.base
        step = max(product.step, self.round if amount >= 10 * self.round else Decimal(1))
        whole = (amount / step).to_integral_value(ROUND_FLOOR) * step
        return whole if whole >= max(product.minimum, self.least_trade) else Decimal(0)

    def _within_means(self, sold: Sequence[Decimal], bought: dict[str, Decimal]) -> None:
        """Rounding must not spend more than there is: what is over comes off the greatest purchase."""
        over = sum(bought.values(), Decimal(0)) - self.money - sum(sold, Decimal(0))
        if over > 0:
            code = max(bought, key=lambda one: (bought[one], one))
            step = max(self.round, *(product.step for product in self.candidates if product.code == code))
            bought[code] = max(bought[code] - (over / step).to_integral_value(ROUND_CEILING) * step, Decimal(0))

    def _funded(self, bought: Mapping[str, Decimal]) -> tuple[list[Step], dict[str, Decimal]]:
        """Purchases, the least risky first, each with the purse that pays most of it; and what each purse pays."""
        purses = {"new": self.case.new_money, "maturing": self.matured, "idle": self.case.money}
        paid: dict[str, Decimal] = {}
        steps = []
        for product in sorted(self.candidates, key=lambda one: (one.risk, one.code)):
            left = bought.get(product.code, Decimal(0))
            if not left:
                continue
            shares_of: dict[str, Decimal] = {}
            for name, purse in purses.items():
                shares_of[name] = min(left - sum(shares_of.values(), Decimal(0)), purse)
                purses[name] -= shares_of[name]
            shares_of["sale"] = left - sum(shares_of.values(), Decimal(0))
            steps.append(Step("buy", product, left, max(shares_of, key=lambda name: shares_of[name])))
            for name, amount in shares_of.items():
                paid[name] = paid.get(name, Decimal(0)) + amount
        return steps, {name: amount for name, amount in paid.items() if amount}

    def nothing_to_invest(self) -> Plan:
        """All there is belongs to the reserve: nothing is put at risk before it is whole."""
        nothing = dict.fromkeys(CLASSES, Decimal(0))
        level = self.level
        return Plan(
            level=self.case.level,
            total=self.total,
            base=Decimal(0),
            reserve=self.case.reserve,
            set_aside=self.case.set_aside,
            before=nothing,
            after=nothing,
            target=level.weights,
            low=level.low,
            high=level.high,
            volatility=0.0,
            fits=False,
            reasons=[Reason("reserve_first")],
            cap_lapsed=self.cap_lapsed,
        )

    # why not ------------------------------------------------------------------------------------------------
    def _reasons(
        self,
        after: Mapping[str, Decimal],
        sold: Sequence[Decimal],
        bought: Mapping[str, Decimal],
        dropped: frozenset[str],
    ) -> list[Reason]:
        reasons = []
        stuck = [one for one in self.kept if one.locked is not None]
        above = [one for one in stuck if one.product.risk > self.case.level]
        if above:
            reasons.append(Reason("above_level", products=_products(above), until=_until(above)))
        large = [one for one in stuck if self.sold_for_size(one.product) and one.value > self.limit]
        if large:
            reasons.append(Reason("too_large", products=_products(large), until=_until(large)))
        if self.liquid(sold, bought) < self.case.reserve - 1:
            reasons.append(Reason("reserve_locked", products=_products(stuck), until=_until(stuck)))
        outside = self.outside(after)
        reasons += [
            self._too_little(name, stuck, bought, dropped) for name in outside if after[name] < self.level.low[name]
        ]
        # Cash left over because another class could not take it needs no word of its own.
        reasons += [
            self._too_much(name, stuck)
            for name in outside
            if after[name] > self.level.high[name] and not (name == "cash" and reasons)
        ]
        if self.volatility(after) > self.level.volatility_cap and not reasons:
            reasons.append(Reason("volatility"))
        return reasons

    def _too_much(self, name: str, stuck: Sequence[Position]) -> Reason:
        parts = [one for one in stuck if one.classes.get(name, Decimal(0)) > 0]
        if parts:
            return Reason("locked", name, _products(parts), _until(parts))
        # Too much cash with nothing locked: the other classes could not take it.
        return Reason("no_room" if name == "cash" else "mixed", name)

    def _too_little(
        self, name: str, stuck: Sequence[Position], bought: Mapping[str, Decimal], dropped: frozenset[str]
    ) -> Reason:
        fitting = [product for product in self.candidates if shares(product).get(name, Decimal(0)) >= Decimal("0.5")]
        if not fitting:
            return Reason("no_product", name)
        if stuck:
            return Reason("locked", name, _products(stuck), _until(stuck))
        if all(product.code in dropped or not bought.get(product.code) for product in fitting):
            return Reason("minimum", name, sorted(fitting, key=lambda product: product.minimum)[:1])
        return Reason("no_room", name)


def _remaining(one: Position) -> Position:
    """The position without what matures; its classes shrink in proportion."""
    if not one.maturing:
        return one
    left = one.value - one.maturing
    return replace(
        one,
        value=left,
        maturing=Decimal(0),
        classes={name: part * left / one.value for name, part in one.classes.items()},
    )


@lru_cache(maxsize=1)
def _root() -> np.ndarray:
    """R with RᵀR = covariance, so that |R w| is the volatility."""
    return np.linalg.cholesky(rules().covariance).T


def _vector(weights: Mapping[str, Decimal]) -> np.ndarray:
    return np.array([float(weights[name]) for name in CLASSES])


def _matrix(rows: Sequence[Mapping[str, Decimal]]) -> np.ndarray:
    return np.array([[float(row.get(name, 0)) for name in CLASSES] for row in rows]).reshape(len(rows), len(CLASSES))


def _products(positions: Sequence[Position]) -> list[Product]:
    return [one.product for one in sorted(positions, key=lambda one: -one.value)][:3]


def _until(positions: Sequence[Position]) -> date | None:
    """The first day on which one of them comes free."""
    return min((one.until for one in positions if one.until is not None), default=None)
