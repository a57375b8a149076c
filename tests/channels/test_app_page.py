"""Files of the page: strict headers, cached by hash, nothing outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from app_client import Server

from channels.app.page import demo_customers, file_response
from channels.problems import Problem


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("x")
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "index-Ab3dE9_x.js").write_text("1")
    (folder / ".built").write_text("1")
    return folder


def test_the_page_is_asked_again_and_hashed_files_never(dist: Path) -> None:
    page = file_response(dist, "index.html", None)
    assert page.headers["Cache-Control"] == "no-cache"
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "default-src 'none'" in policy
    assert "immutable" in file_response(dist, "index-Ab3dE9_x.js", None).headers["Cache-Control"]
    assert file_response(dist, "index.html", page.headers["ETag"]).status == 304


@pytest.mark.parametrize("name", ["../secret.txt", "..", "none.js", ".built", "/etc/passwd", ""])
def test_nothing_else_is_served(dist: Path, name: str) -> None:
    with pytest.raises(Problem, match="not_found"):
        file_response(dist, name, None)


def test_demo_tokens_are_for_listed_customers_only(server: Server) -> None:
    listed = requests.get(server.url + "/demo/customers", timeout=5).json()["customers"]
    assert len(listed) >= 4
    good = requests.post(server.url + "/demo/token", json={"customer": listed[0]["id"]}, timeout=5).json()
    headers = {"Authorization": f"Bearer {good['token']}"}
    assert requests.get(server.url + "/webhooks/app/history", headers=headers, timeout=5).status_code == 200
    refused = requests.post(server.url + "/demo/token", json={"customer": "somebody"}, timeout=5)
    assert refused.status_code == 404


def test_every_rung_can_be_played_from_the_lowest_up() -> None:
    shown = demo_customers()
    rungs = list(dict.fromkeys(one["title"] for one in shown))
    assert rungs == ["从无到有", "从简单到复杂", "从一个到多个", "从多个到更好"]
    assert 4 <= len(shown) <= 8
    assert all(one["text"] and len(one["text"]) <= 24 and 1 <= len(one["topics"]) <= 4 for one in shown)
