"""Rows of the database as polars columns, and conditions of data files as polars expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import polars as pl
from polars.exceptions import PolarsError
from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection

from journeys.datafile import Section
from wealth.store.types import Moment

MONEY = pl.Decimal(38, 2)
Schema = Mapping[str, Any]


def query(connection: Connection, sql: str, schema: Schema, **parameters: Any) -> pl.DataFrame:
    """Rows of a query as columns of `schema`, in the order selected. Dates are to be selected as text.

    A parameter that is a list or tuple stands for IN :name; moments are zone-aware.
    """
    statement = text(sql)
    typed = [
        bindparam(name, type_=Moment()) if isinstance(value, datetime) else bindparam(name, expanding=True)
        for name, value in parameters.items()
        if isinstance(value, datetime | list | tuple)
    ]
    statement = statement.bindparams(*typed)
    result: Any = connection.execute(statement, parameters)
    # The driver's own tuples: wrapping a million of them into Rows takes seconds.
    rows = result.cursor.fetchall()
    result.close()
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pl.DataFrame(
        [pl.Series(name, column, dtype=kind) for (name, kind), column in zip(schema.items(), columns, strict=True)]
    )


def stored(moment: datetime) -> str:
    """A moment as it stands in the database when selected as text, for comparisons in columns."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


def day(name: str) -> pl.Expr:
    """A date that was selected as text."""
    return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d")


def yuan(cents: pl.Expr) -> pl.Expr:
    """Whole cents as money in CNY, exactly."""
    return (cents.cast(pl.Decimal(38, 2)) / pl.lit(100, dtype=pl.Decimal(38, 2))).cast(MONEY)


def expression(section: Section, key: str, over: pl.Schema, *, flag: bool = False) -> pl.Expr:
    """The SQL expression under a key, checked against the columns it may use. Raises DataFault with the line."""
    written = section.need(key)
    try:
        made = pl.sql_expr(written)
        found = pl.DataFrame(schema=over).select(made.alias("found")).schema["found"]
    except PolarsError as error:
        raise section.fault(f"条件看不懂：{written}（{_short(error)}）", key) from None
    except ValueError as error:
        raise section.fault(f"条件看不懂：{written}（{_short(error)}）", key) from None
    if flag and found != pl.Boolean:
        raise section.fault(f"条件的结果应是“是”或“否”：{written}", key)
    return made


def shown(name: str, kind: str) -> pl.Expr:
    """A fact as a person reads it: 12.3 万元, 35%, 是."""
    column = pl.col(name)
    if kind == "money":
        wan = (column.cast(pl.Float64) / 10_000).round(1)
        return (
            pl.when(column.abs() >= 10_000)
            .then(pl.format("{} 万元", wan))
            .otherwise(pl.format("{} 元", column.cast(pl.Float64).round(0).cast(pl.Int64)))
        )
    if kind == "share":
        return pl.format("{}%", (column * 100).round(1))
    if kind == "flag":
        return pl.when(column).then(pl.lit("是")).otherwise(pl.lit("否"))
    return column.cast(pl.String)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:120]
