"""One visit: its id, what was said in it, and how often the robot did not understand. Gone when the visitor leaves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Visit:
    """Everything the robot knows of the person in front of it. active: when somebody last took part.

    held: what was said over a sentence that must not be cut off, to be answered after it.
    """

    active: float
    id: str = field(default_factory=lambda: f"v{secrets.token_hex(8)}")
    messages: int = 0
    unclear: int = 0
    heard: str = ""
    answered: list[str] = field(default_factory=list)
    protected: list[str] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)
    held: str = ""

    def next_message(self) -> str:
        """The id of the next question: the same question asked again over a broken line keeps it."""
        self.messages += 1
        return f"{self.id}.{self.messages}"
