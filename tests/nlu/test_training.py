"""Training, storing, measuring: what the designers' gate and the confidences rest on."""

from __future__ import annotations

import numpy as np
import pytest

from nlu import corpus_checks
from nlu.corpus import Utterance, read_labelled, read_training
from nlu.decide import Thresholds, decide
from nlu.masks import mask
from nlu.metrics import Judged, accuracy, calibration_error, confusions, per_intent
from nlu.model import IntentModel, soften
from nlu.training import cross_validate, train
from nlu.views import VIEWS


def test_a_stored_model_reads_as_before(small_model, tmp_path):
    small_model.save(tmp_path / "model")
    again = IntentModel.load(tmp_path / "model")
    for text in ("我有多少钱", "机金怎么书回", "", "abc"):
        one, other = small_model.read(text), again.read(text)
        assert one.ranking == other.ranking and one.outside == other.outside


def test_training_twice_gives_the_same_model():
    texts = ["买基金", "怎么买基金", "哪里能买基金", "卖基金", "怎么卖基金", "哪里能卖基金", "买点理财", "卖掉理财"] * 3
    labels = ["buy", "buy", "buy", "sell", "sell", "sell", "buy", "sell"] * 3
    one, other = train(texts, labels), train(texts, labels)
    assert np.array_equal(one.scorer.weights, other.scorer.weights) and one.temperature == other.temperature
    assert one.read("怎么买").ranking[0][0] == "buy"


def test_one_intent_is_not_enough():
    with pytest.raises(ValueError, match="两个意图"):
        train(["你好", "再见"], ["chitchat/greet", "chitchat/bye"])


def test_cross_validation_judges_every_utterance_once():
    rows = [(f"买第{n}只基金", "buy") for n in range(20)] + [(f"卖第{n}只理财", "sell") for n in range(20)]
    held = cross_validate([text for text, _ in rows], [label for _, label in rows])
    assert sorted(held.texts) == sorted(text for text, _ in rows)
    assert np.allclose(held.shares.sum(axis=1), 1, atol=1e-5)


def test_names_and_figures_become_signs():
    assert mask("易方达蓝筹怎么样") == mask("中欧蓝筹怎么样")
    assert mask("161725和110011") == "ⒸとⒸ".replace("と", "和")
    assert mask("存3.5万") == mask("存20万")


def test_sound_alikes_are_the_same_to_the_ear():
    assert VIEWS["heard_masked"]("机金书回") == VIEWS["heard_masked"]("基金赎回")


def test_a_higher_temperature_is_flatter_in_the_same_order():
    margins = np.array([1.0, 0.2, -0.5], dtype=np.float32)
    sharp, flat = soften(margins, 0.2), soften(margins, 2.0)
    assert sharp[0] > flat[0] and list(sharp.argsort()) == list(flat.argsort())


@pytest.mark.parametrize(
    ("ranking", "outside", "decision"),
    [
        ((("pnl_query", 0.9), ("wealth_bill", 0.05)), 0.0, "answer"),
        ((("pnl_query", 0.45), ("wealth_bill", 0.42)), 0.0, "clarify"),
        ((("pnl_query", 0.3), ("wealth_bill", 0.1)), 0.0, "clarify"),
        ((("out_of_scope", 0.9), ("chitchat", 0.05)), 0.9, "refuse"),
        ((("out_of_scope", 0.4), ("chitchat", 0.3)), 0.4, "clarify"),
        ((("chitchat", 0.5), ("out_of_scope", 0.45)), 0.45, "answer"),
        ((), 0.0, "clarify"),
    ],
)
def test_decisions(ranking, outside, decision):
    assert decide(ranking, outside, Thresholds(sure=0.35, margin=0.1)) == decision


def test_metrics_by_hand():
    rows = [
        Judged("1", ("a",), (("a", 0.95), ("b", 0.05))),
        Judged("2", ("a", "b"), (("b", 0.95), ("a", 0.05))),
        Judged("3", ("a",), (("b", 0.55), ("a", 0.45))),
        Judged("4", ("c",), (("a", 0.55), ("c", 0.45))),
    ]
    assert accuracy(rows) == 0.5 and accuracy(rows, 2) == 1.0
    assert calibration_error(rows) == pytest.approx(0.5 * 0.05 + 0.5 * 0.55)
    assert confusions(rows) == {("a", "b"): 1, ("c", "a"): 1}
    assert per_intent(rows)["a"].f1 == pytest.approx(0.5)


def test_clashes_doubles_and_personal_data_are_found(tmp_path):
    rows = [
        Utterance("怎么买基金？", "purchase_howto", tmp_path),
        Utterance("怎么买基金", "product_recommend", tmp_path),
        Utterance("我的卡6222021234567890123丢了", "branch_service", tmp_path),
        Utterance("什么是净值", "concept_qa", tmp_path),
    ]
    assert [(pair.clash, pair.one.text) for pair in corpus_checks.same(rows)] == [(True, "怎么买基金？")]
    assert corpus_checks.near(rows)[0].clash
    [(row, masked)] = corpus_checks.personal(rows)
    assert row.intent == "branch_service" and "6222021234567890" not in masked


def test_broken_files_are_named(tmp_path):
    bad = tmp_path / "bad.yml"
    bad.write_text("nlu: [", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.yml"):
        read_training(tmp_path)
    table = tmp_path / "bad.tsv"
    table.write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.tsv"):
        read_labelled([table])
