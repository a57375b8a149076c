"""The stream: resume, several devices, the end of a token, a killed server, a client that does not read."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from app_client import Phone, Server, signed, wait_for

from channels.app.clock import from_unix


def test_all_devices_see_everything_in_one_order(phone: Phone) -> None:
    tablet = Phone(phone.server, phone.customer)
    with phone.stream() as first, tablet.stream() as second:
        assert first.next()[0] == second.next()[0] == "ready"
        phone.say("你好", "p1")
        tablet.say("再见", "t1")
        seen = [[(data["seq"], data["id"]) for _, data, _ in events.messages(6)] for events in (first, second)]
    assert seen[0] == seen[1] and [seq for seq, _ in seen[0]] == [1, 2, 3, 4, 5, 6]


def test_a_broken_line_resumes_where_it_was(phone: Phone) -> None:
    with phone.stream() as events:
        phone.say("一", "r1")
        cursor = events.messages(2)[-1][2]
    phone.say("二", "r2")
    with phone.stream(cursor) as events:
        assert [data["seq"] for _, data, _ in events.messages(4)] == [3, 4, 5, 6]
    # The same by query, for clients that can't set the header.
    assert phone.history()["cursor"].endswith(".6")
    answer = phone.get("/stream", params={"after": cursor}, stream=True)
    assert answer.status_code == 200
    answer.close()


def test_typing_read_and_settings_reach_the_other_device(phone: Phone) -> None:
    tablet = Phone(phone.server, phone.customer)
    with tablet.stream() as events:
        events.next("ready")
        phone.say("慢", "t")
        assert events.next("typing")[1] == {"on": True, "origin": "assistant"}
        assert events.next("typing")[1]["on"] is False
        phone.post("/read", {"seq": 2})
        assert events.next("read")[1] == {"read_seq": 2}
        phone.request("PUT", "/preferences", json={"personalised": False})
        events.next("preferences")


@pytest.mark.parametrize("cursor", ["x", "a.b", "a.1.2", "é.1", "x.99999999999999999999"])
def test_a_cursor_that_is_none_is_refused(phone: Phone, cursor: str) -> None:
    answer = phone.get("/stream", headers={"Last-Event-ID": cursor.encode()}, stream=True)
    assert answer.status_code == 400 and answer.json()["code"] == "bad_parameter"


def test_a_cursor_of_another_log_starts_anew(phone: Phone) -> None:
    phone.say("你好", "n1")
    with phone.stream("gone.40") as events:
        assert events.next("reset")[1]["cursor"].endswith(".0")
        assert [data["seq"] for _, data, _ in events.messages(3)] == [1, 2, 3]


def test_the_stream_ends_with_its_token(server: Server) -> None:
    phone = Phone(server, exp=int(time.time()) - 28)  # 30 seconds of skew are allowed
    with phone.stream() as events:
        assert events.next("bye")[1] == {"reason": "token_expired"}
        assert events.next()[0] == "end"
    assert phone.get("/history").json()["code"] == "token_expired"


def test_a_revoked_token_is_out_at_once_everywhere(server: Server) -> None:
    phone = Phone(server, jti="lost-phone")
    with phone.stream() as events:
        events.next("ready")
        body = {"jti": "lost-phone", "expires_at": from_unix(time.time() + 600)}
        answer = signed(server, "PEIBAN_SERVICE_KEY", "POST", "/internal/revocations", body)
        assert answer.json() == {"accepted": True, "duplicate": False}
        assert events.next("bye")[1] == {"reason": "token_revoked"}
    assert phone.get("/history").json()["code"] == "token_revoked"


def test_too_many_devices_replace_the_oldest(phone: Phone) -> None:
    with phone.stream() as oldest:
        oldest.next("ready")
        others = [phone.get("/stream", stream=True) for _ in range(5)]
        assert oldest.next("bye")[1] == {"reason": "replaced"}
        for other in others:
            other.close()


def test_a_killed_server_loses_and_doubles_nothing(impatient: Server) -> None:
    phone, thief = Phone(impatient), Phone(impatient, jti="stolen")
    body = {"jti": "stolen", "expires_at": from_unix(time.time() + 600)}
    signed(impatient, "PEIBAN_SERVICE_KEY", "POST", "/internal/revocations", body)
    with phone.stream() as events:
        phone.say("一", "k1")
        cursor = events.messages(3)[-1][2]
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(lambda: phone.post("/messages", {"message_id": "k2", "text": "慢 二"}))
        wait_for(lambda: any(turn[1] == "慢 二" for turn in impatient.turns()))
        impatient.kill()
        with pytest.raises(requests.ConnectionError):
            sent.result()
    impatient.start()
    with phone.stream(cursor) as events:
        resumed = [data["id"] for _, data, _ in events.messages(3)]
    assert resumed == ["k2", "k2.0", "k2.1"]
    # The phone does not know that it arrived and sends it again.
    again = phone.say("慢 二", "k2")
    assert [message["id"] for message in again["messages"]] == ["k2.0", "k2.1"]
    messages = phone.history()["messages"]
    assert [message["id"] for message in messages] == ["k1", "k1.0", "k1.1", "k2", "k2.0", "k2.1"]
    assert [message["seq"] for message in messages] == [1, 2, 3, 4, 5, 6]
    # What was revoked stays so.
    wait_for(lambda: thief.get("/history").json().get("code") == "token_revoked")


def test_an_orderly_stop_says_bye_and_loses_nothing(impatient: Server) -> None:
    phone = Phone(impatient)
    with phone.stream() as events, ThreadPoolExecutor(1) as pool:
        events.next("ready")
        sent = pool.submit(lambda: phone.post("/messages", {"message_id": "b1", "text": "慢"}))
        wait_for(lambda: any(turn[0] == f"app:{phone.customer}" for turn in impatient.turns()))
        impatient.stop()
        assert events.next("bye")[1] == {"reason": "restart"}
        assert sent.exception() is not None or sent.result().status_code in (202, 503)
    impatient.start()
    wait_for(lambda: len(phone.history()["messages"]) == 3)


def test_while_the_model_loads_messages_wait(impatient: Server) -> None:
    phone = Phone(impatient)
    impatient.not_ready.touch()
    assert phone.say("你好", "early")["status"] == "pending"
    impatient.not_ready.unlink()
    wait_for(lambda: phone.say("你好", "early")["status"] == "answered")
    assert len([turn for turn in impatient.turns() if turn[0] == f"app:{phone.customer}"]) == 1


def test_a_slow_answer_comes_later_and_to_a_repeat(impatient: Server) -> None:
    phone = Phone(impatient)
    with phone.stream() as events:
        answer = phone.post("/messages", {"message_id": "s", "text": "慢慢说我的钱"})
        assert answer.status_code == 202 and answer.json()["status"] == "pending"
        assert events.next("message")[1]["origin"] == "customer"
        assert events.next("message")[1]["reply_to"] == "s"
    assert phone.say("慢慢说我的钱", "s")["messages"]


def test_a_client_that_does_not_read_costs_nothing(impatient: Server) -> None:
    phone = Phone(impatient)
    deaf = socket.create_connection(("127.0.0.1", impatient.port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    head = f"GET /webhooks/app/stream?after=x.0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {phone.token}\r\n\r\n"
    deaf.sendall(head.encode())
    for number in range(25):
        # Each stored message is sent back on the stream: more than the buffers between us hold.
        assert phone.say("长" * 9_900, f"big-{number}")["messages"]
    with phone.stream() as events:
        events.next("ready")
        phone.say("你好", "other")
        assert events.next("message")[1]["id"] == "other"
    deaf.close()
