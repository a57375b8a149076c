"""A pretrained sentence encoder that a bank supplies: a folder with model.onnx and tokenizer.json. Off by default.

`PEIBAN_ENCODER` names the folder, `PEIBAN_ENCODER_POOLING` (mean or cls) how token vectors become one. Nothing of
onnxruntime or tokenizers is imported where no folder is named.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu.linear import Floats

POOLINGS = ("mean", "cls")
LONGEST = 128
"""Tokens read of one text; longer ones are cut, which keeps the time bounded."""
_BATCH = 64
_ONNX = ("model.onnx", "onnx/model.onnx")
_PYTORCH = ("model.safetensors", "pytorch_model.bin")
_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})


class EncoderError(ValueError):
    """The folder cannot be used; the message is one Chinese line that says what to do."""


@dataclass(frozen=True)
class Encoder:
    """Texts to vectors of length one. `content` is the hash of what was loaded."""

    folder: Path
    pooling: str
    content: str
    session: Any
    tokeniser: Any

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row of float32 a text. Texts of like length go together: less padding, the same result."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found: Floats = np.zeros((0, 0), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            vectors = self._vectors([texts[at] for at in places])
            if not found.size:
                found = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
            found[places] = vectors
        return found

    def _vectors(self, texts: list[str]) -> Floats:
        read = self.tokeniser.encode_batch(texts)
        mask = np.array([one.attention_mask for one in read], dtype=np.int64)
        given = {
            "input_ids": np.array([one.ids for one in read], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in read], dtype=np.int64),
        }
        wanted = {one.name: given[one.name] for one in self.session.get_inputs()}
        output = np.asarray(self.session.run(None, wanted)[0], dtype=np.float32)
        pooled = output if output.ndim == 2 else self._pooled(output, mask)
        norm = np.linalg.norm(pooled, axis=1, keepdims=True)
        vectors: Floats = (pooled / np.maximum(norm, 1e-9)).astype(np.float32)
        return vectors

    def _pooled(self, tokens: Floats, mask: Any) -> Floats:
        if self.pooling == "cls":
            return tokens[:, 0]
        weights = mask[:, :, None].astype(np.float32)
        mean: Floats = (tokens * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
        return mean


def named_folder() -> Path | None:
    """The folder of `PEIBAN_ENCODER`, None where it is not set."""
    given = os.environ.get("PEIBAN_ENCODER", "").strip()
    return Path(given) if given else None


def content_hash(folder: Path) -> str:
    """Twelve hex digits over what decides the vectors: weights, words, settings, pooling. Raises EncoderError."""
    digest = hashlib.sha256(_pooling(folder).encode())
    for path in (_model(folder), _tokeniser(folder), folder / "config.json"):
        if path.exists():
            digest.update(path.name.encode())
            with path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
    return digest.hexdigest()[:12]


def load(folder: Path) -> Encoder:
    """Open the folder and try one text. Raises EncoderError."""
    model, words, pooling = _model(folder), _tokeniser(folder), _pooling(folder)
    import onnxruntime
    import tokenizers

    options = onnxruntime.SessionOptions()
    # One thread: a server runs several workers, and a short text gains nothing from more.
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as problem:
        raise EncoderError(f"编码器 {model} 打不开，文件可能不完整：{_line(problem)}") from problem
    try:
        tokeniser = tokenizers.Tokenizer.from_file(str(words))
    except Exception as problem:
        raise EncoderError(f"编码器的分词文件 {words} 打不开：{_line(problem)}") from problem
    if unknown := {one.name for one in session.get_inputs()} - _INPUTS:
        raise EncoderError(
            f"编码器 {model} 要的输入 {'、'.join(sorted(unknown))} 不认识，只支持 BERT 一类的句子编码模型"
        )
    settings = _settings(folder)
    tokeniser.enable_truncation(min(LONGEST, int(settings.get("max_position_embeddings") or LONGEST)))
    tokeniser.enable_padding(pad_id=int(settings.get("pad_token_id") or 0))
    encoder = Encoder(folder, pooling, content_hash(folder), session, tokeniser)
    _try(encoder)
    return encoder


def _try(encoder: Encoder) -> None:
    try:
        vectors = encoder.encode(["您好", "今年以来赚了多少"])
    except Exception as problem:
        raise EncoderError(f"编码器 {encoder.folder} 试读一句话时出错：{_line(problem)}") from problem
    if vectors.ndim != 2 or not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
        raise EncoderError(f"编码器 {encoder.folder} 读出的不是有效的句子向量，请换一个模型或重新导出")


def _model(folder: Path) -> Path:
    if not folder.is_dir():
        raise EncoderError(f"编码器文件夹 {folder} 不存在，请检查 PEIBAN_ENCODER")
    for name in _ONNX:
        if (folder / name).is_file():
            return folder / name
    if any((folder / name).is_file() for name in _PYTORCH):
        raise EncoderError(
            f"{folder} 里只有 PyTorch 权重。请先导出成 ONNX："
            f"optimum-cli export onnx --task feature-extraction --model {folder} {folder}-onnx，"
            f"再把 PEIBAN_ENCODER 指到 {folder}-onnx"
        )
    raise EncoderError(f"编码器文件夹 {folder} 里没有 model.onnx")


def _tokeniser(folder: Path) -> Path:
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise EncoderError(f"编码器文件夹 {folder} 里没有 tokenizer.json")
    return path


def _settings(folder: Path, name: str = "config.json") -> dict[str, Any]:
    path = folder / name
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise EncoderError(f"编码器的 {path} 不是有效的 JSON") from problem
    return found if isinstance(found, dict) else {}


def _pooling(folder: Path) -> str:
    """As set, else as the folder itself says (Sentence Transformers' layout), else the mean."""
    given = os.environ.get("PEIBAN_ENCODER_POOLING", "").strip().lower()
    if given:
        if given not in POOLINGS:
            raise EncoderError(f"PEIBAN_ENCODER_POOLING={given} 不认识，只能是 {' 或 '.join(POOLINGS)}")
        return given
    return "cls" if _settings(folder, "1_Pooling/config.json").get("pooling_mode_cls_token") else "mean"


def _line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:200]
