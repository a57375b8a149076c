"""Purchases happen on the bank's own page: a ticket leads there, signed events come back."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any
from urllib.parse import urlencode

import jwt
from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from channels.app import tables
from channels.app.clock import from_unix, stamp
from channels.app.database import insert_once
from channels.app.settings import AppSettings
from channels.problems import Problem

TICKET_SECONDS = 600
TICKET_AUDIENCE = "bank-purchase"
_FIELDS = ("event", "customer", "product", "amount", "currency", "occurred_at")


def shown_product(connection: Connection, customer: str, code: str) -> dict[str, Any]:
    """The newest product card with this code in the customer's own log. Raises Problem not_found."""
    e = tables.entries
    rows = connection.execute(
        select(e.c.body)
        .where(e.c.customer == customer, e.c.kind == "message", e.c.body.like('%"type": "product"%'))
        .order_by(e.c.seq.desc())
        .limit(200)
    ).scalars()
    for body in rows:
        product: dict[str, Any] = json.loads(body)
        if product["type"] == "product" and product["code"] == code:
            return product
    raise Problem("not_found", field="product")


def link(settings: AppSettings, customer: str, product: dict[str, Any]) -> dict[str, str]:
    """Address of the bank's page for this customer and product, with a short-lived single-use ticket."""
    expires = int(time.time()) + TICKET_SECONDS
    claims = {
        "sub": customer,
        "aud": TICKET_AUDIENCE,
        "exp": expires,
        "jti": uuid.uuid4().hex,
        "product": {name: product[name] for name in ("code", "name", "risk", "minimum") if name in product},
    }
    ticket = jwt.encode(claims, settings.bank_events_key, algorithm="HS256")
    joint = "&" if "?" in settings.purchase_url else "?"
    query = urlencode({"product": product["code"], "ticket": ticket})
    return {"url": f"{settings.purchase_url}{joint}{query}", "expires_at": from_unix(expires)}


def take(connection: Connection, event: dict[str, Any]) -> bool:
    """Store a PurchaseEvent; false for a repeat. Raises Problem conflict when the id was used for another event."""
    values = {name: event.get(name) for name in _FIELDS}
    p = tables.purchase_events
    if insert_once(connection, p, event_id=event["event_id"], received_at=stamp(), **values):
        return True
    stored = connection.execute(select(p).where(p.c.event_id == event["event_id"])).mappings().one()
    if any(stored[name] != values[name] for name in _FIELDS):
        raise Problem("conflict", field="event_id")
    return False


def feed(connection: Connection, after: int, limit: int) -> list[dict[str, Any]]:
    """Events with a higher id, in order, for journeys."""
    p = tables.purchase_events
    rows = connection.execute(select(p).where(p.c.id > after).order_by(p.c.id).limit(limit)).mappings()
    return [dict(row) for row in rows]


def of_customer(connection: Connection, customer: str) -> list[dict[str, Any]]:
    """A customer's own events."""
    p = tables.purchase_events
    rows = connection.execute(select(p).where(p.c.customer == customer).order_by(p.c.id)).mappings()
    return [dict(row) for row in rows]


def forget(connection: Connection, customer: str) -> None:
    """Delete our copies; the bank's own records are the bank's."""
    connection.execute(delete(tables.purchase_events).where(tables.purchase_events.c.customer == customer))
