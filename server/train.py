"""Train the model when what it was made from changed: the file name carries a hash of all of it."""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from nlu import encoder
from server import settings as peiban_settings
from server.locking import alone

ROOT = peiban_settings.ROOT
MADE_FROM = ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/stories", "data/lexicon", "nlu", "zhtext",
             "requirements/server.txt")  # fmt: skip


def fingerprint() -> str:
    """Twelve hex digits over the content of everything the model is made from. Raises nlu.encoder.EncoderError."""
    digest = hashlib.sha256()
    if folder := encoder.named_folder():
        digest.update(encoder.content_hash(folder).encode())
    for name in MADE_FROM:
        path = ROOT / name
        files = (
            sorted(p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
            if path.is_dir()
            else [path]
        )
        for file in files:
            digest.update(str(file.relative_to(ROOT)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def model_path() -> Path:
    """Where the model of the current data lies, trained or not."""
    return ROOT / "models" / f"peiban-{fingerprint()}.tar.gz"


def train(force: bool = False, quiet: bool = False) -> int:
    """Train if needed. Returns the exit code; what Rasa says goes to var/log/train.log."""
    with alone("train"):
        return _train(force, quiet)


def _train(force: bool, quiet: bool) -> int:
    settings = peiban_settings.load()
    try:
        path = model_path()
    except encoder.EncoderError as problem:
        print(problem, file=sys.stderr)
        return 1
    if path.exists() and not force:
        os.utime(path)  # the server loads the newest file
        if not quiet:
            print(f"模型已是最新：{path.name}", flush=True)
        return 0
    path.parent.mkdir(exist_ok=True)
    log = settings.logs / "train.log"
    started = time.monotonic()
    print("正在训练模型 …", flush=True)
    command = [
        sys.executable, "-m", "rasa", "train", "--domain", "domain.yml", "--config", "config.yml",
        "--data", "data/nlu", "data/rules", "data/stories", "--out", "models",
        "--fixed-model-name", path.name.removesuffix(".tar.gz"), "--force",
    ]  # fmt: skip
    with log.open("w") as out:
        code = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    if code or not path.exists():
        print(
            f"训练没有成功：{_reason(log)}（详情见 {log.relative_to(ROOT) if log.is_relative_to(ROOT) else log}）",
            file=sys.stderr,
        )
        return code or 1
    for old in path.parent.glob("peiban-*.tar.gz"):
        if old != path and time.time() - old.stat().st_mtime > 7 * 86400:
            old.unlink()
    print(f"模型已训练好：{path.name}，用时 {time.monotonic() - started:.0f} 秒", flush=True)
    return 0


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "Error" in line or "error" in line or "Exception" in line]
    return (telling or lines or ["没有输出"])[-1][:300]


def main() -> int:
    parser = argparse.ArgumentParser(description="训练模型；数据和配置没有变化时直接跳过")
    parser.add_argument("--force", action="store_true", help="即使没有变化也重新训练")
    return train(parser.parse_args().force)


if __name__ == "__main__":
    sys.exit(main())
