"""The dependencies that every route of the desk stands on: `require("permission")`, `signed_in`, `services`."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select

from desk.auth import accounts, sessions
from desk.auth.roles import Who, may_see
from desk.problems import Problem
from desk.services import Services
from journeys.leads.book import OPEN
from journeys.store import schema
from wealth import clock
from wealth.errors import UnknownCustomer
from wealth.store import Customer

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def services(request: Request) -> Services:
    """Stores, bank, hub and settings of this process."""
    found: Services = request.app.state.services
    return found


class Require:
    """A dependency that returns who is signed in, or raises: 401 signed_out, 403 bad_csrf, 403 not_allowed.

    permission None: any signed-in person. Sync on purpose: it reads the store, so it belongs on a worker thread.
    """

    def __init__(self, permission: str | None) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Who:
        desk = services(request)
        secret = request.cookies.get(sessions.COOKIE, "")
        now = desk.wall()
        with desk.store.read() as connection:
            account = sessions.account_of(connection, secret, now) if secret else None
            who = accounts.who(connection, account, demo=desk.settings.demo) if account else None
            stale = who is not None and sessions.needs_touch(connection, secret, now)
        if who is None:
            raise Problem(401, "signed_out")
        if request.method not in SAFE:
            given = request.headers.get("X-CSRF-Token", "")
            if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), sessions.csrf(secret).encode()):
                raise Problem(403, "bad_csrf")
        if stale:
            with desk.store.write() as connection:
                sessions.touch(connection, secret, now)
        if self.permission is not None and who.scope(self.permission) is None:
            raise Problem(403, "not_allowed")
        return who


def require(permission: str) -> Require:
    """For `Depends(require("leads"))`: the person, if their role has this permission at any scope."""
    return Require(permission)


signed_in = Require(None)

AnyService = Annotated[Services, Depends(services)]
SignedIn = Annotated[Who, Depends(signed_in)]


def customer_for(desk: Services, who: Who, customer: str, permission: str = "customers") -> Customer:
    """The customer, if within the person's permission, or entrusted to them by a lead that is still open.

    Raises Problem 404, the same for one who does not exist.
    """
    try:
        found = desk.bank.store.customer(customer)
    except UnknownCustomer:
        raise Problem(404, "not_found") from None
    if may_see(who, found, permission) or (who.scope(permission) and _entrusted(desk, who, customer)):
        return found
    raise Problem(404, "not_found")


def _entrusted(desk: Services, who: Who, customer: str) -> bool:
    """A colleague's customer whose lead was routed to this person, for as long as it is worked on."""
    table = schema.leads
    query = select(table.c.id).where(
        table.c.customer == customer,
        table.c.manager == who.staff_id,
        table.c.branch == who.branch,
        table.c.state.in_(OPEN),
        table.c.expires_at > clock.now(),
    )
    with desk.journal.read() as connection:
        return bool(who.staff_id) and connection.execute(query.limit(1)).first() is not None
