"""Loading customers, their ledger and articles. Column names are those of the tables; docs/loading.md lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from wealth.ledger import ENTRIES, EXITS
from wealth.loaders import fields
from wealth.loaders.csvfile import BadField, Report, read
from wealth.loaders.fields import Parser, optional
from wealth.loaders.upsert import upsert
from wealth.store import Store, schema

Spec = Mapping[str, Parser]
# (line number, row) of what can be used so far.
Parsed = list[tuple[int, dict[str, Any]]]

_MONEY = fields.decimal(2)
_MAYBE_MONEY = optional(_MONEY)
_MAYBE_DAY = optional(fields.day)
_KINDS = ENTRIES | EXITS | {"dividend", "reinvest", "interest", "fee", "cash_in", "cash_out"}

CUSTOMERS: Spec = {
    "id": fields.text(20),
    "name": fields.text(40),
    "birth_date": _MAYBE_DAY,
    "level": fields.text(20),
    "branch": fields.text(40),
    "manager": optional(fields.text(20)),
    "since": fields.day,
    "monthly_income": _MAYBE_MONEY,
    "monthly_expense": _MAYBE_MONEY,
    "debts": _MAYBE_MONEY,
    "dependents": optional(fields.integer),
}

ACCOUNTS: Spec = {
    "id": fields.text(24),
    "customer": fields.text(20),
    "cash_product": fields.text(20),
    "last4": fields.text(4),
    "opened": fields.day,
}

LEDGER: Spec = {
    "ref": fields.text(40),
    "customer": fields.text(20),
    "account": fields.text(24),
    "product": fields.text(20),
    "kind": fields.choice(_KINDS),
    "status": fields.choice({"confirmed", "pending", "cancelled"}),
    "trade_date": fields.day,
    "confirm_date": _MAYBE_DAY,
    "settle_date": _MAYBE_DAY,
    "units": optional(fields.decimal(4, least=None), Decimal(0)),
    "price": optional(fields.positive(6)),
    "amount": _MONEY,
    "fee": optional(_MONEY, Decimal(0)),
    "cash": optional(fields.decimal(2, least=None), Decimal(0)),
    "pair_ref": optional(fields.text(40)),
    "matures_on": _MAYBE_DAY,
    "note": optional(fields.text(200), ""),
}

ARTICLES: Spec = {
    "id": fields.text(40),
    "kind": fields.choice({"news", "research", "education"}),
    "title": fields.text(200),
    "summary": fields.text(1000),
    "body": fields.text(20_000),
    "source": fields.text(200),
    "author": fields.text(100),
    "published_at": fields.moment,
    "valid_until": _MAYBE_DAY,
    "topics": optional(fields.words, list),
    "products": optional(fields.words, list),
    "url": optional(fields.text(500)),
}

# For every kind: the sign of its units, and its cash in terms of amount and fee.
_CASH: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "buy": lambda amount, fee: -amount,
    "sell": lambda amount, fee: amount - fee,
    "maturity": lambda amount, fee: amount - fee,
    "dividend": lambda amount, fee: amount,
    "interest": lambda amount, fee: amount,
    "cash_in": lambda amount, fee: amount,
    "cash_out": lambda amount, fee: -amount,
    "fee": lambda amount, fee: -amount,
}


def load_customers(store: Store, path: Path) -> Report:
    """One customer a line. A customer that is loaded is a real one: the demo bank then refuses this store."""
    return _load(store, path, schema.customers, ["id"], CUSTOMERS, {}, extra={"is_demo": False})


def load_accounts(store: Store, path: Path) -> Report:
    """One settlement account a line."""
    known = {"customer": (schema.customers.c.id, "客户"), "cash_product": (schema.products.c.code, "产品")}
    return _load(store, path, schema.accounts, ["id"], ACCOUNTS, known)


def load_ledger(store: Store, path: Path) -> Report:
    """One movement a line, told apart by `ref`; signs and sums are checked, an order of lines is not needed."""
    known = {
        "customer": (schema.customers.c.id, "客户"),
        "account": (schema.accounts.c.id, "账户"),
        "product": (schema.products.c.code, "产品"),
    }
    return _load(store, path, schema.movements, ["ref"], LEDGER, known, check=check_movement, relate=_check_accounts)


def load_articles(store: Store, path: Path) -> Report:
    """One article a line."""
    return _load(store, path, schema.articles, ["id"], ARTICLES, {})


def check_movement(row: Mapping[str, Any]) -> None:
    """Raises BadField where a movement contradicts itself."""
    kind, units, amount, fee, cash = row["kind"], row["units"], row["amount"], row["fee"], row["cash"]
    if row["status"] != "confirmed":
        if units or cash:
            raise BadField("未确认或已撤销的交易不应有份额和资金变动")
        return
    wanted = _CASH.get(kind, lambda amount, fee: Decimal(0))(amount, fee)
    if cash != wanted:
        raise BadField(f"“cash”应为 {wanted}（由 amount 和 fee 得出），实际是 {cash}")
    if kind in ENTRIES | {"reinvest"} and units <= 0:
        raise BadField(f"{kind} 的“units”应大于 0")
    if kind in EXITS and units >= 0:
        raise BadField(f"{kind} 的“units”应小于 0")
    if kind not in ENTRIES | EXITS | {"reinvest"} and units:
        raise BadField(f"{kind} 不应有“units”")
    if fee > amount:
        raise BadField("“fee”不应大于“amount”")
    if fee and kind in ("transfer_in", "transfer_out", "reinvest", "dividend", "interest"):
        raise BadField(f"{kind} 不应有“fee”，请另记一笔 fee")


def _check_accounts(connection: Connection, rows: Parsed, report: Report) -> Parsed:
    """Leave out movements on someone else's account, or cash that is not the account's own."""
    table = schema.accounts
    needed = sorted({row["account"] for _, row in rows})
    accounts = {}
    for start in range(0, len(needed), 500):
        found = connection.execute(select(table).where(table.c.id.in_(needed[start : start + 500])))
        accounts.update({account.id: account for account in found})
    kept = []
    for line, row in rows:
        account = accounts[row["account"]]
        if account.customer != row["customer"]:
            report.reject(line, f"账户 {account.id} 不属于客户 {row['customer']}")
        elif row["kind"] in ("cash_in", "cash_out") and row["product"] != account.cash_product:
            report.reject(line, f"{row['kind']} 的“product”应是账户的活期产品 {account.cash_product}")
        else:
            kept.append((line, row))
    return kept


def _load(
    store: Store,
    path: Path,
    table: Table,
    keys: list[str],
    spec: Spec,
    known: Mapping[str, tuple[Any, str]],
    *,
    check: Callable[[Mapping[str, Any]], None] | None = None,
    relate: Callable[[Connection, Parsed, Report], Parsed] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Report:
    report = Report(path.name)
    parsed: Parsed = []
    for line, cells in read(path, list(spec), report):
        try:
            row = {name: parse(name, cells[name]) for name, parse in spec.items()}
            if check is not None:
                check(row)
        except BadField as trouble:
            report.reject(line, str(trouble))
            continue
        parsed.append((line, {**row, **(extra or {})}))
    with store.write() as connection:
        for column, (target, what) in known.items():
            values = {row[column] for _, row in parsed}
            found: set[str] = set()
            listed = sorted(values)
            for start in range(0, len(listed), 500):
                found |= set(
                    connection.execute(select(target).where(target.in_(listed[start : start + 500]))).scalars()
                )
            for line, row in parsed:
                if row[column] not in found:
                    report.reject(line, f"没有这个{what}：{row[column]}")
            parsed = [(line, row) for line, row in parsed if row[column] in found]
        if relate is not None:
            parsed = relate(connection, parsed, report)
        upsert(connection, table, keys, [row for _, row in parsed], report)
    return report
