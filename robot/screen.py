"""The touch screen as the robot sees it: what to show, and what was touched. The page is web/kiosk."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

FACES = ("idle", "listening", "thinking", "speaking", "happy", "sorry")


class Screen(Protocol):
    """Any screen. show merges changes into what is shown; take gives touches since the last call.

    Shown: face, heard, said, cards (messages.v1), notice, light (ok|offline), map, visit (bool). Touches:
    {"type": "say", "text"}, {"type": "wake"}, {"type": "stop"}, {"type": "repeat"}, {"type": "bye"},
    {"type": "present"}.
    """

    def show(self, **changes: Any) -> None: ...

    def take(self) -> list[dict[str, Any]]: ...


class ScreenState:
    """The shown state and the touches; a base for real and recorded screens. Touches may come from any thread."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = blank()
        self._touches: deque[dict[str, Any]] = deque(maxlen=20)

    def show(self, **changes: Any) -> None:
        if any(self.state.get(name) != value for name, value in changes.items()):
            self.state = {**self.state, **changes}
            self.changed()

    def take(self) -> list[dict[str, Any]]:
        touches = []
        while self._touches:
            touches.append(self._touches.popleft())
        return touches

    def touch(self, touch: dict[str, Any]) -> None:
        """Somebody touched the screen, or a sensor told something."""
        self._touches.append(touch)

    def changed(self) -> None:
        """For those who pass the state on."""


def blank() -> dict[str, Any]:
    """Nobody there: nothing of the last visit."""
    return {
        "face": "idle",
        "heard": "",
        "said": "",
        "cards": [],
        "notice": "",
        "light": "offline",
        "map": None,
        "visit": False,
    }
