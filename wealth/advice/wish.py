"""Wish: what a customer asks of a product, read from a question: how long, how steady, which theme, how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from wealth.advice.terms import usable
from wealth.classes import CLASSES, DATA
from wealth.request import Request
from wealth.store import Product
from zhtext.values import extract

_STEADY_RISK = 2
_DEPOSITS = frozenset({"time_deposit", "demand_deposit"})
_DAYS = {"years": 365, "months": 30, "days": 1}


@lru_cache(maxsize=1)
def _cues() -> dict[str, Any]:
    with (DATA / "wealth" / "wishes.yml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


@dataclass(frozen=True)
class Theme:
    """A subject a customer names ("黄金"): products whose own texts hold one of `match`, or all of a kind."""

    name: str
    match: Sequence[str] = ()
    kind: str | None = None

    def fits(self, product: Product) -> bool:
        if self.kind is not None:
            return product.kind == self.kind
        texts = (product.name, product.strategy, product.summary, *product.aliases)
        return any(word in text for word in self.match for text in texts)


@dataclass(frozen=True)
class Wish:
    """amount: CNY to place. horizon_days: how long it may stay.

    risk: the product risk asked for (R3 is 3), max_risk: the highest that "steady" allows; neither is the customer's
    level. guaranteed: principal must be safe, which only deposits are. bold: wants more return, which grants nothing.
    """

    amount: Decimal | None = None
    asset_class: str | None = None
    horizon_days: int | None = None
    liquid: bool = False
    guaranteed: bool = False
    bold: bool = False
    risk: int | None = None
    max_risk: int | None = None
    theme: Theme | None = None

    @property
    def specific(self) -> bool:
        """The customer named a class, a theme or a guarantee, so that the choice is theirs and not ours."""
        return bool(self.asset_class or self.theme or self.guaranteed or self.risk)

    def fits(self, product: Product) -> bool:
        """Is it what was asked for? Says nothing about suitability."""
        if self.guaranteed and product.kind not in _DEPOSITS:
            return False
        if self.risk is not None and product.risk != self.risk:
            return False
        if self.max_risk is not None and product.risk > self.max_risk:
            return False
        if self.theme is not None:
            return self.theme.fits(product)
        return self.asset_class is None or product.asset_class == self.asset_class


def read(request: Request) -> Wish:
    """The wish in a question. A follow-up ("放一年的呢") only changes what it names; the rest is in params["wish"]."""
    said = _said(request)
    before = (request.context.get("params") or {}).get("wish")
    if not before or _has(request.text, _cues()["fresh"]):
        return said
    changed = {name: value for name, value in vars(said).items() if value not in (None, False)}
    # One subject replaces another.
    subject = ("asset_class", "theme", "risk", "max_risk", "guaranteed")
    if any(name in changed for name in subject):
        before = {name: value for name, value in before.items() if name not in subject}
    return replace(from_params(before), **changed)


def to_params(wish: Wish) -> dict[str, Any]:
    """The wish as JSON for the topic."""
    kept = {name: value for name, value in vars(wish).items() if value not in (None, False)}
    if wish.amount is not None:
        kept["amount"] = str(wish.amount)
    if wish.theme is not None:
        kept["theme"] = wish.theme.name
    return kept


def from_params(params: Mapping[str, Any]) -> Wish:
    """The reverse of to_params; a theme that is no longer in the file is left out."""
    values = {name: value for name, value in params.items() if name in Wish.__dataclass_fields__}
    if "amount" in values:
        values["amount"] = Decimal(values["amount"])
    if "theme" in values:
        values["theme"] = theme_named(values["theme"])
    return Wish(**values)


def theme_named(name: str) -> Theme | None:
    """The theme of that name in the file."""
    return next((_made(one) for one in _cues()["themes"] if one["name"] == name), None)


def _said(request: Request) -> Wish:
    cues, text = _cues(), request.text
    liquid = _has(text, cues["liquid"])
    return Wish(
        amount=usable(request.amount),
        asset_class=request.asset_class if request.asset_class in CLASSES else None,
        horizon_days=_horizon(request, cues, liquid),
        liquid=liquid,
        guaranteed=_has(text, cues["guaranteed"]),
        bold=_has(text, cues["bold"]),
        risk=int(request.rating[1:]) if request.rating and request.rating[:1] == "R" else None,
        max_risk=_STEADY_RISK if _has(text, cues["steady"]) else None,
        theme=_theme(text),
    )


def asks_for_more(text: str) -> bool:
    """Others than those listed, please."""
    return _has(text, _cues()["more"])


def asks_for_similar(text: str) -> bool:
    """Others of the kind of a product that was named."""
    return _has(text, _cues()["similar"])


def asks_to_compare(text: str) -> bool:
    return _has(text, _cues()["compare"])


def least_days_for_equity() -> int:
    """Money needed before that does not belong in shares."""
    return int(_cues()["horizon"]["equity_from_days"])


def _theme(text: str) -> Theme | None:
    """The theme with the longest word in the text; a subject wins over a whole kind ("黄金基金" is gold, not funds)."""
    folded = text.lower()
    best: tuple[bool, int] = (False, 0)
    found: Mapping[str, Any] | None = None
    for theme in _cues()["themes"]:
        length = max((len(word) for word in theme["words"] if word.lower() in folded), default=0)
        if length and ("match" in theme, length) > best:
            best, found = ("match" in theme, length), theme
    return _made(found) if found else None


def _made(theme: Mapping[str, Any]) -> Theme:
    return Theme(theme["name"], tuple(theme.get("match", ())), theme.get("kind"))


def _horizon(request: Request, cues: Mapping[str, Any], liquid: bool) -> int | None:
    spans = [
        int(sum(getattr(value.value, part) * days for part, days in _DAYS.items()))
        for value in extract(request.text, request.now, frozenset({"duration"}))
    ]
    if spans:
        # "三个月用，也可能半年用": what may be needed first decides.
        return max(min(spans), 1)
    if liquid:
        return int(cues["horizon"]["liquid_days"])
    return int(cues["horizon"]["long_days"]) if _has(request.text, cues["long"]) else None


def _has(text: str, words: Sequence[str]) -> bool:
    folded = text.lower()
    return any(word.lower() in folded for word in words)
