"""Accounts of the desk: `python -m desk.accounts add|list|disable|password`. Passwords from a prompt or stdin."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence

from dotenv import load_dotenv

from desk import audit
from desk.auth import accounts, sessions
from desk.auth.accounts import Account, AccountError
from desk.auth.roles import roles
from desk.settings import ROOT, DeskSettings, SettingsError
from desk.store import DeskStore
from wealth.errors import WealthError


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if done; 1 with the reason if not; 2 when a setting can't be used."""
    options = _parser().parse_args(arguments)
    load_dotenv(ROOT / ".env", override=False)
    try:
        store = DeskStore(DeskSettings.from_env().store_url)
        store.create()
        _run(store, options)
    except AccountError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except (SettingsError, WealthError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    return 0


def _run(store: DeskStore, options: argparse.Namespace) -> None:
    if options.what == "list":
        with store.read() as connection:
            for one in accounts.listed(connection):
                shown = (
                    one.account,
                    one.name,
                    roles().get(one.role, one.role),
                    one.branch,
                    one.staff_id,
                    "演示" if one.demo else "",
                )
                print("\t".join(part or "-" for part in shown).removesuffix("\t-"))
        return
    if options.what == "disable":
        with store.write() as connection:
            accounts.disable(connection, options.account)
            sessions.end_all(connection, options.account)
            audit.note(connection, "account", options.account, why="disable")
        print(f"账号 {options.account} 已停用，已登录的也都退出了。")
        return
    password = _password()
    with store.write() as connection:
        if options.what == "add":
            new = Account(options.account, options.name, options.role, options.staff, options.branch)
            accounts.add(connection, new, password)
        else:
            accounts.set_password(connection, options.account, password)
            sessions.end_all(connection, options.account)
        audit.note(connection, "account", options.account, why=options.what)
    print(f"账号 {options.account} {'已建好' if options.what == 'add' else '的密码已换，已登录的都退出了'}。")


def _password() -> str:
    """Typed twice at a prompt, or one line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != password:
        raise AccountError("两次输入的不一样")
    return password


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m desk.accounts",
        description="管理工作台的账号。密码在提示后输入，或从标准输入读一行；没有默认密码。",
    )
    commands = parser.add_subparsers(dest="what", required=True, metavar="命令")
    add = commands.add_parser("add", help="新建账号")
    add.add_argument("account", metavar="账号")
    add.add_argument("--name", required=True, metavar="姓名")
    add.add_argument(
        "--role", required=True, choices=list(roles()), help="、".join(f"{k} {v}" for k, v in roles().items())
    )
    add.add_argument("--staff", default="", metavar="员工号", help="与客户资料里的客户经理编号一致")
    add.add_argument("--branch", default="", metavar="网点", help="与客户资料里的网点一致")
    commands.add_parser("list", help="列出在用的账号")
    for name, text in (("disable", "停用账号"), ("password", "换密码")):
        commands.add_parser(name, help=text).add_argument("account", metavar="账号")
    return parser


if __name__ == "__main__":
    sys.exit(main())
