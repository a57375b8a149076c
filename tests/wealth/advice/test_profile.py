"""What of a customer shifts the reading of close questions, and what must not get there."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from wealth.advice.profile import profile_of
from wealth.advice.stage import ladder
from wealth.classes import CLASSES
from wealth.clock import SHANGHAI
from wealth.errors import UnknownCustomer
from wealth.store import Store

EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)


def test_a_customer_has_a_stage_and_holdings_and_no_amounts(bank_store: Store) -> None:
    found = profile_of(bank_store, "demo-02", EVENING)
    assert set(found) == {"day", "stage", "holds", "market_day"} and found["day"] == "2026-11-20"
    assert found["stage"] in {stage.id for stage in ladder()}
    assert found["holds"] and set(found["holds"]) <= set(CLASSES)
    assert found["market_day"] in ("up", "down", "flat")
    assert json.loads(json.dumps(found)) == found


def test_of_a_visitor_only_the_market_is_known(bank_store: Store) -> None:
    assert set(profile_of(bank_store, None, EVENING)) == {"day", "market_day"}


def test_without_market_rows_there_is_no_market_day(empty_store: Store) -> None:
    assert set(profile_of(empty_store, None, EVENING)) == {"day"}


def test_an_unknown_customer_is_named_as_such(bank_store: Store) -> None:
    with pytest.raises(UnknownCustomer):
        profile_of(bank_store, "nobody", EVENING)
