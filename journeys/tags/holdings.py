"""Holdings of everyone at once: the positions snapshot at published prices, and what it adds up to per customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
import yaml

from journeys.frames import day, query, yuan
from wealth.advice.allocation_rules import rules as allocation_rules
from wealth.classes import CLASSES, DATA, UNKNOWN
from wealth.ledger import ENTRIES, ONE
from wealth.store import Store
from wealth.store.prices import PriceLine, known_day
from wealth.valuation import value_cents

_NOT_SPREAD = ("demand_deposit", "time_deposit", "cash", "insurance")
_WEIGHT = 100_000_000
# Up to this many holdings their lots are asked for by account; beyond it all lots are read.
_FEW = 2_000


def holdings(store: Store, at: datetime, customers: Sequence[str] | None = None) -> pl.DataFrame:
    """One row a customer, account and product.

    Columns: customer, account, product, kind, risk, asset_class; units (1e-4),
    cost and value (cents), price_day, move (the last day's price change as a fraction, null under two prices).
    """
    sql = (
        "SELECT customer, account, product, units, cost FROM positions WHERE units > 0"
        + (" AND customer IN :customers" if customers is not None else "")
        + " ORDER BY customer, account, product"
    )
    schema = {"customer": pl.String, "account": pl.String, "product": pl.String, "units": pl.Int64, "cost": pl.Int64}
    given = {} if customers is None else {"customers": list(customers)}
    with store.read() as connection:
        rows = query(connection, sql, schema, **given)
    rows = rows.join(products(store, at), on="product", how="left")
    price = rows["price"].fill_null(ONE).to_numpy()
    value = value_cents(rows["units"].to_numpy(), price) if len(rows) else np.zeros(0, dtype=np.int64)
    return rows.with_columns(value=pl.Series(value, dtype=pl.Int64))


def products(store: Store, at: datetime) -> pl.DataFrame:
    """One row a product with its last published price (1e-6), its day and the move to it from the price before."""
    catalogue = store.products()
    lines = store.prices.lines(one.code for one in catalogue if one.valuation == "nav")
    known = known_day(at).toordinal()
    rows: list[tuple[Any, ...]] = []
    for one in catalogue:
        price, on, move = _last(lines.get(one.code), known)
        rows.append((one.code, one.kind, one.risk, one.asset_class, price, on, move))
    return pl.DataFrame(
        rows,
        schema={
            "product": pl.String,
            "kind": pl.String,
            "risk": pl.Int64,
            "asset_class": pl.String,
            "price": pl.Int64,
            "price_day": pl.Date,
            "move": pl.Float64,
        },
        orient="row",
    )


def _last(line: PriceLine | None, known: int) -> tuple[int | None, date | None, float | None]:
    end = 0 if line is None else int(np.searchsorted(line.days, known, side="right"))
    if line is None or not end:
        return None, None, None
    last = end - 1
    move = None
    if last:
        move = float(line.prices[last] + line.dividends[last]) / float(line.prices[last - 1]) - 1
    return int(line.prices[last]), date.fromordinal(int(line.days[last])), move


def maturities(store: Store, held: pl.DataFrame, today: date, days: int) -> pl.DataFrame:
    """What falls due within days, from lots and fixed terms: customer, product, due, cents (never more than held)."""
    until = today + timedelta(days=days)
    given: dict[str, Any] = {"kinds": sorted(ENTRIES)}
    only = ""
    if len(held) < _FEW:
        only = " AND account IN :accounts"
        given["accounts"] = held["account"].unique().to_list()
    with store.read() as connection:
        lots = query(
            connection,
            "SELECT account, product, CAST(matures_on AS TEXT), SUM(units) FROM movements WHERE status = 'confirmed'"
            " AND matures_on > :today AND matures_on <= :until AND kind IN :kinds"
            + only
            + " GROUP BY account, product, matures_on",
            {"account": pl.String, "product": pl.String, "due": pl.String, "lot": pl.Int64},
            today=today.isoformat(),
            until=until.isoformat(),
            **given,
        )
    ends = [(one.code, one.maturity_date) for one in store.products() if one.maturity_date is not None]
    ending = pl.DataFrame(ends, schema={"product": pl.String, "due": pl.Date}, orient="row").filter(
        (pl.col("due") > today) & (pl.col("due") <= until)
    )
    by_lot = held.join(lots.with_columns(due=day("due")), on=["account", "product"]).with_columns(
        part=pl.min_horizontal("lot", "units").cast(pl.Float64) / pl.col("units")
    )
    fixed = held.join(ending, on="product").join(
        by_lot.select("account", "product"), on=["account", "product"], how="anti"
    )
    columns = ["customer", "product", "due", "cents"]
    return pl.concat(
        [
            by_lot.with_columns(cents=(pl.col("value") * pl.col("part")).round(0).cast(pl.Int64)).select(columns),
            fixed.with_columns(cents=pl.col("value")).select(columns),
        ]
    )


def per_customer(held: pl.DataFrame, assessed: pl.DataFrame, store: Store, today: date) -> pl.DataFrame:
    """What the holdings add up to, by the definitions of wealth (stage, look-through, references)."""
    stages = _stages()
    measures = stages["measures"]
    spread = _by_class(held, store)
    total = pl.col("value").sum()
    invested = pl.col("asset_class") != "protection"
    sums = held.group_by("customer").agg(
        cents=total,
        idle=pl.col("value").filter(pl.col("kind") == "demand_deposit").sum(),
        products=pl.col("product").filter(pl.col("kind") != "demand_deposit").n_unique().cast(pl.Int64),
        max_risk=pl.col("risk").max(),
        only_deposits=pl.col("kind").filter(invested).is_in(measures["deposit_kinds"]).all(),
        only_simple=(pl.col("risk").filter(invested) <= measures["simple_risk"]).all(),
        gained=(pl.col("value") - pl.col("cost")).sum(),
        cost=pl.col("cost").sum(),
    )
    top = (
        held.filter(~pl.col("kind").is_in(_NOT_SPREAD))
        .group_by("customer", "product")
        .agg(pl.col("value").sum())
        .group_by("customer")
        .agg(top=pl.col("value").max())
    )
    due = maturities(store, held, today, 30)
    maturing = due.group_by("customer").agg(
        within_7=pl.col("cents").filter(pl.col("due") <= today + timedelta(days=7)).sum(),
        within_30=pl.col("cents").sum(),
        maturing_days=(pl.col("due").min() - pl.lit(today)).dt.total_days(),
    )
    wide = (
        sums.join(spread, on="customer").join(top, on="customer", how="left").join(maturing, on="customer", how="left")
    )
    wide = wide.join(assessed.select("customer", "rating"), on="customer", how="left")
    least = measures["class_share"]
    share = {name: pl.col(name) / pl.col("cents") for name in CLASSES}
    classes = pl.sum_horizontal(((share[name] >= least) & (pl.col(name) > 0)).cast(pl.Int64) for name in CLASSES)
    ladder = list(stages["stages"])
    stage = (
        pl.when(pl.col("only_deposits"))
        .then(pl.lit(ladder[0]))
        .when(pl.col("only_simple"))
        .then(pl.lit(ladder[1]))
        .when(classes < measures["few_classes"])
        .then(pl.lit(ladder[2]))
        .otherwise(pl.lit(ladder[3]))
    )
    return wide.filter(pl.col("cents") > 0).select(
        "customer",
        "products",
        "max_risk",
        "maturing_days",
        aum=yuan(pl.col("cents")),
        idle=yuan(pl.col("idle")),
        idle_share=pl.col("idle") / pl.col("cents"),
        **{f"share_{name}": value for name, value in share.items()},
        classes=classes,
        stage=stage,
        above_level=(pl.col("rating") > 0) & (pl.col("max_risk") > pl.col("rating")),
        top_share=pl.col("top") / pl.col("cents"),
        drift=_drift(),
        gain=yuan(pl.col("gained")),
        gain_rate=pl.when(pl.col("cost") > 0).then(pl.col("gained") / pl.col("cost")),
        maturing_7d=yuan(pl.col("within_7")),
        maturing_30d=yuan(pl.col("within_30")),
    )


def _by_class(held: pl.DataFrame, store: Store) -> pl.DataFrame:
    """Cents by class, looked through; the greatest share of a product takes what rounding leaves."""
    rows = []
    for one in store.products():
        weights = one.look_through or {one.asset_class: Decimal(1)}
        greatest = max(weights, key=lambda name: weights[name])
        for name, weight in weights.items():
            if weight:
                rows.append((one.code, name, int(weight * _WEIGHT), name == greatest))
    split = pl.DataFrame(
        rows,
        schema={"product": pl.String, "class": pl.String, "weight": pl.Int64, "greatest": pl.Boolean},
        orient="row",
    )
    by_product = held.group_by("customer", "product").agg(pl.col("value").sum())
    parts = by_product.join(split, on="product").with_columns(
        part=(pl.col("value") // _WEIGHT) * pl.col("weight") + (pl.col("value") % _WEIGHT) * pl.col("weight") // _WEIGHT
    )
    rest = pl.col("value") - pl.col("part").sum().over("customer", "product")
    parts = parts.with_columns(part=pl.when("greatest").then(pl.col("part") + rest).otherwise(pl.col("part")))
    return parts.group_by("customer").agg(
        **{name: pl.col("part").filter(pl.col("class") == name).sum() for name in (*CLASSES, UNKNOWN)}
    )


def _drift() -> pl.Expr:
    """The greatest distance of a class from the reference of the customer's level, protection left out."""
    found = pl.lit(None, dtype=pl.Float64)
    invested = pl.col("cents") - pl.col("protection")
    for number, level in allocation_rules().levels.items():
        far = pl.max_horizontal(
            (pl.col(name) / invested - float(weight)).abs() for name, weight in level.weights.items()
        )
        found = pl.when((pl.col("rating") == number) & (invested > 0)).then(far).otherwise(found)
    return found


@lru_cache(maxsize=1)
def _stages() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / "checkup" / "stages.yml").read_text(encoding="utf-8"))
    return found
