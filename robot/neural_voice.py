"""A neural voice that a bank supplies: a folder with a sherpa-onnx model (VITS or Matcha). None ships with PeiBan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robot.audio import Samples
from robot.settings import SettingsError
from robot.tts import VoiceError, from_float, levelled, trimmed


class NeuralVoice:
    """sherpa-onnx behind the same interface as pyttsx3.

    The folder holds tokens.txt and either model.onnx (VITS) or acoustic.onnx with vocoder.onnx (Matcha); lexicon.txt,
    dict/, espeak-ng-data/ and *.fst where the model has them. Raises SettingsError.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import sherpa_onnx
        except ImportError:
            raise SettingsError("speaking.neural:没有安装 sherpa-onnx，请先安装或留空用默认声音") from None
        config = _config(sherpa_onnx, folder)
        if not config.validate():
            raise SettingsError(f"speaking.neural:{folder} 里的声音模型不完整或不支持")
        self.name = f"neural:{folder.name}"
        self._engine: Any = sherpa_onnx.OfflineTts(config)

    def render(self, text: str, pace: float = 1.0) -> Samples:
        """Raises VoiceError when the model gives no sound."""
        sound = self._engine.generate(text, sid=0, speed=pace)
        if not len(sound.samples):
            raise VoiceError("声音模型没有出声")
        return trimmed(levelled(from_float(sound.samples, sound.sample_rate), -20.0))

    def close(self) -> None:
        """Nothing to end: the model lives in this process."""


def _config(sherpa: Any, folder: Path) -> Any:
    def path(name: str) -> str:
        return str(folder / name) if (folder / name).exists() else ""

    tokens = path("tokens.txt")
    if not tokens:
        raise SettingsError(f"speaking.neural:{folder} 里没有 tokens.txt")
    shared = {
        "tokens": tokens,
        "lexicon": path("lexicon.txt"),
        "data_dir": path("espeak-ng-data"),
    }
    if path("model.onnx"):
        model = sherpa.OfflineTtsModelConfig(
            vits=sherpa.OfflineTtsVitsModelConfig(model=path("model.onnx"), **shared), num_threads=2
        )
    elif path("acoustic.onnx") and path("vocoder.onnx"):
        matcha = sherpa.OfflineTtsMatchaModelConfig(
            acoustic_model=path("acoustic.onnx"), vocoder=path("vocoder.onnx"), **shared
        )
        model = sherpa.OfflineTtsModelConfig(matcha=matcha, num_threads=2)
    else:
        raise SettingsError(f"speaking.neural:{folder} 里没有 model.onnx，也没有 acoustic.onnx 和 vocoder.onnx")
    rules = ",".join(str(file) for file in sorted(folder.glob("*.fst")))
    return sherpa.OfflineTtsConfig(model=model, rule_fsts=rules, max_num_sentences=1)
