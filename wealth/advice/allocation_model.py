"""The optimisation itself: how much to sell and buy, as one convex problem compiled once per size (cvxpy, Clarabel).

Amounts are fractions of the investable money. The problem always has a solution: leaving a band or the volatility cap
is possible at a price far above everything else, so that a best plan exists where a perfect one does not.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cvxpy as cp
import numpy as np

from wealth.advice.allocation_rules import CLASSES

# Prices, in units of the squared distance to the strategic weights (at most about 2). Their order is the rule:
# bands before everything, sales last, maturing and new money free.
_OUTSIDE = 1000.0
_SALE = 4.0
# Among products of one class the earlier candidate is filled first; too small to bend the weights.
_RANK = 1e-4
# Numbers of sellable positions and of candidates that a compiled problem has room for.
_SIZES = ((12, 24), (48, 24), (96, 24), (256, 48))
_local = threading.local()


@dataclass(frozen=True)
class Inputs:
    """One case. start: class weights before any trade, all money counted as cash. held and bought: class weights of
    each sellable position and each candidate (n × 4). least/most: bounds of each sale; room: most of each purchase.
    held_liquid, bought_liquid: 1 where a product counts as money at hand; spare_liquid: such money beyond the reserve.
    money: what can be spent without selling; free: the part of it that costs nothing to spend (new, maturing).
    """

    start: np.ndarray
    target: np.ndarray
    low: np.ndarray
    high: np.ndarray
    volatility_root: np.ndarray
    volatility_cap: float
    held: np.ndarray
    least: np.ndarray
    most: np.ndarray
    bought: np.ndarray
    room: np.ndarray
    held_liquid: np.ndarray
    bought_liquid: np.ndarray
    spare_liquid: float
    money: float
    free: float
    idle_cost: float


@dataclass(frozen=True)
class Solution:
    """Sales and purchases as fractions, in the order of the inputs."""

    sales: np.ndarray
    purchases: np.ndarray


class _Problem:
    def __init__(self, positions: int, candidates: int) -> None:
        k = len(CLASSES)
        self.positions, self.candidates = positions, candidates
        self.start, self.target = cp.Parameter(k), cp.Parameter(k)
        self.low, self.high = cp.Parameter(k), cp.Parameter(k)
        self.root, self.cap = cp.Parameter((k, k)), cp.Parameter(nonneg=True)
        self.held, self.bought = cp.Parameter((k, positions)), cp.Parameter((k, candidates))
        self.least, self.most = cp.Parameter(positions), cp.Parameter(positions)
        self.room = cp.Parameter(candidates)
        self.held_liquid, self.bought_liquid = cp.Parameter(positions), cp.Parameter(candidates)
        self.spare_liquid = cp.Parameter()
        self.money, self.free = cp.Parameter(), cp.Parameter()
        self.idle_cost = cp.Parameter(nonneg=True)
        self.sales, self.purchases = cp.Variable(positions), cp.Variable(candidates)
        weights = cp.Variable(k)
        under, over = cp.Variable(k, nonneg=True), cp.Variable(k, nonneg=True)
        wild, idle, dry = cp.Variable(nonneg=True), cp.Variable(nonneg=True), cp.Variable(nonneg=True)
        spent, raised = cp.sum(self.purchases), cp.sum(self.sales)
        cash = np.eye(k)[CLASSES.index("cash")]
        constraints = [
            weights == self.start - self.held @ self.sales + self.bought @ self.purchases + cash * (raised - spent),
            weights + under >= self.low,
            weights - over <= self.high,
            cp.norm(self.root @ weights, 2) <= self.cap + wild,
            self.sales >= self.least,
            self.sales <= self.most,
            self.purchases >= 0,
            self.purchases <= self.room,
            spent <= self.money + raised,
            self.spare_liquid
            + raised
            - spent
            - self.held_liquid @ self.sales
            + self.bought_liquid @ self.purchases
            + dry
            >= 0,
            idle >= spent - raised - self.free,
        ]
        cost = (
            cp.sum_squares(weights - self.target)
            + _OUTSIDE * (cp.sum(under) + cp.sum(over) + wild + dry)
            + _SALE * raised
            + self.idle_cost * idle
            + _RANK * (np.arange(candidates) @ self.purchases)
        )
        self.problem = cp.Problem(cp.Minimize(cost), constraints)

    def solve(self, inputs: Inputs) -> Solution:
        count, offered = len(inputs.most), len(inputs.room)
        self.start.value, self.target.value = inputs.start, inputs.target
        self.low.value, self.high.value = inputs.low, inputs.high
        self.root.value, self.cap.value = inputs.volatility_root, inputs.volatility_cap
        self.held.value = _columns(inputs.held, self.positions)
        self.bought.value = _columns(inputs.bought, self.candidates)
        self.least.value, self.most.value = (
            _padded(inputs.least, self.positions),
            _padded(inputs.most, self.positions),
        )
        self.held_liquid.value = _padded(inputs.held_liquid, self.positions)
        self.bought_liquid.value = _padded(inputs.bought_liquid, self.candidates)
        self.spare_liquid.value = inputs.spare_liquid
        self.room.value = _padded(inputs.room, self.candidates)
        self.money.value, self.free.value, self.idle_cost.value = inputs.money, inputs.free, inputs.idle_cost
        self.problem.solve(solver=cp.CLARABEL)
        sales, purchases = self.sales.value, self.purchases.value
        if sales is None or purchases is None:
            raise cp.SolverError(str(self.problem.status))
        return Solution(
            sales=np.clip(sales[:count], inputs.least, inputs.most),
            purchases=np.clip(purchases[:offered], 0, inputs.room),
        )


def solve(inputs: Inputs) -> Solution:
    """The best sales and purchases. Raises cvxpy.SolverError where the solver gives up (never seen; see tests)."""
    for positions, candidates in _SIZES:
        if len(inputs.most) <= positions and len(inputs.room) <= candidates:
            return _compiled(positions, candidates).solve(inputs)
    return _Problem(len(inputs.most), len(inputs.room)).solve(inputs)


def warm_up() -> None:
    """Compile the usual sizes in this thread, so that no customer waits for it (about a second in all)."""
    for size in _SIZES:
        problem = _compiled(*size).problem
        for parameter in problem.parameters():
            parameter.value = np.zeros(parameter.shape)
        problem.get_problem_data(cp.CLARABEL)


def _compiled(positions: int, candidates: int) -> _Problem:
    """One per thread and size: a cvxpy problem holds its own state while it solves."""
    problems: dict[tuple[int, int], _Problem] = _local.__dict__.setdefault("problems", {})
    key = (positions, candidates)
    if key not in problems:
        problems[key] = _Problem(*key)
    return problems[key]


def _padded(values: np.ndarray, size: int) -> np.ndarray:
    return np.concatenate([values, np.zeros(size - len(values))])


def _columns(rows: np.ndarray, size: int) -> np.ndarray:
    """n × 4 rows as a 4 × size matrix, the rest zero."""
    out = np.zeros((len(CLASSES), size))
    if len(rows):
        out[:, : len(rows)] = rows.T
    return out
