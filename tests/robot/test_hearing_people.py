"""Voice activity and end-pointing on human voices, and recognition on the synthetic clips."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from lobby_client import ROOT

from robot.asr import BUNDLED, Heard, Recogniser, model_folder
from robot.audio import FRAME, FRAME_SECONDS, RATE, SILENCE, Samples, frames, read_wav
from robot.ears import Ears
from robot.echo import EchoCanceller
from robot.events import SpeechEnded, SpeechStarted
from robot.settings import Hearing
from robot.vad import VoiceActivity

HUMAN = ROOT.parent / "shared" / "data" / "speech"
CLIPS = ROOT / "tests" / "fixtures" / "clips"


class FirstSound:
    """Stands in front of the recogniser and notes how much it was fed; words: what a right one would understand.

    The bundled model understands no people, and its nonsense would decide when a sentence is finished.
    """

    def __init__(self, inner: Recogniser, words: str | None) -> None:
        self.inner = inner
        self.words = words
        self.fed = 0

    def hear(self, frame: Samples) -> str:
        self.fed += 1
        return self.inner.hear(frame) if self.words is None else self.words

    def finish(self) -> Heard:
        return self.inner.finish() if self.words is None else Heard(self.words, self.words, 1.0)


@dataclass
class Utterance:
    first: float
    last: float
    ended: float
    text: str


def listen(samples: Samples, recogniser: Recogniser, words: str | None = None) -> list[Utterance]:
    """What the ears made of a recording: first and last second that was recognised, and when the end was found."""
    spy = FirstSound(recogniser, words)
    ears = Ears(Hearing(), spy, VoiceActivity(), EchoCanceller(False))  # type: ignore[arg-type]
    found: list[Utterance] = []
    first = 0.0
    for number, frame in enumerate(frames(samples)):
        for event in ears.hear(frame, SILENCE):
            now = (number + 1) * FRAME_SECONDS
            if isinstance(event, SpeechStarted):
                first = now - spy.fed * FRAME_SECONDS
            elif isinstance(event, SpeechEnded):
                found.append(Utterance(first, now, now, event.heard.text))
                spy.fed = 0
    return found


def voice_span(samples: Samples) -> tuple[float, float]:
    """Where the voice begins and ends by its energy alone, in seconds: from the first to the last 30 ms above an eighth
    of the loud parts' level. The recordings' noise lies at a tenth of it."""
    step = RATE // 100
    cut = samples[: len(samples) - len(samples) % step].astype(float).reshape(-1, step)
    power = np.sqrt(np.mean(cut**2, axis=1))
    loud = power > 0.125 * np.percentile(power, 95)
    runs = np.flatnonzero(loud[:-2] & loud[1:-1] & loud[2:])
    return runs[0] / 100, (runs[-1] + 3) / 100


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(BUNDLED)


@pytest.mark.skipif(not HUMAN.is_dir(), reason="../shared/data/speech (16 human recordings) is not here")
def test_sixteen_people_are_not_clipped_and_their_end_is_found_in_time(recogniser: Recogniser) -> None:
    clips = transcripts(HUMAN)
    assert len(clips) == 16
    trouble = []
    for clip, said in clips:
        samples = read_wav(clip)
        begins, ends = voice_span(samples)
        padded = np.concatenate([np.zeros(RATE, np.int16), samples, np.zeros(2 * RATE, np.int16)])
        utterances = listen(padded, recogniser, said)
        late = utterances[0].first - (1 + begins) if utterances else 99
        early = (1 + ends) - utterances[-1].last if utterances else 99
        wait = utterances[-1].ended - (1 + ends) if utterances else 99
        if late > 0.1 or early > 0.1 or wait > 0.8 or len(utterances) != 1:
            pieces = len(utterances)
            trouble.append(f"{clip.name}: {pieces} pieces, start {late:+.2f}, end {early:+.2f}, found {wait:+.2f}")
    assert not trouble, "\n".join(trouble)


def cer(heard: str, said: str) -> float:
    """Character errors by the share of what is said."""
    rows = list(range(len(said) + 1))
    for i, a in enumerate(heard, 1):
        before, rows[0] = rows[0], i
        for j, b in enumerate(said, 1):
            before, rows[j] = rows[j], min(rows[j] + 1, rows[j - 1] + 1, before + (a != b))
    return rows[-1] / max(1, len(said))


def transcripts(folder: Path) -> list[tuple[Path, str]]:
    with (folder / "transcripts.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row[0].endswith(".wav")]
    return [(folder / row[0], row[1]) for row in rows]


def test_the_clips_are_heard_as_they_were_said(recogniser: Recogniser) -> None:
    errors = []
    for clip, said in transcripts(CLIPS):
        heard = "".join(u.text for u in listen(np.concatenate([read_wav(clip), np.zeros(RATE, np.int16)]), recogniser))
        errors.append(cer(heard, said))
    assert sum(errors) / len(errors) < 0.02


@pytest.mark.skipif(not HUMAN.is_dir(), reason="../shared/data/speech (16 human recordings) is not here")
def test_the_same_harness_measures_the_production_model_once_it_is_there() -> None:
    folder, notice = model_folder("")
    recogniser = Recogniser(folder)
    errors = [
        cer(
            "".join(u.text for u in listen(np.concatenate([read_wav(clip), np.zeros(RATE, np.int16)]), recogniser)),
            said,
        )
        for clip, said in transcripts(HUMAN)[:4]
    ]
    mean = sum(errors) / len(errors)
    # The bundled test model understands no people, and says so; the production model must.
    assert mean < 0.35 if not notice else "测试模型" in notice


def test_digital_silence_and_single_clicks_wake_nobody(recogniser: Recogniser) -> None:
    click = np.zeros(RATE * 2, np.int16)
    click[RATE : RATE + 40] = 30000
    for samples in (
        np.zeros(RATE * 3, np.int16),
        click,
        np.random.default_rng(1).integers(-60, 60, RATE).astype(np.int16),
    ):
        assert listen(samples, recogniser) == []


def test_half_a_frame_is_filled_up() -> None:
    assert [len(frame) for frame in frames(np.ones(FRAME + 7, np.int16))] == [FRAME, FRAME]
