"""Live events over a real server: new leads reach those whose they are; the stream ends with the session."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from desk_client import API, PASSWORD
from fastapi import FastAPI
from test_looks import customers_of, lead_for

from desk.services import Services
from desk.wording import data


@pytest.fixture
def url(desk_app: FastAPI) -> Iterator[str]:
    """The desk as a server on a free port of this machine."""
    config = uvicorn.Config(desk_app, port=0, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}{API}"
    server.should_exit = True
    thread.join(20)


def signed_in(url: str, account: str) -> httpx.Client:
    client = httpx.Client(timeout=30)
    answer = client.post(f"{url}/session", json={"account": account, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = answer.json()["me"]["csrf"]
    return client


def test_a_new_lead_is_told_to_those_it_concerns(url: str, services: Services) -> None:
    manager, colleague = signed_in(url, "jl01"), signed_in(url, "jl02")
    staff = manager.get(f"{url}/me").json()["staff_id"]
    with manager.stream("GET", f"{url}/stream") as mine, colleague.stream("GET", f"{url}/stream") as other:
        assert mine.headers["content-type"].startswith("text/event-stream")
        lines, others = mine.iter_lines(), other.iter_lines()
        assert (next(lines), next(others)) == ("event: ping", "event: ping")
        lead_for(services, customers_of(services, staff)[0])
        services.hub.publish("booking", {"id": "b-1"}, lambda who: who.account == "jl02")
        while next(lines) != "event: lead":
            pass
        assert next(lines) == 'data: {"id": "lead-1"}'
        # The colleague's next event is their own, not the lead.
        names = (line for line in others if line.startswith("event:"))
        assert next(names) == "event: booking"


def test_the_stream_ends_with_the_session(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(data("limits")["stream"], "ping_seconds", 0.2)
    manager = signed_in(url, "jl01")
    with manager.stream("GET", f"{url}/stream") as page:
        lines = page.iter_lines()
        assert next(lines) == "event: ping"
        assert manager.delete(f"{url}/session").status_code == 204
        assert all(line in ("", "event: ping", "data: {}") for line in lines)
