"""Saying something and getting the answer: once, in order, and with errors a client can act on."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from app_client import Phone, Server, token

from channels import schema


def test_an_answer_is_a_list_of_valid_messages(phone: Phone) -> None:
    answer = phone.say("我有多少钱", "m1")
    assert [message["type"] for message in answer["messages"]] == [
        "text",
        "product",
        "source",
        "disclosure",
        "quick_replies",
    ]
    for message in answer["messages"]:
        schema.check(message)
        assert message["reply_to"] == "m1"
    assert answer["messages"][2]["text"] == "数据截至 2026年3月2日 15:00"


def test_a_repeat_gets_the_stored_answer_and_no_second_turn(server: Server, phone: Phone) -> None:
    first = phone.say("我有多少钱", "same")
    assert phone.say("我有多少钱", "same") == first
    assert len([turn for turn in server.turns() if turn[0] == f"app:{phone.customer}"]) == 1


def test_concurrent_repeats_wait_for_the_one_answer(server: Server, phone: Phone) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: phone.say("慢一点说我的钱", "once"), range(6)))
    assert all(answer == answers[0] and answer["messages"] for answer in answers)
    assert len([turn for turn in server.turns() if turn[0] == f"app:{phone.customer}"]) == 1


def test_messages_of_one_customer_are_answered_in_order(server: Server, phone: Phone) -> None:
    threads = []
    started = threading.Semaphore(0)
    for number in range(5):

        def send(number: int = number) -> None:
            started.release()
            phone.say(f"慢 第{number}句", f"order-{number}")

        thread = threading.Thread(target=send)
        thread.start()
        started.acquire()
        while not any(m["id"] == f"order-{number}" for m in phone.history()["messages"]):
            pass
        threads.append(thread)
    for thread in threads:
        thread.join()
    texts = [turn[1] for turn in server.turns() if turn[0] == f"app:{phone.customer}"]
    assert texts == [f"慢 第{number}句" for number in range(5)]
    answers = [m["reply_to"] for m in phone.history()["messages"] if m["type"] == "text" and "reply_to" in m]
    assert answers == [f"order-{number}" for number in range(5)]


def test_the_sender_is_the_claim_and_the_metadata_is_complete(server: Server, phone: Phone) -> None:
    body = {"message_id": "x", "text": "你好", "sender": "app:demo-01"}
    assert phone.post("/messages", body).json()["code"] == "invalid"
    phone.say("你好", "y")
    sender, text, metadata = next(turn for turn in server.turns() if turn[0] == f"app:{phone.customer}")
    assert (sender, text) == (f"app:{phone.customer}", "你好")
    # The desk's state is there once a desk has reported; test_app_handoff looks at it.
    metadata.pop("desk", None)
    assert metadata == {
        "channel": "app",
        "customer": phone.customer,
        "device": None,
        "visit": None,
        "personalised": True,
        "message_id": "y",
        "payload": {},
    }


def test_a_typed_slash_is_no_order_to_the_engine(server: Server, phone: Phone) -> None:
    phone.say("/restart", "slash")
    assert [turn[1] for turn in server.turns() if turn[0] == f"app:{phone.customer}"] == ["／restart"]
    assert phone.history()["messages"][0]["text"] == "/restart"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"message_id": "e", "text": ""}, 422, "empty_message"),
        ({"message_id": "e", "text": " \n\u0000 "}, 422, "empty_message"),
        ({"message_id": "e", "text": "长" * 10_001}, 413, "too_large"),
        ({"message_id": "e", "text": "长" * 300_000}, 413, "too_large"),
        ({"message_id": "e"}, 422, "invalid"),
        ({"message_id": 7, "text": "你好"}, 422, "invalid"),
        ({"message_id": "a b", "text": "你好"}, 422, "invalid"),
        ({"message_id": "e", "text": ["你好"]}, 422, "invalid"),
        ({"message_id": "e", "text": "你好", "payload": {"source": "shell"}}, 422, "invalid"),
        ([], 422, "invalid"),
        (None, 415, "wrong_media_type"),
    ],
)
def test_bad_messages_get_a_clear_problem(phone: Phone, body: object, status: int, code: str) -> None:
    answer = phone.post("/messages", body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["detail"] and problem["detail"][0] >= "\u4e00"
    assert phone.history()["messages"] == []


@pytest.mark.parametrize(
    "content", [b"{", b'"\\ud800"', b'{"message_id":"a","text":"\\ud800"}', b"\xff", b"[" * 50_000, b"9" * 9000]
)
def test_bytes_that_are_no_json_are_refused(phone: Phone, content: bytes) -> None:
    answer = phone.request("POST", "/messages", data=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["code"] == "bad_json"


def test_ten_thousand_characters_and_emoji_are_fine(phone: Phone) -> None:
    assert phone.say("长" * 10_000)["messages"]
    assert "👨‍👩‍👧" in phone.say("👨‍👩‍👧🎉")["messages"][0]["text"]


def test_the_same_id_with_other_words_is_a_conflict(phone: Phone) -> None:
    phone.say("你好", "reused")
    answer = phone.post("/messages", {"message_id": "reused", "text": "再见"})
    assert (answer.status_code, answer.json()["code"]) == (409, "message_id_reused")


@pytest.mark.parametrize(("text", "said"), [("坏", "没有通过检查"), ("错", "刚才没能处理好"), ("静", "刚才没能处理好")])
def test_a_failed_turn_is_said_and_shows_nothing_half(phone: Phone, text: str, said: str) -> None:
    messages = phone.say(text)["messages"]
    assert len(messages) == 1 and said in messages[0]["text"]


def test_opening_greets_without_words_of_the_customer(server: Server, phone: Phone) -> None:
    body = {"message_id": "open", "text": "", "payload": {"source": "open"}}
    answer = phone.post("/messages", body).json()
    assert "你好" in answer["messages"][0]["text"]
    assert [message["origin"] for message in phone.history()["messages"]] == ["assistant", "assistant"]


def test_rates_are_limited_per_customer_with_a_time_to_wait(phone: Phone) -> None:
    answers = [phone.post("/messages", {"message_id": uuid.uuid4().hex, "text": ""}) for _ in range(32)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and int(refused[0].headers["Retry-After"]) >= 1
    assert refused[0].json()["retry_after"] >= 1
    assert Phone(phone.server).say("你好")["messages"]


def test_guessing_tokens_is_limited_per_address(server: Server) -> None:
    phone = Phone(server)
    phone.headers["Authorization"] = "Bearer " + token("x")[:-3] + "abc"
    codes = [phone.get("/history").status_code for _ in range(32)]
    assert codes[0] == 401 and codes[-1] == 429
