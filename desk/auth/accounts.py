"""Accounts of the desk in its own store, passwords as argon2id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from desk import tables
from desk.auth.roles import Who, permissions, roles
from desk.wording import data
from wealth import clock

# argon2id as OWASP recommends where many sign in at nine: 19 MiB, two rounds, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")
_LONGEST_PASSWORD = 200


class AccountError(Exception):
    """An account that can't be made or changed; the message is Chinese and for whoever typed it."""


@dataclass(frozen=True)
class Account:
    """A new account. staff_id: the bank's id of a manager; "" for head office."""

    account: str
    name: str
    role: str
    staff_id: str = ""
    branch: str = ""
    demo: bool = False


def add(connection: Connection, new: Account, password: str) -> None:
    """Make an account. Raises AccountError."""
    check_password(password, new.account)
    keep(connection, new, hashed(password))


@cache
def _nobody() -> str:
    """Checked where there is no such account, so that both take the same time."""
    return hashed("nobody has this account")


def hashed(password: str) -> str:
    """A password as it is kept."""
    return _HASHER.hash(password)


def keep(connection: Connection, new: Account, password_hash: str) -> None:
    """Write an account whose password was hashed before. Raises AccountError."""
    _check(new)
    table = tables.accounts
    if connection.execute(select(table.c.account).where(table.c.account == new.account)).first():
        raise AccountError(f"账号 {new.account} 已经有了")
    connection.execute(
        insert(table).values(
            account=new.account,
            name=new.name,
            role=new.role,
            staff_id=new.staff_id,
            branch=new.branch,
            password=password_hash,
            demo=new.demo,
            enabled=True,
            created_at=clock.now(),
        )
    )


def who(connection: Connection, account: str, *, demo: bool) -> Who | None:
    """The person behind an account that may be used now; demo accounts only in demo mode."""
    row = connection.execute(select(tables.accounts).where(tables.accounts.c.account == account)).first()
    if row is None or not row.enabled or (row.demo and not demo) or not permissions(row.role):
        return None
    return Who(row.account, row.name, row.role, row.staff_id, row.branch)


def verified(connection: Connection, account: str, password: str) -> bool:
    """Whether the password is the account's. Takes as long for an account that is not there."""
    table = tables.accounts
    stored = connection.execute(select(table.c.password).where(table.c.account == account)).scalar()
    try:
        right = _HASHER.verify(stored or _nobody(), password[:_LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def set_password(connection: Connection, account: str, password: str) -> None:
    """Raises AccountError for one that is too weak, or an account that is not there."""
    check_password(password, account)
    _change(connection, account, password=hashed(password))


def disable(connection: Connection, account: str) -> None:
    """Close an account. Raises AccountError if it is not there."""
    _change(connection, account, enabled=False)


def listed(connection: Connection) -> Sequence[Account]:
    """All enabled accounts by name."""
    table = tables.accounts
    rows = connection.execute(select(table).where(table.c.enabled.is_(True)).order_by(table.c.account))
    return [Account(row.account, row.name, row.role, row.staff_id, row.branch, row.demo) for row in rows]


def check_password(password: str, account: str) -> None:
    """Raises AccountError with what is wrong with it: length over rules, as NIST SP 800-63B has it."""
    shortest = int(data("limits")["password"]["shortest"])
    if not shortest <= len(password) <= _LONGEST_PASSWORD:
        raise AccountError(f"密码应有 {shortest} 到 {_LONGEST_PASSWORD} 个字符")
    if len(set(password)) < 5 or account.lower() in password.lower():
        raise AccountError("密码太好猜了：不要用重复的字符，也不要包含账号")
    if password == data("demo_accounts")["password"]:
        raise AccountError("这是演示密码，不能用")


def _change(connection: Connection, account: str, **values: object) -> None:
    table = tables.accounts
    if not connection.execute(update(table).where(table.c.account == account).values(**values)).rowcount:
        raise AccountError(f"没有账号 {account}")


def _check(new: Account) -> None:
    if not _NAME.fullmatch(new.account):
        raise AccountError("账号用字母、数字和 . _ -，2 到 40 个字符")
    if not 1 <= len(new.name) <= 40:
        raise AccountError("姓名应有 1 到 40 个字")
    if new.role not in roles():
        raise AccountError(f"没有角色 {new.role}（可选：{'、'.join(roles())}）")
    scopes = set(permissions(new.role).values())
    if "own" in scopes and not new.staff_id:
        raise AccountError("客户经理要有员工号（--staff），与客户资料里的一致")
    if scopes & {"own", "branch"} and not new.branch:
        raise AccountError("要写明网点（--branch），与客户资料里的一致")
    if len(new.staff_id) > 20 or len(new.branch) > 40:
        raise AccountError("员工号最多 20 个字符，网点最多 40 个字")
