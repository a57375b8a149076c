"""The day's report: counts that add up, from the database and from what the other ends got, in Chinese Markdown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from journeys.day.play import Day

_HOW = {"fired": "触发了规则或线索", "waiting": "开始计时", "counted": "只计入标签", "late": "迟到，只计数"}


def figures(day: Day) -> dict[str, Any]:
    """All counts of the day, by part, with `adds_up`: which sums hold."""
    bank = sqlite3.connect(f"file:{day.folder / 'bank.db'}?mode=ro", uri=True)
    ends = sqlite3.connect(f"file:{day.folder / 'receiver.db'}?mode=ro", uri=True)
    try:
        names = ("received", "used", "late", "duplicate", "bad")
        sums = ", ".join(f"COALESCE(SUM({name}), 0)" for name in names)
        taken = dict(zip(names, bank.execute(f"SELECT {sums} FROM journey_intakes").fetchone(), strict=True))
        handled = _counts(bank, "SELECT outcome, COUNT(*) FROM journey_handled GROUP BY outcome")
        moments = _counts(bank, "SELECT state, COUNT(*) FROM journey_moments GROUP BY state")
        why = _counts(bank, "SELECT reason, COUNT(*) FROM journey_moments WHERE state = 'dropped' GROUP BY reason")
        messages = _counts(bank, "SELECT state, COUNT(*) FROM journey_outreach GROUP BY state")
        effects = bank.execute(
            "SELECT COUNT(delivered_at), COUNT(seen_at), COUNT(answered_at), COUNT(acted_at) FROM journey_outreach"
        ).fetchone()
        kinds = _counts(bank, "SELECT kind, COUNT(*) FROM journey_leads GROUP BY kind")
        queued = _counts(bank, "SELECT state, COUNT(*) FROM journey_outbox GROUP BY state")
        results = bank.execute("SELECT COUNT(*) FROM journey_results").fetchone()[0]
        (phone,) = ends.execute("SELECT COUNT(*) FROM phone").fetchone()
        got, attempts = ends.execute("SELECT COUNT(*), COALESCE(SUM(got), 0) FROM leads").fetchone()
        rows = bank.execute("SELECT COUNT(*) FROM journey_events").fetchone()[0]
    finally:
        bank.close()
        ends.close()
    expected = {name: day.expected[name] for name in ("used", "late", "duplicate", "bad")}
    adds_up = {
        "收到 = 采用 + 迟到 + 重复 + 不合格": taken["received"] == sum(taken[name] for name in names[1:]),
        "各项与发出的一致": all(taken[name] == expected[name] for name in expected),
        "入库 = 采用 + 迟到": rows == taken["used"] + taken["late"],
        "每个入库事件都有着落": rows == sum(handled.values()),
        "迟到的都没有触发": handled.get("late", 0) == taken["late"],
        "消息数 = 领头的触发数": sum(messages.values()) == moments.get("sent", 0),
        "送达的消息手机上都有": messages.get("delivered", 0) == phone,
        "线索都进了发件箱": sum(kinds.values()) == sum(queued.values()),
        "发出的线索对方各收一次": queued.get("sent", 0) == got,
        "经理结果一条不少": results == day.results,
    }
    return {
        "taken": taken,
        "expected": expected,
        "handled": handled,
        "moments": moments,
        "dropped": why,
        "messages": messages,
        "effects": dict(zip(("delivered", "seen", "answered", "acted"), effects, strict=True)),
        "leads": kinds,
        "outbox": queued,
        "receiver": {"leads": got, "accepted_posts": attempts, "phones": phone},
        "results": results,
        "adds_up": adds_up,
    }


def markdown(found: dict[str, Any], seconds: float) -> str:
    """The report for people."""
    taken = found["taken"]
    lines = [
        "# 银行的一天",
        "",
        f"回放用时 {seconds:.0f} 秒。",
        "",
        f"- 收到事件 {taken['received']:,}：采用 {taken['used']:,}，迟到 {taken['late']:,}，"
        f"重复 {taken['duplicate']:,}，不合格 {taken['bad']:,}",
        "- 事件的去向：" + _listed({_HOW[name]: count for name, count in found["handled"].items()}),
        "- 触发：" + _listed(found["moments"]),
        "- 没有发出的原因：" + _listed(found["dropped"]),
        "- 消息：" + _listed(found["messages"]) + "；" + _listed(found["effects"]),
        "- 线索：" + _listed(found["leads"]),
        "- 发件箱：" + _listed(found["outbox"]) + f"；对方收到 {found['receiver']['leads']} 条",
        f"- 经理结果：{found['results']} 条",
        "",
        "| 账要对上 | |",
        "|---|---|",
        *(f"| {name} | {'对' if fine else '不对'} |" for name, fine in found["adds_up"].items()),
        "",
        "```json",
        json.dumps({name: value for name, value in found.items() if name != "adds_up"}, ensure_ascii=False, indent=1),
        "```",
        "",
    ]
    return "\n".join(lines)


def _counts(database: sqlite3.Connection, query: str) -> dict[str, int]:
    rows: Sequence[Any] = database.execute(query).fetchall()
    return dict(sorted(rows, key=lambda row: -row[1]))


def _listed(counts: dict[str, int]) -> str:
    return "，".join(f"{name} {count:,}" for name, count in counts.items()) or "无"
