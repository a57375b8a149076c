"""YAML that remembers its lines, so that a fault in a rule can be told with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from journeys.errors import DataFault
from wealth.classes import DATA

FOLDER = DATA / "journeys"


class Section(dict[str, Any]):
    """A mapping of a data file: where it stands, and on which line each of its keys does."""

    path: Path
    line: int
    lines: dict[str, int]

    def fault(self, reason: str, key: str | None = None) -> DataFault:
        """The error for this section (or one of its keys): "mot/market.yml 第 12 行：…"."""
        line = self.lines.get(key, self.line) if key else self.line
        return DataFault(f"{_shown(self.path)} 第 {line} 行：{reason}")

    def need(self, key: str, kind: type | tuple[type, ...] = str) -> Any:
        """A key that must be there with this type. Raises DataFault."""
        if key not in self:
            raise self.fault(f"缺少 {key}")
        return self.typed(key, kind)

    def typed(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """A key's value if it has this type, the default where it is absent. Raises DataFault."""
        value = self.get(key, default)
        wrong_bool = isinstance(value, bool) and kind is int
        if key in self and (not isinstance(value, kind) or wrong_bool):
            raise self.fault(f"{key} 的类型不对", key)
        return value

    def only(self, *known: str) -> None:
        """Refuses keys that nothing reads: most of them are slips of the pen. Raises DataFault."""
        for key in self:
            if key not in known:
                raise self.fault(f"不认识 {key}（可用：{'、'.join(known)}）", key)


def load(path: Path) -> Section:
    """The file's content, every mapping in it a Section. Raises DataFault."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise DataFault(f"{_shown(path)}：文件打不开") from None
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise DataFault(f"{_shown(path)}：文件是空的")
        content = _build(loader, node, path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFault(f"{_shown(path)} 第 {line} 行：YAML 写法不对（{error.problem}）") from None
    finally:
        loader.dispose()
    if not isinstance(content, Section):
        raise DataFault(f"{_shown(path)} 第 1 行：应是“名称: 内容”的形式")
    return content


def _build(loader: yaml.SafeLoader, node: yaml.Node, path: Path) -> Any:
    if isinstance(node, yaml.MappingNode):
        made = Section()
        made.path, made.line, made.lines = path, node.start_mark.line + 1, {}
        for key_node, value_node in node.value:
            # As written: YAML 1.1 would read the key "on" as true.
            key = str(key_node.value)
            if key in made:
                raise DataFault(f"{_shown(path)} 第 {key_node.start_mark.line + 1} 行：{key} 写了两次")
            made[key] = _build(loader, value_node, path)
            made.lines[key] = key_node.start_mark.line + 1
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, path) for item in node.value]
    return loader.construct_object(node, deep=True)


def _shown(path: Path) -> str:
    try:
        return path.relative_to(FOLDER).as_posix()
    except ValueError:
        return path.name
