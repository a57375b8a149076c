"""A Reply becomes messages that validate, or nothing of it is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels import schema
from channels.rendering import reply as rendering
from channels.rendering import turn
from wealth.reply import Privacy, QuickReply, Reply, Source

SCHEMA = json.loads(schema.FILE.read_text(encoding="utf-8"))
EXAMPLES = [example for part in SCHEMA["$defs"].values() for example in part.get("examples", [])]
REPLY = {"privacy": "personal", "sentences": ["好的。"]}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_the_examples_of_the_schema_are_valid(example: dict[str, Any]) -> None:
    schema.check(example)
    for surplus in ({**example, "secret_note": "x"}, {**example, "privacy": "all"}, {**example, "id": "a b"}):
        with pytest.raises(schema.InvalidMessage):
            schema.check(surplus)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e["type"] not in ("quick_replies", "source", "qr")])
def test_every_block_type_passes_through(example: dict[str, Any]) -> None:
    block = {name: value for name, value in example.items() if name not in ("id", "seq", "at", "origin", "reply_to")}
    messages = rendering.messages({**REPLY, "blocks": [block]}, "m")
    assert messages[1] == {**block, "id": "m.1", "privacy": "personal", "origin": "assistant"}


def test_a_real_reply_in_its_order() -> None:
    from datetime import datetime, timezone

    made = Reply(
        skill="asset_overview",
        sentences=["一", "二"],
        blocks=[{"type": "disclosure", "id": "no_guarantee", "text": "不保本。"}],
        quick_replies=[QuickReply("甲", "甲"), QuickReply("乙", "乙")],
        next_step=QuickReply("先看乙", "乙"),
        sources=[
            Source("a", "行情", datetime(2026, 3, 2, 7, 0, tzinfo=timezone.utc)),
            Source("b", "持仓", datetime.fromisoformat("2026-03-01T00:00:00+08:00")),
        ],
        disclosures=["过往业绩不代表其未来表现。"],
        privacy=Privacy.PERSONAL,
    )
    messages = rendering.messages(made.to_dict(), "m")
    assert [m["type"] for m in messages] == ["text", "disclosure", "source", "disclosure", "quick_replies"]
    assert messages[0]["text"] == "一\n\n二"
    assert messages[1]["disclosure"] == "no_guarantee"
    assert messages[2]["text"] == "数据截至 2026年3月2日（最早一项 2026年3月1日）"
    assert messages[4]["options"] == [{"title": "先看乙", "text": "乙"}, {"title": "甲", "text": "甲"}]
    assert [m["id"] for m in messages] == [f"m.{n}" for n in range(5)]


def test_a_block_may_be_stricter_never_laxer() -> None:
    blocks = [{"type": "text", "text": "x", "privacy": privacy} for privacy in ("public", "secret")]
    assert [m["privacy"] for m in rendering.messages({**REPLY, "blocks": blocks}, "m")] == [
        "personal",
        "personal",
        "secret",
    ]


@pytest.mark.parametrize(
    "fault",
    [
        {"privacy": None},
        {"sentences": [""]},
        {"sentences": [5]},
        {"sentences": ["好的。", " "]},
        {"sentences": "好的。"},
        {"blocks": [{"type": "html", "text": "x"}]},
        {"blocks": ["x"]},
        {"blocks": [{"type": "link", "title": "x", "url": "javascript:alert(1)", "kind": "bank"}]},
        {"blocks": [{"type": "link", "title": "x", "url": "//evil.example", "kind": "bank"}]},
        {"blocks": [{"type": "link", "title": "x", "url": "data:text/html,x", "kind": "bank"}]},
        {"blocks": [{"type": "chart", "kind": "ring", "title": "t", "summary": "s", "data": {"parts": [{"name": 1}]}}]},
        {"blocks": [{"type": "chart", "kind": "gauge", "title": "t", "summary": "s", "data": {"value": 7}}]},
        {"sources": [{"id": "a", "title": "b", "as_of": "yesterday"}]},
        {"quick_replies": [{"title": "x"}]},
    ],
)
def test_a_faulty_reply_shows_nothing_of_it(fault: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    sent = [{"custom": {"reply": {**REPLY, "sentences": ["您有 88 元。"], **fault}}}]
    messages = turn.messages(sent, "m")
    assert len(messages) == 1 and "没有通过检查" in messages[0]["text"]
    schema.check(messages[0])
    assert "88" not in caplog.text


def test_plain_texts_and_buttons_of_the_domain_are_rendered() -> None:
    sent = [
        {"recipient_id": "x", "text": "您是想问哪个?", "buttons": [{"title": "资产", "payload": "/inform"}]},
        {"text": "再见", "buttons": [{"title": "资产", "payload": "我有多少钱"}]},
    ]
    messages = turn.messages(sent, "m")
    assert [m["type"] for m in messages] == ["text", "quick_replies", "text", "quick_replies"]
    assert [m["options"][0]["text"] for m in messages if m["type"] == "quick_replies"] == ["资产", "我有多少钱"]
    assert len({m["id"] for m in messages}) == 4


def test_silence_and_unknown_payloads_become_a_sentence() -> None:
    assert "没能处理好" in turn.messages([], "m")[0]["text"]
    assert "没有通过检查" in turn.messages([{"custom": {"other": 1}}], "m")[0]["text"]


def test_orders_to_the_channel() -> None:
    sent = [{"text": "x"}, {"custom": {"reply": {**REPLY, "control": {"handoff": "complaint"}}}}]
    assert turn.controls(sent) == {"handoff": "complaint"}
