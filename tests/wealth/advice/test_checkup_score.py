"""体检打分：文档里的算例、折线、封顶、缺数据。"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wealth.advice.checkup_score import formula, score

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "checkup.md"
EXAMPLES = [
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
]
NAMES = [name for dimension in formula()["dimensions"].values() for name in dimension["measures"]]


def exact(values: dict[str, Any]) -> dict[str, Decimal | None]:
    return {name: None if value is None else Decimal(str(value)) for name, value in values.items()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['score']} 分")
def test_the_worked_examples_of_the_document_hold(example: dict[str, Any]) -> None:
    found = score(exact(example["measures"]), doubts=example.get("doubts", ()))
    assert set(found.points) == set(example["points"])
    for name, points in example["points"].items():
        assert abs(found.points[name] - Decimal(str(points))) < Decimal("0.005"), name
    assert (found.total, found.label) == (example["score"], example["label"])
    assert found.confidence == Decimal(str(example["confidence"]))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


def test_dimensions_add_up_to_a_hundred() -> None:
    assert sum(dimension["max"] for dimension in formula()["dimensions"].values()) == 100
    for dimension in formula()["dimensions"].values():
        assert sum(rule["max"] for rule in dimension["measures"].values()) == dimension["max"]
        for rule in dimension["measures"].values():
            assert max(points for _, points in rule["points"]) == rule["max"]


measured = st.dictionaries(st.sampled_from(NAMES), st.decimals(-3, 50, places=3, allow_nan=False))


@given(measured)
def test_any_measures_give_a_score_between_nothing_and_a_hundred(values: dict[str, Decimal]) -> None:
    found = score(values)
    assert 0 <= found.total <= 100 and 0 <= found.confidence <= 1
    if (values.get("above_level_share") or 0) > 0:
        assert found.total <= formula()["cap_above_level"]


@given(measured, st.sampled_from(NAMES))
def test_not_knowing_a_measure_never_changes_the_points_of_another(values: dict[str, Decimal], name: str) -> None:
    without = {key: value for key, value in values.items() if key != name}
    found, other = score(values), score(without)
    assert all(found.points[key] == points for key, points in other.points.items())
    assert other.confidence <= found.confidence
