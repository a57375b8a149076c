"""`python -m robot.model`: fetch the production speech model, resumably, checked by its SHA-256."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from robot.asr import PRODUCTION
from robot.settings import ROOT

NAME = "vosk-model-small-cn-0.22"
URL = f"https://alphacephei.com/vosk/models/{NAME}.zip"
SHA256 = "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba"
_BLOCK = 1 << 16
_TRIES = 3


class FetchError(Exception):
    """The model could not be fetched; the message is one line in Chinese."""


def download(url: str, part: Path, seconds: float) -> None:
    """Load url into part, going on where an earlier try stopped. Raises FetchError."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as response:
            going_on = response.status == 206
            whole = int(response.headers.get("Content-Length") or 0) + (have if going_on else 0)
            with part.open("ab" if going_on else "wb") as out:
                done = have if going_on else 0
                while block := response.read(_BLOCK):
                    out.write(block)
                    done += len(block)
                    _progress(done, whole)
            if whole and done < whole:
                raise FetchError("下载中断了")
    except urllib.error.HTTPError as error:
        if error.code == 416:
            # Nothing left to send: it is all there, the hash decides.
            return
        raise FetchError(f"下载地址返回 {error.code}") from None
    except OSError as error:
        if error.errno == 28:
            raise FetchError("磁盘满了") from None
        raise FetchError("连不上下载地址") from None


def sha256(file: Path) -> str:
    """Hex digest of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def install(archive: Path, target: Path, digest: str) -> None:
    """Unpack a checked archive as target, as a whole or not at all. Raises FetchError."""
    if sha256(archive) != digest:
        raise FetchError("文件校验不对，已经删除，请再运行一次")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        try:
            with zipfile.ZipFile(archive) as content:
                content.extractall(folder)
        except (zipfile.BadZipFile, OSError):
            raise FetchError("压缩包解不开") from None
        found = next(Path(folder).glob("*/am/final.mdl"), None)
        if found is None:
            raise FetchError("压缩包里没有语音模型")
        if target.exists():
            shutil.rmtree(target)
        shutil.move(str(found.parent.parent), target)


def _progress(done: int, whole: int) -> None:
    if sys.stderr.isatty() and whole:
        print(f"\r  {done * 100 // whole}%", end="", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="下载正式语音模型（约 42 MB），可以断点续传")
    parser.add_argument("--url", default=URL, help="从别处下载（例如行内镜像）")
    parser.add_argument("--file", type=Path, help="用已经拷来的压缩包安装，不联网")
    parser.add_argument("--sha256", default=SHA256, help=argparse.SUPPRESS)
    parser.add_argument("--target", type=Path, default=PRODUCTION, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=20, help="多久没有数据就算断了")
    asked = parser.parse_args(arguments)
    target: Path = asked.target
    if (target / "am" / "final.mdl").is_file() and asked.file is None:
        print(f"正式语音模型已经装好：{_short(target)}")
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f"{NAME}.zip.part"
    try:
        if asked.file is not None:
            if not asked.file.is_file():
                raise FetchError(f"找不到 {asked.file}")
            install(asked.file, target, asked.sha256)
        else:
            print(f"正在下载 {NAME} …", file=sys.stderr)
            for attempt in range(1, _TRIES + 1):
                try:
                    download(asked.url, part, asked.seconds)
                    break
                except FetchError:
                    if attempt == _TRIES or not part.exists():
                        raise
            try:
                install(part, target, asked.sha256)
            finally:
                part.unlink(missing_ok=True)
    except FetchError as error:
        print(f"✗ {error}。", file=sys.stderr)
        print(
            f"  没有网络时：在别的电脑下载\n    {URL}\n"
            f"  拷过来后运行\n    python -m robot.model --file {NAME}.zip\n"
            f"  或者直接解压成文件夹 {_short(target)}（里面应有 am/final.mdl）。",
            file=sys.stderr,
        )
        return 1
    print(f"正式语音模型已装好：{_short(target)}")
    return 0


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
