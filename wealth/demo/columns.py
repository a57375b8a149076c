"""Columns: rows of a table collected as integer arrays, thousands at a time, for the bulk loader."""

from __future__ import annotations

from typing import Any

import numpy as np

KINDS = (
    "cash_in",
    "transfer_in",
    "interest",
    "buy",
    "convert_in",
    "reinvest",
    "dividend",
    "sell",
    "maturity",
    "convert_out",
    "transfer_out",
    "fee",
    "cash_out",
)
STATUS = ("confirmed", "pending", "cancelled")
KIND = {name: index for index, name in enumerate(KINDS)}

# customer: number within the batch; product: number in the catalogue; days: ordinals, 0 for none; units 1e-4,
# price 1e-6, money in cents; pair: a number shared by the two halves of a conversion, 0 for none.
FIELDS = (
    "customer",
    "product",
    "kind",
    "status",
    "trade_date",
    "confirm_date",
    "settle_date",
    "units",
    "price",
    "amount",
    "fee",
    "cash",
    "pair",
    "matures_on",
)


class Columns:
    """Movements as arrays; `add` takes arrays and single values, which are spread over all rows."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._pairs = 0

    def add(self, **values: Any) -> None:
        """Rows with these fields, 0 for those not named; every array has one value per row of `customer`."""
        size = len(values["customer"])
        if not size:
            return
        part = np.zeros((len(FIELDS), size), dtype=np.int64)
        for name, value in values.items():
            part[FIELDS.index(name)] = value
        self._parts.append(part)

    def pairs(self, size: int) -> np.ndarray:
        """Fresh numbers to tie the halves of `size` conversions together."""
        self._pairs += size
        return np.arange(self._pairs - size + 1, self._pairs + 1)

    def sorted(self) -> dict[str, np.ndarray]:
        """All rows by customer, then as the ledger counts them."""
        table = np.concatenate(self._parts, axis=1) if self._parts else np.zeros((len(FIELDS), 0), dtype=np.int64)
        columns = dict(zip(FIELDS, table, strict=True))
        order = np.lexsort((columns["product"], columns["kind"], columns["trade_date"], columns["customer"]))
        return {name: column[order] for name, column in columns.items()}
