"""Products named in a message, over the live catalogue: a CSV that the bank writes, read again when it changes."""

from __future__ import annotations

import csv
import logging
import os
from pathlib import Path

from nlu.entities import Entity, entity
from zhtext.match import Catalogue, Entry, Match

logger = logging.getLogger(__name__)

_SURE = 0.08
"""A product is taken as meant when its score leads the next one on the same words by at least this much."""


def catalogue_path() -> Path:
    """`$PEIBAN_CATALOGUE`, by default var/catalogue.csv beside the package."""
    given = os.environ.get("PEIBAN_CATALOGUE")
    return Path(given) if given else Path(__file__).resolve().parent.parent / "var" / "catalogue.csv"


class ProductFinder:
    """Finds products. A missing or broken catalogue means no product entities and one line in the log."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._stamp: tuple[str, int, int] | None = None
        self._catalogue = Catalogue(())

    def find(self, text: str) -> list[Entity]:
        """One entity per place in the text; `candidates` (codes) where several products are equally likely."""
        self._refresh()
        matches = self._catalogue.find(text)
        places: list[list[Match]] = []
        for match in matches:
            for place in places:
                if match.start < place[0].end and place[0].start < match.end:
                    place.append(match)
                    break
            else:
                places.append([match])
        return [_entity(text, place) for place in places]

    def _refresh(self) -> None:
        path = self._path or catalogue_path()
        try:
            stat = path.stat()
        except OSError:
            self._stamp, self._catalogue = None, Catalogue(())
            return
        stamp = (str(path), stat.st_mtime_ns, stat.st_size)
        if stamp == self._stamp:
            return
        # Stamped before reading: a broken file is reported once, not with each message.
        self._stamp = stamp
        try:
            self._catalogue = Catalogue(read_catalogue(path))
        except (OSError, ValueError) as broken:
            logger.error("产品目录读不了，暂用之前的一份：%s", broken)


def read_catalogue(path: Path) -> list[Entry]:
    """Entries of a CSV with the columns code, name and aliases (separated by |); ValueError names the line."""
    entries = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if not {"code", "name"} <= set(rows.fieldnames or ()):
            raise ValueError(f"{path.name} 缺少列：需要 code、name，可有 aliases")
        for row in rows:
            code, name = (row["code"] or "").strip(), (row["name"] or "").strip()
            if not code or not name:
                raise ValueError(f"{path.name} 第 {rows.line_num} 行：code 和 name 不能为空")
            aliases = tuple(alias.strip() for alias in (row.get("aliases") or "").split("|") if alias.strip())
            entries.append(Entry(code, name, aliases))
    return entries


def _entity(text: str, place: list[Match]) -> Entity:
    best = place[0]
    value: dict[str, object] = {"code": best.code, "name": best.name, "score": best.score}
    close = [match.code for match in place if best.score - match.score < _SURE]
    if len(close) > 1:
        value["candidates"] = close
    return entity("product", text, best.start, best.end, value, "catalogue")
