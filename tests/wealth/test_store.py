"""The store keeps figures exact, its migrations match its tables, and its troubles are said honestly."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Float, Numeric

from tests.wealth.ledger_book import Book
from wealth import clock
from wealth.clock import SHANGHAI
from wealth.errors import BadSetting, StoreUnavailable, UnknownCustomer, UnknownProduct
from wealth.store import Store, open_store, schema, writes
from wealth.store.migrate import config, main, migrate
from wealth.store.types import scaled, unscaled

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=SHANGHAI)


def test_migrations_make_exactly_the_tables_and_go_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/er/bank.db"
    migrate(url)
    migrate(url)
    engine = open_store(url).engine
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "wealth_version", "compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    with engine.begin() as connection:
        command.downgrade(config(connection), "base")
    assert set(inspect(engine).get_table_names()) == {"wealth_version"}


def test_no_column_can_hold_a_rounded_number() -> None:
    columns = [column for table in schema.metadata.tables.values() for column in table.columns]
    assert not [column for column in columns if isinstance(column.type, Numeric | Float)]


@pytest.mark.parametrize("value", ["0.01", "-0.01", "99999999999999.99", "0", "123456789.10"])
def test_money_survives_to_the_cent(empty_store: Store, value: str) -> None:
    assert unscaled(scaled(Decimal(value), 2), 2) == Decimal(value)


def test_what_would_be_rounded_is_refused() -> None:
    with pytest.raises(BadSetting, match="小数超过 2 位"):
        scaled(Decimal("0.001"), 2)
    with pytest.raises(BadSetting, match="浮点数"):
        scaled(0.1, 2)  # type: ignore[arg-type]


def test_a_store_without_tables_is_unavailable_not_a_stack_trace(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{tmp_path}/none.db").customer("demo-01")
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{tmp_path}/no/such/folder/none.db").ping()
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{broken}").ping()


@pytest.mark.parametrize("url", ["no url at all", "sqlite://"])
def test_a_url_that_is_none_is_said_in_chinese(url: str) -> None:
    with pytest.raises(BadSetting, match="数据库地址"):
        open_store(url)


def test_the_migrate_command_says_what_happened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", f"sqlite:///{tmp_path}/a.db"]) == 0
    (tmp_path / "b.db").write_bytes(b"this is not a database" * 100)
    assert main(["--url", f"sqlite:///{tmp_path}/b.db"]) == 1
    assert "没有建好" in capsys.readouterr().err


def test_unknown_names_are_their_own_errors(bank_store: Store) -> None:
    for read in (bank_store.customer, bank_store.accounts, bank_store.movements, bank_store.consents):
        with pytest.raises(UnknownCustomer):
            read("nobody")
    with pytest.raises(UnknownProduct):
        bank_store.product("nothing")
    with pytest.raises(UnknownCustomer):
        bank_store.customer("'; DROP TABLE customers; --")


def test_a_failed_write_leaves_nothing_behind(bank_store: Store) -> None:
    customer = Book(bank_store).save()
    with pytest.raises(ZeroDivisionError), bank_store.write() as connection:
        connection.execute(update(schema.customers).where(schema.customers.c.id == customer).values(name="半截"))
        raise ZeroDivisionError
    assert bank_store.customer(customer).name == "测试"


def test_a_price_of_today_is_known_in_the_evening_only(bank_store: Store) -> None:
    today = date(2026, 11, 20)
    for moment, expected in ((NOW, date(2026, 11, 19)), (NOW.replace(hour=20), today), (today, today)):
        found = bank_store.latest_nav("GP001A", moment)
        assert found is not None and found.date == expected


def test_alerts_are_set_replaced_and_removed(bank_store: Store) -> None:
    customer = Book(bank_store).save()
    writes.set_alert(bank_store, customer, "stop_loss", Decimal("0.08"), NOW, product="GP001A")
    again = writes.set_alert(bank_store, customer, "stop_loss", Decimal("0.1"), NOW, product="GP001A")
    overall = writes.set_alert(bank_store, customer, "stop_loss", Decimal("0.2"), NOW)
    assert bank_store.alert_settings(customer) == [again, overall]
    assert writes.remove_alert(bank_store, customer, "stop_loss", "GP001A")
    assert not writes.remove_alert(bank_store, customer, "stop_loss", "GP001A")
    assert bank_store.alert_settings(customer) == [overall]


@pytest.mark.parametrize("threshold", ["0", "-0.1", "11", "NaN"])
def test_an_impossible_alert_is_refused(bank_store: Store, threshold: str) -> None:
    customer = Book(bank_store).save()
    with pytest.raises(BadSetting):
        writes.set_alert(bank_store, customer, "stop_loss", Decimal(threshold), NOW)
    with pytest.raises(BadSetting):
        writes.set_alert(bank_store, customer, "moon", Decimal("0.1"), NOW)
    with pytest.raises(UnknownProduct):
        writes.set_alert(bank_store, customer, "stop_loss", Decimal("0.1"), NOW, product="nothing")
    assert not bank_store.alert_settings(customer)


def test_an_assessment_counts_once_confirmed(bank_store: Store) -> None:
    customer = Book(bank_store).save()
    made = writes.add_assessment(
        bank_store, customer, taken_at=NOW, score=50, rating="C3", answers={"q1": "b"}, questionnaire="v1"
    )
    writes.confirm_assessment(bank_store, made.id, NOW + timedelta(minutes=1))
    writes.confirm_assessment(bank_store, made.id, NOW + timedelta(days=1))
    (kept,) = bank_store.assessments(customer)
    assert (kept.confirmed_at, kept.answers, kept.taken_at) == (NOW + timedelta(minutes=1), {"q1": "b"}, NOW)
    with pytest.raises(BadSetting):
        writes.confirm_assessment(bank_store, 10**9, NOW)


def test_the_latest_consent_counts(bank_store: Store) -> None:
    customer = Book(bank_store).save()
    assert bank_store.consents(customer) == {}
    writes.set_consent(bank_store, customer, "push", True, NOW)
    writes.set_consent(bank_store, customer, "push", False, NOW + timedelta(minutes=1))
    assert bank_store.consents(customer) == {"push": False}


def test_the_audit_trail_refuses_changes(bank_store: Store) -> None:
    writes.append_audit(bank_store, at=NOW, kind="reply", subject="p:1", decision="sent", details={"rule": 1})
    for change in (update(schema.audit).values(decision="x"), delete(schema.audit)):
        with pytest.raises(DBAPIError), bank_store.engine.begin() as connection:
            connection.execute(change)
    with bank_store.read() as connection:
        # Other tests of the session leave rows of their own in the same trail.
        mine = select(schema.audit.c.decision).where(schema.audit.c.subject == "p:1")
        assert connection.execute(mine).scalars().all() == ["sent"]


def test_times_need_a_zone(bank_store: Store) -> None:
    with pytest.raises(Exception, match="时区"):
        writes.append_audit(bank_store, at=datetime(2026, 1, 1), kind="a", subject="b", decision="c")


def test_the_clock_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEIBAN_NOW", "2026-11-20T10:30")
    assert clock.now() == NOW
    monkeypatch.setenv("PEIBAN_NOW", "2026-11-20T02:30+00:00")
    assert clock.now() == NOW and clock.now().tzinfo is SHANGHAI
    monkeypatch.setenv("PEIBAN_NOW", "今天")
    with pytest.raises(BadSetting, match="PEIBAN_NOW"):
        clock.now()


def test_rows_must_point_at_something(bank_store: Store) -> None:
    with pytest.raises(DBAPIError), bank_store.write() as connection:
        connection.execute(insert(schema.navs).values(product="nothing", date=date(2026, 1, 1), nav=Decimal(1)))
