"""Both sides of a hand-off: the app channel as a process, and a desk whose clock and steps a test drives."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime
from typing import Any

from desk_client import API, sign_in
from fastapi import FastAPI
from starlette.testclient import TestClient

from desk import tables
from desk.auth import accounts
from desk.auth.roles import Who
from desk.handoff.dispatch import Dispatcher
from desk.hub import Event
from desk.services import Services
from tests.channels.app_client import Phone, Server
from wealth.store import schema


class Stage:
    """phone("jl01"): a customer of that manager; person("jl01"): that manager's browser, with a page open."""

    def __init__(self, app: FastAPI, server: Server, clients: dict[str, TestClient]) -> None:
        self.app, self.server, self.clients = app, server, clients
        self.services: Services = app.state.services
        self.wall = time.time()
        self.services.wall = lambda: self.wall
        # A process of its own that remembers nothing.
        self.hands = app.state.dispatcher = Dispatcher(self.services)
        with self.services.store.write() as connection:
            connection.execute(tables.presence.delete())
        self._pages = contextlib.ExitStack()
        self._used: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self.services.hub.bind(self._loop)

    def at(self, moment: datetime) -> None:
        """Let it be another time at the bank."""
        self.hands._now = lambda: moment

    def later(self, seconds: float) -> None:
        """Let time pass for patience and open pages, and look once."""
        self.wall += seconds
        self.step()

    def step(self) -> None:
        self.hands.step()

    def who(self, account: str) -> Who:
        with self.services.store.read() as connection:
            found = accounts.who(connection, account, demo=True)
        assert found is not None
        return found

    def person(self, account: str, *, page: bool = True, capacity: int = 3, available: bool = True) -> Person:
        """Somebody signed in; with a page open and ready to take hand-offs unless said otherwise."""
        if account not in self.clients:
            # Signing in takes its time on purpose; one does for all tests.
            self.clients[account] = TestClient(self.app)
            self.clients[account].headers.update(sign_in(self.clients[account], account))
        found = Person(self, account, self.clients[account], capacity=capacity, available=available)
        if page:
            found.look()
        return found

    def open_page(self, account: str) -> Page:
        """A page that stays open until it is left, or the test ends."""
        page = Page(self.services.hub.subscribe(self.who(account)))
        self._pages.callback(page.leave)
        return page

    def phone(self, account: str = "jl01") -> Phone:
        """The phone of a fresh customer of a manager (or, for a branch head, of the branch)."""
        who, table = self.who(account), schema.customers
        mine = table.c.manager == who.staff_id if who.staff_id else table.c.branch == who.branch
        with self.services.bank.store.read() as connection:
            ids = list(connection.execute(table.select().where(mine).order_by(table.c.id)).scalars())
        identity = next(one for one in ids if one not in self._used)
        self._used.add(identity)
        return Phone(self.server, identity)

    def events(self, page: Any) -> list[Event]:
        """What a page has heard by now."""
        self._loop.run_until_complete(asyncio.sleep(0))
        found = []
        while not page.queue.empty():
            found.append(page.queue.get_nowait())
        return found

    def close(self) -> None:
        self._pages.close()
        self._loop.close()
        self.hands.channel.close()


class Page:
    """An open page of the desk."""

    def __init__(self, subscription: Any) -> None:
        self._subscription = subscription
        self.queue = subscription.__enter__().queue
        self._open = True

    def leave(self) -> None:
        if self._open:
            self._open = False
            self._subscription.__exit__(None, None, None)


class Person:
    """A manager's browser."""

    def __init__(self, stage: Stage, account: str, client: TestClient, *, capacity: int, available: bool) -> None:
        self.stage, self.account, self.client = stage, account, client
        answer = client.put(f"{API}/presence", json={"available": available, "capacity": capacity})
        assert answer.status_code == 200, answer.text

    def look(self) -> None:
        """Open the page."""
        self.page = self.stage.open_page(self.account)

    def leave(self) -> None:
        """Close the browser without a word."""
        self.page.leave()

    def get(self, path: str) -> Any:
        return self.client.get(API + path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(API + path, json=body or {})

    def listed(self) -> list[dict[str, Any]]:
        return list(self.get("/handoffs").json()["handoffs"])

    def one(self, phone: Phone) -> dict[str, Any]:
        """The hand-off of a customer on this person's list; empty when it is not there."""
        return next((one for one in self.listed() if one["customer"] == phone.customer), {})
