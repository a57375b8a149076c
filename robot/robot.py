"""The robot: one step every 32 ms takes a frame from the microphone and gives one to the loudspeaker.

Ears, mouth, screen, chassis and the assistant know nothing of each other; here is what leads from one to the other.
Nothing in a step waits: slow work goes to jobs and is looked at in later steps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from robot import offline, phrases, wording
from robot.audio import FRAME_SECONDS, Samples
from robot.ears import Ears
from robot.errands import Errands
from robot.events import AllSaid, Partial, SentenceStarted, SpeechEnded, SpeechStarted, VoiceLost
from robot.guide import Guide
from robot.jobs import Jobs
from robot.metrics import Metrics
from robot.mouth import Mouth
from robot.screen import Screen, blank
from robot.session import Event, Session, State
from robot.settings import Settings
from robot.thinking import Assistant, Thinking, Thought
from robot.turns import Turns
from robot.visit import Visit

logger = logging.getLogger(__name__)

_FACES = {
    State.IDLE: "idle",
    State.LISTENING: "listening",
    State.HEARING: "listening",
    State.THINKING: "thinking",
    State.SPEAKING: "speaking",
    State.YIELDING: "listening",
    State.GUIDING: "happy",
    State.CLOSING: "happy",
}

_COUGH_SECONDS = 0.6


@dataclass
class Parts:
    """What a robot is made of. ears may be missing (no microphone or model): then it works by touch.

    trouble: what a device can't do now, in words for the visitor; "" while all work.
    """

    ears: Ears | None
    mouth: Mouth
    assistant: Assistant
    screen: Screen
    guide: Guide
    errands: Errands
    jobs: Jobs
    now: Callable[[], float]
    wall: Callable[[], datetime]
    metrics: Metrics = field(default_factory=Metrics)
    trouble: Callable[[], str] = str


class Robot:
    """Call step for every frame."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._mouth, self._screen, self._guide = parts.mouth, parts.screen, parts.guide
        self._now = parts.now
        self.session = Session(self._changed)
        self._turns = Turns(settings.turns, parts.mouth, self.session)
        self._thinking = Thinking(parts.assistant, parts.jobs, parts.now, settings.server.answer)
        self.visit: Visit | None = None
        self._cued = False
        self._cues = 0
        self._voice_end: float | None = None
        self._unsaid = ""
        self._wiping: list[Future[None]] = []

    # -- the beat

    def step(self, mic: Samples) -> Samples:
        """One frame in, one frame out."""
        out = self._mouth.frame()
        for mouth_event in self._mouth.take_events():
            self._on_mouth(mouth_event)
        if self._parts.ears is not None:
            for ear_event in self._parts.ears.hear(mic, out):
                self._on_ears(ear_event)
        for touch in self._screen.take():
            self._on_touch(touch)
        thought = self._thinking.poll()
        if thought is not None:
            self._answer(thought)
        for errand in self._parts.errands.poll():
            self._add(errand.say, errand.cards)
        self._move()
        self._timers()
        self._screen.show(
            light="ok" if self._parts.assistant.connected else "offline",
            map=self._guide.drawn(),
            notice=self._notice(),
        )
        return out

    # -- what comes in

    def _on_ears(self, event: SpeechStarted | Partial | SpeechEnded) -> None:
        if isinstance(event, SpeechStarted):
            if self.visit is not None and not self._turns.speech_started(self._trusted()):
                self.session.on(Event.SPEECH)
        elif isinstance(event, Partial):
            self._on_partial(event)
        else:
            self._on_speech_ended(event)

    def _on_partial(self, event: Partial) -> None:
        if self.visit is None:
            return
        if self.session.state in (State.SPEAKING, State.YIELDING) and not self._mouth.protected:
            self._turns.partial(event.text)
        if self.session.state is State.HEARING:
            self._screen.show(heard=event.text)
            if event.stable and self._settings.hearing.guess and len(event.text) >= 4:
                self._thinking.guess(self.visit.id, phrases.as_question(event.text, self._settings.wake.words))

    def _on_speech_ended(self, event: SpeechEnded) -> None:
        text = event.heard.text
        if self.visit is None:
            rest = phrases.after_wake_word(text, self._settings.wake.words) if self._settings.wake.by_speech else None
            if rest is not None:
                self._arrive(rest)
            return
        question = phrases.as_question(text, self._settings.wake.words)
        if self._turns.is_own(text) or self._turns.is_small(text):
            self._parts.metrics.count("own_words")
            self._turns.nothing()
            return
        if not text or self._turns.is_scrap(text) or self._turns.is_scrap(question):
            self._parts.metrics.count("noises")
            self._turns.nothing()
            # A cough is short; a sentence of which no words came through deserves a question back.
            listening = self.session.state is State.LISTENING and not self._turns.over_own
            if event.seconds > _COUGH_SECONDS and listening:
                self._unclear()
            return
        if self._mouth.protected:
            self.visit.held = question
            return
        self.visit.active = self._now()
        self._voice_end = self._now() - event.waited
        if event.heard.confidence < self._settings.hearing.confidence:
            self._turns.nothing()
            self._unclear()
            return
        self._take(question)

    def _on_touch(self, touch: dict[str, Any]) -> None:
        kind = touch.get("type")
        if kind == "present":
            if self.visit is None and self._settings.wake.by_presence:
                self._arrive("")
            return
        if kind not in ("wake", "say", "stop", "repeat", "bye"):
            return
        if self.visit is None:
            self._arrive(str(touch.get("text") or "") if kind == "say" else "")
            return
        self.visit.active = self._now()
        if kind == "say" and str(touch.get("text") or "").strip():
            self._take(str(touch["text"]).strip()[:500])
        elif kind in ("stop", "repeat", "bye"):
            self._command("goodbye" if kind == "bye" else kind)

    def _on_mouth(self, event: SentenceStarted | AllSaid | VoiceLost) -> None:
        if isinstance(event, SentenceStarted):
            self._screen.show(said=event.text)
            if event.text != self._unsaid:
                self._unsaid = ""
            if self._voice_end is not None and self.session.state is State.SPEAKING:
                self._parts.metrics.took("first_sound", self._now() - self._voice_end)
                self._voice_end = None
        elif isinstance(event, VoiceLost):
            self._parts.metrics.count("voice_failures")
            self._unsaid = event.text
        else:
            self._on_all_said()

    def _on_all_said(self) -> None:
        if self._turns.mixed() and self._parts.ears is not None:
            self._parts.ears.forget()
        if self.session.state is State.CLOSING:
            self.session.on(Event.SAID)
        elif self.session.state is State.SPEAKING and self.visit is not None:
            self.visit.active = self._now()
            self.session.on(Event.WALK if self._guide.walking else Event.SAID)
            if self.visit.held:
                held, self.visit.held = self.visit.held, ""
                self._take(held)

    # -- what is done about it

    def _arrive(self, question: str) -> None:
        """Somebody wants something of the robot."""
        self.visit = Visit(self._now())
        self._parts.metrics.count("visits")
        self._screen.show(visit=True, heard="")
        if question and phrases.command(question) is None:
            self._take(question)
        else:
            self.session.on(Event.WOKEN)
            self._mouth.say([wording.greeting(self._parts.wall())])

    def _take(self, text: str) -> None:
        """A question or an order in words."""
        assert self.visit is not None
        self._screen.show(heard=text, said="")
        if not text:
            self._speak([wording.say("woken")])
            return
        command = phrases.command(text)
        if command is not None:
            self._command(command)
            return
        self._mouth.stop()
        self._cued = False
        self.visit.unclear = 0
        self.visit.heard = text
        self._parts.metrics.count("turns")
        if self._settings.log.words:
            logger.info("heard: %s", text)
        if self.session.on(Event.HEARD):
            self._thinking.ask(self.visit.id, self.visit.next_message(), text)

    def _command(self, name: str) -> None:
        assert self.visit is not None
        self._thinking.forget()
        if name == "goodbye":
            self._mouth.stop()
            self._guide.stop()
            if self.session.on(Event.GOODBYE):
                self._mouth.say([wording.say("goodbye")])
            return
        if name == "stop":
            self._guide.stop()
            self._speak([wording.say("stopped")])
        elif name == "repeat":
            self._speak(self.visit.answered or [wording.say("nothing_to_repeat")], protected=self.visit.protected)
        elif name in ("louder", "softer"):
            changed = self._mouth.change_volume(up=name == "louder")
            self._speak([wording.say(name if changed or name == "softer" else "loudest")])
        else:
            self._mouth.change_pace(faster=name == "faster")
            again = self.visit.answered if name == "slower" else []
            self._speak([wording.say(name), *again], protected=self.visit.protected)

    def _answer(self, thought: Thought) -> None:
        if self.visit is None:
            return
        self._parts.metrics.took(f"answer_{thought.origin}", thought.seconds)
        self._parts.metrics.count(f"answers_{thought.origin}")
        answer, control = thought.answer, thought.answer.control
        texts = list(answer.spoken)
        if control.get("guide"):
            texts = [*texts, self._guide.start(str(control["guide"]))]
        self._parts.errands.run(control)
        if control.get("end_visit"):
            texts = texts or [wording.say("goodbye")]
        self.visit.answered, self.visit.protected = texts, list(answer.protected)
        self.visit.cards = answer.messages
        self._speak(texts, protected=answer.protected, cards=answer.messages)
        if thought.origin == "local" and not offline.known(self.visit.heard):
            self._screen.show(face="sorry")
        elif not texts:
            self._screen.show(face="speaking")
        if control.get("end_visit"):
            self.session.on(Event.GOODBYE)

    def _speak(self, texts: list[str], protected: list[str] | None = None, cards: Any = None) -> None:
        self._mouth.stop()
        if cards is not None:
            self._screen.show(cards=cards)
        self.session.on(Event.ANSWER)
        if texts:
            self._mouth.say(texts, protected or [])
        elif not self._mouth.speaking:
            self.session.on(Event.SAID)

    def _add(self, texts: list[str], cards: Any) -> None:
        """Say something more, after what is being said."""
        if cards is not None:
            self._screen.show(cards=cards)
        if self.visit is not None:
            self.session.on(Event.ANSWER)
            self._mouth.say(texts)

    def _unclear(self) -> None:
        """Not understood: ask again, differently each time; then offer the screen."""
        assert self.visit is not None
        self.visit.unclear += 1
        self.visit.active = self._now()
        self._parts.metrics.count("unclear")
        self._speak([wording.say("touch") if self._gave_up() else wording.say("again", self.visit.unclear - 1)])
        self._screen.show(face="sorry")

    def _gave_up(self) -> bool:
        """Whether asking again has been tried often enough."""
        return self.visit is not None and self.visit.unclear > self._settings.visit.again

    def _notice(self) -> str:
        """The one line about what does not work, for as long as it does not."""
        if trouble := self._parts.trouble():
            return trouble
        if self._unsaid:
            return wording.say("voice_dead")
        return wording.say("touch") if self._gave_up() else ""

    def _move(self) -> None:
        text, over = self._guide.step(FRAME_SECONDS)
        if text and self.visit is not None:
            self.visit.active = self._now()
            if over:
                self.session.on(Event.ARRIVED)
            if self.session.state in (State.SPEAKING, State.GUIDING):
                self._mouth.say([text])

    def _timers(self) -> None:
        if self.visit is None:
            if self._guide.low:
                self._guide.home()
            return
        since = self._thinking.since
        if since is not None and not self._cued and self._now() - since > self._settings.speaking.cue_ms / 1000:
            self._cued = True
            self._mouth.say([wording.say("cue", self._cues)])
            self._cues += 1
        if self._turns.waited_too_long(self._now()):
            self._turns.nothing()
        quiet = self.session.state is State.LISTENING and not (self._parts.ears and self._parts.ears.hearing)
        if quiet and self._now() - self.visit.active > self._settings.visit.alone:
            self.session.on(Event.GONE)

    def _changed(self, before: State, event: Event, after: State) -> None:
        self._parts.metrics.count(f"state_{after.value}")
        self._screen.show(face=_FACES[after])
        if after is State.YIELDING:
            self._turns.yielded(self._now())
        if after is State.IDLE:
            self._wipe()

    def _wipe(self) -> None:
        """The visitor is gone: no word, sound or picture of the visit stays, here or on the server."""
        visit, self.visit = self.visit, None
        self._thinking.forget()
        self._parts.errands.forget()
        self._mouth.hush()
        self._guide.stop()
        self._unsaid = ""
        if self._parts.ears is not None:
            self._parts.ears.forget()
        self._screen.show(**blank())
        if visit is not None:
            self._wiping = [job for job in self._wiping if not job.done()]
            self._wiping.append(self._parts.jobs.net(self._parts.assistant.end_visit, visit.id))
        if self._guide.low:
            self._guide.home()

    def _trusted(self) -> bool:
        return self._parts.ears is None or self._parts.ears.echo.trusted
