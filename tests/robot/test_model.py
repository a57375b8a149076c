"""Fetching the speech model, from a real HTTP server on this machine: whole, broken off, wrong, without network."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from lobby_client import ROOT

from robot import model


class Mirror(BaseHTTPRequestHandler):
    content = b""
    break_after: ClassVar[list[int]] = []
    ranges: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        start = 0
        if asked := self.headers.get("Range"):
            Mirror.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        part = self.content[start:]
        if Mirror.break_after:
            part = part[: Mirror.break_after.pop(0)]
        self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    archive = tmp_path / "source.zip"
    with zipfile.ZipFile(archive, "w") as content:
        for file in (ROOT / "tests" / "fixtures" / "vosk-zh-mini").rglob("*"):
            if file.is_file():
                content.write(file, f"vosk-model/{file.relative_to(ROOT / 'tests/fixtures/vosk-zh-mini')}")
    Mirror.content, Mirror.break_after, Mirror.ranges = archive.read_bytes(), [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/model.zip"
    server.shutdown()


def fetch(mirror: str, target: Path, digest: str | None = None) -> int:
    digest = digest or hashlib.sha256(Mirror.content).hexdigest()
    return model.main(["--url", mirror, "--target", str(target), "--sha256", digest, "--seconds", "3"])


def test_a_broken_download_goes_on_where_it_stopped_and_the_model_loads(mirror: str, tmp_path: Path) -> None:
    from robot.asr import Recogniser

    Mirror.break_after = [100_000]
    assert fetch(mirror, tmp_path / "vosk") == 0
    assert Mirror.ranges == ["bytes=100000-"]
    Recogniser(tmp_path / "vosk")
    assert not list(tmp_path.glob("*.part"))


def test_a_wrong_file_is_thrown_away(mirror: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert fetch(mirror, tmp_path / "vosk", "0" * 64) == 1
    assert "校验不对" in capfd.readouterr().err
    assert not (tmp_path / "vosk").exists() and not list(tmp_path.glob("*.part"))


def test_without_network_it_says_how_to_do_it_by_hand(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert fetch("http://127.0.0.1:9/x.zip", tmp_path / "vosk", "0" * 64) == 1
    said = capfd.readouterr().err
    assert "连不上下载地址" in said and model.URL in said and "--file" in said


def test_a_file_brought_by_hand_is_installed(mirror: str, tmp_path: Path) -> None:
    archive = tmp_path / "source.zip"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    arguments = ["--file", str(archive), "--target", str(tmp_path / "vosk"), "--sha256", digest]
    assert model.main(arguments) == 0
    assert (tmp_path / "vosk" / "am" / "final.mdl").is_file()
