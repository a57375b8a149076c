"""POST /webhooks/events over a real server: signature, bounds, and what is told to the sender."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from channels import signing

KEY = "k" * 40
ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys
from sanic import Sanic
from channels.events import events_blueprint
from journeys.events.http import taker
from journeys.store import Journal
from wealth.errors import StoreUnavailable
from wealth.store import open_store
app = Sanic("events", configure_logging=False)
app.blueprint(events_blueprint(taker(Journal(open_store(sys.argv[1]))), "k" * 40, (StoreUnavailable,)))
app.run(host="127.0.0.1", port=int(sys.argv[2]), debug=False, motd=False, access_log=False)
"""
EVENT = {
    "event_id": "h-1",
    "kind": "page_viewed",
    "customer": "demo-04",
    "occurred_at": "2026-11-20T09:59:00+08:00",
    "data": {"page": "home"},
}


@pytest.fixture
def address(store: Any) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PYTHONPATH": str(ROOT), "PEIBAN_NOW": "2026-11-20T10:00", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(store.engine.url), str(port)], env=environment)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def post(address: str, body: Any, key: str = KEY, media: str = "application/json") -> tuple[int, dict[str, Any]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": media, **signing.headers(key, "POST", "/webhooks/events", content)}
    request = urllib.request.Request(f"{address}/webhooks/events", content, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_batches_over_http(address: str) -> None:
    status, report = post(address, {"events": [EVENT, {**EVENT, "event_id": "h-2", "customer": "x"}, EVENT]})
    assert status == 200
    assert {name: report[name] for name in ("received", "used", "late", "duplicate", "bad")} == {
        "received": 3,
        "used": 1,
        "late": 0,
        "duplicate": 1,
        "bad": 1,
    }
    assert report["faults"] == [{"index": 1, "event_id": "h-2", "reason": "没有这位客户"}]
    assert post(address, [], key="w" * 40)[0] == 401
    assert post(address, [], media="text/plain")[0] == 415
    status, problem = post(address, b"{")
    assert (status, problem["detail"]) == (422, "不是有效的 JSON")
    assert post(address, [])[1]["received"] == 0
