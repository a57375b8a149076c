"""The few rows that the adviser itself writes. Each call is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from wealth.errors import BadSetting
from wealth.store import schema
from wealth.store.rows import AlertSetting, Assessment
from wealth.store.store import Store

ALERT_KINDS = ("nav_band", "target_return", "stop_loss")


def set_alert(
    store: Store, customer: str, kind: str, threshold: Decimal, at: datetime, product: str | None = None
) -> AlertSetting:
    """Set or replace the customer's alert of this kind (and product).

    Raises UnknownCustomer, UnknownProduct; BadSetting for an unknown kind or a threshold outside (0, 10].
    """
    if kind not in ALERT_KINDS:
        raise BadSetting(f"没有这种提醒：{kind}")
    if not threshold.is_finite() or not 0 < threshold <= 10:
        raise BadSetting("提醒的幅度应大于 0、不超过 1000%")
    store.customer(customer)
    if product is not None:
        store.product(product)
    table = schema.alert_settings
    key = (table.c.customer == customer) & (table.c.product == (product or "")) & (table.c.kind == kind)
    values = {"threshold": threshold, "active": True, "created_at": at}
    with store.write() as connection:
        changed = connection.execute(update(table).where(key).values(**values)).rowcount
        if not changed:
            connection.execute(insert(table).values(customer=customer, product=product or "", kind=kind, **values))
        row = connection.execute(select(table).where(key)).mappings().one()
    return AlertSetting(**{**row, "product": product})


def remove_alert(store: Store, customer: str, kind: str, product: str | None = None) -> bool:
    """Switch an alert off; False if there was none."""
    table = schema.alert_settings
    with store.write() as connection:
        changed = connection.execute(
            update(table)
            .where(
                table.c.customer == customer,
                table.c.product == (product or ""),
                table.c.kind == kind,
                table.c.active.is_(True),
            )
            .values(active=False)
        ).rowcount
    return bool(changed)


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
    """Keep a finished questionnaire; it counts only once confirmed. Raises UnknownCustomer."""
    store.customer(customer)
    made = Assessment(
        id=0,
        customer=customer,
        taken_at=taken_at,
        score=score,
        rating=rating,
        confirmed_at=taken_at if confirmed else None,
        horizon_months=horizon_months,
        answers=dict(answers),
        questionnaire=questionnaire,
    )
    values = {name: getattr(made, name) for name in made.__dataclass_fields__ if name != "id"}
    with store.write() as connection:
        key = connection.execute(insert(schema.assessments).values(**values)).inserted_primary_key[0]
    return replace(made, id=key)


def confirm_assessment(store: Store, assessment: int, at: datetime) -> None:
    """The customer accepts the (changed) level. Twice is once. Raises BadSetting if there is none with this id."""
    table = schema.assessments
    with store.write() as connection:
        connection.execute(
            update(table).where(table.c.id == assessment, table.c.confirmed_at.is_(None)).values(confirmed_at=at)
        )
        if connection.execute(select(table.c.id).where(table.c.id == assessment)).first() is None:
            raise BadSetting(f"没有这次测评：{assessment}")


def set_consent(store: Store, customer: str, purpose: str, granted: bool, at: datetime) -> None:
    """Keep one decision; earlier ones stay as history. Raises UnknownCustomer."""
    store.customer(customer)
    with store.write() as connection:
        connection.execute(insert(schema.consents).values(customer=customer, purpose=purpose, granted=granted, at=at))


def append_audit(
    store: Store,
    *,
    at: datetime,
    kind: str,
    subject: str,
    decision: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """One append-only row: ids, decisions and pseudonymous keys, never words of the customer."""
    with store.write() as connection:
        connection.execute(
            insert(schema.audit).values(
                at=at, kind=kind, subject=subject, decision=decision, details=dict(details or {})
            )
        )
