"""批量服务: who gets which words, once, and never past consent, caps, control group or guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from desk_client import API, MORNING
from sqlalchemy import func, select
from starlette.testclient import TestClient

from desk.services import Services
from journeys import outbox
from journeys.engine import Engine
from journeys.store import schema
from wealth.store.writes import set_consent

Browser = Callable[[str], TestClient]
FRAUD = {"where": {"stage": ["start", "simple", "single", "better"]}, "template": "group_anti_fraud"}


def send(client: TestClient, send_id: str = "send-0001", **changes: Any) -> Any:
    return client.post(f"{API}/groups/send", json={**FRAUD, "send_id": send_id, **changes})


def waiting(services: Services) -> int:
    with services.journal.read() as connection:
        query = select(func.count()).where(schema.moments.c.rule == "group_anti_fraud")
        return int(connection.execute(query).scalar() or 0)


def delivered(services: Services) -> list[tuple[str, Any]]:
    """What the engine would put into the customers' apps now."""
    phones: list[tuple[str, Any]] = []

    def deliver(customer: str, message: Mapping[str, Any]) -> bool:
        phones.append((customer, message))
        return True

    engine = Engine(services.journal, services.bank.guard, deliver, lambda key, what: outbox.Outcome(True))
    engine.step(MORNING + timedelta(minutes=1))
    return phones


def test_the_preview_counts_everybody_and_sends_nothing(browser: Browser, services: Services) -> None:
    answer = browser("jl01").post(f"{API}/groups/preview", json=FRAUD)
    found = answer.json()
    assert answer.status_code == 200, answer.text
    assert found["selected"] == found["count"] + sum(found["excluded"].values())
    assert found["samples"] and all("验证码" in one["text"] for one in found["samples"])
    assert set(found["reasons"]) == set(found["excluded"]) and waiting(services) == 0


def test_sent_once_however_often_and_at_once(browser: Browser, services: Services) -> None:
    signed_in = browser("jl01")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(signed_in), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    counts = {answer.json()["queued"] for answer in answers}
    assert counts == {waiting(services)} and waiting(services) > 0
    assert send(signed_in, template="group_checkup").status_code == 409
    assert send(browser("hz01")).status_code == 409
    # Under another id the same words wait for their cooldown.
    again = send(signed_in, "send-0002").json()
    assert again["queued"] == 0 and again["excluded"]["cooldown"] > 0


def test_it_goes_out_by_the_engine_and_its_own_look_at_consent(browser: Browser, services: Services) -> None:
    signed_in = browser("jl01")
    queued = send(signed_in).json()["queued"]
    with services.journal.read() as connection:
        customers = list(connection.execute(select(schema.moments.c.customer)).scalars())
    # Who says no after it was queued gets nothing.
    set_consent(services.bank.store, customers[0], "push", False, MORNING)
    reached = [who for who, message in delivered(services) if "验证码" in str(message["reply"]["sentences"])]
    table = schema.moments
    with services.journal.read() as connection:
        query = select(table).where(table.c.rule == "group_anti_fraud")
        ends = {row.customer: (row.state, row.reason) for row in connection.execute(query)}
    assert ends[customers[0]] == ("dropped", "no_consent")
    # Where several matters are due the most important go first, in one message; the others wait.
    told = [customer for customer, (state, _) in ends.items() if state in ("sent", "merged")]
    assert sorted(reached) == sorted(told) and len(told) >= queued - 2
    (shown,) = signed_in.get(f"{API}/groups/sends").json()["sends"]
    assert sum(shown["states"].values()) == queued and shown["states"]["dropped"] == 1


def test_only_one_s_own_customers(browser: Browser, services: Services) -> None:
    counts = {
        a: browser(a).post(f"{API}/groups/preview", json=FRAUD).json()["selected"] for a in ("jl01", "hz01", "zh01")
    }
    assert 0 < counts["jl01"] < counts["hz01"] < counts["zh01"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"where": {}}, "nobody"),
        ({"where": {"stage": "nothing"}}, "nobody"),
        ({"where": {"' OR 1=1": "x"}}, "nobody"),
        ({"template": "large_out"}, "no_template"),
        ({"template": "group_salon"}, "bad_value"),
        ({"template": "group_salon", "values": {"day": "2026-11-01", "topic_name": "防范电信诈骗"}}, "bad_value"),
        ({"template": "group_salon", "values": {"day": "2026-11-28", "topic_name": "稳赚不赔"}}, "bad_value"),
        ({"values": {"day": "2026-11-28"}}, "bad_value"),
        ({"where": "stage"}, "invalid"),
        ({"where": {"stage": {}}}, "invalid"),
        ({"send_id": "x"}, "invalid"),
    ],
)
def test_what_makes_no_sense_reaches_nobody(
    browser: Browser, services: Services, changes: dict[str, Any], code: str
) -> None:
    answer = send(browser("jl01"), **{"send_id": "send-0001", **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert waiting(services) == 0
