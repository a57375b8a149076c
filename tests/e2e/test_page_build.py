"""What is shipped: small, from here only, and fit for the content policy."""

from __future__ import annotations

import gzip
import re

import pytest
from page_client import ROOT

DIST = ROOT / "web" / "app" / "dist"
pytestmark = pytest.mark.usefixtures("built_page")


def test_what_the_first_screen_needs_is_small() -> None:
    index = (DIST / "index.html").read_text(encoding="utf-8")
    needed = re.findall(r'(?:src|href)="/([^"]+)"', index)
    assert any(name.endswith(".js") for name in needed)
    size = sum(len(gzip.compress((DIST / name).read_bytes())) for name in set(needed))
    assert size <= 400 * 1024, f"{size} bytes gzip"
    assert not any("echarts" in name for name in needed), "charts come when the first one is shown"


def test_no_inline_script_no_eval_no_foreign_host() -> None:
    index = (DIST / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", index) == []
    assert re.search(r"\son[a-z]+=", index) is None
    for file in DIST.rglob("*"):
        if file.suffix in (".js", ".css", ".html"):
            text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
            assert not re.search(r"\beval\(|new Function\(", text), file.name
            # Loading from elsewhere: imports, style and image addresses. Names of XML and licences are no loads.
            assert not re.search(r"""(?:import\(|url\(|src=|from)\s*["'`]?https?://""", text), file.name


def test_the_lock_names_no_registry() -> None:
    for lock in (ROOT / "web").glob("*/package-lock.json"):
        text = lock.read_text(encoding="utf-8")
        assert '"resolved"' not in text, lock
        assert '"integrity"' in text, lock
