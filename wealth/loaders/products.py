"""Loading products with their rules, fees and look-through."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from wealth.classes import CLASSES, UNKNOWN
from wealth.loaders import fields
from wealth.loaders.csvfile import BadField, Report, read
from wealth.loaders.fields import optional
from wealth.loaders.records import Spec
from wealth.loaders.upsert import upsert
from wealth.loaders.versions import bump
from wealth.store import Store, schema
from wealth.store.codec import fee_tiers_from_json, fee_tiers_to_json

_RATE = optional(fields.decimal(8), Decimal(0))
_MAYBE_DAY = optional(fields.day)
_COUNT = optional(fields.integer, 0)
_KINDS = {"demand_deposit", "time_deposit", "structured_deposit", "cash", "wealth", "fund", "gold", "insurance"}


def _tiers(column: str, cell: str) -> list[dict[str, str | None]]:
    try:
        return fee_tiers_to_json(fee_tiers_from_json(fields.json_value(column, cell)))
    except (ArithmeticError, AttributeError, TypeError):
        raise BadField(f'“{column}”应像 [{{"end": 7, "rate": 0.015}}, {{"start": 7, "rate": 0}}]') from None


def _weights(column: str, cell: str) -> dict[str, Decimal]:
    """cash:0.1|fixed:0.9, summing to 1."""
    weights: dict[str, Decimal] = {}
    for word in fields.words(column, cell):
        name, _, weight = word.partition(":")
        if name not in (*CLASSES, UNKNOWN):
            raise BadField(f"“{column}”里没有这个类别：{name}")
        weights[name] = fields.decimal(8)(column, weight)
    if sum(weights.values()) != 1:
        raise BadField(f"“{column}”的各项相加应等于 1")
    return weights


def _risk(column: str, cell: str) -> int:
    return int(fields.choice({"R1", "R2", "R3", "R4", "R5"})(column, cell)[1])


PRODUCTS: Spec = {
    "code": fields.text(20),
    "name": fields.text(80),
    "kind": fields.choice(_KINDS),
    "issuer": fields.text(80),
    "risk": _risk,
    "asset_class": fields.choice(CLASSES),
    "look_through": _weights,
    "valuation": fields.choice({"nav", "par", "premium"}),
    "currency": fields.choice({"CNY"}),
    "aliases": optional(fields.words, list),
    "share_class": optional(fields.choice({"A", "C"})),
    "pair_code": optional(fields.text(20)),
    "launch_date": fields.day,
    "maturity_date": _MAYBE_DAY,
    "term_days": optional(fields.integer),
    "lock_days": _COUNT,
    "open_rule": fields.choice({"daily", "periodic", "closed"}),
    "open_days": optional(
        lambda column, cell: [fields.day(column, one).isoformat() for one in fields.words(column, cell)], list
    ),
    "sale_start": _MAYBE_DAY,
    "sale_end": _MAYBE_DAY,
    "on_sale": fields.yes_no,
    "cutoff": optional(fields.clock_time, "15:00"),
    "confirm_days": fields.integer,
    "arrival_days": fields.integer,
    "instant_limit": optional(fields.decimal(2)),
    "minimum": fields.decimal(2),
    "step": fields.decimal(2),
    "purchase_fees": optional(_tiers, list),
    "redemption_fees": optional(_tiers, list),
    "management_fee": _RATE,
    "custody_fee": _RATE,
    "service_fee": _RATE,
    "rate": optional(fields.decimal(8)),
    "benchmark": optional(fields.text(500), ""),
    "benchmark_basis": optional(fields.text(1000), ""),
    "dividend_policy": optional(fields.choice({"cash", "reinvest", "none"}), "none"),
    "summary": fields.text(1000),
    "strategy": optional(fields.text(2000), ""),
    "risks": fields.text(2000),
    "source": fields.text(500),
}


def load_products(store: Store, path: Path) -> Report:
    """One product a line. Raises BadSetting for a file that is none."""
    report = Report(path.name)
    rows: list[dict[str, Any]] = []
    weights: list[dict[str, Any]] = []
    for line, cells in read(path, list(PRODUCTS), report):
        try:
            row = {name: parse(name, cells[name]) for name, parse in PRODUCTS.items()}
        except BadField as trouble:
            report.reject(line, str(trouble))
            continue
        shares = row.pop("look_through")
        rows.append(row)
        for name in (*CLASSES, UNKNOWN):
            weights.append({"product": row["code"], "asset_class": name, "weight": shares.get(name, Decimal(0))})
    with store.write() as connection:
        changed = upsert(connection, schema.products, ["code"], rows, report)
        changed |= upsert(connection, schema.product_classes, ["product", "asset_class"], weights, Report(path.name))
        if changed:
            bump(connection, "products")
    return report
