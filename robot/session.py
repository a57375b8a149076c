"""The states of a visit and what leads from one to the next. docs/robot.md draws this table; a test compares them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class State(Enum):
    """What the robot is doing; the screen's face follows it."""

    IDLE = "idle"
    LISTENING = "listening"
    HEARING = "hearing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    YIELDING = "yielding"
    GUIDING = "guiding"
    CLOSING = "closing"


class Event(Enum):
    """What can happen in a visit."""

    WOKEN = "woken"
    SPEECH = "speech"
    NOTHING = "nothing"
    HEARD = "heard"
    ANSWER = "answer"
    SAID = "said"
    CUT = "cut"
    WALK = "walk"
    ARRIVED = "arrived"
    GOODBYE = "goodbye"
    GONE = "gone"


TABLE: dict[tuple[State, Event], State] = {
    (State.IDLE, Event.WOKEN): State.SPEAKING,
    (State.IDLE, Event.HEARD): State.THINKING,
    (State.LISTENING, Event.SPEECH): State.HEARING,
    (State.LISTENING, Event.HEARD): State.THINKING,
    (State.LISTENING, Event.ANSWER): State.SPEAKING,
    (State.LISTENING, Event.ARRIVED): State.SPEAKING,
    (State.LISTENING, Event.GOODBYE): State.CLOSING,
    (State.LISTENING, Event.GONE): State.IDLE,
    (State.HEARING, Event.NOTHING): State.LISTENING,
    (State.HEARING, Event.HEARD): State.THINKING,
    (State.HEARING, Event.ANSWER): State.SPEAKING,
    (State.HEARING, Event.GOODBYE): State.CLOSING,
    (State.THINKING, Event.HEARD): State.THINKING,
    (State.THINKING, Event.ANSWER): State.SPEAKING,
    (State.THINKING, Event.GOODBYE): State.CLOSING,
    (State.SPEAKING, Event.SPEECH): State.YIELDING,
    (State.SPEAKING, Event.CUT): State.HEARING,
    (State.SPEAKING, Event.HEARD): State.THINKING,
    (State.SPEAKING, Event.ANSWER): State.SPEAKING,
    (State.SPEAKING, Event.SAID): State.LISTENING,
    (State.SPEAKING, Event.WALK): State.GUIDING,
    (State.SPEAKING, Event.ARRIVED): State.SPEAKING,
    (State.SPEAKING, Event.GOODBYE): State.CLOSING,
    (State.YIELDING, Event.NOTHING): State.SPEAKING,
    (State.YIELDING, Event.ANSWER): State.SPEAKING,
    (State.YIELDING, Event.CUT): State.HEARING,
    (State.YIELDING, Event.HEARD): State.THINKING,
    (State.YIELDING, Event.GOODBYE): State.CLOSING,
    (State.GUIDING, Event.ARRIVED): State.SPEAKING,
    (State.GUIDING, Event.ANSWER): State.SPEAKING,
    (State.GUIDING, Event.SPEECH): State.HEARING,
    (State.GUIDING, Event.HEARD): State.THINKING,
    (State.GUIDING, Event.GOODBYE): State.CLOSING,
    (State.CLOSING, Event.SAID): State.IDLE,
    (State.CLOSING, Event.HEARD): State.THINKING,
}


class Session:
    """The current state; tells a listener about every change. What the table does not know changes nothing."""

    def __init__(self, changed: Callable[[State, Event, State], None]) -> None:
        self.state = State.IDLE
        self._changed = changed

    def on(self, event: Event) -> bool:
        """Whether the event led anywhere."""
        after = TABLE.get((self.state, event))
        if after is None:
            return False
        before, self.state = self.state, after
        self._changed(before, event, after)
        return True

    @property
    def idle(self) -> bool:
        return self.state is State.IDLE
