"""The rule book: data/compliance/rules.yml read, checked and kept. One entry a rule, each with its switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).resolve().parent.parent.parent / "data" / "compliance" / "rules.yml"
NUMBERS = range(1, 21)


class RuleBookError(ValueError):
    """The rule file can't be used; the message names the rule at fault in Chinese."""


@dataclass(frozen=True)
class Rule:
    """One rule: its number, name, source of law, switch, and the settings its check reads."""

    number: int
    name: str
    source: str
    on: bool
    settings: Mapping[str, Any] = field(default_factory=dict)

    def words(self, name: str = "words") -> list[str]:
        return [str(word) for word in self.settings.get(name, [])]


@dataclass(frozen=True)
class RuleBook:
    """All rules by number, and the disclosure texts by id."""

    rules: Mapping[int, Rule]
    disclosures: Mapping[str, str]

    @classmethod
    def load(cls, path: Path = PATH, off: frozenset[int] = frozenset()) -> RuleBook:
        """Read the file. `off` switches rules off for a test of what they catch. Raises RuleBookError."""
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        rules: dict[int, Rule] = {}
        for number, entry in (raw.get("rules") or {}).items():
            missing = [name for name in ("name", "source", "enabled") if name not in entry]
            if number not in NUMBERS or missing:
                raise RuleBookError(f"规则 {number}:缺少 {'、'.join(missing) or '有效编号(1–20)'}")
            settings = {key: value for key, value in entry.items() if key not in ("name", "source", "enabled")}
            enabled = bool(entry["enabled"]) and number not in off
            rules[number] = Rule(number, entry["name"], entry["source"], enabled, settings)
        absent = [number for number in NUMBERS if number not in rules]
        if absent:
            raise RuleBookError(f"缺少规则 {absent}")
        return cls(rules, dict(raw.get("disclosures") or {}))

    def __getitem__(self, number: int) -> Rule:
        return self.rules[number]
