"""A customer's own things: history by page, read state, ratings, settings and consents, export, deletion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from app_client import Phone, Server, signed

from channels.app import preferences
from channels.app.clock import SHANGHAI
from channels.app.database import Database


def test_history_comes_by_page_in_order(phone: Phone) -> None:
    for number in range(6):
        phone.say(f"第{number}句", f"h{number}")
    newest = phone.history(limit=5)
    assert [m["seq"] for m in newest["messages"]] == [14, 15, 16, 17, 18] and newest["has_more"]
    seen, page = list(newest["messages"]), newest
    while page["has_more"]:
        page = phone.history(limit=5, before=page["messages"][0]["seq"])
        seen = page["messages"] + seen
    assert [m["seq"] for m in seen] == list(range(1, 19))
    assert phone.history(before=1)["messages"] == []


@pytest.mark.parametrize(
    "query", ["before=0", "before=x", "limit=0", "limit=101", "limit=1.5", "before=99999999999999999999"]
)
def test_a_page_that_is_none_is_refused(phone: Phone, query: str) -> None:
    answer = phone.get(f"/history?{query}")
    assert answer.status_code == 400 and answer.json()["code"] == "bad_parameter"


def test_the_read_mark_only_moves_forward_and_not_past_the_end(phone: Phone) -> None:
    phone.say("你好")
    assert phone.post("/read", {"seq": 2}).json() == {"read_seq": 2}
    assert phone.post("/read", {"seq": 1}).json() == {"read_seq": 2}
    assert phone.post("/read", {"seq": 10**15}).json() == {"read_seq": 3}
    assert phone.history()["read_seq"] == 3


def test_ratings_are_replaced_withdrawn_and_fed_to_the_desk(server: Server, phone: Phone) -> None:
    phone.say("你好", "q")
    assert phone.post("/ratings", {"id": "q.0", "rating": "up"}).status_code == 200
    assert phone.history()["messages"][1]["rating"] == "up"
    phone.post("/ratings", {"id": "q.0", "rating": "down", "reason": "wrong", "comment": "答非所问"})
    assert phone.history()["messages"][1]["rating"] == "down"
    items: list[dict[str, Any]] = []
    after = 0
    while batch := signed(server, "PEIBAN_SERVICE_KEY", "GET", f"/internal/feed/ratings?after={after}").json()["items"]:
        items, after = items + batch, batch[-1]["id"]
    mine = [item for item in items if item["customer"] == phone.customer]
    assert [(item["rating"], item["reason"]) for item in mine] == [("down", "wrong")]
    phone.post("/ratings", {"id": "q.0", "rating": None})
    assert "rating" not in phone.history()["messages"][1]
    # Not one's own words, not what is not there.
    for entry in ("q", "q.7", "nothing"):
        assert phone.post("/ratings", {"id": entry, "rating": "up"}).status_code == 404


def test_personalisation_is_one_switch_and_reaches_the_assistant(server: Server, phone: Phone) -> None:
    before = phone.get("/preferences").json()
    assert before["personalised"] and before["consents"][0]["text"]
    after = phone.request("PUT", "/preferences", json={"personalised": False}).json()
    assert not after["personalised"]
    assert {c["purpose"]: c["granted"] for c in after["consents"]}["personalisation"] is False
    phone.say("推荐")
    assert [turn[2]["personalised"] for turn in server.turns() if turn[0] == f"app:{phone.customer}"] == [False]
    back = {"consents": [{"purpose": "personalisation", "granted": True}]}
    assert phone.request("PUT", "/preferences", json=back).json()["personalised"]
    assert [c["granted"] for c in phone.get("/export").json()["consent_history"]] == [False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"personalised": "no"},
        {"quiet_hours": {"start": "25:00", "end": "09:00"}},
        {"quiet_hours": {"start": "21:00"}},
        {"push_types": {"unknown": True}},
        {"push_types": {"alert": 1}},
        {"consents": [{"purpose": "unknown", "granted": True}]},
        {"consents": [{"purpose": "service", "granted": False}]},
        {"surprise": 1},
    ],
)
def test_a_wrong_setting_changes_nothing(phone: Phone, change: dict[str, Any]) -> None:
    before = phone.get("/preferences").json()
    answer = phone.request("PUT", "/preferences", json=change)
    assert answer.status_code == 422 and answer.json()["field"]
    assert phone.get("/preferences").json() == before


def test_export_has_everything_and_deletion_leaves_nothing(server: Server, phone: Phone) -> None:
    phone.say("我有多少钱", "d1")
    phone.post("/ratings", {"id": "d1.0", "rating": "up"})
    phone.request("PUT", "/preferences", json={"push_types": {"market": True}})
    exported = phone.get("/export")
    assert "attachment" in exported.headers["Content-Disposition"]
    content = exported.json()
    assert len(content["messages"]) == 6 and content["ratings"] and content["preferences"]["push_types"]["market"]

    assert phone.request("DELETE", "/data").json()["code"] == "invalid"
    assert phone.request("DELETE", "/data?confirm=no").status_code == 422
    assert len(phone.history()["messages"]) == 6
    with phone.stream() as events:
        events.next("ready")
        assert phone.request("DELETE", "/data?confirm=yes").json() == {"deleted": True}
        events.next("reset")
        phone.say("你好", "d1")
        assert [data["seq"] for _, data, _ in events.messages(3)] == [1, 2, 3]
    assert [f"app:{phone.customer}", "DELETED", {}] in server.turns()
    content = phone.get("/export").json()
    assert len(content["messages"]) == 3 and content["ratings"] == [] and content["consent_history"] == []
    # Not in a free page of the file either.
    store = Database(server.env["PEIBAN_APP_STORE_URL"])
    try:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
            trail = connection.exec_driver_sql("select kind, subject from audit").all()
    finally:
        store.close()
    raw = (server.folder / "app.db").read_bytes()
    assert b"d1.2" not in raw
    assert {"answer", "export", "delete"} <= {row.kind for row in trail}
    assert all(phone.customer not in row.subject for row in trail)


def test_deleting_in_the_middle_of_a_turn_keeps_nothing_of_it(phone: Phone) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(lambda: phone.post("/messages", {"message_id": "mid", "text": "慢"}))
        while not phone.history()["messages"]:
            pass
        assert phone.request("DELETE", "/data?confirm=yes").status_code == 200
        assert sent.result().status_code == 200
    assert phone.history()["messages"] == []


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T{clock}:00").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("clock", "code", "wait"),
    [
        ("12:00", None, 0),
        ("20:59", None, 0),
        ("21:00", "push_quiet_hours", 12 * 3600),
        ("23:30", "push_quiet_hours", 9 * 3600 + 1800),
        ("08:59", "push_quiet_hours", 60),
        ("09:00", None, 0),
    ],
)
def test_the_banks_quiet_hours_hold(tmp_path: Any, clock: str, code: str | None, wait: int) -> None:
    store = Database(f"sqlite:///{tmp_path / 'app.db'}")
    with store.engine.connect() as connection:
        assert preferences.may_push(connection, "c", "alert", at(clock)) == (code, wait)
    # A customer can make them longer, never shorter.
    store.write_now(preferences.change, "c", {"quiet_hours": {"start": "12:00", "end": "14:00"}})
    with store.engine.connect() as connection:
        assert preferences.may_push(connection, "c", "alert", at("12:30")) == ("push_quiet_hours", 5400)
        assert preferences.may_push(connection, "c", "alert", at("22:00"))[0] == "push_quiet_hours"
    store.close()


def test_a_store_of_another_version_is_refused(tmp_path: Any) -> None:
    from channels.app.database import StoreError

    url = f"sqlite:///{tmp_path / 'app.db'}"
    store = Database(url)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("update schema_info set version = 99")
        connection.exec_driver_sql("commit")
    store.close()
    with pytest.raises(StoreError, match="99"):
        Database(url)
