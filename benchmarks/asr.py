"""What recognition costs understanding: python -m benchmarks.asr [--clips folder] [--model folder] [--noise 15]

Plays every clip of a folder (WAV files and a transcripts.tsv) through the robot's ears and counts character errors and
whether the assistant understands the heard words as it understands the written ones. The folder may be
../shared/data/speech and the model the production one; by default both are the project's test fixtures.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.understanding import Understander, load_understander, newest_model
from robot.asr import Recogniser, model_folder
from robot.audio import RATE, Samples, frames, level_db, read_wav, to_samples
from robot.ears import Ears
from robot.echo import EchoCanceller
from robot.events import SpeechEnded
from robot.phrases import as_question, command
from robot.settings import ROOT, Settings
from robot.vad import VoiceActivity
from zhtext.normalise import normalise

CLIPS = ROOT / "tests" / "fixtures" / "clips"


@dataclass(frozen=True)
class Clip:
    """One recording: what was said, what was heard, and how sure the recogniser was (0 where it heard nothing)."""

    name: str
    said: str
    heard: str
    confidence: float


def listen(ears: Ears, samples: Samples) -> tuple[str, float]:
    """The words of a recording, all utterances of it joined, and the lowest confidence."""
    heard, sure = "", 1.0
    quiet = np.zeros(RATE * 3 // 2, np.int16)
    silence = np.zeros(len(next(frames(quiet))), np.int16)
    for frame in frames(np.concatenate([quiet, samples, quiet])):
        for event in ears.hear(frame, silence):
            if isinstance(event, SpeechEnded):
                heard, sure = heard + event.heard.text, min(sure, event.heard.confidence)
    return heard, sure if heard else 0.0


def noisy(samples: Samples, signal_to_noise_db: float, seed: int) -> Samples:
    """With broad noise so much weaker than the voice."""
    level = 10 ** ((level_db(samples) - signal_to_noise_db) / 20) * 32768
    return to_samples(samples + np.random.default_rng(seed).normal(size=len(samples)) * level)


def errors(heard: str, said: str) -> int:
    """Characters wrong, missing or too many."""
    row = list(range(len(said) + 1))
    for at, char in enumerate(heard, 1):
        before, row[0] = row[0], at
        for to, meant in enumerate(said, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (char != meant))
    return row[-1]


def meaning(understander: Understander, text: str) -> str:
    """What the robot would do: one of its own orders, or the intent (clarify and refuse are told apart)."""
    order = command(text)
    if order is not None:
        return f"robot:{order}"
    understood = understander.understand(text, None)
    intent = understood.ranking[0][0]
    return intent if understood.decision == "answer" else f"{understood.decision}:{intent}"


def main() -> None:
    parser = argparse.ArgumentParser(description="识别错几个字，识别以后还有多少句理解得对")
    parser.add_argument("--clips", type=Path, default=CLIPS, help="录音文件夹，内有 transcripts.tsv")
    parser.add_argument("--model", default="", help="语音模型文件夹；默认同机器人")
    parser.add_argument("--noise", type=float, help="加噪声，信噪比多少分贝")
    asked = parser.parse_args()
    folder, notice = model_folder(asked.model)
    settings = Settings()
    ears = Ears(settings.hearing, Recogniser(folder), VoiceActivity(), EchoCanceller(False))
    with (asked.clips / "transcripts.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and row[0].endswith(".wav")]
    clips, seconds, began = [], 0.0, time.process_time()
    for number, row in enumerate(rows):
        samples = read_wav(asked.clips / row[0])
        seconds += len(samples) / RATE
        if asked.noise is not None:
            samples = noisy(samples, asked.noise, number)
        heard, sure = listen(ears, samples)
        clips.append(Clip(row[0], normalise(row[1]), normalise(heard), sure))
    took = time.process_time() - began
    understander = load_understander(newest_model(ROOT / "models"))
    wrong = sum(errors(clip.heard, clip.said) for clip in clips)
    unsure = [clip for clip in clips if clip.confidence < settings.hearing.confidence]
    same = 0
    for clip in clips:
        meant, understood = (
            meaning(understander, as_question(text, settings.wake.words)) for text in (clip.said, clip.heard)
        )
        same += meant == understood
        if meant != understood or clip.heard != clip.said:
            heard = clip.heard or "（没听清）"
            print(f"{clip.name}  {clip.said} → {heard}  {meant} → {understood}  {clip.confidence:.2f}")
    if notice:
        print(f"· {notice}")
    print(f"{len(clips)} clips, {seconds:.0f} s of speech, {took / seconds:.2f} s of one core for a second of it")
    print(f"character errors: {wrong / sum(len(clip.said) for clip in clips):.1%}")
    print(f"understood as the written words are: {same} of {len(clips)} ({same / len(clips):.1%})")
    print(f"below the confidence at which the robot asks again: {len(unsure)}")


if __name__ == "__main__":
    main()
