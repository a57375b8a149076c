"""Synthetic market lines and product prices with the moments of real indices (data/demo/moments.yml)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from wealth import calendar
from wealth.demo.catalogue import HISTORY_DAYS, DemoProduct, read
from wealth.risk import TRADING_DAYS_A_YEAR

MILLION = 1_000_000
NOON_DAYS = 60
# Random lines are drawn this long and read from the end, so that the demo's last days are alike on whatever day it is
# made, and what personas.yml promises ("the stop-loss is due") holds.
LONGEST = 800


def history(as_of: date) -> list[date]:
    """The trading days of the demo bank: three years up to and including `as_of`."""
    start = date.fromordinal(as_of.toordinal() - HISTORY_DAYS)
    return calendar.trading_days(start, date.fromordinal(as_of.toordinal() + 1))


def generator(seed: int, name: str) -> np.random.Generator:
    """Random numbers of their own for each product and table, so that adding one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def factor_returns(seed: int, count: int) -> dict[str, np.ndarray]:
    """Simple daily returns of every factor: the measured four, sectors and indices."""
    moments = read("moments.yml")
    names = list(moments["measured"])
    mean = np.array([moments["measured"][name]["mean"] for name in names])
    spread = np.array([moments["measured"][name]["sd"] for name in names])
    rng = generator(seed, "market")
    freedom = moments["degrees_of_freedom"]
    shocks = rng.standard_normal((LONGEST, len(names))) @ np.linalg.cholesky(np.array(moments["correlation"])).T
    # One common divisor a day makes fat tails that come together; scaled back to the measured deviation.
    divisor = np.sqrt(rng.chisquare(freedom, (LONGEST, 1)) / freedom) / np.sqrt((freedom - 2) / freedom)
    returns = np.exp(mean + spread * shocks / divisor) - 1.0
    found = {name: returns[-count:, index] for index, name in enumerate(names)}
    for name, terms in {**moments["sectors"], **moments["indices"]}.items():
        own = generator(seed, name).standard_normal(LONGEST)[-count:] * terms["own"] / np.sqrt(TRADING_DAYS_A_YEAR)
        found[name] = terms["beta"] * found["equity"] + own
    return found


@dataclass(frozen=True)
class DemoPrices:
    """One product's prices on the days it has any: indices into the history, millionths of CNY per unit.

    dividends: CNY millionths per unit on the ex-day, 0 on others. yields: 七日年化 (cash products), as fractions.
    """

    first: int
    navs: np.ndarray
    dividends: np.ndarray
    yields: np.ndarray | None

    def at(self, day: int) -> int:
        """The price on a day of the history."""
        return int(self.navs[day - self.first])


def product_prices(
    seed: int, days: list[date], products: list[DemoProduct], factors: Mapping[str, np.ndarray]
) -> dict[str, DemoPrices]:
    """Prices of every product that is valued by them and has begun."""
    gold = gold_prices(factors)
    found = {}
    for one in products:
        product = one.product
        begin = int(np.searchsorted(np.array([day.toordinal() for day in days]), product.launch_date.toordinal()))
        end = len(days)
        if product.maturity_date is not None:
            end = sum(day <= product.maturity_date for day in days)
        if product.valuation != "nav" or end - begin < 1:
            continue
        if one.model.get("gold_price"):
            line = np.round(gold * 100).astype(np.int64) * (MILLION // 100)
            found[product.code] = DemoPrices(0, line, np.zeros_like(line), None)
            continue
        returns, yields = _returns(seed, one, days, factors)
        found[product.code] = _line(one, returns[begin:end], begin, yields[begin:end] if yields is not None else None)
    return found


def gold_prices(factors: Mapping[str, np.ndarray]) -> np.ndarray:
    """CNY per gram on each day."""
    base = float(read("moments.yml")["gold"]["base"])
    return base * np.cumprod(1.0 + factors["gold"])


def _returns(
    seed: int, one: DemoProduct, days: list[date], factors: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray | None]:
    model, product = one.model, one.product
    count = len(days)
    # A and C shares hold the same assets: one stream of random numbers for both.
    rng = generator(seed, product.code.rstrip("AC"))
    fees = float(product.management_fee + product.custody_fee + product.service_fee)
    if model.get("cash"):
        walk = np.cumsum(rng.normal(0, 0.00002, LONGEST)[-count:])
        yearly = np.clip(float(model["yield"]) + walk - walk[-1], 0.004, 0.04)
        gaps = np.diff([days[0].toordinal() - 1, *(day.toordinal() for day in days)])
        return yearly / 365.0 * gaps, yearly
    weights: Mapping[str, Any] = model.get("factors", {})
    drift = (float(model.get("alpha", 0.0)) - fees) / TRADING_DAYS_A_YEAR
    own = rng.standard_normal(LONGEST)[-count:] * float(model.get("own", 0.0)) / np.sqrt(TRADING_DAYS_A_YEAR)
    moved = sum((float(weight) * factors[name] for name, weight in weights.items()), np.zeros(count))
    return moved + drift + own, None


def _line(one: DemoProduct, returns: np.ndarray, first: int, yields: np.ndarray | None) -> DemoPrices:
    count = len(returns)
    base = float(one.model.get("base", 1.0)) if first == 0 else 1.0
    growth = np.cumprod(np.concatenate([[1.0], 1.0 + returns[1:]]))
    scale = 10**one.digits
    step = MILLION // scale
    dividends = np.zeros(count, dtype=np.int64)
    line = base * growth
    for day in _ex_days(count, one.dividends):
        # Pays out a fifth of what a unit is worth above its face, at least one cent, and never below face.
        surplus = line[day] - 1.0
        paid = np.floor(max(surplus, 0.0) * 0.2 * 100) / 100
        if paid >= 0.01:
            dividends[day] = round(paid * MILLION)
            line[day:] *= (line[day] - paid) / line[day]
    return DemoPrices(first, np.round(line * scale).astype(np.int64) * step, dividends, yields)


def _ex_days(count: int, a_year: int) -> list[int]:
    if not a_year:
        return []
    gap = TRADING_DAYS_A_YEAR // a_year
    return list(range(count - gap // 3, gap // 2, -gap))[::-1]


def market_rows(
    seed: int, days: list[date], factors: Mapping[str, np.ndarray]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(series, rows) of the synthetic market, closes for every day and noon values for the last sixty."""
    moments = read("moments.yml")
    label = moments["label"]
    lines: dict[str, tuple[str, str, str, np.ndarray, int]] = {}
    for name, terms in moments["indices"].items():
        lines[name] = (terms["title"], "index", "点", float(terms["base"]) * np.cumprod(1 + factors[name]), 2)
    for name, terms in moments["sectors"].items():
        lines[name] = (terms["title"], "sector", "点", 1000.0 * np.cumprod(1 + factors[name]), 2)
    lines["gold"] = (moments["gold"]["title"], "gold", moments["gold"]["unit"], gold_prices(factors), 2)
    for name, terms in moments["rates"].items():
        walk = terms["base"] + np.cumsum(generator(seed, name).normal(0, terms["daily_sd"], LONGEST)[-len(days) :])
        lines[name] = (terms["title"], "rate", "%", _reflect(walk, terms["low"], terms["high"]), 4)
    lines |= _breadth(seed, moments, factors["equity"])
    series = [
        {"id": name, "title": title, "kind": kind, "unit": unit, "source": label, "synthetic": True}
        for name, (title, kind, unit, _, _) in lines.items()
    ]
    rows = []
    for name, (_, _, _, values, digits) in lines.items():
        share = generator(seed, f"noon {name}").uniform(0.2, 0.9, LONGEST)[-len(days) :]
        for index, day in enumerate(days):
            sessions = [("close", values[index])]
            if index and index >= len(days) - NOON_DAYS:
                sessions.append(("noon", values[index - 1] + share[index] * (values[index] - values[index - 1])))
            for session, value in sessions:
                figure = Decimal(f"{value:.{digits}f}")
                rows.append({"series": name, "date": day, "session": session, "value": figure, "source": label})
    return series, rows


def _reflect(walk: np.ndarray, low: float, high: float) -> np.ndarray:
    """Keep a random walk between two walls by folding it back."""
    span = high - low
    folded = np.mod(walk - low, 2 * span)
    return low + np.where(folded > span, 2 * span - folded, folded)


def _breadth(
    seed: int, moments: Mapping[str, Any], equity: np.ndarray
) -> dict[str, tuple[str, str, str, np.ndarray, int]]:
    rng, count = generator(seed, "breadth"), len(equity)
    stocks = int(moments["stocks"])
    share = 1 / (1 + np.exp(-(equity / 0.0075 + rng.normal(0, 0.3, LONGEST)[-count:])))
    advances = np.round(stocks * 0.97 * share)
    declines = np.round(stocks * 0.97) - advances
    turnover = 14000 * np.exp(rng.normal(0, 0.12, LONGEST)[-count:] + np.abs(equity) * 8)
    texts = moments["breadth"]
    return {
        "advances": (texts["advances"]["title"], "breadth", texts["advances"]["unit"], advances, 0),
        "declines": (texts["declines"]["title"], "breadth", texts["declines"]["unit"], declines, 0),
        "turnover": (texts["turnover"]["title"], "breadth", texts["turnover"]["unit"], turnover, 0),
    }
