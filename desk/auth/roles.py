"""Roles and what each may do, from data/desk/roles.yml: role → permission → scope own|branch|all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from desk.wording import data
from wealth.store import Customer

Scope = Literal["own", "branch", "all"]
SCOPES: tuple[Scope, ...] = ("own", "branch", "all")


@dataclass(frozen=True)
class Who:
    """The signed-in person. staff_id: as in the bank's customers.manager; branch: as in customers.branch."""

    account: str
    name: str
    role: str
    staff_id: str
    branch: str

    @property
    def permissions(self) -> Mapping[str, Scope]:
        """Permission → how far it reaches."""
        return permissions(self.role)

    def scope(self, permission: str) -> Scope | None:
        """How far this person's permission reaches; None without it."""
        return self.permissions.get(permission)

    def reaches(self, permission: str, *, branch: str | None, manager: str | None) -> bool:
        """Whether the permission covers something that belongs to this branch and this manager."""
        scope = self.scope(permission)
        if scope == "all":
            return True
        if scope == "branch":
            return bool(self.branch) and branch == self.branch
        return scope == "own" and bool(self.staff_id) and manager == self.staff_id


def may_see(who: Who, customer: Customer, permission: str = "customers") -> bool:
    """Whether a customer is within the person's permission."""
    return who.reaches(permission, branch=customer.branch, manager=customer.manager)


def roles() -> Mapping[str, str]:
    """Role → what people call it."""
    return {name: one["title"] for name, one in data("roles")["roles"].items()}


def permissions(role: str) -> Mapping[str, Scope]:
    """What a role may do; nothing for a role that is not in the file any more."""
    found: Mapping[str, Scope] = data("roles")["roles"].get(role, {}).get("permissions", {})
    return found
