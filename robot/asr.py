"""Ears, recognition: frames in, words out (Vosk). Also finds the speech model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import vosk

from robot.audio import RATE, Samples
from robot.products import Products
from robot.settings import ROOT, SettingsError
from zhtext.correct import correct

PRODUCTION = ROOT / "models" / "vosk"
BUNDLED = ROOT / "tests" / "fixtures" / "vosk-zh-mini"

vosk.SetLogLevel(-1)


@dataclass(frozen=True)
class Heard:
    """One utterance: text as corrected by sound, raw as recognised, confidence 0–1 (mean over words)."""

    text: str
    raw: str
    confidence: float


def model_folder(chosen: str) -> tuple[Path, str]:
    """The speech model to use, and a notice for the technician (empty when all is well). Raises SettingsError."""
    if chosen:
        folder = Path(chosen) if Path(chosen).is_absolute() else ROOT / chosen
        if not (folder / "am" / "final.mdl").is_file():
            raise SettingsError(f"{folder} 里没有语音模型（缺 am/final.mdl）")
        return folder, ""
    if (PRODUCTION / "am" / "final.mdl").is_file():
        return PRODUCTION, ""
    if (BUNDLED / "am" / "final.mdl").is_file():
        return BUNDLED, "现在用的是自带的测试模型，只听得懂合成语音，听不懂真人；请运行 make robot-model 装正式模型"
    raise SettingsError("没有语音模型，请运行 make robot-model")


class Recogniser:
    """Recognises one utterance after the other. Not for several threads at once."""

    def __init__(self, folder: Path, products: Products | None = None) -> None:
        self._products = products
        try:
            self._model = vosk.Model(str(folder))
        except Exception:
            raise SettingsError(f"语音模型 {folder} 打不开，文件可能不完整") from None
        self._engine = vosk.KaldiRecognizer(self._model, RATE)
        self._engine.SetWords(True)
        self._words: list[tuple[str, float]] = []
        self._fed = False

    def hear(self, frame: Samples) -> str:
        """Feed a frame; the words so far."""
        self._fed = True
        # Vosk's own end of sentence only cuts its work into pieces; the robot decides when somebody has finished.
        if self._engine.AcceptWaveform(frame.tobytes()):
            self._take(self._engine.Result())
            return self._text()
        partial = json.loads(self._engine.PartialResult()).get("partial", "")
        return self._text() + partial.replace(" ", "")

    def finish(self) -> Heard:
        """The utterance; ready for the next one afterwards."""
        self._take(self._engine.FinalResult())
        self._fed = False
        raw, scores = self._text(), [score for _, score in self._words]
        self.reset()
        if not raw:
            return Heard("", "", 0.0)
        catalogue = self._products.catalogue if self._products is not None else None
        return Heard(correct(raw, catalogue)[0], raw, sum(scores) / len(scores))

    def reset(self) -> None:
        """Forget what was fed so far."""
        self._words = []
        if self._fed:
            # Vosk's Reset keeps sound that is not decoded yet: its last syllable would begin the next utterance.
            self._engine.FinalResult()
            self._fed = False
        self._engine.Reset()

    def _take(self, result: str) -> None:
        for word in json.loads(result).get("result", ()):
            self._words.append((word["word"], float(word["conf"])))

    def _text(self) -> str:
        return "".join(word for word, _ in self._words)
