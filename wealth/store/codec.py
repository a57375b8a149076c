"""Between product rows and their JSON columns: fee steps, look-through and open days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from wealth.store.rows import FeeTier, Product


def fee_tiers_to_json(tiers: Sequence[FeeTier]) -> list[dict[str, str | None]]:
    """Fee steps as JSON, figures as decimal strings."""
    return [
        {
            "start": str(tier.start),
            "end": None if tier.end is None else str(tier.end),
            "rate": str(tier.rate),
            "fixed": None if tier.fixed is None else str(tier.fixed),
        }
        for tier in tiers
    ]


def fee_tiers_from_json(tiers: Sequence[Mapping[str, str | None]]) -> tuple[FeeTier, ...]:
    """The reverse; missing `end` is open, missing `start` is 0."""

    def figure(value: str | None) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    return tuple(
        FeeTier(
            start=figure(tier.get("start")) or Decimal(0),
            end=figure(tier.get("end")),
            rate=figure(tier.get("rate")) or Decimal(0),
            fixed=figure(tier.get("fixed")),
        )
        for tier in tiers
    )


def product_to_row(product: Product) -> dict[str, Any]:
    """Column values of `products`; its look-through goes to `product_classes`."""
    row = {name: getattr(product, name) for name in product.__dataclass_fields__ if name != "look_through"}
    row["aliases"] = list(product.aliases)
    row["open_days"] = [day.isoformat() for day in product.open_days]
    row["cutoff"] = product.cutoff.isoformat("minutes")
    row["purchase_fees"] = fee_tiers_to_json(product.purchase_fees)
    row["redemption_fees"] = fee_tiers_to_json(product.redemption_fees)
    return row


def product_from_row(row: Mapping[str, Any], look_through: Mapping[str, Decimal]) -> Product:
    """A Product from its row and class weights."""
    values = dict(row)
    values["look_through"] = dict(look_through)
    values["aliases"] = tuple(values["aliases"])
    values["open_days"] = tuple(date.fromisoformat(day) for day in values["open_days"])
    values["cutoff"] = time.fromisoformat(values["cutoff"])
    values["purchase_fees"] = fee_tiers_from_json(values["purchase_fees"])
    values["redemption_fees"] = fee_tiers_from_json(values["redemption_fees"])
    return Product(**values)
