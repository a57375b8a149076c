"""Build the pages (web/*) with the Node.js that comes from PyPI, once per content."""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from server import settings as peiban_settings
from server.locking import alone

ROOT = peiban_settings.ROOT


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and parts[0] not in ("node_modules", "dist"):
            digest.update("/".join(parts).encode())
            digest.update(file.read_bytes())
    shared = ROOT / "web" / "shared"
    if folder != shared and shared.is_dir():
        digest.update(_fingerprint(shared).encode())
    return digest.hexdigest()[:12]


def _environment(node: Path) -> dict[str, str]:
    """The scripts of packages look for `node` on the path; a bank's own certificate authority is the system's."""
    options = f"{os.environ.get('NODE_OPTIONS', '')} --use-system-ca".strip()
    return {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}", "NODE_OPTIONS": options}


def build(folder: Path, log: Path) -> int:
    """Install and build one page; the built content's hash is kept in dist/.built. Returns the exit code."""
    stamp = folder / "dist" / ".built"
    fingerprint = _fingerprint(folder)
    if stamp.exists() and stamp.read_text() == fingerprint:
        return 0
    print(f"正在构建页面 {folder.name} …", flush=True)
    started = time.monotonic()
    npm = Path(sys.executable).parent / "npm"
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    installed = folder / "node_modules" / ".peiban-lock"
    with log.open("a") as out:
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            if arguments[0] == "ci" and installed.exists() and installed.read_text() == lock:
                continue
            code = subprocess.run(
                [str(npm), *arguments],
                cwd=folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=_environment(npm.parent),
                check=False,
            ).returncode
            if code:
                print(f"页面 {folder.name} 没有构建成功（npm {arguments[0]}），详情见 {log}", file=sys.stderr)
                return code
            if arguments[0] == "ci":
                installed.write_text(lock)
    stamp.write_text(fingerprint)
    print(f"页面 {folder.name} 已构建，用时 {time.monotonic() - started:.0f} 秒", flush=True)
    return 0


def build_all() -> int:
    """Build every page under web/ that has a package.json."""
    settings = peiban_settings.load()
    with alone("pages"):
        for package in sorted((ROOT / "web").glob("*/package.json")):
            code = build(package.parent, settings.logs / "pages.log")
            if code:
                return code
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser(description="构建网页；内容没有变化时直接跳过").parse_args()
    sys.exit(build_all())
