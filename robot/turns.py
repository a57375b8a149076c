"""Turn-taking: what a voice means while the robot speaks. Its own echo, a listener's "嗯", noise, or an interruption.

With a canceller that has learned the room a voice makes the robot pause at once, and the words decide whether it stops
or goes on. Until then only words that are not its own do.
"""

from __future__ import annotations

from robot import phrases
from robot.mouth import Mouth
from robot.own_words import own_share
from robot.session import Event, Session, State
from robot.settings import Turns as TurnSettings

_SURELY_OWN = 0.85
_WORDS_ENOUGH, _WORDS_ENOUGH_UNSURE = 2, 6


class Turns:
    """Decides; the session's state tells the others."""

    def __init__(self, settings: TurnSettings, mouth: Mouth, session: Session) -> None:
        self._settings = settings
        self._mouth = mouth
        self._session = session
        self._yielded_at: float | None = None
        self._trusted = True
        self._over_own = False

    def speech_started(self, trusted: bool) -> bool:
        """A voice. Whether this was about the robot's own turn (then the caller has nothing to do)."""
        # What counts for the whole utterance is how far the canceller was when it began.
        self._trusted, self._over_own = trusted, self._mouth.speaking
        if self._session.state is not State.SPEAKING:
            return self._mouth.speaking
        if trusted and not self._mouth.protected:
            self._mouth.pause()
            self._session.on(Event.SPEECH)
        return True

    def partial(self, text: str) -> None:
        """Words while speaking or paused: stop for good once they are somebody else's and more than a murmur."""
        if self.is_own(text) or self.is_small(text):
            return
        enough = _WORDS_ENOUGH if self._trusted else _WORDS_ENOUGH_UNSURE
        if phrases.command(text) == "stop" or len(text) >= enough:
            # Silent, not yet forgotten: if it turns out to be nothing, the answer goes on.
            self._mouth.pause()
            self._yielded_at = None
            self._session.on(Event.CUT)

    def is_own(self, text: str) -> bool:
        """Whether these words are the robot's own, come back by the air."""
        if not text or not self._over_own:
            return False
        least = _SURELY_OWN if self._trusted else self._settings.own_share
        if self._trusted and len(text) < 4:
            return False
        return own_share(text, self._mouth.recently) >= least

    def is_small(self, text: str) -> bool:
        """Whether it is a mere "嗯" while the robot speaks, or a scrap too short to stop for."""
        if self._session.state not in (State.SPEAKING, State.YIELDING) or phrases.command(text) == "stop":
            return False
        return phrases.is_backchannel(text) or len(text) < _WORDS_ENOUGH

    def is_scrap(self, text: str) -> bool:
        """Whether it is no utterance: one stray syllable, or the beginning of a sentence and nothing more.

        Before the canceller knows the room, also a few words that came while the robot spoke: its own voice, misheard.
        """
        if not text or phrases.command(text) is not None:
            return False
        if self._over_own and not self._trusted and len(text) < _WORDS_ENOUGH_UNSURE:
            return True
        if phrases.is_backchannel(text) or phrases.is_short_answer(text):
            # "好" is an answer, but not where it may be the end of what the robot itself just said.
            return self._over_own and len(text) < _WORDS_ENOUGH
        return len(text) < _WORDS_ENOUGH or phrases.is_only_a_beginning(text)

    @property
    def over_own(self) -> bool:
        """Whether the utterance began while the robot was speaking."""
        return self._over_own

    def mixed(self) -> bool:
        """Whether what the ears are in the middle of is mostly the robot's own voice: best dropped when it ends."""
        return self._over_own and not self._trusted

    def yielded(self, now: float) -> None:
        """The robot has paused for a voice."""
        self._yielded_at = now

    def waited_too_long(self, now: float) -> bool:
        """Whether a pause has lasted without any words."""
        return (
            self._session.state is State.YIELDING
            and self._yielded_at is not None
            and now - self._yielded_at > self._settings.yield_
        )

    def nothing(self) -> None:
        """It was nothing: go on where the robot left off."""
        self._yielded_at = None
        self._session.on(Event.NOTHING)
        if self._mouth.paused:
            self._mouth.resume()
            self._session.on(Event.ANSWER)
