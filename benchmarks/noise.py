"""Seeded noise like a recogniser's: characters replaced by ones that sound the same.

from benchmarks.noise import sound_alike
sound_alike("我想看看近三个月的收益", every=5, seed=7)
"""

from __future__ import annotations

import random
from functools import lru_cache

from zhtext.sound import is_chinese, syllable


@lru_cache(maxsize=1)
def _alike() -> dict[str, list[str]]:
    """Common characters (GB 2312 level 1, 3,755 of them) by toneless syllable."""
    groups: dict[str, list[str]] = {}
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                char = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            groups.setdefault(syllable(char), []).append(char)
    return groups


def replace_one(char: str, chance: random.Random) -> str:
    """Another common character of the same syllable, or the same one where there is no other."""
    others = [other for other in _alike().get(syllable(char), ()) if other != char]
    return chance.choice(others) if others else char


def sound_alike(text: str, every: int = 5, seed: int = 0) -> str:
    """`text` with every `every`-th Chinese character replaced by a sound-alike; the same seed, the same noise."""
    chance = random.Random(f"{seed}:{text}")
    out: list[str] = []
    count = 0
    for char in text:
        if is_chinese(char):
            count += 1
            if count % every == 0:
                char = replace_one(char, chance)
        out.append(char)
    return "".join(out)
