"""What stands at the other ends in a replayed day: the bank's planning system over HTTP, and the customers' phones.

Both keep what they got in a file of their own, so that it can be compared with what journeys believe.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import sqlite3
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS leads (key TEXT PRIMARY KEY, body TEXT NOT NULL, got INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS phone (push_id TEXT PRIMARY KEY, customer TEXT NOT NULL, push_type TEXT NOT NULL,
  at TEXT NOT NULL, body TEXT NOT NULL, got INTEGER NOT NULL);
"""


class Receiver:
    """fails: share answered 500; forgets: share kept but answered 500; hangs: how many are never answered in time."""

    def __init__(self, path: Path, key: str, plan: Mapping[str, Any], seed: int) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=WAL;" + _TABLES)
        self._key, self._plan, self._rng = key.encode(), plan, random.Random(seed)
        self._hangs = int(plan["hangs"])
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/leads?from=peiban"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            self._database.close()

    def take(self, target: str, headers: Mapping[str, str], body: bytes) -> int:
        """One lead: checks the signature, keeps it once per idempotency key; the HTTP status to answer."""
        stamp = headers.get("X-PeiBan-Timestamp", "")
        right = hmac.new(self._key, f"{stamp}.POST.{target}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, headers.get("X-PeiBan-Signature", "")) or abs(time.time() - int(stamp)) > 300:
            return 401
        with self._lock:
            luck, hang = self._rng.random(), self._hangs > 0 and self._rng.random() < 0.05
            if luck < self._plan["fails"]:
                return 500
            self._database.execute(
                "INSERT INTO leads VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE SET got = got + 1",
                (headers["Idempotency-Key"], body.decode()),
            )
            self._hangs -= hang
        if hang:
            time.sleep(6)
        return 500 if luck < self._plan["fails"] + self._plan["forgets"] else 200

    def phone(self, customer: str, message: Mapping[str, Any], at: datetime) -> bool:
        """A message into a customer's app, once per push_id."""
        with self._lock:
            self._database.execute(
                "INSERT INTO phone VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (push_id) DO UPDATE SET got = got + 1",
                (
                    message["push_id"],
                    customer,
                    message["push_type"],
                    at.isoformat(),
                    json.dumps(message["reply"], ensure_ascii=False),
                ),
            )
        return True
