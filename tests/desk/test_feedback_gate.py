"""The gate that a change has to pass is the real one: small in the quick test, whole in the long one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import yaml
from feedback_house import ROOT, UTTERANCES, tree

from desk.feedback.gate import Failed, Gate
from desk.feedback.proposal import Suggestion, change
from desk.feedback.settings import FeedbackSettings

REAL = (sys.executable, "-m", "nlu.check", "--json")


def settings(root: Path, folder: Path) -> FeedbackSettings:
    return FeedbackSettings(root=root, folder=folder, tracker_url=f"sqlite:///{folder / 'none.db'}", check=REAL)


def test_the_gate_of_make_test_over_a_small_tree(tmp_path: Path) -> None:
    root = tree(tmp_path)
    for part in ("nlu", "zhtext", "data/lexicon"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "data/nlu_priors.yml", root / "data")
    # Every intent needs enough to be dealt out in parts.
    for name, texts in UTTERANCES.items():
        with (root / f"data/nlu/{name}.yml").open("a", encoding="utf-8") as file:
            file.writelines(f"    - {text}{more}\n" for text in texts for more in ("啊", "好吗", "，谢谢"))
    floors = {"accuracy": 0.0, "intents": {"asset_overview": 1.01}}
    (root / "tests/nlu/floors.yml").write_text(yaml.safe_dump(floors), encoding="utf-8")
    (root / "tests/nlu/buttons.tsv").write_text("text\ttopic\tintent\tname\n", encoding="utf-8")
    suggestion = Suggestion(texts=("老底子还剩几个铜板",), intent="asset_overview")
    steps: list[str] = []
    with pytest.raises(Failed, match="asset_overview") as failed:
        Gate(settings(root, tmp_path / "feedback"), lambda: False).judge(
            suggestion, change(root, suggestion, 1), 1, steps.append
        )
    assert steps == ["before", "after"] and not failed.value.again
    assert not list((tmp_path / "feedback").glob("check-*"))


@pytest.mark.soak
def test_the_whole_gate_over_a_real_change(tmp_path: Path) -> None:
    suggestion = Suggestion(texts=("帮我瞅瞅咱家的钱都放哪儿啦",), intent="asset_overview")
    wanted = change(ROOT, suggestion, 1)
    gate = Gate(settings(ROOT, tmp_path), lambda: False)
    before, after = gate.judge(suggestion, wanted, 1, lambda step: None)
    assert before["questions"] == after["questions"] > 1000
    assert before["accuracy"] > 0.88 and abs(after["accuracy"] - before["accuracy"]) < 0.01
    assert not (ROOT / wanted.name).exists() or wanted.old is not None
