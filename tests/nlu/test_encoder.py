"""A bank's own sentence encoder: a tiny one made here, good and broken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from nlu.encoder import EncoderError, content_hash, load
from nlu.model import IntentModel
from nlu.training import cross_validate, train

ROOT = Path(__file__).resolve().parents[2]
# What a pretrained encoder knows and our n-grams cannot: that two different words mean the same.
ALIKE = ["买购入", "卖抛售", "金", "票", "点", "我", "想"]
SIZE = 16


def write_encoder(folder: Path, seed: int = 0, extra_input: str | None = None) -> Path:
    """A folder as exporters write it: each character is the vector of its meaning, whatever stands around it."""
    characters = ["[PAD]", "[UNK]", *"".join(ALIKE)]
    meanings = np.random.default_rng(seed).normal(size=(len(ALIKE) + 2, SIZE)).astype(np.float32)
    rows = [0, 1, *(2 + at for at, same in enumerate(ALIKE) for _ in same)]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", *([extra_input] if extra_input else []))
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", SIZE])
    table = numpy_helper.from_array(meanings[rows], "table")
    node = helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])
    graph = helper.make_graph([node], "tiny", inputs, [output], [table])
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "model.onnx"
    )
    words = {word: at for at, word in enumerate(characters)}
    tokeniser = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokeniser.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokeniser.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 0, "max_position_embeddings": 32}))
    return folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = write_encoder(tmp_path / "encoder")
    monkeypatch.setenv("PEIBAN_ENCODER", str(made))
    monkeypatch.delenv("PEIBAN_ENCODER_POOLING", raising=False)
    return made


def corpus():
    texts = [
        "买金",
        "想买金",
        "我买金",
        "买票",
        "我想买票",
        "买点金",
        "卖金",
        "想卖金",
        "我卖金",
        "卖票",
        "我想卖票",
        "卖点金",
    ] * 4
    return texts, (["buy"] * 6 + ["sell"] * 6) * 4


def test_vectors_have_length_one_and_do_not_depend_on_their_neighbours(folder):
    encoder = load(folder)
    together = encoder.encode(["买", "我想卖点金票我想", "", "购"])
    assert np.allclose(np.linalg.norm(together[[0, 1, 3]], axis=1), 1, atol=1e-5)
    assert np.allclose(together[0], encoder.encode(["买"])[0], atol=1e-6)
    assert np.allclose(together[0], together[3], atol=1e-6)
    assert np.isfinite(encoder.encode(["买" * 5000, "\u200b", "😀"])).all()


def test_pooling_is_the_mean_unless_the_folder_or_the_setting_says_otherwise(folder, monkeypatch):
    first = load(folder).encode(["买"])[0]
    assert not np.allclose(load(folder).encode(["买金"])[0], first)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert np.allclose(load(folder).encode(["买金"])[0], first)
    monkeypatch.setenv("PEIBAN_ENCODER_POOLING", "mean")
    assert not np.allclose(load(folder).encode(["买金"])[0], first)


def test_it_helps_where_the_words_were_never_seen_and_stays_with_the_model(folder, monkeypatch, tmp_path):
    texts, labels = corpus()
    with_it = train(texts, labels)
    assert {one: with_it.read(one).ranking[0][0] for one in ("购入", "抛售")} == {"购入": "buy", "抛售": "sell"}
    with_it.save(tmp_path / "model")
    monkeypatch.delenv("PEIBAN_ENCODER")
    again = IntentModel.load(tmp_path / "model")
    for text in ("购入", "想抛售点金", "", "您好"):
        assert again.read(text) == with_it.read(text)
    without = train(texts, labels)
    assert without.encoded is None
    assert without.read("购入").ranking[0][1] == pytest.approx(without.read("抛售").ranking[0][1])


def test_cross_validation_counts_it_too(folder):
    held = cross_validate(*corpus())
    assert len(held.texts) == 48 and held.shares.sum(axis=1) == pytest.approx(np.ones(48), abs=1e-4)


def test_another_encoder_needs_another_training(folder, tmp_path):
    train(*corpus()).save(tmp_path / "model")
    before = content_hash(folder)
    write_encoder(folder, seed=1)
    assert content_hash(folder) != before
    with pytest.raises(EncoderError, match="重新训练"):
        IntentModel.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda at: (at / "model.onnx").unlink(), "没有 model.onnx"),
        (lambda at: (at / "tokenizer.json").unlink(), "没有 tokenizer.json"),
        (lambda at: (at / "model.onnx").write_bytes(b"\x08\x07broken"), "打不开"),
        (lambda at: (at / "tokenizer.json").write_text("{"), "分词文件"),
        (lambda at: (at / "config.json").write_text("{"), "不是有效的 JSON"),
        (lambda at: write_encoder(at, extra_input="pixel_values"), "pixel_values"),
        (lambda at: (at / "model.onnx").rename(at / "model.safetensors"), "optimum-cli export onnx"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said_in_one_line(folder, spoil, says):
    spoil(folder)
    with pytest.raises(EncoderError, match=says) as told:
        load(folder)
    assert "\n" not in str(told.value)


def test_wrong_settings_are_named(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PEIBAN_ENCODER_POOLING", "max")
    with pytest.raises(EncoderError, match="mean 或 cls"):
        load(folder)
    monkeypatch.setenv("PEIBAN_ENCODER", str(tmp_path / "nowhere"))
    with pytest.raises(EncoderError, match="不存在"):
        train(*corpus())


def test_without_one_nothing_of_it_is_imported():
    code = (
        "import sys; from nlu.training import train; "
        "train(['买金', '卖金', '买票', '卖票'] * 3, ['buy', 'sell', 'buy', 'sell'] * 3).read('买'); "
        "assert not {'onnxruntime', 'tokenizers', 'nlu.encoded'} & set(sys.modules)"
    )
    env = {"PATH": "", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)
