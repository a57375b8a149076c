"""Product names: fetched by device key, kept on disk, and put in place of what only sounds like them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lobby_client import LobbyServer

from robot.client import Client, ServerUnavailable
from robot.products import Products
from robot.settings import Server
from zhtext.correct import correct

NAMES = {"products": [{"code": "YF0021", "name": "云帆稳利一号", "aliases": ["稳利一号"]}]}


def away() -> dict[str, Any]:
    raise ServerUnavailable("network")


def test_names_survive_a_restart_without_the_server(tmp_path: Path) -> None:
    first = Products(tmp_path / "robot" / "products.json")
    first.load()
    assert first.catalogue is None and first.refresh(lambda: NAMES)
    again = Products(tmp_path / "robot" / "products.json")
    again.load()
    assert not again.refresh(away)
    assert correct("介绍一下云翻稳力一号", again.catalogue)[0] == "介绍一下云帆稳利一号"
    assert correct("介绍一下云翻稳力一号", None)[0] != "介绍一下云帆稳利一号"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"products": [{}]}', '{"products": 5}'])
def test_a_damaged_file_is_no_trouble(tmp_path: Path, content: str) -> None:
    file = tmp_path / "products.json"
    file.write_text(content, encoding="utf-8")
    products = Products(file)
    products.load()
    assert products.catalogue is None and products.refresh(lambda: NAMES)


@pytest.mark.parametrize("found", [{}, {"products": None}, {"products": [1]}, {"products": [{"code": "A"}]}, []])
def test_nonsense_from_the_server_leaves_the_old_names(tmp_path: Path, found: Any) -> None:
    products = Products(tmp_path / "products.json")
    products.refresh(lambda: NAMES)
    assert not products.refresh(lambda: found)
    assert products.catalogue is not None and len(products.catalogue) == 1


def test_a_disk_that_cannot_be_written_costs_the_memory_of_a_restart_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    products = Products(tmp_path / "file" / "products.json")
    assert products.refresh(lambda: NAMES) and products.catalogue is not None


def test_the_server_gives_them_to_its_devices_alone(lobby_server: LobbyServer) -> None:
    file = lobby_server.folder / "catalogue.csv"
    file.unlink(missing_ok=True)
    path = "/webhooks/robot/catalogue"
    assert lobby_server.call("GET", path)[0] == 503
    file.write_text("code,name,aliases\nYF0021,云帆稳利一号,稳利一号|云帆一号\nYF0022,无别名,\n", encoding="utf-8")
    assert lobby_server.call("GET", path, key=None)[0] == 401
    assert lobby_server.call("GET", path, key="demo.wrong")[0] == 401
    client = Client(Server(url=lobby_server.url), lobby_server.key)
    client.start(lasting=False)
    found = client.products()
    client.stop()
    assert found["products"][0]["aliases"] == ["稳利一号", "云帆一号"] and found["products"][1]["aliases"] == []
