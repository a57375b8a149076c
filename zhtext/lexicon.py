"""Reads the word lists that people edit (data/lexicon). Cached; errors name the file and the line."""

from __future__ import annotations

import csv
import os
from functools import lru_cache
from pathlib import Path
from typing import Any


class LexiconError(ValueError):
    """A word list that cannot be used; the message says in Chinese which file and line."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        where = f"{path.name} 第 {line} 行" if line else path.name
        super().__init__(f"词表 {where}：{problem}")
        self.path, self.line = path, line


def folder() -> Path:
    """The lexicon folder: `$PEIBAN_DATA/lexicon` where set, else `data/lexicon` beside the package."""
    data = os.environ.get("PEIBAN_DATA")
    return (Path(data) if data else Path(__file__).resolve().parent.parent / "data") / "lexicon"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise LexiconError(path, None, f"找不到文件（{path.parent}）") from None
    except UnicodeDecodeError as bad:
        raise LexiconError(path, None, f"不是 UTF-8 编码（第 {bad.start} 字节）") from None


def words(name: str) -> tuple[str, ...]:
    """The words of a .txt list: one a line, `#` begins a comment, blank lines are skipped."""
    return _words(folder() / name)


def pairs(name: str) -> tuple[tuple[str, str], ...]:
    """The rows of a two-column .csv with a header; the second cell may be empty."""
    return _pairs(folder() / name)


def table(name: str) -> dict[str, Any]:
    """A .yml file whose top level is a mapping."""
    return _table(folder() / name)


@lru_cache(maxsize=32)
def _words(path: Path) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    for number, raw in enumerate(_read(path).splitlines(), 1):
        word = raw.split("#", 1)[0].strip()
        if not word:
            continue
        if word in seen:
            raise LexiconError(path, number, f"“{word}”和第 {seen[word]} 行重复")
        seen[word] = number
    return tuple(seen)


@lru_cache(maxsize=32)
def _pairs(path: Path) -> tuple[tuple[str, str], ...]:
    rows: list[tuple[str, str]] = []
    for number, row in enumerate(csv.reader(_read(path).splitlines()), 1):
        if number == 1 or not row or row[0].startswith("#"):
            continue
        if len(row) != 2 or not row[0].strip():
            raise LexiconError(path, number, "应为两列，第一列不能为空")
        rows.append((row[0].strip(), row[1].strip()))
    return tuple(rows)


@lru_cache(maxsize=32)
def _table(path: Path) -> dict[str, Any]:
    import yaml

    try:
        loaded = yaml.safe_load(_read(path))
    except yaml.YAMLError as bad:
        mark = getattr(bad, "problem_mark", None)
        raise LexiconError(path, mark.line + 1 if mark else None, "YAML 格式不对") from None
    if not isinstance(loaded, dict):
        raise LexiconError(path, 1, "最外层应为“键：值”")
    return loaded
