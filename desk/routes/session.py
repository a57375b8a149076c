"""Signing in and out, who I am, my password, and whether I take hand-offs now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import insert, select, update

from desk import audit, tables
from desk.auth import accounts, sessions, throttle
from desk.auth.access import AnyService, SignedIn, require
from desk.auth.roles import Who, roles
from desk.problems import Problem
from desk.services import Services
from desk.wording import data
from wealth import clock

router = APIRouter(tags=["session"])


class Credentials(BaseModel):
    account: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=200)


class NewPassword(BaseModel):
    old: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=1, max_length=200)


class Presence(BaseModel):
    available: bool
    capacity: int = Field(ge=1, le=data("limits")["presence"]["most"])


@router.post("/session")
def sign_in(given: Credentials, request: Request, response: Response, desk: AnyService) -> dict[str, Any]:
    """401 wrong_credentials, 429 too_many_tries with retry_after; the same whether or not the account exists."""
    now, address = desk.wall(), caller(request, desk)
    with desk.store.write() as connection:
        wait = throttle.admit(connection, given.account, address, now)
    if wait:
        raise Problem(429, "too_many_tries", retry_after=wait)
    with desk.store.read() as connection:
        right = accounts.verified(connection, given.account, given.password)
        who = accounts.who(connection, given.account, demo=desk.settings.demo) if right else None
    if who is None:
        with desk.store.write() as connection:
            # People type passwords into the account field: what was typed is not kept.
            audit.note(connection, "sign_in_failed", "", why="wrong_credentials")
        raise Problem(401, "wrong_credentials")
    with desk.store.write() as connection:
        throttle.succeeded(connection, given.account, address)
        secret = sessions.begin(connection, who.account, now, request.cookies.get(sessions.COOKIE))
        audit.note(connection, "sign_in", who.account)
    response.set_cookie(
        sessions.COOKIE, secret, path="/desk", secure=not desk.settings.demo, httponly=True, samesite="strict"
    )
    return {"me": _me(who, secret)}


@router.delete("/session", status_code=204)
def sign_out(request: Request, who: SignedIn, desk: AnyService) -> Response:
    with desk.store.write() as connection:
        sessions.end(connection, request.cookies[sessions.COOKIE])
        audit.note(connection, "sign_out", who.account)
    response = Response(status_code=204)
    response.delete_cookie(
        sessions.COOKIE, path="/desk", secure=not desk.settings.demo, httponly=True, samesite="strict"
    )
    return response


@router.get("/me")
def me(request: Request, who: SignedIn) -> dict[str, Any]:
    """Who is signed in, with the token that every change has to carry in X-CSRF-Token."""
    return _me(who, request.cookies[sessions.COOKIE])


@router.post("/me/password", status_code=204)
def change_password(given: NewPassword, request: Request, who: SignedIn, desk: AnyService) -> Response:
    """Ends the person's other sessions. Guessing the old one is braked like signing in."""
    now, address = desk.wall(), caller(request, desk)
    with desk.store.write() as connection:
        wait = throttle.admit(connection, who.account, address, now)
    if wait:
        raise Problem(429, "too_many_tries", retry_after=wait)
    with desk.store.read() as connection:
        if not accounts.verified(connection, who.account, given.old):
            raise Problem(403, "wrong_credentials", field="old")
    try:
        with desk.store.write() as connection:
            throttle.succeeded(connection, who.account, address)
            accounts.set_password(connection, who.account, given.new)
            sessions.end_all(connection, who.account, but=request.cookies[sessions.COOKIE])
            audit.note(connection, "password", who.account)
    except accounts.AccountError as error:
        raise Problem(422, "weak_password", field="new", detail=str(error)) from None
    return Response(status_code=204)


@router.get("/presence")
def present(who: Annotated[Who, Depends(require("handoffs"))], desk: AnyService) -> dict[str, Any]:
    """What I said last; not taking hand-offs before I said anything."""
    table = tables.presence
    with desk.store.read() as connection:
        row = connection.execute(select(table).where(table.c.account == who.account)).first()
    capacity = row.capacity if row else data("limits")["presence"]["capacity"]
    return {"available": bool(row and row.available), "capacity": capacity}


@router.put("/presence")
def presence(given: Presence, who: Annotated[Who, Depends(require("handoffs"))], desk: AnyService) -> dict[str, Any]:
    """Whether I take hand-offs now, and how many at once."""
    table = tables.presence
    values = {"available": given.available, "capacity": given.capacity, "at": clock.now()}
    with desk.store.write() as connection:
        if not connection.execute(update(table).where(table.c.account == who.account).values(**values)).rowcount:
            connection.execute(insert(table).values(account=who.account, **values))
    return {"available": given.available, "capacity": given.capacity}


@router.get("/demo")
def demo(desk: AnyService) -> dict[str, Any]:
    """The demo accounts, for the sign-in page; 404 outside demo mode."""
    if not desk.settings.demo:
        raise Problem(404, "not_found")
    with desk.store.read() as connection:
        known = [one for one in accounts.listed(connection) if one.demo]
    return {
        "accounts": [{"account": one.account, "name": one.name, "role": one.role} for one in known],
        "password": data("demo_accounts")["password"],
    }


def caller(request: Request, desk: Services) -> str:
    """The address a request comes from, behind as many proxies as are ours."""
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    trusted = desk.settings.trusted_proxies
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return request.client.host if request.client else ""


def _me(who: Who, secret: str) -> dict[str, Any]:
    return {
        "account": who.account,
        "name": who.name,
        "role": who.role,
        "role_title": roles()[who.role],
        "branch": who.branch,
        "staff_id": who.staff_id,
        "csrf": sessions.csrf(secret),
        "permissions": sorted(who.permissions),
        "scopes": dict(who.permissions),
    }
