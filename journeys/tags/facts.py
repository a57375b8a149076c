"""Facts: one row a customer, computed set-wise for everyone or for a few from the bank store and the events.

Holdings come from the `positions` snapshot (wealth.snapshot) at the last published prices: right for choosing whom to
speak to. Figures told to a customer are taken from the ledger when a message is composed (see outreach).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import polars as pl
import yaml
from sqlalchemy.engine import Connection

from journeys.frames import day, query, stored, yuan
from journeys.tags.holdings import holdings, per_customer
from journeys.tags.vocabulary import Vocabulary, vocabulary
from wealth.classes import DATA
from wealth.clock import SHANGHAI
from wealth.store import Store

_TEXT = {"customer": pl.String}


def facts(
    store: Store, at: datetime, customers: Sequence[str] | None = None, held: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Every fact of facts.yml for all customers, or for these. held: their holdings, where they are known already.

    Raises StoreUnavailable.
    """
    words = vocabulary()
    today = at.astimezone(SHANGHAI).date()
    with store.read() as connection:
        scope = _Scope(connection, customers)
        people = _people(scope, words, at)
        assessed = _assessments(scope, at)
        consents = _consents(scope, at)
        moved = _movements(scope, today)
        happened = _events(scope, at)
        transfers = _transfers(scope, at)
    owned = per_customer(holdings(store, at, customers) if held is None else held, assessed, store, today)
    found = people
    for part in (assessed, consents, owned, moved, happened, transfers):
        found = found.join(part, on="customer", how="left")
    return _whole(found, words)


class _Scope:
    """All customers, or only some, for every query alike."""

    def __init__(self, connection: Connection, customers: Sequence[str] | None) -> None:
        self.connection = connection
        self.customers = None if customers is None else list(customers)

    def query(self, sql: str, schema: dict[str, Any], column: str = "customer", **parameters: Any) -> pl.DataFrame:
        """`sql` with {only} where the choice of customers belongs ("AND …")."""
        if self.customers is None:
            return query(self.connection, sql.format(only=""), schema, **parameters)
        only = f"AND {column} IN :customers"
        return query(self.connection, sql.format(only=only), schema, customers=self.customers, **parameters)


def _people(scope: _Scope, words: Vocabulary, at: datetime) -> pl.DataFrame:
    schema = {**_TEXT, "level": pl.String, "branch": pl.String, "born": pl.String, "opened": pl.String}
    found = scope.query(
        "SELECT id, level, branch, CAST(birth_date AS TEXT), CAST(since AS TEXT) FROM customers WHERE 1 = 1 {only}",
        schema,
        column="id",
    )
    today = pl.lit(at.astimezone(SHANGHAI).date())
    born = day("born")
    # Months come as 8-bit numbers: the product would overflow.
    in_year = [date.dt.month().cast(pl.Int32) * 100 + date.dt.day() for date in (today, born)]
    had_birthday = in_year[0] >= in_year[1]
    age = today.dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int64)
    band = pl.lit(None, dtype=pl.String)
    for name, start in sorted(words.age_bands.items(), key=lambda item: item[1]):
        band = pl.when(pl.col("age") >= start).then(pl.lit(name)).otherwise(band)
    return found.with_columns(
        age=age.cast(pl.Int64), customer_days=(today - day("opened")).dt.total_days()
    ).with_columns(age_band=band)


def _assessments(scope: _Scope, at: datetime) -> pl.DataFrame:
    """The last confirmed one counts; a newer unconfirmed one only where it is lower (as wealth.advice.suitability)."""
    schema = {**_TEXT, "taken": pl.String, "rating": pl.String, "confirmed": pl.String}
    rows = scope.query(
        "SELECT customer, CAST(taken_at AS TEXT), rating, CAST(confirmed_at AS TEXT) FROM assessments"
        " WHERE taken_at <= :now {only}",
        schema,
        now=at,
    ).with_columns(rating=pl.col("rating").str.slice(1, 1).cast(pl.Int64))
    confirmed = (
        rows.filter(pl.col("confirmed").is_not_null() & (pl.col("confirmed") <= stored(at)))
        .sort("customer", "taken")
        .group_by("customer", maintain_order=True)
        .last()
    )
    newer = (
        rows.join(confirmed.select("customer", last=pl.col("taken")), on="customer")
        .filter(pl.col("taken") >= pl.col("last"))
        .group_by("customer")
        .agg(lowest=pl.col("rating").min())
    )
    taken = (pl.col("taken").str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S") + timedelta(hours=8)).dt.date()
    until = pl.col("on").dt.offset_by(f"{_valid_months()}mo")
    # 29 February has no anniversary: it lasts until 1 March.
    until = pl.when(until.dt.day() == pl.col("on").dt.day()).then(until).otherwise(until + timedelta(days=1))
    left = (until - pl.lit(at.astimezone(SHANGHAI).date())).dt.total_days()
    found = confirmed.with_columns(on=taken).join(newer, on="customer").with_columns(left=left)
    return found.select(
        "customer",
        assessment=pl.when(pl.col("left") > 0).then(pl.lit("valid")).otherwise(pl.lit("expired")),
        rating=pl.when(pl.col("left") > 0).then(pl.col("lowest")).otherwise(0),
        assessment_days_left=pl.col("left"),
    )


def _consents(scope: _Scope, at: datetime) -> pl.DataFrame:
    """Granted where the last decision is a grant; a refusal of the same moment wins."""
    names = {"push": "push_ok", "personalised": "personalised", "manager": "manager_ok"}
    columns, schema = [], dict(_TEXT)
    for purpose, name in names.items():
        for way, condition in (("yes", "granted"), ("no", "NOT granted")):
            columns.append(f"CAST(MAX(CASE WHEN purpose = '{purpose}' AND {condition} THEN at END) AS TEXT)")
            schema[f"{name}_{way}"] = pl.String
    rows = scope.query(
        f"SELECT customer, {', '.join(columns)} FROM consents WHERE at <= :now {{only}} GROUP BY customer",
        schema,
        now=at,
    )
    last = {name: (pl.col(f"{name}_yes"), pl.col(f"{name}_no").fill_null("")) for name in names.values()}
    return rows.select("customer", **{name: (yes > no).fill_null(False) for name, (yes, no) in last.items()})


def _movements(scope: _Scope, today: Any) -> pl.DataFrame:
    since = today - timedelta(days=30)
    flows = scope.query(
        "SELECT customer, SUM(CASE WHEN kind = 'cash_in' THEN amount ELSE 0 END),"
        " SUM(CASE WHEN kind = 'cash_out' THEN amount ELSE 0 END) FROM movements"
        " WHERE status = 'confirmed' AND trade_date > :since AND trade_date <= :today"
        " AND kind IN ('cash_in', 'cash_out') {only} GROUP BY customer",
        {**_TEXT, "cents_in": pl.Int64, "cents_out": pl.Int64},
        since=since.isoformat(),
        today=today.isoformat(),
    )
    trades = scope.query(
        "SELECT customer, CAST(MAX(trade_date) AS TEXT) FROM movements WHERE status = 'confirmed'"
        " AND trade_date <= :today AND kind IN ('buy', 'sell', 'convert_in') {only} GROUP BY customer",
        {**_TEXT, "traded": pl.String},
        today=today.isoformat(),
    )
    flowed = flows.select("customer", in_30d=yuan(pl.col("cents_in")), out_30d=yuan(pl.col("cents_out")))
    traded = trades.select("customer", trade_days=(pl.lit(today) - day("traded")).dt.total_days())
    return traded.join(flowed, on="customer", how="full", coalesce=True)


# fact → (kinds counted, days back); occurrences within the window, this day included.
_COUNTS = {
    "views_1d": (("product_viewed",), 1),
    "views_7d": (("product_viewed",), 7),
    "articles_30d": (("article_read",), 30),
    "bills_30d": (("bill_viewed",), 30),
    "questions_30d": (("asked",), 30),
    "robot_30d": (("robot_visited",), 30),
    "purchases_90d": (("purchase_completed",), 90),
    "broken_off_30d": (("purchase_broken_off",), 30),
    "handoffs_90d": (("handoff_requested",), 90),
}
# Done to a customer, not by them.
_PASSIVE = ("answered", "handoff_ended")


def _events(scope: _Scope, at: datetime) -> pl.DataFrame:
    today = at.astimezone(SHANGHAI).date()
    rows = scope.query(
        "SELECT customer, kind, CAST(day AS TEXT), COUNT(*) FROM journey_events"
        " WHERE day > :since AND occurred_at <= :now AND customer IS NOT NULL {only} GROUP BY customer, kind, day",
        {**_TEXT, "kind": pl.String, "day": pl.String, "count": pl.Int64},
        since=(today - timedelta(days=90)).isoformat(),
        now=at,
    ).with_columns(ago=(pl.lit(today) - day("day")).dt.total_days())
    counts = [
        pl.col("count").filter(pl.col("kind").is_in(kinds) & (pl.col("ago") < days)).sum().alias(name)
        for name, (kinds, days) in _COUNTS.items()
    ]
    own = ~pl.col("kind").is_in(_PASSIVE)
    return rows.group_by("customer").agg(
        *counts,
        active_days_30d=pl.col("ago").filter(own & (pl.col("ago") < 30)).n_unique().cast(pl.Int64),
        idle_days=pl.col("ago").filter(own).min(),
    )


def _transfers(scope: _Scope, at: datetime) -> pl.DataFrame:
    rows = scope.query(
        "SELECT customer, kind, data FROM journey_events WHERE kind IN ('transfer_in', 'transfer_out')"
        " AND occurred_at > :since AND occurred_at <= :now {only}",
        {**_TEXT, "kind": pl.String, "data": pl.String},
        since=at - timedelta(days=90),
        now=at,
    )

    def inside(name: str) -> pl.Expr:
        return pl.col("data").str.json_path_match(f"$.{name}")

    rows = rows.with_columns(amount=inside("amount").cast(pl.Decimal(38, 2)), to=inside("to"), origin=inside("from"))

    def total(condition: pl.Expr) -> pl.Expr:
        return pl.col("amount").filter(condition).sum()

    return rows.group_by("customer").agg(
        to_other_bank_90d=total(pl.col("to") == "other_bank"),
        from_other_bank_90d=total(pl.col("origin") == "other_bank"),
        salary_90d=total(pl.col("origin") == "salary"),
    )


# What a customer without any rows of that sort has; all other facts stay unknown.
_DEFAULTS = {
    "assessment": "missing",
    "stage": "start",
    "push_ok": False,
    "personalised": False,
    "manager_ok": False,
    "above_level": False,
}
_UNKNOWN = ("age", "assessment_days_left", "maturing_days", "trade_days", "idle_days", "drift", "gain_rate")


def _whole(found: pl.DataFrame, words: Vocabulary) -> pl.DataFrame:
    """All columns with their types; nothing counted is 0."""
    schema = words.schema
    columns = []
    for name, kind in schema.items():
        column = pl.col(name).cast(kind)
        if name in _DEFAULTS:
            column = column.fill_null(_DEFAULTS[name])
        elif kind.is_numeric() and name not in _UNKNOWN:
            column = column.fill_null(0)
        columns.append(column)
    return found.select(columns)


@lru_cache(maxsize=1)
def _valid_months() -> int:
    text = (DATA / "wealth" / "suitability.yml").read_text(encoding="utf-8")
    return int(yaml.safe_load(text)["assessment_valid_months"])
