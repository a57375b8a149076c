"""One subject of the market, whether to enter it, and what is written about why it moved: quoted, never made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wealth.advice import market_view, wish
from wealth.advice.fit import Situation
from wealth.advice.market_view import Subject
from wealth.advice.situation import situation_of
from wealth.blocks import item, listing
from wealth.format import day as day_text
from wealth.format import money, percent
from wealth.reply import Privacy, QuickReply, Reply, Source
from wealth.request import Request
from wealth.skills._context import option
from wealth.skills.market_commentary_words import sentence_of
from wealth.store import Article
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

_MOST_ARTICLES = 2
_WORTH_SAYING = Decimal("0.03")
_QUOTED = ("news", "research")
_FRESH = timedelta(days=7)


def reply(bank: Bank, request: Request, skill: str, subject: Subject | None) -> Reply:
    """The subject's move, what it is to this customer, and what has been written about it."""
    found = [
        move
        for move in market_view.moves(bank.store, request.now, market_view.session_of(request.text))
        if subject is not None and move.series.id in subject.series
    ]
    sentences = []
    if found:
        day = say(f"market.session.{found[0].row.session}", day=day_text(found[0].row.date, request.now.date()))
        sentences.append(say("market.subject.move", day=day, moves="，".join(sentence_of(move) for move in found)))
    elif subject is not None:
        sentences.append(say("market.subject.no_data", name=subject.name))
    situation = situation_of(bank.store, request.customer, request.now) if request.customer is not None else None
    sources: list[Source] = [move.source for move in found]
    if situation is not None:
        own, used = _own(situation, subject)
        sentences += own
        sources += used
    if market_view.asks(request.text, "enter"):
        sentences.append(_enter(situation, subject))
    articles = _articles(bank, request, subject.topics if subject is not None else ("market", "allocation"))
    sources += [_source(one) for one in articles]
    blocks = [_quotes(articles, request)] if articles else []
    steps = _steps(situation, subject)
    return Reply(
        skill=skill,
        sentences=sentences,
        spoken=sentences[:2],
        blocks=blocks,
        quick_replies=steps,
        next_step=steps[0],
        sources=sources,
        disclosures=disclosures(any(move.series.synthetic for move in found)),
        privacy=Privacy.PUBLIC if situation is None else Privacy.PERSONAL,
    )


def causes(bank: Bank, request: Request, skill: str) -> Reply:
    """Why did it move: what has been published lately, or that we do not know."""
    fresh = [
        one
        for one in _articles(bank, request, ("market", "equity", "rates"))
        if request.now - one.published_at <= _FRESH
    ]
    text = say("market.cause.quoted") if fresh else say("market.cause.unknown")
    steps = [option("market.options.today"), option("market.options.mine")]
    return Reply(
        skill=skill,
        sentences=[text, *(say("market.cause.line", title=one.title, summary=one.summary) for one in fresh[:1])],
        spoken=[text],
        blocks=[_quotes(fresh, request)] if fresh else [],
        quick_replies=steps,
        next_step=steps[0],
        sources=[_source(one) for one in fresh],
        disclosures=["not_advice"],
    )


def disclosures(synthetic: bool) -> list[str]:
    """Ids of the risk sentences under a market answer."""
    return ["synthetic_market", "not_advice"] if synthetic else ["not_advice"]


def _own(situation: Situation, subject: Subject | None) -> tuple[list[str], list[Source]]:
    """How much of the subject the customer holds."""
    theme = wish.theme_named(subject.theme) if subject is not None and subject.theme else None
    if subject is None or theme is None:
        return [], []
    held = [one for one in situation.portfolio.holdings if theme.fits(one.product) and one.value > 0]
    if not held:
        return [say("market.subject.none_held", name=subject.name)], []
    value = sum((one.value for one in held), Decimal(0))
    share = percent(value / situation.portfolio.total, 1)
    names = "、".join(dict.fromkeys(one.product.name for one in held))
    text = say("market.subject.held", name=subject.name, names=names, value=money(value), share=share)
    return [text], [one.source for one in held]


def _enter(situation: Situation | None, subject: Subject | None) -> str:
    """May I enter now: by level and balance, not by a guess."""
    asset_class = subject.asset_class if subject is not None else "equity"
    if situation is None:
        return say("market.enter.anyone")
    if situation.standing.level is None:
        return say("market.enter.no_assessment")
    targets = situation.targets or {}
    name = say(f"recommend.classes.{asset_class}")
    if not targets.get(asset_class):
        return say("market.enter.not_for_level", name=name, level=situation.standing.rating)
    short = situation.shortage(asset_class, Decimal(0))
    figures = {
        "name": name,
        "have": percent(situation.share(asset_class, Decimal(0)), 0),
        "target": percent(targets[asset_class], 0),
    }
    if situation.emergency_short > 0:
        return say("market.enter.emergency", **figures)
    if short > _WORTH_SAYING:
        return say("market.enter.room", **figures)
    return say("market.enter.full" if short < -_WORTH_SAYING else "market.enter.even", **figures)


def _articles(bank: Bank, request: Request, topics: Sequence[str]) -> list[Article]:
    """The newest valid pieces on any of the topics, the narrower topic first."""
    found: dict[str, Article] = {}
    for topic in topics:
        for one in bank.store.articles(request.now, topic=topic, limit=_MOST_ARTICLES):
            if one.kind in _QUOTED:
                found.setdefault(one.id, one)
    return list(found.values())[:_MOST_ARTICLES]


def _quotes(articles: Sequence[Article], request: Request) -> dict[str, object]:
    today = request.now.date()
    return listing(
        say("market.articles.title"),
        [
            item(
                one.title,
                text=one.summary,
                value=say("market.articles.by", source=one.source, day=day_text(one.published_at.date(), today)),
            )
            for one in articles
        ],
    )


def _source(article: Article) -> Source:
    return Source(f"article:{article.id}", article.title, article.published_at)


def _steps(situation: Situation | None, subject: Subject | None) -> list[QuickReply]:
    first = option("common.options.checkup" if situation is not None else "market.options.today")
    second = None
    if subject is not None and subject.theme and (situation is None or _has_room(situation, subject.asset_class)):
        second = option("market.options.theme", name=subject.theme)
    last = option("market.options.today") if situation is not None else option("market.options.gold")
    return [step for step in (first, second, last) if step is not None]


def _has_room(situation: Situation, asset_class: str) -> bool:
    """The level knows the class, and there is not too much of it already."""
    if not (situation.targets or {}).get(asset_class):
        return False
    return situation.shortage(asset_class, Decimal(0)) >= -_WORTH_SAYING
