"""Who calls: customer tokens (JWT by shared key or JWKS) and nothing that a message body claims."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from channels.app.settings import AppSettings
from channels.problems import Problem

CUSTOMER = re.compile(r"[A-Za-z0-9_-]{1,64}")
# An algorithm belongs to a kind of key: an RSA public key must never be taken for an HMAC secret.
ALGORITHMS = {"oct": ["HS256", "HS384", "HS512"], "RSA": ["RS256", "PS256"], "EC": ["ES256"]}
_REFRESH_SECONDS = 300.0
_REFRESH_UNKNOWN_KEY_SECONDS = 10.0


@dataclass(frozen=True)
class Caller:
    """A verified customer. expires: Unix seconds, when streams of this token must end."""

    customer: str
    token_id: str
    expires: float

    @property
    def sender(self) -> str:
        """Rasa's sender id."""
        return f"app:{self.customer}"


class Identity:
    """Checks tokens. Raises Problem token_missing, token_invalid, token_expired or token_revoked."""

    def __init__(self, settings: AppSettings) -> None:
        self._settings = settings
        self._keys: dict[str | None, Any] = {}
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self.revoked: dict[str, float] = {}

    async def customer(self, authorization: str | None) -> Caller:
        """The caller of a request with this Authorization header."""
        scheme, _, token = (authorization or "").partition(" ")
        if not authorization or scheme.lower() != "bearer" or not token.strip():
            raise Problem("token_missing")
        token = token.strip()
        try:
            header = jwt.get_unverified_header(token)
            key, algorithms = await self._key_for(header)
            claims = jwt.decode(
                token,
                key,
                algorithms=algorithms,
                audience=self._settings.jwt_audience,
                issuer=self._settings.jwt_issuer,
                leeway=self._settings.jwt_skew_seconds,
                options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"]},
            )
        except jwt.ExpiredSignatureError:
            raise Problem("token_expired") from None
        except (jwt.PyJWTError, ValueError, TypeError, UnicodeError):
            raise Problem("token_invalid") from None
        subject, token_id = claims["sub"], claims["jti"]
        if not isinstance(subject, str) or not CUSTOMER.fullmatch(subject) or not isinstance(token_id, str):
            raise Problem("token_invalid")
        if token_id in self.revoked:
            raise Problem("token_revoked")
        return Caller(subject, token_id, float(claims["exp"]) + self._settings.jwt_skew_seconds)

    def revoke(self, token_id: str, expires: float) -> None:
        """Refuse this token from now on in this process; entries past their token's own end are dropped."""
        now = time.time() - self._settings.jwt_skew_seconds
        self.revoked = {jti: end for jti, end in self.revoked.items() if end > now}
        self.revoked[token_id] = expires

    async def _key_for(self, header: dict[str, Any]) -> tuple[Any, list[str]]:
        if not self._settings.jwt_jwks:
            return self._settings.jwt_secret, ALGORITHMS["oct"]
        await self._refresh(_REFRESH_SECONDS)
        if header.get("kid") not in self._keys:
            # A key may just have been rotated in; asking again is bounded, so that forged ids cost nothing.
            await self._refresh(_REFRESH_UNKNOWN_KEY_SECONDS)
        key = self._keys.get(header.get("kid"))
        if key is None:
            raise jwt.InvalidKeyError("unknown key")
        return key.key, ALGORITHMS.get(key.key_type or "", [])

    async def _refresh(self, older_than: float) -> None:
        async with self._reading:
            if self._read_at and time.monotonic() - self._read_at < older_than:
                return
            try:
                self._keys = await asyncio.get_running_loop().run_in_executor(None, self._read_keys)
            except (OSError, jwt.PyJWTError, ValueError):
                # An unreachable key server must not log everybody out: the keys we have stay good.
                if not self._keys:
                    raise Problem("not_ready", retry_after=5) from None
            self._read_at = time.monotonic()

    def _read_keys(self) -> dict[str | None, Any]:
        source = self._settings.jwt_jwks
        if source.startswith(("http://", "https://")):
            found = jwt.PyJWKClient(source, cache_jwk_set=False, timeout=5).get_jwk_set()
        else:
            found = jwt.PyJWKSet.from_json(Path(source).read_text(encoding="utf-8"))
        return {key.key_id: key for key in found.keys}
