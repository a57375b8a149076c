"""The way to the action server: a connection that breaks costs a customer nothing; an error of the action is one."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable

import pytest
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from server import action_endpoint
from server.action_endpoint import LAST_EVENTS, SmallPosts

ANSWER = {"events": [], "responses": [{"text": "好"}]}
Way = Callable[[asyncio.StreamWriter], None]


def reset(writer: asyncio.StreamWriter) -> None:
    """As when the other side's process dies with the request unread."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


def reply(status: int, body: object) -> Way:
    def write(writer: asyncio.StreamWriter) -> None:
        content = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        writer.write(head.encode() + content)

    return write


class Played:
    """An action server that treats each post in the next of the given ways, and keeps what it was sent."""

    def __init__(self, *ways: Way) -> None:
        self._ways = list(ways)
        self.posts: list[dict[str, object]] = []

    async def __aenter__(self) -> SmallPosts:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self._posts = SmallPosts(EndpointConfig(f"http://127.0.0.1:{port}/webhook"))
        return self._posts

    async def __aexit__(self, *_: object) -> None:
        await self._posts.close()
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self._ways:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.split("content-length:")[1].split("\r\n")[0])
                self.posts.append(json.loads(await reader.readexactly(length)))
                self._ways.pop(0)(writer)
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_endpoint, "RETRY_AFTER_S", (0.0, 0.0))


@pytest.mark.parametrize("broken", [reset, hang_up])
async def test_a_connection_that_breaks_is_made_anew(broken: Way) -> None:
    played = Played(reply(200, ANSWER), broken, reply(200, ANSWER))
    async with played as posts:
        assert await posts.request(json={"next_action": "a"}) == ANSWER
        assert await posts.request(json={"next_action": "b"}) == ANSWER
    assert [post["next_action"] for post in played.posts] == ["a", "b", "b"]


async def test_a_server_that_stays_away_is_an_error_in_the_end() -> None:
    async with Played(reset, reset, reset) as posts:
        with pytest.raises(OSError):
            await posts.request(json={"next_action": "a"})


async def test_an_error_of_the_action_is_not_tried_again() -> None:
    played = Played(reply(500, {"error": "x"}))
    async with played as posts:
        with pytest.raises(ClientResponseError):
            await posts.request(json={"next_action": "a"})
    assert len(played.posts) == 1


async def test_only_the_last_events_travel() -> None:
    played = Played(reply(200, ANSWER))
    async with played as posts:
        events = [{"event": "user", "text": str(number)} for number in range(300)]
        await posts.request(json={"tracker": {"events": events, "slots": {"topic": 1}}})
    (post,) = played.posts
    assert post["tracker"] == {"events": events[-LAST_EVENTS:], "slots": {"topic": 1}}
