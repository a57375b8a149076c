"""Getting an answer: asked early when half a sentence is stable, then from the server, locally if need be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from robot import offline
from robot.client import Answer, ServerUnavailable
from robot.jobs import Jobs

_PATIENCE_WITHOUT_LINK = 0.8
"""Seconds that a question may take while the lasting connection is down, before the robot answers by itself."""


class Assistant(Protocol):
    """What is needed of robot.client.Client."""

    @property
    def connected(self) -> bool: ...

    def ask(self, visit: str, message_id: str, text: str) -> Answer: ...

    def guess(self, visit: str, text: str) -> Answer | None: ...

    def end_visit(self, visit: str) -> None: ...


@dataclass
class _Question:
    visit: str
    message_id: str
    text: str
    since: float
    asked: Future[Answer]
    guessed: Future[Answer | None] | None


@dataclass(frozen=True)
class Thought:
    """An answer and where it came from: server, guess or local."""

    answer: Answer
    origin: str
    seconds: float


@dataclass
class _Guess:
    visit: str
    text: str
    found: Future[Answer | None]
    told: bool = False


class Thinking:
    """At most one question at a time; a newer one makes the older's answer unwanted."""

    def __init__(self, assistant: Assistant, jobs: Jobs, now: Callable[[], float], patience: float) -> None:
        self._assistant = assistant
        self._jobs = jobs
        self._now = now
        self._patience = patience
        self._question: _Question | None = None
        self._guess: _Guess | None = None

    @property
    def since(self) -> float | None:
        """When the open question was asked."""
        return self._question.since if self._question is not None else None

    def guess(self, visit: str, text: str) -> None:
        """Ask early for words that may be the whole question."""
        if self._guess is not None:
            if (self._guess.visit, self._guess.text) == (visit, text):
                return
            self._guess.found.cancel()
        if self._assistant.connected:
            self._guess = _Guess(visit, text, self._jobs.guess(self._assistant.guess, visit, text))

    def early(self) -> Answer | None:
        """The answer that was guessed, once, while the visitor may still go on: to be made ready, not to be said."""
        guess = self._guess
        if guess is None or guess.told or not guess.found.done() or guess.found.cancelled():
            return None
        guess.told = True
        return guess.found.result()

    def ask(self, visit: str, message_id: str, text: str) -> None:
        """The visitor has finished."""
        guess, guessed = self._guess, None
        if guess is not None and (guess.visit, guess.text) == (visit, text):
            guessed = guess.found
        elif guess is not None:
            guess.found.cancel()
        self._guess = None
        # Asked in any case: only a real turn is remembered and leaves its trail.
        asked = self._jobs.net(self._assistant.ask, visit, message_id, text)
        self._question = _Question(visit, message_id, text, self._now(), asked, guessed)

    def poll(self) -> Thought | None:
        """The answer, once there is one."""
        question = self._question
        if question is None:
            return None
        waited = self._now() - question.since
        if question.guessed is not None and question.guessed.done():
            early = question.guessed.result()
            if early is not None:
                return self._done(Thought(early, "guess", waited))
            question.guessed = None
        if question.asked.done():
            try:
                return self._done(Thought(question.asked.result(), "server", waited))
            except ServerUnavailable as trouble:
                return self._done(Thought(offline.answer(question.text, trouble), "local", waited))
        patience = self._patience if self._assistant.connected else _PATIENCE_WITHOUT_LINK
        if waited > patience:
            late = ServerUnavailable("slow" if self._assistant.connected else "network")
            return self._done(Thought(offline.answer(question.text, late), "local", waited))
        return None

    def forget(self) -> None:
        """No answer is wanted any more."""
        self._question = self._guess = None

    def _done(self, thought: Thought) -> Thought:
        self._question = None
        return thought
