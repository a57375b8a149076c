"""Building blocks of a Reply, in the shapes of docs/architecture.md and channels/schema/messages.v1.json.

Values handed in as Decimal become decimal strings in charts; everything a person reads is formatted by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wealth.classes import class_name
from wealth.format import figure
from wealth.store import Product

Block = dict[str, Any]


def _given(**fields: Any) -> Block:
    return {name: value for name, value in fields.items() if value is not None}


def row(label: str, value: str, *, tone: str | None = None, note: str | None = None, private: bool = False) -> Block:
    """One line of a card."""
    return _given(label=label, value=value, tone=tone, note=note, private=private or None)


def action(title: str, *, text: str | None = None, url: str | None = None) -> Block:
    """A button on a card or list: says `text` for the customer or opens `url`; exactly one of them."""
    if (text is None) == (url is None):
        raise ValueError("a button either says something or opens something")
    return _given(title=title, text=text, url=url)


def card(title: str, rows: Sequence[Block], *, subtitle: str | None = None, actions: Sequence[Block] = ()) -> Block:
    """Labelled figures under a title."""
    return _given(type="card", title=title, subtitle=subtitle, rows=list(rows), actions=list(actions) or None)


def item(
    title: str,
    *,
    text: str | None = None,
    value: str | None = None,
    tone: str | None = None,
    private: bool = False,
    action: Block | None = None,
) -> Block:
    """One entry of a list."""
    return _given(title=title, text=text, value=value, tone=tone, private=private or None, action=action)


def listing(title: str, items: Sequence[Block]) -> Block:
    """A list of entries, each with its own text and button."""
    return {"type": "list", "title": title, "items": list(items)}


def column(key: str, title: str, *, align: str | None = None, private: bool = False) -> Block:
    """A column of a table; key: lower-case letters, digits and _."""
    return _given(key=key, title=title, align=align, private=private or None)


def table(title: str, columns: Sequence[Block], rows: Sequence[Mapping[str, str]]) -> Block:
    """Rows of strings by column key; at most 400."""
    return {"type": "table", "title": title, "columns": list(columns), "rows": [dict(line) for line in rows]}


def ring(
    title: str,
    parts: Iterable[tuple[str, Decimal]],
    *,
    summary: str,
    center: str,
    unit: str = "元",
    private: bool = True,
) -> Block:
    """A whole and its parts; `center` is what the whole is called. Parts of nothing or less are left out."""
    shown = [(name, value) for name, value in parts if value > 0]
    total = sum((value for _, value in shown), Decimal(0))
    data = {
        "center": {"label": center, "value": figure(total)},
        "parts": [{"name": name, "value": figure(value), "share": figure(value / total, 4)} for name, value in shown],
    }
    return _chart("ring", title, data, summary, unit, private)


def line(
    title: str,
    days: Sequence[date],
    series: Mapping[str, Sequence[Decimal | None]],
    *,
    summary: str,
    unit: str = "元",
    private: bool = True,
) -> Block:
    """One or more lines over the same days; None is a gap."""
    data = {
        "x": [on.isoformat() for on in days],
        "series": [
            {"name": name, "values": [None if value is None else figure(value) for value in values]}
            for name, values in series.items()
        ],
    }
    return _chart("line", title, data, summary, unit, private)


def calendar(
    title: str,
    days: Iterable[tuple[date, Decimal | None]],
    *,
    summary: str,
    unit: str = "元",
    private: bool = True,
) -> Block:
    """A figure for each day, None where there is none."""
    data = {"days": [{"date": on.isoformat(), "value": None if value is None else figure(value)} for on, value in days]}
    return _chart("calendar", title, data, summary, unit, private)


def bars(
    title: str, items: Iterable[tuple[str, Decimal]], *, summary: str, unit: str = "元", private: bool = True
) -> Block:
    """Named figures beside each other, gains up and losses down."""
    data = {"items": [{"name": name, "value": figure(value)} for name, value in items]}
    return _chart("bars", title, data, summary, unit, private)


def gauge(
    title: str,
    value: Decimal,
    most: Decimal,
    label: str,
    *,
    summary: str,
    parts: Iterable[tuple[str, Decimal, Decimal]] = (),
    unit: str = "分",
    private: bool = True,
) -> Block:
    """A score out of `most`, with its parts (name, value, most)."""
    data: Block = {"value": figure(value, 0), "max": figure(most, 0), "label": label}
    shown = [{"name": name, "value": figure(got, 1), "max": figure(best, 0)} for name, got, best in parts]
    if shown:
        data["parts"] = shown
    return _chart("gauge", title, data, summary, unit, private)


def product_card(
    product: Product,
    *,
    facts: Iterable[tuple[str, str]] = (),
    reasons: Sequence[str] = (),
    cautions: Sequence[str] = (),
    term: str | None = None,
    minimum: str | None = None,
    link: str | None = None,
) -> Block:
    """A product with why and why not. A benchmark is shown with its basis or not at all."""
    benchmark = None
    if product.benchmark not in ("", "无") and product.benchmark_basis:
        benchmark = {"text": product.benchmark, "basis": product.benchmark_basis}
    return _given(
        type="product",
        code=product.code,
        name=product.name,
        risk=product.rating,
        asset_class=class_name(product.asset_class),
        term=term,
        minimum=minimum,
        facts=[{"label": label, "value": value} for label, value in facts],
        reasons=list(reasons),
        cautions=list(cautions),
        benchmark=benchmark,
        link=link,
    )


def _chart(kind: str, title: str, data: Block, summary: str, unit: str | None, private: bool) -> Block:
    return _given(type="chart", kind=kind, title=title, unit=unit, summary=summary, data=data, private=private or None)
