"""How well the knowledge base finds what is asked, and says so where it does not know.

`python -m benchmarks.knowledge [--show]`: for labelled questions (tests/wealth/knowledge/cases.tsv) which entry came
first, for all sentences of data/nlu/concept_qa how many are answered, asked back or not known, and the same for
sentences about other things, which must not be answered. Beside it a plain keyword search over the same entries.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from wealth.knowledge.base import Collection, KnowledgeBase

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "wealth" / "knowledge" / "cases.tsv"


def sentences(folder: str) -> list[str]:
    """The customers' sentences of one intent."""
    found: list[str] = []
    for path in sorted((ROOT / "data" / "nlu" / folder).glob("*.yml")):
        for block in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("nlu", []):
            found += [line[2:] for line in str(block.get("examples", "")).splitlines() if line.startswith("- ")]
    return found


def cases() -> list[tuple[str, str]]:
    """Labelled questions: text, entry id."""
    with CASES.open(encoding="utf-8") as file:
        return [(row["text"], row["entry"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def shares(base: KnowledgeBase, texts: Sequence[str]) -> tuple[float, float, float]:
    """Shares answered, asked back, not known."""
    scores = [hits[0].score if (hits := base["concepts"].search(text)) else 0.0 for text in texts]
    answered = sum(score >= base["concepts"].answer_at for score in scores)
    asked = sum(base["concepts"].offer_at <= score < base["concepts"].answer_at for score in scores)
    return answered / len(texts), asked / len(texts), (len(texts) - answered - asked) / len(texts)


def keyword_hit(collection: Collection, text: str) -> str | None:
    """The peer: the entry whose longest term stands in the text."""
    found = [(len(term), entry.id) for entry in collection.entries for term in entry.terms if term in text]
    return max(found)[1] if found else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="list what went wrong")
    asked = parser.parse_args()
    base = KnowledgeBase.load()
    labelled = cases()
    base["concepts"].search("竟值")  # the dictionaries load with the first search
    begun = time.perf_counter()
    found = [(text, entry, base["concepts"].search(text)) for text, entry in labelled]
    spent = (time.perf_counter() - begun) / len(labelled)
    first = [bool(hits) and hits[0].entry.id == entry for _, entry, hits in found]
    sure = [ok and hits[0].score >= base["concepts"].answer_at for ok, (_, _, hits) in zip(first, found, strict=True)]
    wrong = [
        (text, entry, hits[0].entry.id, round(hits[0].score, 2))
        for text, entry, hits in found
        if hits and hits[0].entry.id != entry and hits[0].score >= base["concepts"].answer_at
    ]
    two = [any(hit.entry.id == entry for hit in hits[:2]) for _, entry, hits in found]
    keyword = sum(keyword_hit(base["concepts"], text) == entry for text, entry in labelled)
    count = len(labelled)
    print(
        f"{len(base['concepts'].entries)} concepts, {len(base['branch'].entries)} branch, {spent * 1e3:.2f} ms a search"
    )
    print(f"labelled {count}: first {sum(first) / count:.1%}, first two {sum(two) / count:.1%}, "
          f"answered right {sum(sure) / count:.1%}, answered wrong {len(wrong) / count:.1%}")  # fmt: skip
    print(f"keyword search on the same: {keyword / count:.1%} → ratio {sum(first) / max(keyword, 1):.2f}")
    for name in ("concept_qa", "out_of_scope", "chitchat"):
        texts = sentences(name)
        answered, back, unknown = shares(base, texts)
        print(f"{name:13} {len(texts):5}: answered {answered:6.1%}  asked back {back:6.1%}  not known {unknown:6.1%}")
    if asked.show:
        for row in wrong:
            print("wrong", *row)
        for (text, entry, hits), ok in zip(found, first, strict=True):
            if not ok:
                print("missed", text, entry, [(hit.entry.id, round(hit.score, 2)) for hit in hits[:2]])
        for name in ("out_of_scope", "chitchat"):
            for text in sentences(name):
                hits = base["concepts"].search(text, most=1)
                if hits and hits[0].score >= base["concepts"].answer_at:
                    print(name, text, hits[0].entry.id, round(hits[0].score, 2))


if __name__ == "__main__":
    main()
