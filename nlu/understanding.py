"""One message understood, without Rasa: entities, ranking, decision; shared by components, CLI and reports."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nlu.clauses import other_question
from nlu.context import Context, reread
from nlu.decide import Decision, Thresholds, decide
from nlu.entities import Entity, find_values, find_words, without_overlaps
from nlu.model import IntentModel, Reading
from nlu.priors import priors
from nlu.products import ProductFinder
from zhtext.normalise import normalise

MAX_CHARS = 2_000
"""Only so much of a message is read: no message is slow."""
ZONE = ZoneInfo("Asia/Shanghai")
MODEL_FILE = "intent_model"
"""The folder in a component's resource that holds the intent model."""


@dataclass(frozen=True)
class Understood:
    """What `python -m nlu.parse` prints of one line. `also`: the reading of a second question in the same message."""

    text: str
    decision: Decision
    ranking: tuple[tuple[str, float], ...]
    entities: tuple[Entity, ...]
    also: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON; `intent` is the best reading, also when the assistant asks back."""
        intent, confidence = self.ranking[0]
        shown: dict[str, Any] = {
            "text": self.text,
            "decision": self.decision,
            "intent": intent,
            "confidence": round(confidence, 4),
            "ranking": [{"name": name, "confidence": round(share, 4)} for name, share in self.ranking[:5]],
            "entities": list(self.entities),
        }
        if self.also:
            shown["also"] = self.also
        return shown


@dataclass
class Understander:
    """Reads messages with one trained model."""

    model: IntentModel
    thresholds: Thresholds = field(default_factory=Thresholds)
    products: ProductFinder = field(default_factory=ProductFinder)

    def read(self, text: str) -> Reading:
        """The intents of a message as typed."""
        return self.model.read(normalise(text[:MAX_CHARS]))

    def understand(self, text: str, now: datetime | None = None, context: Context | None = None) -> Understood:
        """Never raises on any text; `now` is zone-aware and defaults to this moment in Shanghai."""
        reading = self.read(text)
        entities = find_entities(text, now or datetime.now(ZONE), self.products)
        found = reread(text[:MAX_CHARS], reading.ranking, entities, context or Context(), priors())
        also = other_question(text[:MAX_CHARS], reading, self.read)
        decision: Decision = "answer"
        if not found.settled:
            decision = decide(found.ranking, reading.outside, self.thresholds, two_questions=also is not None)
        return Understood(
            text=text,
            decision=decision if text.strip() else "clarify",
            ranking=found.ranking,
            entities=found.entities,
            also=also,
        )


def find_entities(text: str, now: datetime, products: ProductFinder) -> list[Entity]:
    """All entities of a message, products first, without overlaps."""
    text = text[:MAX_CHARS]
    return without_overlaps([*products.find(text), *find_values(text, now), *find_words(text)])


def newest_model(folder: Path) -> Path:
    """The newest trained model; FileNotFoundError in Chinese if there is none."""
    found = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    if not found:
        raise FileNotFoundError(f"{folder} 里没有训练好的模型，请先运行 make train")
    return found[-1]


def load_understander(path: Path) -> Understander:
    """From a Rasa model (.tar.gz): only our own files in it are read, neither Rasa nor TensorFlow is imported."""
    with tarfile.open(path) as archive, tempfile.TemporaryDirectory() as folder:
        members = [member for member in archive.getmembers() if f"/{MODEL_FILE}/" in f"/{member.name}"]
        if not members:
            raise ValueError(f"{path.name} 里没有本项目的意图模型，请用 make train 重新训练")
        archive.extractall(folder, members=_inside(members))
        home = next(Path(folder).rglob(f"{MODEL_FILE}/settings.json")).parent
        model = IntentModel.load(home)
        thresholds = _thresholds(archive)
    return Understander(model, thresholds)


def _inside(members: Iterable[tarfile.TarInfo]) -> list[tarfile.TarInfo]:
    # A path that leads out of the folder belongs to no model of ours.
    return [m for m in members if m.isfile() and not m.name.startswith("/") and ".." not in Path(m.name).parts]


def _thresholds(archive: tarfile.TarFile) -> Thresholds:
    """The decision component's settings in the model's own configuration."""
    stored = archive.extractfile("metadata.json")
    schema = json.load(stored).get("predict_schema", {}).get("nodes", {}) if stored else {}
    for node in schema.values():
        if str(node.get("uses", "")).endswith("DecisionMaker"):
            config = node.get("config", {})
            return Thresholds(**{name: float(config[name]) for name in ("sure", "margin") if name in config})
    return Thresholds()
