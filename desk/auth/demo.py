"""Demo accounts over the demo bank's real branches and managers; in demo mode only."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from desk import tables
from desk.auth import accounts
from desk.auth.accounts import Account
from desk.wording import data
from wealth.store import Store, schema


def write(connection: Connection, bank: Store) -> None:
    """Put the demo accounts in step with the demo bank. Raises StoreUnavailable without one."""
    wanted = data("demo_accounts")
    staff = _staff(bank)
    connection.execute(tables.accounts.delete().where(tables.accounts.c.demo.is_(True)))
    taken = {one.account for one in accounts.listed(connection)}
    for raw in wanted["accounts"]:
        account = _account(raw, staff)
        if account is not None and account.account not in taken:
            accounts.keep(connection, account, _password())


@cache
def _password() -> str:
    """Hashed once: one is as good as five, and hashing is slow on purpose."""
    return accounts.hashed(data("demo_accounts")["password"])


def _account(raw: dict[str, Any], staff: list[tuple[str, list[str]]]) -> Account | None:
    """One entry of the file; None where the demo bank is too small to have that person."""
    branch = staff_id = ""
    if "branch" in raw:
        if len(staff) < raw["branch"]:
            return None
        branch, managers = staff[raw["branch"] - 1]
        if "manager" in raw:
            if len(managers) < raw["manager"]:
                return None
            staff_id = managers[raw["manager"] - 1]
    return Account(raw["account"], raw["name"], raw["role"], staff_id, branch, demo=True)


def _staff(bank: Store) -> list[tuple[str, list[str]]]:
    """Branches with their managers, those with several managers and many customers first."""
    table = schema.customers
    with bank.read() as connection:
        sizes = {
            row.branch: row.size
            for row in connection.execute(select(table.c.branch, func.count().label("size")).group_by(table.c.branch))
        }
        pairs = connection.execute(select(table.c.branch, table.c.manager).distinct())
        managers: dict[str, list[str]] = {branch: [] for branch in sizes}
        for branch, manager in pairs:
            if manager:
                managers[branch].append(manager)
    order = sorted(sizes, key=lambda branch: (len(managers[branch]) < 2, -sizes[branch], branch))
    return [(branch, sorted(managers[branch])) for branch in order]
