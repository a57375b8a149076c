"""How customers are named on lists, where a glance over a shoulder must not tell who they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from desk.auth.roles import Who
from journeys.store.journal import chunks
from wealth.store import Customer, Store, schema

# The commonest surnames of two characters; without them 欧阳 would be called 欧.
_DOUBLE = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "东方",
    "司徒",
    "端木",
    "南宫",
)


def masked(name: str) -> str:
    """沈知秋 → 沈**: the surname, and a star for each further character."""
    surname = 2 if name.startswith(_DOUBLE) and len(name) > 2 else 1
    return name[:surname] + "*" * max(len(name) - surname, 1)


def customers(store: Store, ids: Iterable[str]) -> Mapping[str, Customer]:
    """Customers by id; those that are not there are left out. Raises StoreUnavailable."""
    found = {}
    with store.read() as connection:
        for some in chunks(sorted(set(ids))):
            rows = connection.execute(select(schema.customers).where(schema.customers.c.id.in_(some))).mappings()
            found.update({row["id"]: Customer(**row) for row in rows})
    return found


def within(who: Who, permission: str) -> ColumnElement[bool] | None:
    """A condition over the bank's customers for what the permission reaches; None without the permission."""
    table, scope = schema.customers, who.scope(permission)
    conditions = {
        "own": (table.c.manager == who.staff_id) & (table.c.manager != ""),
        "branch": (table.c.branch == who.branch) & (table.c.branch != ""),
        "all": table.c.id.is_not(None),
    }
    return None if scope is None else conditions[scope]


def search(store: Store, who: Who, text: str, limit: int, only: Sequence[str] | None = None) -> list[Customer]:
    """Customers within the person's reach by part of id or name, ordered by id; only: among these."""
    table, reach = schema.customers, within(who, "customers")
    if reach is None:
        return []
    query = select(table).where(reach).order_by(table.c.id).limit(limit)
    if text:
        query = query.where(table.c.id.contains(text, autoescape=True) | table.c.name.contains(text, autoescape=True))
    found: list[Customer] = []
    with store.read() as connection:
        for some in chunks(only) if only is not None else [None]:
            part = query if some is None else query.where(table.c.id.in_(some))
            found += [Customer(**row) for row in connection.execute(part).mappings()]
            if len(found) >= limit:
                break
    return found[:limit]


def reachable(store: Store, who: Who, permission: str, ids: Iterable[str]) -> list[str]:
    """Those of these customers that the permission reaches, in order."""
    table, reach = schema.customers, within(who, permission)
    if reach is None:
        return []
    found: list[str] = []
    with store.read() as connection:
        for some in chunks(sorted(set(ids))):
            found += connection.execute(select(table.c.id).where(reach, table.c.id.in_(some))).scalars()
    return sorted(found)
