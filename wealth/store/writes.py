"""The few rows that the adviser itself writes. Each call is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from wealth.store.rows import AlertSetting, Assessment
from wealth.store.store import Store


def set_alert(
    store: Store, customer: str, kind: str, threshold: Decimal, at: datetime, product: str | None = None
) -> AlertSetting:
    """Set or replace the customer's alert of this kind (and product). Raises UnknownCustomer, UnknownProduct."""
    raise NotImplementedError


def remove_alert(store: Store, customer: str, kind: str, product: str | None = None) -> bool:
    """Switch an alert off; False if there was none."""
    raise NotImplementedError


def add_assessment(
    store: Store,
    customer: str,
    *,
    taken_at: datetime,
    score: int,
    rating: str,
    answers: Mapping[str, str],
    questionnaire: str,
    horizon_months: int | None = None,
    confirmed: bool = False,
) -> Assessment:
    """Keep a finished questionnaire; it counts only once confirmed."""
    raise NotImplementedError


def confirm_assessment(store: Store, assessment: int, at: datetime) -> None:
    """The customer accepts the (changed) level. Twice is once."""
    raise NotImplementedError


def set_consent(store: Store, customer: str, purpose: str, granted: bool, at: datetime) -> None:
    """Keep one decision; earlier ones stay as history."""
    raise NotImplementedError


def append_audit(
    store: Store, *, at: datetime, kind: str, subject: str, decision: str, details: Mapping[str, Any] | None = None
) -> None:
    """One append-only row: ids, decisions and pseudonymous keys, never words of the customer."""
    raise NotImplementedError
