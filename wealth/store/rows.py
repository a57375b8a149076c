"""What the bank store hands out: one frozen dataclass per kind of row. Money in CNY, rates as Decimal fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from wealth.classes import view_of


@dataclass(frozen=True)
class Customer:
    """A bank customer. Income, expense and debts are monthly/total CNY and None where the bank does not know."""

    id: str
    name: str
    birth_date: date | None
    level: str
    branch: str
    manager: str | None
    since: date
    monthly_income: Decimal | None = None
    monthly_expense: Decimal | None = None
    debts: Decimal | None = None
    dependents: int | None = None
    is_demo: bool = True

    def age(self, on: date) -> int | None:
        """Full years on a day; None without a birth date."""
        if self.birth_date is None:
            return None
        born = self.birth_date
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True)
class Account:
    """A settlement account: its cash is a position in `cash_product`; products bought from it are held under it."""

    id: str
    customer: str
    cash_product: str
    last4: str
    opened: date


@dataclass(frozen=True)
class Assessment:
    """One risk assessment. rating C1..C5; it counts once `confirmed_at` is set (a changed level needs the customer)."""

    id: int
    customer: str
    taken_at: datetime
    score: int
    rating: str
    confirmed_at: datetime | None
    horizon_months: int | None
    answers: Mapping[str, str] = field(default_factory=dict)
    questionnaire: str = ""


@dataclass(frozen=True)
class Protection:
    """One policy as protection: kind life|critical|medical|accident|pension, sum insured and yearly premium in CNY."""

    customer: str
    kind: str
    sum_insured: Decimal
    premium: Decimal
    until: date | None
    product: str | None = None


@dataclass(frozen=True)
class FeeTier:
    """A fee step: applies from `start` (CNY for purchase, holding days for redemption) up to, not including, `end`.

    rate is a fraction; `fixed` CNY replaces it where set ("每笔 1000 元").
    """

    start: Decimal
    end: Decimal | None
    rate: Decimal
    fixed: Decimal | None = None

    def covers(self, value: Decimal) -> bool:
        return self.start <= value and (self.end is None or value < self.end)


@dataclass(frozen=True)
class Product:
    """A product the bank sells or sold, its rules and fees.

    kind: demand_deposit|time_deposit|structured_deposit|cash|wealth|fund|gold|insurance. risk 1..5 (R1..R5).
    valuation: nav (published price), par (principal, interest is a movement) or premium (paid premiums).
    look_through: class → weight, with "unknown" for the undisclosed share; sums to 1.
    open_rule: daily|periodic|closed; open_days lists coming open days of a periodic one.
    confirm_days/arrival_days: n of T+n trading days. instant_limit: CNY a day redeemed at once, None if not offered.
    """

    code: str
    name: str
    kind: str
    issuer: str
    risk: int
    asset_class: str
    look_through: Mapping[str, Decimal]
    valuation: str
    currency: str
    aliases: Sequence[str]
    share_class: str | None
    pair_code: str | None
    launch_date: date
    maturity_date: date | None
    term_days: int | None
    lock_days: int
    open_rule: str
    open_days: Sequence[date]
    sale_start: date | None
    sale_end: date | None
    on_sale: bool
    cutoff: time
    confirm_days: int
    arrival_days: int
    instant_limit: Decimal | None
    minimum: Decimal
    step: Decimal
    purchase_fees: Sequence[FeeTier]
    redemption_fees: Sequence[FeeTier]
    management_fee: Decimal
    custody_fee: Decimal
    service_fee: Decimal
    rate: Decimal | None
    benchmark: str
    benchmark_basis: str
    dividend_policy: str
    summary: str
    strategy: str
    risks: str
    source: str

    @property
    def view(self) -> str:
        """Customer view: liquid|steady|growth|protection."""
        return view_of(self.asset_class)

    @property
    def rating(self) -> str:
        """R1..R5."""
        return f"R{self.risk}"

    def purchase_fee(self, amount: Decimal) -> FeeTier | None:
        """The step that a purchase of `amount` CNY falls into."""
        return next((tier for tier in self.purchase_fees if tier.covers(amount)), None)

    def redemption_fee(self, days: int) -> FeeTier | None:
        """The step that units held for `days` days fall into."""
        return next((tier for tier in self.redemption_fees if tier.covers(Decimal(days))), None)


@dataclass(frozen=True)
class CatalogueEntry:
    """What names a product may be called by: for matching in text and speech."""

    code: str
    name: str
    aliases: Sequence[str]
    on_sale: bool


@dataclass(frozen=True)
class NavRow:
    """A published price per unit. income_10k (万份收益, CNY) and yield_7d (七日年化) on cash products only."""

    product: str
    date: date
    nav: Decimal
    acc_nav: Decimal | None = None
    dividend: Decimal | None = None
    income_10k: Decimal | None = None
    yield_7d: Decimal | None = None


@dataclass(frozen=True)
class Movement:
    """One row of the ledger.

    kind: buy|sell|maturity|dividend|reinvest|interest|fee|convert_in|convert_out|transfer_in|transfer_out, and
    cash_in|cash_out for money that reaches or leaves the settlement account from outside.
    units: signed change of units; 0 for the settlement account's own rows, whose balance is the sum of `cash`.
    amount: gross CNY, never negative (a buy's includes its fee, a sale's does not deduct it). cash: signed effect on
    the settlement account. status: confirmed|pending|cancelled; only confirmed rows count. trade_date: the day whose
    price it got, and from which it counts.
    """

    id: int
    ref: str
    customer: str
    account: str
    product: str
    kind: str
    status: str
    trade_date: date
    confirm_date: date | None
    settle_date: date | None
    units: Decimal
    price: Decimal | None
    amount: Decimal
    fee: Decimal
    cash: Decimal
    pair_ref: str | None
    matures_on: date | None
    note: str


@dataclass(frozen=True)
class AlertSetting:
    """An alert that the customer set: kind nav_band|target_return|stop_loss, threshold a fraction (0.05 is 5 %).

    product None: for all holdings. A stop_loss threshold is the size of the loss, positive.
    """

    id: int
    customer: str
    product: str | None
    kind: str
    threshold: Decimal
    active: bool
    created_at: datetime


@dataclass(frozen=True)
class Article:
    """A dated piece to quote with its source: kind news|research|education."""

    id: str
    kind: str
    title: str
    summary: str
    body: str
    source: str
    author: str
    published_at: datetime
    valid_until: date | None
    topics: Sequence[str]
    products: Sequence[str]
    url: str | None = None


@dataclass(frozen=True)
class MarketSeries:
    """A series of market figures: kind index|sector|breadth|rate|gold; synthetic ones say so in `source`."""

    id: str
    title: str
    kind: str
    unit: str
    source: str
    synthetic: bool


@dataclass(frozen=True)
class MarketRow:
    """One value of a series: session noon|close of a trading day."""

    series: str
    date: date
    session: str
    value: Decimal
    source: str
