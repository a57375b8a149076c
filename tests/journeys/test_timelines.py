"""Every shipped rule as a timeline of events: it fires when it should, in its words, and stays silent otherwise."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from journeys_bank import MORNING
from runs import Run
from sqlalchemy import text

from journeys import engine
from journeys.datafile import FOLDER
from journeys.errors import DataFault
from journeys.mot import fire
from journeys.mot.rules import read, rules
from journeys.store import Journal

MARKET = set(yaml.safe_load((FOLDER / "mot" / "market.yml").read_text(encoding="utf-8"))["rules"])
TIMELINES = yaml.safe_load((Path(__file__).parent / "timelines.yml").read_text(encoding="utf-8"))


def test_every_rule_has_a_timeline_in_which_it_speaks() -> None:
    assert {one["rule"] for one in TIMELINES if "say" in one} == set(rules())
    assert len(rules()) >= 20


@pytest.mark.parametrize("line", TIMELINES, ids=[f"{one['rule']}-{one['customer']}" for one in TIMELINES])
def test_timeline(journal: Journal, line: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    # The control group is drawn by a hash of the customer; here everybody is spoken to.
    monkeypatch.setattr(fire, "_held_out", lambda rule, customer: False)
    store, customer = journal.store, line["customer"]
    with store.write() as connection:
        for statement in line.get("before", []):
            connection.execute(text(statement))
        # Everybody else has agreed to nothing: their messages are not what is looked at.
        connection.execute(text("DELETE FROM consents WHERE customer <> :me"), {"me": customer})
        article = connection.execute(text("SELECT id FROM articles ORDER BY published_at DESC LIMIT 1")).scalar()
    run = Run(journal, None if line.get("scan") else MORNING)
    now = MORNING
    for number, event in enumerate(line.get("events", [])):
        hour, minute = map(int, event["at"].split(":"))
        now = MORNING.replace(hour=hour, minute=minute)
        data = {name: article if value == "{article}" else value for name, value in event.get("data", {}).items()}
        sent = {"event_id": f"t-{number}", "kind": event["kind"], "occurred_at": now.isoformat(), "data": data}
        sent.update({} if event.get("anyone") else {"customer": customer})
        sent.update({"product": event["product"]} if "product" in event else {})
        report = run.send(now, sent)
        assert report.used == 1, report.faults
    if "until" in line:
        hour, minute = map(int, line["until"].split(":"))
        now = MORNING.replace(hour=hour, minute=minute)
    run.at(now)
    state = run.rows(
        f"SELECT state, reason FROM journey_moments WHERE rule = '{line['rule']}' AND customer = '{customer}'"
    )
    if line.get("silent"):
        assert all(found[0] not in ("sent", "merged") for found in state)
        return
    assert any(found[0] in ("sent", "merged") for found in state), (state, run.sentences(customer))
    said = "\n".join(run.sentences(customer))
    assert line["say"] in said, said
    assert "{" not in said and "None" not in said
    run.at(now + timedelta(minutes=1))
    assert len(run.phone) == len({message["push_id"] for _, message in run.phone}), "told once"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"on": "teleported"}, "第 3 行：on 只能是 daily、holding 或一种事件，没有 teleported"),
        ({"when": "colour = 'red'"}, "第 4 行：条件看不懂"),
        ({"when": "amount + 1"}, "第 4 行：条件的结果应是“是”或“否”"),
        ({"text": ["您有 {secret}"]}, "不认识 {secret}"),
        ({"push_type": "pigeon"}, "没有 pigeon 这种推送"),
        ({"cooldown_days": "long"}, "cooldown_days 的类型不对"),
        ({"colour": 1}, "不认识 colour"),
        ({"unless": ["asked"]}, "unless 要和 after_minutes 一起用"),
        ({"purpose": "service", "push_type": "advice"}, "advice 是推荐，purpose 要写 push"),
        ({"title": ...}, "缺少 title"),
    ],
)
def test_a_fault_in_a_rule_names_file_and_line(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    rule: dict[str, Any] = {
        "on": "transfer_in",
        "when": "amount >= 50000",
        "title": "大额转入",
        "owner": "总行",
        "once": "event",
        "cooldown_days": 1,
        "priority": 1,
        "valid_hours": 1,
        "push_type": "advice",
        "purpose": "push",
        "skill": "asset_overview",
        "text": ["您有一笔 {amount}"],
        "brief": "到账了",
        "next": {"title": "看看", "text": "我有多少钱"},
    }
    rule.update(change)
    rule = {name: value for name, value in rule.items() if value is not ...}
    (tmp_path / "odd.yml").write_text(
        yaml.safe_dump({"rules": {"odd": rule}}, allow_unicode=True, sort_keys=False), "utf-8"
    )
    with pytest.raises(DataFault) as caught:
        read(tmp_path)
    assert str(caught.value).startswith("odd.yml 第 ") and fault in str(caught.value)


def test_a_faulty_rule_is_left_out_and_the_others_stay_in_force(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for file in (FOLDER / "mot").glob("*.yml"):
        shutil.copy(file, tmp_path)
    behaviour = tmp_path / "behaviour.yml"
    written = behaviour.read_text(encoding="utf-8")
    behaviour.write_text(written.replace("amount >= 50000 and", "amount >= colour and", 1), encoding="utf-8")
    (tmp_path / "market.yml").write_text("rules: [", encoding="utf-8")
    real = engine.read
    monkeypatch.setattr(engine, "read", lambda folder, faults: real(tmp_path, faults))
    with caplog.at_level("ERROR"):
        run = Run(journal, MORNING)
    assert "behaviour.yml 第 7 行" in caplog.text and "market.yml" in caplog.text
    left_out = set(rules()) - set(run.engine.rules)
    assert left_out == {"large_in", *MARKET}
    out = {"amount": "600000.00", "to": "other_bank"}
    event = {"event_id": "e", "kind": "transfer_out", "customer": "demo-04", "occurred_at": MORNING.isoformat()}
    run.send(MORNING, {**event, "data": out})
    assert [one["kind"] for one in run.office] == ["keep_aum"]


def test_a_condition_that_fails_on_the_day_stops_nothing_else(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(journal, MORNING)
    odd = run.engine.rules["large_out"]
    failing = replace(odd, trigger=replace(odd.trigger, when=pl.sql_expr("CAST(branch AS INT) > 1")))
    monkeypatch.setattr(run.engine, "rules", {"large_out": failing})
    event = {"event_id": "e", "kind": "transfer_out", "customer": "demo-04", "occurred_at": MORNING.isoformat()}
    with caplog.at_level("ERROR"):
        run.send(MORNING, {**event, "data": {"amount": "600000.00", "to": "other_bank"}})
    assert "behaviour.yml 第" in caplog.text and "large_out" in caplog.text
    assert [one["kind"] for one in run.office] == ["keep_aum"]
    assert run.rows("SELECT COUNT(*) FROM journey_moments") == [(0,)]
