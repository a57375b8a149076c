"""What a manager entered is passed on where it belongs, word for word and with its source; nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from actions.managers import with_last_contact
from journeys.leads.results import Result, record
from journeys.store import Journal
from journeys.store.migrate import migrate
from wealth.adviser import Adviser
from wealth.bank import Bank
from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build
from wealth.knowledge.base import KnowledgeBase
from wealth.request import Request
from wealth.rules.guard import Guard
from wealth.store import open_store
from wealth.store.migrate import migrate as migrate_bank

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
CUSTOMER = "demo-04"
SAID = "上次您的客户经理在11月19日联系过您：孩子明年上学，想留出一笔。"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Any:
    url = f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}"
    migrate_bank(url)
    store = open_store(url)
    build(store, Parameters(1, NOW.date(), 1849), lambda line: None)
    assert_nothing_said(url)
    migrate(url)
    with store.write() as connection:
        lead = (
            "INSERT INTO journey_leads (id, kind, customer, subject, branch, priority, reason, evidence, talk,"
            " created_at, expires_at, state)"
            " VALUES ('l1', 'broken_off', :c, 's', 'b', 1, '', '[]', '[]', :n, :n, 'open')"
        )
        connection.execute(text(lead), {"c": CUSTOMER, "n": "2026-11-19 00:00:00.000000"})
    result = Result("r1", "l1", "m1", "contacted", "孩子明年上学，想留出一笔。")
    assert record(Journal(store), result, NOW - timedelta(days=1))
    yield Adviser(Bank(store=store, guard=Guard.load(store), knowledge=KnowledgeBase.load()))
    store.engine.dispose()


def assert_nothing_said(url: str) -> None:
    """A bank without the tables of journeys answers all the same."""
    store = open_store(url)
    assert "manager_said" not in with_last_contact(store, "chitchat", ask("你好")).context
    store.engine.dispose()


def ask(words: str, **changes: Any) -> Request:
    return replace(Request(CUSTOMER, "app", words, NOW), **changes)


def answered(adviser: Adviser, skill: str, request: Request) -> Any:
    return adviser.answer(skill, with_last_contact(adviser.bank.store, skill, request))


@pytest.mark.parametrize(
    ("skill", "words"), [("chitchat", "你好"), ("wealth_checkup", "体检"), ("product_recommend", "推荐点稳健的")]
)
def test_it_is_passed_on_with_its_source(bank: Adviser, skill: str, words: str) -> None:
    reply = answered(bank, skill, ask(words))
    assert list(reply.sentences).count(SAID) == 1
    assert "result:r1" in [source.id for source in reply.sources] and reply.privacy == "personal"
    assert all(SAID not in line for line in reply.spoken)


@pytest.mark.parametrize(
    ("skill", "request_"),
    [
        ("asset_overview", ask("我有多少钱")),
        ("chitchat", ask("谢谢")),
        ("chitchat", ask("你好", customer="demo-03")),
        ("chitchat", ask("你好", customer=None, channel="robot")),
        ("wealth_checkup", ask("体检", channel="robot")),
        ("chitchat", ask("你好", now=NOW + timedelta(days=120))),
        ("chitchat", ask("你好", now=NOW - timedelta(days=2))),
    ],
)
def test_it_stays_unsaid_elsewhere(bank: Adviser, skill: str, request_: Request) -> None:
    reply = answered(bank, skill, request_)
    assert not any("客户经理在" in line for line in reply.sentences)
