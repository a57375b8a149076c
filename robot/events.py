"""What the robot's parts tell each other. One dataclass each; nothing else crosses between them."""

from __future__ import annotations

from dataclasses import dataclass

from robot.asr import Heard


@dataclass(frozen=True)
class SpeechStarted:
    """Somebody speaks (not the robot, as far as the canceller can tell)."""


@dataclass(frozen=True)
class Partial:
    """Words so far; stable when they have not changed for a while."""

    text: str
    stable: bool


@dataclass(frozen=True)
class SpeechEnded:
    """The utterance is over. heard.text is empty for noise; seconds of voice in it; waited: silence before the end."""

    heard: Heard
    seconds: float
    waited: float


@dataclass(frozen=True)
class SentenceStarted:
    """The mouth begins a sentence (as shown, not as read)."""

    text: str
    protected: bool


@dataclass(frozen=True)
class AllSaid:
    """Nothing is left to say."""


@dataclass(frozen=True)
class VoiceLost:
    """A sentence could not be made into sound; it is shown only."""

    text: str


EarEvent = SpeechStarted | Partial | SpeechEnded
MouthEvent = SentenceStarted | AllSaid | VoiceLost
