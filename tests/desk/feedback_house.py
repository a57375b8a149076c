"""Conversations as the server writes them, a small tree to change, and a gate that is quick, for tests of feedback."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels import signing

ROOT = Path(__file__).resolve().parents[2]
KEY = "k" * 32
UTTERANCES = {
    "asset_overview/total": [
        "帮我看看总资产",
        "我的钱一共有多少呀",
        "账户里还剩多少",
        "资产总额查一下",
        "全部家当值多少",
    ],
    "pnl_query/period": ["今年以来赚了多少", "上个月亏了没有", "昨天的收益是几块", "这周盈亏情况", "最近三个月收益"],
    "control/deny": ["不用了", "不是这个", "算了不要", "没兴趣", "都不是"],
}
GATE = """
import json, os, pathlib, sys, time
text = "".join(path.read_text(encoding="utf-8") for path in pathlib.Path("data/nlu").rglob("*.yml"))
with open(os.environ["GATE_LOG"], "a") as log:
    log.write("run\\n")
while pathlib.Path(os.environ["GATE_LOG"] + ".slow").exists():
    time.sleep(0.05)
if "崩" in text:
    sys.exit("the gate fell over")
below = ["pnl_query"] if "打翻" in text else []
figures = {"accuracy": 0.9 + text.count("    - ") / 1000, "questions": 100, "intents": {"pnl_query": 0.91}}
figures["below"] = below
pathlib.Path(sys.argv[1]).write_text(json.dumps(figures))
sys.exit(bool(below))
"""


class Conversations:
    """A tracker store in the shape that Rasa writes."""

    def __init__(self, path: Path) -> None:
        self._at = time.time() - 3600
        self._book = sqlite3.connect(path)
        self._book.execute(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id TEXT, type_name TEXT,"
            " timestamp FLOAT, intent_name TEXT, action_name TEXT, data TEXT)"
        )
        self._book.execute("CREATE INDEX IF NOT EXISTS events_by_sender ON events (sender_id, id)")
        self._said = 0

    def said(
        self,
        customer: str,
        text: str,
        intent: str,
        confidence: float = 0.9,
        *,
        best: str = "",
        later: float = 20,
        **more: Any,
    ) -> str:
        """A customer's turn; returns its message id. later: seconds since the last row. more: decision, channel."""
        self._said += 1
        message = f"m-{self._said}"
        parsed = {
            "intent": {"name": intent, "confidence": confidence},
            "intent_ranking": [{"name": best or intent, "confidence": confidence}],
            "decision": more.get("decision", "clarify" if intent == "nlu_fallback" else "answer"),
        }
        body = {"text": text, "parse_data": parsed, "metadata": {"message_id": message}}
        self._write(f"{more.get('channel', 'app')}:{customer}", "user", body, later)
        return message

    def answered(
        self, customer: str, skill: str, words: str = "好的。", *, privacy: str = "public", **control: Any
    ) -> None:
        """What the assistant answered; control: pending, handoff."""
        reply = {"skill": skill, "sentences": [words], "privacy": privacy, "control": control}
        self._write(f"app:{customer}", "bot", {"text": None, "data": {"custom": {"reply": reply}}}, 1)

    def forget(self, customer: str) -> None:
        """The customer has the conversation deleted."""
        self._book.execute("DELETE FROM events WHERE sender_id = ?", (f"app:{customer}",))
        self._book.commit()

    def _write(self, sender: str, kind: str, body: Mapping[str, Any], later: float) -> None:
        self._at += later
        values = (sender, kind, self._at, json.dumps(body, ensure_ascii=False))
        self._book.execute("INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, ?, ?, ?)", values)
        self._book.commit()


def tree(folder: Path) -> Path:
    """A small tree with training text, one question that measures it, and a part of the knowledge base."""
    root = folder / "tree"
    for name, texts in UTTERANCES.items():
        path = root / "data" / "nlu" / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        intent = name.split("/")[1] if name.startswith("control") else name.split("/")[0]
        lines = "".join(f"    - {text}\n" for text in texts)
        path.write_text(f'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n{lines}', encoding="utf-8")
    held_out = root / "tests" / "nlu" / "heldout"
    held_out.mkdir(parents=True)
    (held_out / "few.tsv").write_text("text\tintent\n家底有多厚\tasset_overview\n", encoding="utf-8")
    knowledge = root / "data" / "knowledge"
    shutil.copytree(ROOT / "data" / "knowledge", knowledge)
    for path in knowledge.glob("*/*.yml"):
        if path.stem not in ("bonds", "hours", "basics") and path.parent.name != "assessment":
            path.unlink()
    return root


def gate(folder: Path) -> dict[str, str]:
    """The environment of a desk whose gate is a quick one: runs are counted in gate.log, gate.log.slow holds it up."""
    (folder / "gate.py").write_text(GATE, encoding="utf-8")
    return {
        "PEIBAN_FEEDBACK_ROOT": str(folder / "tree"),
        "PEIBAN_FEEDBACK_CHECK": f"{sys.executable} {folder / 'gate.py'}",
        "GATE_LOG": str(folder / "gate.log"),
    }


def runs(folder: Path) -> int:
    """How often the gate ran."""
    log = folder / "gate.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


@contextmanager
def app_channel(rows: list[dict[str, Any]]) -> Iterator[str]:
    """An app channel that has only ratings, and checks who asks; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get
            fine = signing.valid(KEY, given(signing.TIMESTAMP), given(signing.SIGNATURE), "GET", self.path, b"")
            asked = parse_qs(urlsplit(self.path).query)
            after, limit = int(asked["after"][0]), int(asked["limit"][0])
            items = [row for row in rows if row["id"] > after][:limit]
            self.send_response(200 if fine else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"items": items}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
