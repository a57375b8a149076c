"""The frames that triggers look at: facts and tags joined with events, with holdings, or alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from journeys import frames
from journeys.events.kinds import kinds
from journeys.store import Journal
from journeys.tags.definitions import definitions
from journeys.tags.holdings import holdings, maturities, products
from journeys.triggers import columns
from wealth import market
from wealth.advice.alerts import settings as alert_settings
from wealth.clock import SHANGHAI

Event = Any
_SCALE = 100_000_000


def daily(journal: Journal, facts: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """One row a customer."""
    return _typed(_with_tags(journal, facts), "daily", at)


def by_holding(journal: Journal, facts: pl.DataFrame, at: datetime, rows: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row a customer and product held, with prices, the customer's thresholds and what falls due.

    rows: the holdings of these customers, where they are known already.
    """
    today = at.astimezone(SHANGHAI).date()
    rows = holdings(journal.store, at, _few(facts)) if rows is None else rows
    due = maturities(journal.store, rows, today, 30).sort("due").group_by("customer", "product", maintain_order=True)
    firsts = due.agg(due_on=pl.col("due").first(), due_cents=pl.col("cents").first())
    held = rows.group_by("customer", "product").agg(
        pl.col("value").sum(),
        pl.col("cost").sum(),
        pl.col("move").first(),
        product_kind=pl.col("kind").first(),
        product_risk=pl.col("risk").first(),
        product_class=pl.col("asset_class").first(),
    )
    held = held.join(firsts, on=["customer", "product"], how="left").join(
        _bought(journal), on=["customer", "product"], how="left"
    )
    for kind, name in (("nav_band", "band"), ("target_return", "target"), ("stop_loss", "stop")):
        held = _threshold(held, _settings(journal, kind), name)
    bands = alert_settings()["nav_band"]
    held = held.with_columns(
        band=pl.col("band").fill_null(pl.col("product_class").replace_strict(bands, return_dtype=pl.Float64))
    )
    joined = held.join(_with_tags(journal, facts), on="customer")
    day = pl.lit(today)
    bought = pl.col("bought")
    same_day = (bought.dt.month() == today.month) & (bought.dt.day() == today.day)
    years = today.year - bought.dt.year()
    return _typed(
        joined.with_columns(
            product_gain=pl.when(pl.col("cost") > 0).then((pl.col("value") - pl.col("cost")) / pl.col("cost")),
            share=pl.col("value") / (pl.col("aum").cast(pl.Float64) * 100),
            value=frames.yuan(pl.col("value")),
            due=frames.yuan(pl.col("due_cents")),
            due_days=(pl.col("due_on") - day).dt.total_days(),
            held_years=years.cast(pl.Int64),
            anniversary=same_day & (years > 0),
        ),
        "holding",
        at,
    )


def by_event(journal: Journal, facts: pl.DataFrame, events: Sequence[Event], kind: str, at: datetime) -> pl.DataFrame:
    """One row an event of this kind; one row a customer for an event of nobody's (market, product)."""
    fields = kinds().kinds[kind].fields
    rows = [_row(event, fields) for event in events if event.kind == kind]
    shape: dict[str, Any] = {"own": pl.String, "product": pl.String, "event_id": pl.String}
    shape["occurred_at"] = pl.String
    shape.update({name: columns(kind)[name] for name in fields})
    found = pl.DataFrame(rows, schema=shape, orient="row")
    known = products(journal.store, at).select(
        "product", product_kind="kind", product_risk="risk", product_class="asset_class"
    )
    found = found.join(known, on="product", how="left")
    found = found.with_columns(market_move=_market_moves(journal, found, at))
    people = _with_tags(journal, facts)
    own = (
        found.filter(pl.col("own").is_not_null())
        .join(people, left_on="own", right_on="customer")
        .rename({"own": "customer"})
    )
    shared = found.filter(pl.col("own").is_null()).drop("own").join(people, how="cross")
    joined = pl.concat([own.select(sorted(own.columns)), shared.select(sorted(own.columns))])
    return _typed(joined.with_columns(same_product_1d=_same_product(journal, joined, kind, at)), kind, at)


def _row(event: Event, fields: Any) -> tuple[Any, ...]:
    values = [_value(event.data.get(name), kind) for name, kind in fields.items()]
    return (event.customer, event.product, event.event_id, event.occurred_at.isoformat(), *values)


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "money":
        return Decimal(value)
    return float(value) if kind in ("share", "seconds") else value


def _same_product(journal: Journal, joined: pl.DataFrame, kind: str, at: datetime) -> pl.Series:
    """How often this customer had this kind of event with this product today, up to and with this event."""
    none = pl.Series([0] * len(joined), dtype=pl.Int64)
    if not len(joined) or joined["product"].null_count() == len(joined):
        return none
    today = at.astimezone(SHANGHAI).date().isoformat()
    with journal.read() as connection:
        rows = frames.query(
            connection,
            "SELECT customer, product, CAST(occurred_at AS TEXT), event_id FROM journey_events"
            " WHERE kind = :kind AND day = :day AND product IS NOT NULL AND customer IS NOT NULL",
            {"customer": pl.String, "product": pl.String, "occurred": pl.String, "event_id": pl.String},
            kind=kind,
            day=today,
        )
    ranked = rows.with_columns(
        same=pl.struct("occurred", "event_id").rank("ordinal").over("customer", "product").cast(pl.Int64)
    )
    return joined.join(ranked.select("event_id", "same"), on="event_id", how="left", maintain_order="left")[
        "same"
    ].fill_null(0)


def _market_moves(journal: Journal, found: pl.DataFrame, at: datetime) -> pl.Series:
    """The move of the series named by the event, of the broad index where it names none; null if unknown."""
    if not len(found):
        return pl.Series([], dtype=pl.Float64)
    session = found["session"].to_list() if "session" in found.columns else [None] * len(found)
    series = found["series"].to_list() if "series" in found.columns else ["broad"] * len(found)
    moves: list[float | None] = []
    for one, name in zip(session, series, strict=True):
        known = {move.series.id: move for move in market.snapshot(journal.store, at, one)}
        move = known.get(name)
        fresh = move is not None and move.row.date == at.astimezone(SHANGHAI).date()
        moves.append(float(move.ratio) if move is not None and move.ratio is not None and fresh else None)
    return pl.Series(moves, dtype=pl.Float64)


def _with_tags(journal: Journal, facts: pl.DataFrame) -> pl.DataFrame:
    """Facts with each tag as a column: the computed ones from these facts, manual ones from the store."""
    words = definitions()
    found = facts.with_columns(**{f"tag_{tag.id}": tag.value for tag in words.tags.values()})
    with journal.read() as connection:
        manual = frames.query(
            connection,
            "SELECT customer, tag, value FROM journey_tags WHERE until IS NOT NULL",
            {"customer": pl.String, "tag": pl.String, "value": pl.String},
        )
    for name in words.manual:
        one = manual.filter(pl.col("tag") == name).select("customer", pl.col("value").alias(f"tag_{name}"))
        found = found.join(one, on="customer", how="left")
    return found


def _bought(journal: Journal) -> pl.DataFrame:
    """The first purchase of each product."""
    with journal.read() as connection:
        rows = frames.query(
            connection,
            "SELECT customer, product, CAST(MIN(trade_date) AS TEXT) FROM movements WHERE status = 'confirmed'"
            " AND kind IN ('buy', 'convert_in', 'transfer_in') GROUP BY customer, product",
            {"customer": pl.String, "product": pl.String, "bought": pl.String},
        )
    return rows.with_columns(bought=frames.day("bought"))


def _settings(journal: Journal, kind: str) -> pl.DataFrame:
    with journal.read() as connection:
        rows = frames.query(
            connection,
            "SELECT customer, product, threshold FROM alert_settings WHERE active AND kind = :kind",
            {"customer": pl.String, "product": pl.String, "threshold": pl.Int64},
            kind=kind,
        )
    return rows.with_columns(threshold=pl.col("threshold") / _SCALE)


def _threshold(held: pl.DataFrame, settings: pl.DataFrame, name: str) -> pl.DataFrame:
    """The customer's threshold for the product, else theirs for all products, else null."""
    own = settings.filter(pl.col("product") != "").rename({"threshold": name})
    general = settings.filter(pl.col("product") == "").select("customer", general="threshold")
    joined = held.join(own, on=["customer", "product"], how="left").join(general, on="customer", how="left")
    return joined.with_columns(pl.coalesce(name, "general").alias(name)).drop("general")


def _few(facts: pl.DataFrame) -> list[str] | None:
    """Customers by name while they are few; None for everybody."""
    return facts["customer"].to_list() if len(facts) <= 500 else None


def _typed(frame: pl.DataFrame, on: str, at: datetime) -> pl.DataFrame:
    """The columns that conditions over this may use, and today."""
    schema = columns(on)
    today = at.astimezone(SHANGHAI).date().isoformat()
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items()).with_columns(today=pl.lit(today))
