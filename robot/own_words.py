"""Whether what was heard is what the robot itself is saying: compared by sound, since recognition of an echo errs."""

from __future__ import annotations

from difflib import SequenceMatcher

from zhtext import sound
from zhtext.normalise import normalise


def own_share(heard: str, spoken: str) -> float:
    """The part of what was heard (0–1, by syllables) that also stands in what was spoken, in pieces of two or more."""
    ours, theirs = _syllables(spoken), _syllables(heard)
    if not ours or not theirs:
        return 0.0
    least = 2 if len(theirs) > 1 else 1
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= least) / len(theirs)


def _syllables(text: str) -> list[str]:
    plain = "".join(char for char in normalise(text) if char.isalnum())
    return list(sound.key(plain))
