"""The process that speaks with pyttsx3: one JSON line in ({"text", "rate", "file"}), one out ({"ok"} or {"error"}).

A process of its own, because pyttsx3's loop may hang and can then only be killed. It saves to a file per sentence
and never calls `say`, which blocks, loses sentences and plays by itself.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any


def load_espeak() -> None:
    """Make pyttsx3 find the espeak-ng of the espeakng-loader package (its Chinese is better than Debian's)."""
    import espeakng_loader

    os.environ["ESPEAK_DATA_PATH"] = str(espeakng_loader.get_data_path())
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)


def main(voice: str) -> int:
    # pyttsx3 prints to standard output; our answers need it for themselves.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    if sys.platform.startswith("linux"):
        load_espeak()
    import pyttsx3

    engine: Any = pyttsx3.init()
    if voice:
        if voice not in {known.id for known in engine.getProperty("voices")} and "+" not in voice:
            print(json.dumps({"error": "voice"}), file=answers)
            return 1
        engine.setProperty("voice", voice)
    engine.runAndWait()
    print(json.dumps({"ok": True}), file=answers)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            engine.setProperty("rate", asked["rate"])
            engine.save_to_file(asked["text"], asked["file"])
            engine.runAndWait()
            size = os.path.getsize(asked["file"])
            print(json.dumps({"ok": True} if size > 44 else {"error": "empty"}), file=answers)
        except Exception as error:
            print(json.dumps({"error": type(error).__name__}), file=answers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
