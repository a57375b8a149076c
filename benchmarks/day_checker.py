"""Independent check of a replayed day: `python -m benchmarks.day_checker [--folder var/day]`. Imports nothing of ours.

Reads what arrived (receiver.db) and the bank's own rows (bank.db), and counts what breaks a rule: quiet hours, caps,
consent, suitability, opt-out, sources, one lead per key, sums that do not add up. 0 only when there is nothing.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHANGHAI = timezone(timedelta(hours=8))
WEEK = timedelta(days=7)
# The rules as they stand in the bank's policy, written down here again on purpose.
QUIET_FROM, QUIET_UNTIL = 21, 9
PER_WEEK, PER_RULE_A_WEEK = 3, 1
PERSONAL = ("market", "advice")
VALID_DAYS = 366

Breach = tuple[str, str]


def breaches(folder: Path) -> Iterator[Breach]:
    """(rule, id) of everything that is not as it should be."""
    bank = sqlite3.connect(f"file:{folder / 'bank.db'}?mode=ro", uri=True)
    ends = sqlite3.connect(f"file:{folder / 'receiver.db'}?mode=ro", uri=True)
    bank.row_factory = ends.row_factory = sqlite3.Row
    try:
        phones = ends.execute("SELECT * FROM phone ORDER BY at").fetchall()
        yield from _quiet(phones)
        yield from _caps(bank, phones)
        yield from _consent(bank, phones)
        yield from _suitable(bank, phones)
        yield from _content(phones)
        yield from _complete(bank, ends)
    finally:
        bank.close()
        ends.close()


def _quiet(phones: list[Any]) -> Iterator[Breach]:
    for row in phones:
        hour = _at(row).hour
        if hour >= QUIET_FROM or hour < QUIET_UNTIL:
            yield "quiet hours", row["push_id"]


def _caps(bank: Any, phones: list[Any]) -> Iterator[Breach]:
    rules = dict(bank.execute("SELECT push_id, rule FROM journey_outreach").fetchall())
    before: dict[str, list[tuple[datetime, str]]] = {}
    for row in phones:
        at, rule = _at(row), rules.get(row["push_id"], "?")
        lately = [one for one in before.get(row["customer"], []) if at - one[0] < WEEK]
        if len(lately) >= PER_WEEK:
            yield "cap per week", row["push_id"]
        if sum(one[1] == rule for one in lately) >= PER_RULE_A_WEEK:
            yield "cap per rule", row["push_id"]
        before[row["customer"]] = [*lately, (at, rule)]


def _consent(bank: Any, phones: list[Any]) -> Iterator[Breach]:
    query = (
        "SELECT granted FROM consents WHERE customer = ? AND purpose = ? AND at <= ? ORDER BY at DESC, id DESC LIMIT 1"
    )
    for row in phones:
        at = _at(row).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
        needed = ("push", "personalised") if row["push_type"] in PERSONAL else ("push",)
        for purpose in needed:
            found = bank.execute(query, (row["customer"], purpose, at)).fetchone()
            if found is None or not found["granted"]:
                yield f"consent {purpose}", row["push_id"]


def _suitable(bank: Any, phones: list[Any]) -> Iterator[Breach]:
    risks = dict(bank.execute("SELECT code, risk FROM products").fetchall())
    query = (
        "SELECT rating, taken_at FROM assessments WHERE customer = ? AND confirmed_at IS NOT NULL AND taken_at <= ?"
        " ORDER BY taken_at DESC LIMIT 1"
    )
    for row in phones:
        reply = json.loads(row["body"])
        if not reply["offered"]:
            continue
        at = _at(row).astimezone(timezone.utc)
        found = bank.execute(query, (row["customer"], at.strftime("%Y-%m-%d %H:%M:%S.%f"))).fetchone()
        taken = found and datetime.fromisoformat(found["taken_at"]).replace(tzinfo=timezone.utc)
        if taken is None or at - taken > timedelta(days=VALID_DAYS):
            yield "offer without assessment", row["push_id"]
        elif any(risks[code] > int(found["rating"][1:]) for code in reply["offered"]):
            yield "offer above level", row["push_id"]


def _content(phones: list[Any]) -> Iterator[Breach]:
    for row in phones:
        reply = json.loads(row["body"])
        text = "".join(reply["sentences"])
        if any(mark in text for mark in ("¥", "%")) and not reply["sources"]:
            yield "figure without source", row["push_id"]
        if "{" in text or "None" in text:
            yield "wording not filled in", row["push_id"]
        if not any("不再给我推送" in option["text"] for option in reply["quick_replies"]):
            yield "no opt-out", row["push_id"]


def _complete(bank: Any, ends: Any) -> Iterator[Breach]:
    def one(query: str, where: Any = bank) -> int:
        return int(where.execute(query).fetchone()[0] or 0)

    sums = bank.execute(
        "SELECT SUM(received), SUM(used + late + duplicate + bad), SUM(used + late) FROM journey_intakes"
    )
    received, parts, landed = sums.fetchone()
    if received != parts:
        yield "batches do not add up", f"{received} / {parts}"
    events, handled = one("SELECT COUNT(*) FROM journey_events"), one("SELECT COUNT(*) FROM journey_handled")
    if not events == handled == landed:
        yield "events do not add up", f"{landed} / {events} / {handled}"
    if one(
        "SELECT COUNT(*) FROM journey_handled h JOIN journey_events e USING (seq) WHERE e.late AND h.outcome <> 'late'"
    ):
        yield "late event fired", ""
    sent = {row[0] for row in bank.execute("SELECT push_id FROM journey_outreach WHERE state = 'delivered'")}
    yield from (
        ("message not on both sides", str(name))
        for name in sent ^ {row[0] for row in ends.execute("SELECT push_id FROM phone")}
    )
    made = {row[0] for row in bank.execute("SELECT id FROM journey_leads")}
    got = {row[0] for row in ends.execute("SELECT key FROM leads")}
    waiting = {row[0] for row in bank.execute("SELECT key FROM journey_outbox WHERE state <> 'sent'")}
    yield from (("lead not on both sides", str(name)) for name in (made ^ got) - waiting)
    for kind, table in (("lead", "journey_leads"), ("push", "journey_outreach"), ("lead_result", "journey_results")):
        about = "push" if kind == "push" else "lead"
        query = f"SELECT COUNT(*) FROM audit WHERE kind = '{kind}' AND details LIKE '%\"{about}\"%'"
        rows, audited = one(f"SELECT COUNT(*) FROM {table}"), one(query)
        if rows != audited:
            yield f"audit rows of {kind}", f"{rows} / {audited}"
    doubled = bank.execute(
        "SELECT customer, rule, subject FROM journey_moments GROUP BY customer, rule, subject HAVING COUNT(*) > 1"
    ).fetchall()
    yield from (("matter told twice", row["customer"]) for row in doubled)


def _at(row: Any) -> datetime:
    return datetime.fromisoformat(row["at"]).astimezone(SHANGHAI)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day_checker", description="检查回放的一天")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "day")
    folder = parser.parse_args().folder
    if not (folder / "receiver.db").exists():
        print("还没有回放过：先运行 python -m journeys.day")
        return 2
    found = list(breaches(folder))
    with sqlite3.connect(f"file:{folder / 'receiver.db'}?mode=ro", uri=True) as ends:
        (messages,) = ends.execute("SELECT COUNT(*) FROM phone").fetchone()
        (leads,) = ends.execute("SELECT COUNT(*) FROM leads").fetchone()
    print(f"看了 {messages:,} 条消息、{leads:,} 条线索：{len(found)} 处不合规")
    for rule, count in Counter(rule for rule, _ in found).most_common():
        print(f"  {rule}: {count}，例如 {next(name for one, name in found if one == rule)}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
