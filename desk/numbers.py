"""The numbers page: SQL kept as data (data/desk/numbers.yml) over the columns that journeys.numbers reads once."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from desk.wording import data
from journeys import frames
from journeys.leads.kinds import lead_rules
from journeys.mot.rules import rules
from journeys.numbers.compute import tables
from journeys.outreach.group import templates
from journeys.store import Journal

_DAY_OF = {"events": "day", "outreach": "created_day", "leads": "created_day", "results": "day"}
# Money from outside the bank: cash that came or left, and products brought along or taken away.
_FLOWS = (
    "SELECT customer, SUM(CASE WHEN kind IN ('cash_in', 'transfer_in') THEN amount ELSE -amount END) FROM movements"
    " WHERE kind IN ('cash_in', 'cash_out', 'transfer_in', 'transfer_out') AND status = 'confirmed'"
    " AND trade_date >= :since AND trade_date <= :until GROUP BY customer"
)


@dataclass(frozen=True)
class Question:
    """Which numbers: days since..until, both included; whose customers; by "week" or "day"."""

    since: date
    until: date
    by: str
    branch: str | None = None
    manager: str | None = None
    channel: str | None = None


def report(journal: Journal, at: datetime, question: Question) -> dict[str, pl.DataFrame]:
    """All tables of the page: `series` by bucket, and the others by name. Raises StoreUnavailable."""
    book = data("numbers")
    context = pl.SQLContext(_narrowed(journal, at, question), eager=True)
    series = pl.DataFrame(schema={"bucket": pl.String})
    for sql in book["series"].values():
        series = series.join(context.execute(sql), on="bucket", how="full", coalesce=True)
    averages = ("seconds",)
    counts = [name for name in series.columns if name not in ("bucket", *averages)]
    found = {"series": series.sort("bucket").with_columns(pl.col(name).fill_null(0) for name in counts)}
    for name, sql in book["tables"].items():
        found[name] = _named(context.execute(sql))
    return found


def totals(found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The sums over the whole time. Customers are not summed: one who came in two weeks is one."""
    series = found["series"]
    names = [name for name in series.columns if name not in ("bucket", "customers", "seconds")]
    sums = {name: series[name].sum() for name in names}
    answered = series.filter(pl.col("seconds").is_not_null())
    weights = int(answered["answers"].sum())
    mean = float((answered["seconds"] * answered["answers"]).sum()) / weights if weights else None
    return {**{name: plain(value) for name, value in sums.items()}, "seconds": plain(mean)}


def plain(value: Any) -> Any:
    """A figure for JSON: money as a decimal string, a mean with three digits."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return round(value, 3) if isinstance(value, float) else value


def rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """A table for JSON."""
    return [{name: plain(value) for name, value in row.items()} for row in table.to_dicts()]


def csv(table: pl.DataFrame) -> bytes:
    """A table for a spreadsheet: UTF-8 with a mark, Chinese headings."""
    names = data("numbers")["columns"]
    file = io.BytesIO()
    table.rename({name: names.get(name, name) for name in table.columns}).write_csv(
        file, include_bom=True, float_precision=3
    )
    return file.getvalue()


def _narrowed(journal: Journal, at: datetime, question: Question) -> dict[str, pl.DataFrame]:
    found = tables(journal, at, question.since, question.branch)
    last = question.until.isoformat()
    for name, column in _DAY_OF.items():
        kept = found[name].filter(pl.col(column) <= last)
        found[name] = kept.with_columns(bucket=pl.col("week" if question.by == "week" else column))
    if question.channel is not None:
        found["events"] = found["events"].filter(pl.col("channel") == question.channel)
    found["people"] = _with_flows(journal, found["people"], question)
    if question.manager is None:
        return found
    with journal.read() as connection:
        own = frames.query(
            connection,
            "SELECT id FROM customers WHERE manager = :manager",
            {"customer": pl.String},
            manager=question.manager,
        )
    return {name: table.join(own, on="customer", how="semi") for name, table in found.items()}


def _with_flows(journal: Journal, people: pl.DataFrame, question: Question) -> pl.DataFrame:
    with journal.read() as connection:
        flows = frames.query(
            connection,
            _FLOWS,
            {"customer": pl.String, "cents": pl.Int64},
            since=question.since.isoformat(),
            until=question.until.isoformat(),
        )
    inflow = frames.yuan(pl.col("cents").fill_null(0))
    return people.join(flows, on="customer", how="left").with_columns(inflow=inflow).drop("cents")


def _named(table: pl.DataFrame) -> pl.DataFrame:
    """With a `title` for people beside a code."""
    titles = data("numbers")["titles"]
    known: dict[str, Mapping[str, str]] = {
        "rule": {
            **{name: rule.trigger.title for name, rule in rules().items()},
            **{name: one.rule.trigger.title for name, one in templates().items()},
        },
        "kind": {name: kind.trigger.title for name, kind in lead_rules().kinds.items()},
        "outcome": {name: one.title for name, one in lead_rules().outcomes.items()},
        **titles,
    }
    column = table.columns[0]
    if column not in known:
        return table
    return table.with_columns(title=pl.col(column).replace(dict(known[column])))
