"""Return and risk figures of plain number lines; the formulas behind returns.py, with nothing of the bank in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyxirr

TRADING_DAYS_A_YEAR = 242
FEWEST_RETURNS = 20
FEWEST_DAYS_XIRR = 30
_ABSURD = 1e6


def total_return(returns: np.ndarray) -> float:
    """Chained return: Π(1 + r) - 1."""
    return float(np.prod(1.0 + returns) - 1.0)


def max_drawdown(returns: np.ndarray) -> float:
    """The greatest fall from a peak of the wealth line that starts at 1; negative or 0."""
    if not len(returns):
        return 0.0
    line = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    return float(np.min(line / np.maximum.accumulate(line) - 1.0))


def volatility(returns: np.ndarray) -> float | None:
    """Sample standard deviation × √242 (mainland trading days a year); None under 20 returns."""
    if len(returns) < FEWEST_RETURNS:
        return None
    return float(np.std(returns, ddof=1) * math.sqrt(TRADING_DAYS_A_YEAR))


def annualised(total: float, days: int) -> float | None:
    """(1 + total)^(365 / days) - 1; None under a year, where annualising would exaggerate, or after a total loss."""
    if days < 365 or total <= -1.0:
        return None
    return (1.0 + total) ** (365.0 / days) - 1.0


def xirr(days: Sequence[date], amounts: Sequence[float]) -> float | None:
    """Yearly money-weighted return (Actual/365); None where there is none: one sign only, under 30 days, no root."""
    if not amounts or (max(days) - min(days)).days < FEWEST_DAYS_XIRR:
        return None
    if min(amounts) >= 0 or max(amounts) <= 0:
        return None
    found = pyxirr.xirr(list(days), list(amounts), silent=True)
    if found is None or not math.isfinite(found) or abs(found) > _ABSURD:
        return None
    return float(found)


def modified_dietz(opening: float, closing: float, flows: Sequence[tuple[float, float]]) -> float | None:
    """Money-weighted return of one period: gain / (opening + Σ weight × flow).

    flows: (share of the period still to come, amount put in); None where no capital was at work.
    """
    capital = opening + sum(weight * amount for weight, amount in flows)
    if capital <= 0:
        return None
    return (closing - opening - sum(amount for _, amount in flows)) / capital
