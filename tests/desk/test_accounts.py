"""Accounts from the command line, and what a desk in production refuses to start with."""

from __future__ import annotations

import io
import secrets
from pathlib import Path

import pytest
from desk_client import settings, try_sign_in
from starlette.testclient import TestClient

from desk import accounts
from desk.app import create_app, prepared
from desk.settings import DeskSettings, SettingsError

PASSWORD = "长一点的口令 rests-here 7"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command with a password on standard input: (exit code, what it said)."""
    monkeypatch.setenv("PEIBAN_DESK_STORE_URL", f"sqlite:///{tmp_path / 'desk.db'}")

    def command(*arguments: str, password: str = PASSWORD) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        code = accounts.main(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


NEW = ("add", "jl90", "--name", "测试经理", "--role", "manager", "--staff", "m101", "--branch", "滨河演示支行")


def test_an_account_is_made_listed_changed_and_disabled(run, desk_app, tmp_path: Path) -> None:
    assert run(*NEW) == (0, "账号 jl90 已建好。\n")
    assert "jl90\t测试经理" in run("list")[1]
    client = TestClient(desk_app, base_url="http://127.0.0.1:5006")
    assert try_sign_in(client, "jl90", PASSWORD).status_code == 200
    assert run("password", "jl90", password="另一个足够长的口令 99")[0] == 0
    # Whoever was signed in is out, and the old password is worth nothing.
    assert client.get("/desk/api/me").status_code == 401
    assert try_sign_in(client, "jl90", PASSWORD).status_code == 401
    assert try_sign_in(client, "jl90", "另一个足够长的口令 99").status_code == 200
    assert run("disable", "jl90")[0] == 0
    assert client.get("/desk/api/me").status_code == 401
    assert try_sign_in(client, "jl90", "另一个足够长的口令 99").status_code in (401, 429)
    assert "jl90" not in run("list")[1]


def test_what_cannot_be_an_account_is_said_plainly(run) -> None:
    assert run(*NEW, password="short")[0] == 1
    assert run(*NEW)[0] == 0
    code, said = run(*NEW)
    assert code == 1 and said.startswith("✗") and "Traceback" not in said
    assert run("disable", "nobody")[0] == 1


def _production(tmp_path: Path, **changes: str) -> dict[str, str]:
    keys = {name: secrets.token_urlsafe(40) for name in ("PEIBAN_SERVICE_KEY", "PEIBAN_AUDIT_KEY")}
    return {"PEIBAN_MODE": "production", "PEIBAN_VAR": str(tmp_path), **keys, **changes}


@pytest.mark.parametrize("key", ["", "short", "demo-" * 10, "a" * 40, "change-me-please-change-me-please-ok"])
def test_production_refuses_a_weak_or_missing_key(key: str, tmp_path: Path) -> None:
    assert DeskSettings.from_env(_production(tmp_path)).mode == "production"
    with pytest.raises(SettingsError, match="PEIBAN_SERVICE_KEY"):
        DeskSettings.from_env(_production(tmp_path, PEIBAN_SERVICE_KEY=key))


def test_production_refuses_the_key_of_the_demo(tmp_path: Path) -> None:
    key = secrets.token_urlsafe(40)
    (tmp_path / "demo-keys").mkdir()
    (tmp_path / "demo-keys" / "peiban_service_key").write_text(key)
    with pytest.raises(SettingsError, match="演示密钥"):
        DeskSettings.from_env(_production(tmp_path, PEIBAN_SERVICE_KEY=key))


def test_production_refuses_a_store_with_demo_accounts(desk_app, tmp_path: Path) -> None:
    assert prepared(settings(tmp_path)).settings.demo
    with pytest.raises(SettingsError, match="演示账号"):
        create_app(settings(tmp_path, mode="production"))
