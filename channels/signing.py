"""HMAC-SHA256 signatures between the bank's own systems and the channels."""

from __future__ import annotations

import hashlib
import hmac
import time

TIMESTAMP = "X-PeiBan-Timestamp"
SIGNATURE = "X-PeiBan-Signature"
TOLERANCE_SECONDS = 300


def signature(key: str, timestamp: str, method: str, target: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over "{timestamp}.{METHOD}.{path and query}.{body}"."""
    signed = f"{timestamp}.{method.upper()}.{target}.".encode("utf-8", "surrogateescape") + body
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def headers(key: str, method: str, target: str, body: bytes = b"") -> dict[str, str]:
    """The two headers a caller sends; target is the path with its query string."""
    timestamp = str(int(time.time()))
    return {TIMESTAMP: timestamp, SIGNATURE: signature(key, timestamp, method, target, body)}


def valid(key: str, timestamp: str | None, given: str | None, method: str, target: str, body: bytes) -> bool:
    """Whether the signature is right and not older (or newer) than five minutes."""
    if not timestamp or not given or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = signature(key, timestamp, method, target, body)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))
