"""Allocation plans for generated customers: `python -m benchmarks.allocation [--customers 10000]`.

Prints how many plans keep every limit, why the others cannot, and the time per plan beside the bare solver's on the
same problem (Clarabel through cvxpy, already compiled), so that the cost of the exact bookkeeping shows as a ratio.
Times are processor time of the thread: what else runs on the machine does not count.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from wealth.advice import allocation, allocation_model
from wealth.advice.allocation_case import candidates
from wealth.advice.allocation_plan import Case, Plan, Position, shares
from wealth.advice.allocation_rules import CLASSES
from wealth.demo.catalogue import demo_products
from wealth.store import Product

TODAY = date(2026, 11, 20)
LIMIT_MS = 20.0


def generated(count: int, seed: int = 7) -> Iterator[Case]:
    """Customers of every level and wealth, sensible and odd, over the demo catalogue; the same for the same seed."""
    rng = np.random.default_rng(seed)
    products = [demo.product for demo in demo_products(TODAY)]
    menus = {level: candidates(products, level, set(), TODAY) for level in range(1, 6)}
    tradable = [one for one in products if one.kind not in ("demand_deposit", "insurance")]
    for _ in range(count):
        level = int(rng.integers(1, 6))
        wealth = float(np.exp(rng.uniform(np.log(2_000), np.log(8_000_000))))
        # Most hold what suits them; one in five also holds what does not.
        shelf = tradable if rng.random() < 0.2 else [one for one in tradable if one.risk <= level]
        held = rng.choice(len(shelf), size=int(rng.integers(0, min(40, len(shelf)))), replace=False)
        shares = rng.dirichlet(np.full(len(held) + 1, rng.choice([0.3, 1.0, 4.0])))
        if rng.random() < 0.1:
            shares = np.zeros(len(held) + 1)
            shares[-1] = 1.0
        positions = [_position(shelf[index], wealth * share, rng) for index, share in zip(held, shares, strict=False)]
        yield Case(
            level=level,
            positions=[one for one in positions if one.value > 0],
            candidates=menus[level],
            money=_cents(wealth * shares[-1]),
            new_money=_cents(wealth * rng.uniform(0, 0.5)) if rng.random() < 0.5 else Decimal(0),
            reserve=_cents(wealth * rng.uniform(0, 0.4)) if rng.random() < 0.7 else Decimal(0),
            set_aside=_cents(wealth * rng.uniform(0, 0.02)) if rng.random() < 0.3 else Decimal(0),
        )


def _position(product: Product, value: float, rng: np.random.Generator) -> Position:
    worth = _cents(value)
    locked: str | None = None
    until = None
    if product.kind in ("time_deposit", "structured_deposit"):
        locked = "deposit"
    elif product.open_rule == "closed":
        locked = "closed"
    elif rng.random() < 0.1:
        locked = "locked"
    if locked:
        until = TODAY + timedelta(days=int(rng.integers(31, 400)))
    classes = {name: (worth * part).quantize(Decimal("0.01")) for name, part in shares(product).items()}
    classes[product.asset_class] += worth - sum(classes.values())
    maturing = worth if locked in ("deposit", "closed") and rng.random() < 0.2 else Decimal(0)
    return Position(product, worth, classes, maturing, locked, until)


def _cents(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))


def main() -> int:
    """Print the table; 0 if the median is under the limit and no plan is silent about a limit it breaks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    options = parser.parse_args()
    bare: list[float] = []
    solver = allocation_model.solve

    def timed(inputs: allocation_model.Inputs) -> allocation_model.Solution:
        started = time.thread_time()
        found = solver(inputs)
        bare.append((time.thread_time() - started) * 1000)
        return found

    allocation.solve = timed  # type: ignore[attr-defined]
    took: list[float] = []
    kept = silent = acted = 0
    reasons: Counter[str] = Counter()
    for number, case in enumerate(generated(options.customers + 1)):
        started = time.thread_time()
        made: Plan = allocation.plan(case)
        if number == 0:
            bare.clear()  # the first one compiles the problem
            continue
        took.append((time.thread_time() - started) * 1000)
        kept += made.fits
        acted += made.needed
        silent += not made.fits and not made.reasons
        reasons.update({reason.key for reason in made.reasons})
    took.sort()
    median, p95 = statistics.median(took), took[int(len(took) * 0.95)]
    alone = statistics.median(bare)
    print(f"customers {len(took):,}  classes {len(CLASSES)}")
    print(
        f"plans within every limit   {kept:,} ({kept / len(took):.1%}); with trades {acted:,}; silent breaches {silent}"
    )
    for key, number in reasons.most_common():
        print(f"  says why: {key:<14} {number:,}")
    print(f"per plan    median {median:.1f} ms (limit {LIMIT_MS:.0f})   p95 {p95:.1f} ms   worst {took[-1]:.1f} ms")
    print(f"one solve   median {alone:.1f} ms   → plan / solve = {median / alone:.2f}")
    return 0 if median < LIMIT_MS and not silent else 1


if __name__ == "__main__":
    raise SystemExit(main())
