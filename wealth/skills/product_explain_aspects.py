"""One side of a product in words: fee, risk, term, past and so on, each with the figures' sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wealth.advice import terms, track_record
from wealth.advice.suitability import is_for_sale
from wealth.blocks import Block, column, line, table
from wealth.format import day as day_text
from wealth.format import percent, signed_percent
from wealth.reply import Source
from wealth.skills import _product
from wealth.store import Product, Store
from wealth.wording import say


@dataclass(frozen=True)
class Told:
    """What is said about one side: sentences, blocks, sources and ids of disclosures."""

    sentences: Sequence[str]
    blocks: Sequence[Block] = ()
    sources: Sequence[Source] = ()
    disclosures: Sequence[str] = ()


def tell(store: Store, product: Product, aspect: str, at: datetime) -> Told:
    """The side named by `aspect` (data/wealth/aspects.yml)."""
    return _ASPECTS[aspect](store, product, at)


def _performance(store: Store, product: Product, at: datetime) -> Told:
    if product.kind == "insurance":
        return Told([say("explain.no_return")])
    if product.valuation != "nav":
        return Told([say("explain.rate", rate=percent(product.rate or 0), benchmark=product.benchmark)])
    last = track_record.latest(store, product, at)
    if last is None:
        return Told([say("explain.no_price")])
    today = terms.today_of(at)
    source = Source(f"nav:{product.code}:{last.date}", say("explain.nav", name=product.name), _close(last.date))
    if product.kind == "cash" and not track_record.may_show_yield(product, at):
        return Told([say("explain.too_young_for_yield")], sources=[source])
    sentences = []
    if product.kind == "cash" and last.yield_7d is not None:
        sentences.append(
            say(
                "explain.yield_7d",
                day=day_text(last.date, today),
                rate=percent(last.yield_7d),
                income=f"{last.income_10k or 0:.4f}",
            )
        )
    else:
        sentences.append(say("explain.price", day=day_text(last.date, today), price=f"{last.nav:.4f}"))
    windows = track_record.windows(store, product, at)
    if not windows:
        return Told([*sentences, say("explain.too_young")], sources=[source])
    longest = next((one for one in reversed(windows) if one.name == "year"), windows[-1]).performance
    direction = (
        "past_down" if longest.total_return < 0 else "past_up" if longest.drawdown <= -0.00005 else "past_smooth"
    )
    sentences.append(
        say(
            f"explain.{direction}",
            days=_product.days_text(longest.start, longest.end, today),
            total=percent(abs(longest.total_return)),
            drawdown=percent(abs(longest.drawdown)),
        )
    )
    rows = [
        {
            "window": say(f"explain.windows.{one.name}"),
            "days": _product.days_text(one.performance.start, one.performance.end, today),
            "total": signed_percent(one.performance.total_return),
            "drawdown": percent(abs(one.performance.drawdown)),
        }
        for one in windows
    ]
    columns = [
        column("window", say("explain.table.window")),
        column("days", say("explain.table.days")),
        column("total", say("explain.table.total"), align="right"),
        column("drawdown", say("explain.table.drawdown"), align="right"),
    ]
    prices = track_record.price_line(store, product, at)
    chart = line(
        say("explain.chart", name=product.name),
        [row.date for row in prices],
        {say("explain.series"): [row.acc_nav or row.nav for row in prices]},
        summary=sentences[-1],
        unit=say("explain.unit"),
        private=False,
    )
    return Told(
        sentences,
        [table(say("explain.table.title"), columns, rows), chart],
        [source, *(one.performance.source for one in windows)],
        ["past_performance"],
    )


def _fee(store: Store, product: Product, at: datetime) -> Told:
    if product.kind in ("time_deposit", "demand_deposit", "structured_deposit"):
        return Told([say("explain.fee_deposit")])
    if product.kind == "insurance":
        return Told([say("explain.fee_insurance")])
    buy, sell = _product.purchase_tiers(product), _product.redemption_tiers(product)
    amount = Decimal(10000)
    sentences = [
        say("explain.fee", buy=_ends(buy), sell=_ends(sell), yearly=percent(terms.yearly_cost(product))),
        say("explain.fee_example", year=_product.amount_text(terms.cost_over(product, amount, 365))),
    ]
    rows = [{"what": say("explain.fee_table.buy", when=when), "fee": fee} for when, fee in buy]
    rows += [{"what": say("explain.fee_table.sell", when=when), "fee": fee} for when, fee in sell]
    columns = [column("what", say("explain.fee_table.what")), column("fee", say("explain.fee_table.fee"))]
    return Told(sentences, [table(say("explain.fee_table.title"), columns, rows)] if rows else [])


def _ends(tiers: Sequence[tuple[str, str]]) -> str:
    """The first and the last step; the table has the rest."""
    if len(tiers) <= 1:
        return _product.tier_line(list(tiers))
    first, last = (say("product.fee.line", when=when, fee=fee) for when, fee in (tiers[0], tiers[-1]))
    return say("explain.fee_tiers", first=first, last=last)


def _risk(store: Store, product: Product, at: datetime) -> Told:
    sentences = [say(f"explain.risk.{product.rating}", risks=product.risks.rstrip("。"))]
    if product.valuation != "nav":
        return Told(sentences)
    past = next((one for one in track_record.windows(store, product, at) if one.name == "year"), None)
    if past is None:
        return Told(sentences)
    today = terms.today_of(at)
    fallen = past.performance
    sentences.append(
        say(
            "explain.fell",
            days=_product.days_text(fallen.start, fallen.end, today),
            drawdown=percent(abs(fallen.drawdown)),
        )
    )
    return Told(sentences, sources=[fallen.source], disclosures=["past_performance"])


def _term(store: Store, product: Product, at: datetime) -> Told:
    today = terms.today_of(at)
    key = "explain.term_insurance" if product.kind == "insurance" else "explain.term"
    return Told([say(key, term=_product.term_text(product, today), arrival=_product.arrival_text(product))])


def _minimum(store: Store, product: Product, at: datetime) -> Told:
    return Told([say("explain.minimum", minimum=_product.minimum_text(product))])


def _invests(store: Store, product: Product, at: datetime) -> Told:
    return Told(
        [say("explain.invests", strategy=product.strategy.rstrip("。"), parts=_product.look_through_text(product))]
    )


def _benchmark(store: Store, product: Product, at: datetime) -> Told:
    if product.benchmark in ("", "无"):
        return Told([say("explain.no_benchmark", basis=product.benchmark_basis)])
    return Told([say("explain.benchmark", benchmark=product.benchmark, basis=product.benchmark_basis)])


def _share(store: Store, product: Product, at: datetime) -> Told:
    if product.pair_code is None:
        return Told([say("explain.no_share")])
    pair = store.product(product.pair_code)
    first, second = sorted((product, pair), key=lambda one: one.share_class or "")
    return Told([say("explain.share", first=first.name, second=second.name)], sources=[_source(pair, at)])


def _dividend(store: Store, product: Product, at: datetime) -> Told:
    return Told([say("explain.dividend" if product.dividend_policy == "cash" else "explain.no_dividend")])


def _sale(store: Store, product: Product, at: datetime) -> Told:
    today = terms.today_of(at)
    if is_for_sale(product, today):
        if product.sale_end is not None:
            return Told([say("explain.sale_until", day=day_text(product.sale_end, today))])
        return Told([say("explain.on_sale")])
    if product.sale_start is not None and today < product.sale_start:
        return Told([say("explain.sale_from", day=day_text(product.sale_start, today))])
    return Told([say("explain.not_on_sale")])


def _code(store: Store, product: Product, at: datetime) -> Told:
    return Told([say("explain.code", name=product.name, code=product.code, issuer=product.issuer)])


_ASPECTS: Mapping[str, Callable[[Store, Product, datetime], Told]] = {
    "performance": _performance,
    "fee": _fee,
    "risk": _risk,
    "term": _term,
    "minimum": _minimum,
    "invests": _invests,
    "benchmark": _benchmark,
    "share": _share,
    "dividend": _dividend,
    "sale": _sale,
    "code": _code,
}


def _source(product: Product, at: datetime) -> Source:
    return _product.source_of(product, terms.today_of(at))


def _close(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 15, tzinfo=terms.SHANGHAI)
