"""Reading a CSV file row by row, with line numbers and reasons that the person who made the file understands."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wealth.errors import BadSetting

# Tried in turn: what fund platforms and Excel on Chinese Windows write.
ENCODINGS = ("utf-8-sig", "gb18030")
EMPTY = frozenset({"", "nan", "none", "null", "--", "-"})


class BadField(ValueError):
    """One value of one row cannot be used; the message is Chinese and names the column."""


@dataclass
class Report:
    """What a load did with one file."""

    file: str
    added: int = 0
    changed: int = 0
    same: int = 0
    errors: list[str] = field(default_factory=list)

    def reject(self, line: int, reason: str) -> None:
        """Note a bad row; the others go on."""
        self.errors.append(f"{self.file} 第 {line} 行：{reason}")


def read(path: Path, required: Sequence[str], report: Report) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line number, column → text) of each row; broken rows go to the report.

    Raises BadSetting when the file as a whole cannot be used: missing, unreadable, no header, columns missing.
    """
    lines = _decoded(path).splitlines(keepends=True)
    reader = csv.reader(lines)
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in required if name not in header]
    if missing:
        raise BadSetting(f"{report.file} 缺少列：{'、'.join(missing)}（第一行应是列名）")
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as trouble:
            report.reject(reader.line_num, f"读不出这一行（{trouble}）")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            report.reject(reader.line_num, f"应有 {len(header)} 列，实际 {len(cells)} 列")
            continue
        yield reader.line_num, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as trouble:
        raise BadSetting(f"打不开文件 {path.name}（{trouble.strerror}）") from None
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSetting(f"{path.name} 不是文本文件，或编码无法识别（请存成 UTF-8）")
