"""The robot channel over a real server: who may speak, what comes out, and that nothing of a visit stays."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from lobby_client import LobbyServer

from channels import schema, signing
from channels.app.settings import SettingsError
from channels.robot import keys


def text_of(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)


def test_a_public_question_is_answered_with_words_to_say_and_to_show(lobby_server: LobbyServer) -> None:
    status, answer = lobby_server.say("什么是七日年化", "v-public", "m1")
    assert status == 200
    assert answer["message_id"] == "m1"
    assert answer["spoken"][0].startswith("七日年化是")
    assert answer["protected"] == ["过往业绩不代表其未来表现。"]
    assert answer["spoken"][-1] == answer["protected"][0]
    for message in answer["messages"]:
        schema.check(message)
    sender, text, metadata = lobby_server.turns()[-1]
    assert (sender, text) == ("robot:demo:v-public", "什么是七日年化")
    assert metadata["channel"] == "robot" and metadata["customer"] is None
    assert (metadata["device"], metadata["visit"]) == ("demo", "v-public")


def test_a_balance_is_neither_said_nor_shown_but_offered_on_the_phone(lobby_server: LobbyServer) -> None:
    status, answer = lobby_server.say("我有多少钱", "v-balance", "m1")
    assert status == 200
    assert answer["personal"] is True
    assert answer["spoken"] == ["这涉及您的个人信息，请扫码在手机上查看。"]
    assert "128" not in text_of(answer["messages"][0]) and "十二万" not in text_of(answer)
    qr = next(message for message in answer["messages"] if message["type"] == "qr")
    schema.check(qr)
    assert qr["url"].startswith(lobby_server.url + "/?bind=")


@pytest.mark.parametrize("words,leak", [("漏标", "23,456"), ("漏号", "138"), ("漏名", "张小明")])
def test_what_a_skill_forgot_to_mark_stops_at_the_second_wall(lobby_server: LobbyServer, words: str, leak: str) -> None:
    _, answer = lobby_server.say(words, f"v-{leak.encode().hex()}", "m1")
    assert leak not in text_of({key: answer[key] for key in ("spoken", "messages")})
    assert answer["spoken"]


def test_the_same_message_twice_is_worked_on_once(lobby_server: LobbyServer) -> None:
    first = lobby_server.say("什么是净值", "v-twice", "m1")
    turns = len(lobby_server.turns())
    assert lobby_server.say("什么是净值", "v-twice", "m1") == first
    assert len(lobby_server.turns()) == turns
    status, problem = lobby_server.say("别的话", "v-twice", "m1")
    assert (status, problem["code"]) == (409, "message_id_reused")


def test_the_end_of_a_visit_wipes_it_and_its_codes(lobby_server: LobbyServer) -> None:
    _, answer = lobby_server.say("我的余额", "v-wiped", "m1")
    assert any(message["type"] == "qr" for message in answer["messages"])
    assert lobby_server.call("DELETE", "/webhooks/robot/visits/v-wiped")[0] == 204
    assert lobby_server.turns()[-1][:2] == ["robot:demo:v-wiped", "DELETED"]
    import sqlite3

    with sqlite3.connect(lobby_server.folder / "app.db") as store:
        left = store.execute("select state, question from bindings where visit = 'v-wiped'").fetchall()
    assert left and all(row == ("revoked", None) for row in left)
    # Twice, and of a visit that never was: nothing to complain about.
    assert lobby_server.call("DELETE", "/webhooks/robot/visits/v-wiped")[0] == 204


def test_a_failing_turn_gets_a_sentence_and_a_retry_is_possible(lobby_server: LobbyServer) -> None:
    status, answer = lobby_server.say("出错", "v-fail", "m1")
    assert status == 200 and "没能处理好" in answer["spoken"][0]


@pytest.mark.parametrize(
    "key,code",
    [(None, "token_missing"), ("demo.wrong", "token_invalid"), ("other.x", "token_invalid"), ("…", "token_invalid")],
)
def test_without_a_valid_key_nobody_speaks(lobby_server: LobbyServer, key: str | None, code: str) -> None:
    if key == "…":
        key = "demo"
    status, problem = lobby_server.say("你好", "v-key", "m1", key=key)
    assert (status, problem["code"]) == (401, code)


@pytest.mark.parametrize(
    "raw,status,code",
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b'{"message_id":"a","visit":"v","text":"\\ud800"}', 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b'{"message_id":"a","visit":"v"}', 422, "invalid"),
        (b'{"message_id":"a","visit":"v","text":7}', 422, "invalid"),
        (b'{"message_id":"a b","visit":"v","text":"x"}', 422, "invalid"),
        (b'{"message_id":"a","visit":"v","text":"x","customer":"c1"}', 422, "invalid"),
        (b'{"message_id":"a","visit":"v","text":"   "}', 422, "empty_message"),
        (json.dumps({"message_id": "a", "visit": "v", "text": "长" * 1500}).encode(), 413, "too_large"),
    ],
)
def test_bad_requests_get_a_code_and_a_chinese_sentence(
    lobby_server: LobbyServer, raw: bytes, status: int, code: str
) -> None:
    got, problem = lobby_server.call("POST", "/webhooks/robot/messages", raw=raw)
    assert (got, problem["code"]) == (status, code)
    assert problem["detail"]


def test_the_fleet_view_is_for_the_bank_only(lobby_server: LobbyServer) -> None:
    report = {"parts": {"microphone": "ok", "speaker": "failing"}, "metrics": {"turns": 3}}
    assert lobby_server.call("PUT", "/webhooks/robot/health", report)[0] == 204
    assert lobby_server.call("GET", "/webhooks/robot/fleet")[0] == 401
    service_key = (lobby_server.folder / "demo-keys" / "peiban_service_key").read_text()
    import urllib.request

    headers = signing.headers(service_key, "GET", "/webhooks/robot/fleet")
    request = urllib.request.Request(lobby_server.url + "/webhooks/robot/fleet", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as response:
        robot = json.load(response)["robots"][0]
    assert (robot["device"], robot["state"]) == ("demo", "degraded")


async def test_the_socket_answers_frames_and_survives_garbage(lobby_server: LobbyServer) -> None:
    headers = {keys.HEADER: lobby_server.key}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.ws_connect(lobby_server.url + "/webhooks/robot/socket") as socket:
            slow = {"type": "say", "n": 1, "message_id": "s1", "visit": "v-socket", "text": "慢慢想"}
            await socket.send_json(slow)
            await socket.send_str("no json")
            await socket.send_bytes(b"\xff\xfe")
            await socket.send_json({"type": "say", "n": 2})
            await socket.send_json({"type": "ping", "n": 3})
            got = [json.loads((await asyncio.wait_for(socket.receive(), 10)).data) for _ in range(5)]
            kinds = sorted((frame["type"], frame.get("n")) for frame in got if frame.get("n"))
            assert kinds == [("answer", 1), ("pong", 3), ("problem", 2)]
            # The slow answer did not hold up the others.
            assert got[-1]["n"] == 1 and got[-1]["answer"]["spoken"] == ["想好了。"]
        async with session.ws_connect(lobby_server.url + "/webhooks/robot/socket") as socket:
            await socket.send_json({**slow, "n": 9})
            again = json.loads((await asyncio.wait_for(socket.receive(), 10)).data)
            assert again["answer"] == got[-1]["answer"]
    assert [turn[1] for turn in lobby_server.turns()].count("慢慢想") == 1


async def test_the_socket_closes_on_a_wrong_key(lobby_server: LobbyServer) -> None:
    async with (
        aiohttp.ClientSession(headers={keys.HEADER: "demo.no"}) as session,
        session.ws_connect(lobby_server.url + "/webhooks/robot/socket") as socket,
    ):
        message = await asyncio.wait_for(socket.receive(), 10)
        assert message.type == aiohttp.WSMsgType.CLOSE and message.data == 4401


def test_keys_are_rotated_with_an_overlap_and_revoked_at_once(tmp_path: Path) -> None:
    from channels.problems import Problem
    from channels.robot.settings import RobotSettings

    file = tmp_path / "robot-keys.json"
    settings = RobotSettings.from_env({"PEIBAN_VAR": str(tmp_path), "PEIBAN_MODE": "demo"})
    checker = keys.DeviceKeys(settings)
    first = keys.add(file, "lobby-01")
    assert checker.device(first) == "lobby-01"
    assert first.split(".")[1] not in file.read_text()
    second = keys.rotate(file, "lobby-01")
    assert checker.device(first) == checker.device(second) == "lobby-01"
    keys.rotate(file, "lobby-01", overlap_seconds=-1)
    with pytest.raises(Problem, match="token_revoked"):
        checker.device(second)
    third = keys.add(file, "lobby-02")
    keys.revoke(file, "lobby-02")
    with pytest.raises(Problem, match="token_revoked"):
        checker.device(third)
    with pytest.raises(SettingsError, match="没有设备"):
        keys.rotate(file, "nobody")
    file.write_text("{")
    with pytest.raises(SettingsError, match="内容不对"):
        checker.device(third)


def test_the_demo_key_opens_nothing_in_production(tmp_path: Path) -> None:
    from channels.problems import Problem
    from channels.robot.settings import RobotSettings

    demo = RobotSettings.from_env({"PEIBAN_VAR": str(tmp_path), "PEIBAN_MODE": "demo"})
    keys.DeviceKeys(demo)
    strong = {f"PEIBAN_{name}": f"x9-{name}-Kq7vT2mWz8Lr4bYc6NhJ3pFd" for name in ("SERVICE_KEY", "BANK_EVENTS_KEY")}
    production = RobotSettings.from_env(
        {
            "PEIBAN_VAR": str(tmp_path),
            "PEIBAN_MODE": "production",
            "PEIBAN_JWT_SECRET": "q8-Zt5Vn2Xc7Lm4Rk9Bw3Hs6Jd1Pf0Gy-real",
            "PEIBAN_JWT_AUDIENCE": "a",
            "PEIBAN_JWT_ISSUER": "b",
            **strong,
        }
    )
    with pytest.raises(Problem, match="token_invalid"):
        keys.DeviceKeys(production).device("demo." + keys.demo_device_secret(tmp_path))


def test_answers_have_the_described_shape(lobby_server: LobbyServer) -> None:
    import jsonschema
    import yaml
    from lobby_client import ROOT

    document = yaml.safe_load((ROOT / "docs" / "openapi.robot.yaml").read_text(encoding="utf-8"))
    shape = document["components"]["schemas"]["RobotAnswer"]
    for number, text in enumerate(["什么是净值", "我有多少钱", "带我去理财室"]):
        status, answer = lobby_server.say(text, "v-shape", f"m{number}")
        assert status == 200
        jsonschema.validate(answer, shape)
    methods = {(path, method) for path, item in document["paths"].items() for method in item}
    for path, method in methods:
        status, _ = lobby_server.call(
            method.upper(), path.replace("{visit}", "v-shape").replace("{code}", "x"), {}, key=None
        )
        assert status == 401, (path, method)
