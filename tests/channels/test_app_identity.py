"""Tokens: which are good, key rotation, and a production that does not start with weak secrets."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from app_client import KEYS
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from channels.app.identity import Identity
from channels.app.settings import AppSettings, SettingsError
from channels.app.token import issue
from channels.problems import Problem

GOOD = {"sub": "c1", "aud": "peiban-app", "iss": "peiban-demo-bank", "jti": "j"}
SECRET = KEYS["PEIBAN_JWT_SECRET"]


def claims(**changes: Any) -> dict[str, Any]:
    """Times are seconds from now; None leaves a claim out."""
    now = int(time.time())
    merged = {**GOOD, "iat": 0, "exp": 60, **changes}
    for name in ("iat", "exp", "nbf"):
        if merged.get(name) is not None:
            merged[name] += now
    return {name: value for name, value in merged.items() if value is not None}


def settings(**env: str) -> AppSettings:
    return AppSettings.from_env({**KEYS, **env})


async def code(identity: Identity, token: str) -> str:
    try:
        caller = await identity.customer(f"Bearer {token}")
    except Problem as problem:
        return problem.code
    return caller.sender


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "app:c1"),
        ({"exp": -10}, "app:c1"),
        ({"exp": -600}, "token_expired"),
        ({"iat": 600}, "token_invalid"),
        ({"nbf": 600}, "token_invalid"),
        ({"aud": "other-app"}, "token_invalid"),
        ({"iss": "other-bank"}, "token_invalid"),
        ({"sub": None}, "token_invalid"),
        ({"sub": "a:b"}, "token_invalid"),
        ({"sub": "robot:1"}, "token_invalid"),
        ({"sub": ""}, "token_invalid"),
        ({"sub": "x" * 65}, "token_invalid"),
        ({"exp": None}, "token_invalid"),
        ({"jti": None}, "token_invalid"),
    ],
)
async def test_claims(changes: dict[str, Any], expected: str) -> None:
    token = jwt.encode(claims(**changes), SECRET, algorithm="HS256")
    assert await code(Identity(settings()), token) == expected


async def test_unsigned_foreign_and_broken_tokens_are_refused() -> None:
    identity = Identity(settings())
    unsigned = jwt.encode(claims(), None, algorithm="none")
    foreign = jwt.encode(claims(), "f" * 40, algorithm="HS256")
    for token in (unsigned, unsigned + "x", foreign, "a.b.c", "é", "..", "x" * 10_000):
        assert await code(identity, token) == "token_invalid"
    for header in (None, "", "Basic abc", "Bearer", "Bearer  "):
        with pytest.raises(Problem, match="token_missing"):
            await identity.customer(header)


def jwk(key: Any, kid: str) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid}


async def test_keys_rotate_and_an_algorithm_belongs_to_its_key(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("channels.app.identity._REFRESH_UNKNOWN_KEY_SECONDS", 0.0)
    old, new = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [jwk(old, "old")]}))
    identity = Identity(settings(PEIBAN_JWT_JWKS=str(file)))
    first = jwt.encode(claims(), old, algorithm="RS256", headers={"kid": "old"})
    assert await code(identity, first) == "app:c1"

    second = jwt.encode(claims(), new, algorithm="ES256", headers={"kid": "new"})
    assert await code(identity, second) == "token_invalid"
    file.write_text(json.dumps({"keys": [jwk(old, "old"), jwk(new, "new")]}))
    assert await code(identity, second) == "app:c1"
    assert await code(identity, first) == "app:c1"
    file.write_text(json.dumps({"keys": [jwk(new, "new")]}))
    assert await code(identity, jwt.encode(claims(), old, algorithm="RS256", headers={"kid": "x"})) == "token_invalid"
    assert await code(identity, first) == "token_invalid"

    # The classic: the public key as an HMAC secret.
    public = new.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    confused = jwt.encode(claims(), base64.b64encode(public), algorithm="HS256", headers={"kid": "new"})
    assert await code(identity, confused) == "token_invalid"
    assert await code(identity, jwt.encode(claims(), SECRET, algorithm="HS256")) == "token_invalid"

    # A key server that is down logs nobody out.
    file.unlink()
    assert (
        await code(identity, jwt.encode(claims(), SECRET, algorithm="HS256", headers={"kid": "?"})) == "token_invalid"
    )
    assert await code(identity, second) == "app:c1"


async def test_a_key_server_that_was_never_there_is_not_ready(tmp_path: Path) -> None:
    identity = Identity(settings(PEIBAN_JWT_JWKS=str(tmp_path / "none.json")))
    assert await code(identity, jwt.encode(claims(), SECRET, algorithm="HS256")) == "not_ready"


PRODUCTION = {
    **KEYS,
    "PEIBAN_MODE": "production",
    "PEIBAN_JWT_SECRET": "q8Zt1LrXw3Vb6Nm0Kd5Hs2Gf7Jp4Yc9A",
    "PEIBAN_SERVICE_KEY": "a8Zt1LrXw3Vb6Nm0Kd5Hs2Gf7Jp4Yc9A",
    "PEIBAN_BANK_EVENTS_KEY": "b8Zt1LrXw3Vb6Nm0Kd5Hs2Gf7Jp4Yc9A",
    "PEIBAN_JWT_AUDIENCE": "app",
    "PEIBAN_JWT_ISSUER": "bank",
}


@pytest.mark.parametrize("name", ["PEIBAN_JWT_SECRET", "PEIBAN_SERVICE_KEY", "PEIBAN_BANK_EVENTS_KEY"])
@pytest.mark.parametrize("value", ["", "short", "a" * 64, "change-me-please-change-me-please-1", "DEMO"])
def test_production_refuses_weak_secrets(tmp_path: Path, name: str, value: str) -> None:
    if value == "DEMO":
        demo = AppSettings.from_env({"PEIBAN_VAR": str(tmp_path)})
        value = (tmp_path / "demo-keys" / name.lower()).read_text()
        assert len(value) >= 64 and demo.demo
    with pytest.raises(SettingsError, match=name):
        AppSettings.from_env({**PRODUCTION, "PEIBAN_VAR": str(tmp_path), name: value})


def test_production_starts_with_good_secrets_and_issues_no_tokens(tmp_path: Path) -> None:
    good = AppSettings.from_env({**PRODUCTION, "PEIBAN_VAR": str(tmp_path)})
    assert not good.demo
    with pytest.raises(SettingsError):
        issue(good, "demo-01")
    for name in ("PEIBAN_JWT_AUDIENCE", "PEIBAN_JWT_ISSUER"):
        with pytest.raises(SettingsError, match=name):
            AppSettings.from_env({**PRODUCTION, "PEIBAN_VAR": str(tmp_path), name: ""})


async def test_a_demo_token_works_and_its_key_is_this_installations_own(tmp_path: Path) -> None:
    here = AppSettings.from_env({"PEIBAN_VAR": str(tmp_path / "a")})
    there = AppSettings.from_env({"PEIBAN_VAR": str(tmp_path / "b")})
    token, _ = issue(here, "demo-01")
    assert await code(Identity(here), token) == "app:demo-01"
    assert await code(Identity(there), token) == "token_invalid"
    with pytest.raises(SettingsError):
        issue(here, "a/b")
