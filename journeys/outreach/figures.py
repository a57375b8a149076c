"""Figures for the wording of messages: from the customer's own ledger, the market and the event, each with its source.

A wording asks for them by name ({due}, {index_move} …); what can't be said with a source makes the message fall away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from wealth import market
from wealth.advice.alerts import Owned, last_move, owned
from wealth.advice.market_view import Effect, effect
from wealth.advice.suitability import standing
from wealth.clock import SHANGHAI
from wealth.format import day, money, percent, signed_money, signed_percent
from wealth.market import Move
from wealth.positions import Portfolio, portfolio
from wealth.reply import Source
from wealth.store import Store
from wealth.store.prices import EMPTY_LINE


class NoFigure(Exception):
    """A figure that a wording asks for is not known; `args[0]` is its name."""


class Figures(Mapping[str, str]):
    """Figures of one matter of one customer at a moment; `sources` collects what was used."""

    def __init__(
        self, store: Store, customer: str, product: str | None, context: Mapping[str, Any], at: datetime
    ) -> None:
        self._store, self._customer, self._code = store, customer, product
        self._context, self._at = context, at
        self.sources: dict[str, Source] = {}

    def __getitem__(self, name: str) -> str:
        """The figure as written for people. Raises NoFigure."""
        given = self._context.get("values", {})
        if name in given:
            return str(given[name])
        maker = _FIGURES.get(name)
        found = maker(self) if maker else None
        if found is None:
            raise NoFigure(name)
        return found

    def __iter__(self) -> Any:
        return iter(_FIGURES)

    def __len__(self) -> int:
        return len(_FIGURES)

    def fill(self, text: str) -> str:
        """The wording with its figures. Raises NoFigure."""
        return text.format_map(self)

    # what figures rest on ---------------------------------------------------------------------------------------
    @cached_property
    def held(self) -> Portfolio:
        return portfolio(self._store, self._customer, self._at)

    @cached_property
    def one(self) -> Owned:
        """The matter's product as held."""
        for each in owned(self.held):
            if each.product.code == self._code:
                return each
        raise NoFigure("product held")

    def _total(self, amount: Decimal) -> Decimal | None:
        if not self.held.holdings:
            return None
        first = self.held.holdings[0]
        self._cite(first.source)
        return amount

    def _cite(self, source: Source) -> None:
        self.sources[source.id] = source

    @cached_property
    def effect(self) -> Effect | None:
        return effect(self._store, self._customer, self._at.astimezone(SHANGHAI).date(), self._at)

    @cached_property
    def index(self) -> Move | None:
        session = self._context.get("session")
        name = self._context.get("series") or "broad"
        moves = {move.series.id: move for move in market.snapshot(self._store, self._at, session)}
        found = moves.get(name)
        if found is None or found.ratio is None or found.row.date != self._at.astimezone(SHANGHAI).date():
            return None
        self._cite(found.source)
        return found

    # figures ----------------------------------------------------------------------------------------------------
    def product(self) -> str | None:
        return self._store.product(self._code).name if self._code else None

    def value(self) -> str:
        self._cite(self.one.source)
        return money(self.one.value)

    def gain(self) -> str:
        self._cite(self.one.source)
        return signed_money(self.one.gain)

    def gain_rate(self) -> str | None:
        self._cite(self.one.source)
        return None if self.one.rate is None else signed_percent(self.one.rate)

    def move(self) -> str | None:
        found = self._move()
        return found and signed_percent(found[1])

    def price_day(self) -> str | None:
        found = self._move()
        return found and day(found[0], self._at.date())

    def moved_on(self) -> date | None:
        """The day whose price a message about a product's move tells of."""
        found = self._move()
        return found and found[0]

    def _move(self) -> Any:
        code = self.one.product.code
        self._cite(self.one.source)
        return last_move(self._store.prices.lines([code]).get(code, EMPTY_LINE), self._at)

    def _due(self) -> Any:
        today = self._at.astimezone(SHANGHAI).date()
        lots = [lot for part in self.one.holdings for lot in part.maturities if lot.date > today]
        if not lots:
            raise NoFigure("due")
        first = min(lot.date for lot in lots)
        self._cite(self.one.source)
        return first, sum((lot.amount for lot in lots if lot.date == first), Decimal(0))

    def due(self) -> str:
        return money(self._due()[1])

    def due_day(self) -> str:
        return day(self._due()[0], self._at.date())

    def years(self) -> str:
        first = min(part.first_bought for part in self.one.holdings)
        return str(self._at.astimezone(SHANGHAI).year - first.year)

    def aum(self) -> str | None:
        total = self._total(self.held.total)
        return None if total is None else money(total)

    def _idle(self) -> Decimal | None:
        parts = [one for one in self.held.holdings if one.product.kind == "demand_deposit"]
        return self._total(sum((one.value for one in parts), Decimal(0)))

    def idle(self) -> str | None:
        found = self._idle()
        return None if found is None else money(found)

    def idle_share(self) -> str | None:
        found = self._idle()
        return percent(found / self.held.total, 0) if found is not None and self.held.total else None

    def equity(self) -> str | None:
        found = self._total(self.held.by_class["equity"])
        return None if found is None else money(found)

    def equity_share(self) -> str | None:
        found = self._total(self.held.by_class["equity"])
        return percent(found / self.held.total, 0) if found is not None and self.held.total else None

    def top_share(self) -> str | None:
        shares = [each.share for each in owned(self.held) if each.product.kind not in _SAFE]
        self._total(Decimal(0))
        return percent(max(shares), 0) if shares else None

    def index_name(self) -> str | None:
        return self.index.series.title if self.index else None

    def index_move(self) -> str | None:
        if self.index is None or self.index.ratio is None:
            return None
        ratio = self.index.ratio
        return "持平" if not ratio else f"{'涨' if ratio > 0 else '跌'} {percent(abs(ratio))}"

    def day_profit(self) -> str | None:
        if self.effect is None:
            return None
        for source in self.effect.profit.sources[:3]:
            self._cite(source)
        return signed_money(self.effect.profit.amount)

    def profit_day(self) -> str | None:
        return day(self.effect.day, self._at.date()) if self.effect else None

    def amount(self) -> str | None:
        given = self._context.get("amount")
        if given is None:
            return None
        when = self._context.get("occurred_at")
        at = datetime.fromisoformat(when) if when else self._at
        self._cite(Source(f"event:{self._context['event_id']}", "您的交易", at))
        return money(Decimal(given))

    def expiry_day(self) -> str | None:
        stands = standing(self._store, self._customer, self._at)
        return None if stands.valid_until is None else day(stands.valid_until, self._at.date())

    def _article(self) -> Any:
        wanted = self._context.get("article")
        return next((one for one in self._store.articles(self._at, limit=200) if one.id == wanted), None)

    def topic(self) -> str | None:
        found = self._article()
        return found and found.title

    def topic_summary(self) -> str | None:
        found = self._article()
        if found is None:
            return None
        self._cite(Source(f"article:{found.id}", found.title, found.published_at))
        return found.summary


_SAFE = ("demand_deposit", "time_deposit", "cash", "insurance")
_FIGURES: Mapping[str, Callable[[Figures], str | None]] = {
    "product": Figures.product,
    "value": Figures.value,
    "gain": Figures.gain,
    "gain_rate": Figures.gain_rate,
    "move": Figures.move,
    "price_day": Figures.price_day,
    "due": Figures.due,
    "due_day": Figures.due_day,
    "years": Figures.years,
    "aum": Figures.aum,
    "idle": Figures.idle,
    "idle_share": Figures.idle_share,
    "equity": Figures.equity,
    "equity_share": Figures.equity_share,
    "top_share": Figures.top_share,
    "index": Figures.index_name,
    "index_move": Figures.index_move,
    "day_profit": Figures.day_profit,
    "profit_day": Figures.profit_day,
    "amount": Figures.amount,
    "expiry_day": Figures.expiry_day,
    "topic": Figures.topic,
    "topic_summary": Figures.topic_summary,
}
NAMES = frozenset(_FIGURES)
