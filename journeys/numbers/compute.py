"""Runs the queries of numbers.yml over polars frames: the database is read once, whatever the number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from journeys import frames
from journeys.datafile import FOLDER, Section, load
from journeys.store import Journal
from journeys.tags.facts import facts


@dataclass(frozen=True)
class Number:
    """One query: its title for people and its SQL over the tables named in the file."""

    id: str
    title: str
    sql: str
    section: Section


@lru_cache(maxsize=1)
def numbers() -> Mapping[str, Number]:
    """The queries in force. Raises DataFault."""
    found: Mapping[str, Section] = load(FOLDER / "numbers.yml").need("numbers", Section)
    return {name: Number(name, one.need("title"), one.need("sql"), one) for name, one in found.items()}


def compute(
    journal: Journal, at: datetime, since: date, *, branch: str | None = None, names: Sequence[str] | None = None
) -> dict[str, pl.DataFrame]:
    """Each number as a table, from what happened on or after `since`; for one branch or the whole bank.

    Raises DataFault for a query that cannot be run, StoreUnavailable.
    """
    context = pl.SQLContext(tables(journal, at, since, branch), eager=True)
    results = {}
    for name, one in numbers().items():
        if names is not None and name not in names:
            continue
        try:
            results[name] = context.execute(one.sql)
        except PolarsError as error:
            raise one.section.fault(f"SQL 跑不通（{str(error).splitlines()[0][:120]}）", "sql") from None
    return results


def export(found: Mapping[str, pl.DataFrame], folder: Path) -> list[Path]:
    """One CSV a number, in UTF-8 with a mark so that spreadsheets read the Chinese right."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, table in found.items():
        path = folder / f"{name}.csv"
        table.write_csv(path, include_bom=True)
        paths.append(path)
    return paths


def tables(journal: Journal, at: datetime, since: date, branch: str | None) -> dict[str, pl.DataFrame]:
    """The tables that queries may use."""
    with journal.read() as connection:

        def read(sql: str, schema: dict[str, Any]) -> pl.DataFrame:
            return frames.query(connection, sql, schema, since=since.isoformat())

        text, whole = pl.String, pl.Int64
        everybody = frames.query(
            connection, "SELECT id, branch, level FROM customers", {"customer": text, "branch": text, "level": text}
        )
        events = read(
            "SELECT customer, kind, product, CAST(day AS TEXT), data FROM journey_events WHERE day >= :since",
            {"customer": text, "kind": text, "product": text, "day": text, "data": text},
        )
        outreach = read(
            "SELECT customer, rule, push_type, state, CAST(created_at AS TEXT), CAST(delivered_at AS TEXT),"
            " CAST(seen_at AS TEXT), CAST(answered_at AS TEXT), CAST(acted_at AS TEXT), acted_amount"
            " FROM journey_outreach WHERE created_at >= :since",
            {"customer": text, "rule": text, "push_type": text, "state": text, "created": text, "delivered": text}
            | {"seen": text, "answered": text, "acted": text, "cents": whole},
        )
        leads = read(
            "SELECT id, kind, customer, branch, manager, state, value, CAST(created_at AS TEXT) FROM journey_leads"
            " WHERE created_at >= :since",
            {"id": text, "kind": text, "customer": text, "branch": text, "manager": text, "state": text}
            | {"cents": whole, "created": text},
        )
        results = read(
            "SELECT lead, customer, manager, outcome, amount, CAST(at AS TEXT) FROM journey_results WHERE at >= :since",
            {"lead": text, "customer": text, "manager": text, "outcome": text, "cents": whole, "created": text},
        )
        moments = read(
            "SELECT customer, rule, state FROM journey_moments WHERE at >= :since",
            {"customer": text, "rule": text, "state": text},
        )
    homes = everybody.select("customer", "branch")
    flags = [pl.col(name).is_not_null().cast(whole) for name in ("delivered", "seen", "answered", "acted")]
    outreach = outreach.with_columns(*flags, acted_amount=frames.yuan(pl.col("cents").fill_null(0))).drop("cents")
    found = {
        "events": _inside(events).join(homes, on="customer", how="left"),
        "outreach": _weeks(outreach).join(homes, on="customer", how="left"),
        "leads": _weeks(leads.with_columns(value=frames.yuan(pl.col("cents").fill_null(0))).drop("cents")),
        "results": _weeks(results.with_columns(amount=frames.yuan(pl.col("cents"))).drop("cents"), "day"),
        "moments": moments.join(homes, on="customer", how="left"),
        "customers": everybody,
    }
    found["results"] = found["results"].join(homes, on="customer", how="left")
    reached = outreach.filter(pl.col("delivered") == 1).select("customer", reached=True).unique()
    held = moments.filter(pl.col("state") == "held_out").select("customer", held_out=True).unique()
    people = facts(journal.store, at).select("customer", "aum", "branch")
    people = people.join(reached, on="customer", how="left").join(held, on="customer", how="left")
    found["people"] = people.with_columns(pl.col("reached", "held_out").fill_null(False))
    if branch is None:
        return found
    return {name: table.filter(pl.col("branch") == branch) for name, table in found.items()}


def _inside(events: pl.DataFrame) -> pl.DataFrame:
    """Events with the fields that queries look at."""

    def field(name: str) -> pl.Expr:
        return pl.col("data").str.json_path_match(f"$.{name}")

    names = {name: field(name) for name in ("channel", "intent", "skill", "handoff")}
    figures = {name: field(name).cast(pl.Float64) for name in ("confidence", "seconds")}
    opened = events.with_columns(**names, **figures, amount=field("amount").cast(frames.MONEY)).drop("data")
    return opened.with_columns(week=frames.day("day").dt.strftime("%G-W%V"))


def _weeks(table: pl.DataFrame, name: str = "created_day") -> pl.DataFrame:
    """`created` (UTC as stored) as a day and a week in Shanghai."""
    moment = pl.col("created").str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S") + pl.duration(hours=8)
    return table.with_columns(moment.dt.strftime("%Y-%m-%d").alias(name), week=moment.dt.strftime("%G-W%V")).drop(
        "created"
    )
