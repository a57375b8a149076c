"""What a question refers to: the product meant, whether its period can be answered, and the replies when not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from wealth.classes import DATA
from wealth.errors import UnknownProduct
from wealth.reply import Privacy, QuickReply, Reply
from wealth.request import Request
from wealth.store import Product
from wealth.wording import say

if TYPE_CHECKING:
    from wealth.bank import Bank

MOST_CANDIDATES = 5


@dataclass(frozen=True)
class Ambiguous:
    """Several products fit what was said; the customer chooses."""

    candidates: tuple[Product, ...]


@lru_cache(maxsize=8)
def _words(name: str) -> tuple[str, ...]:
    """The words of data/lexicon/<name>.txt."""
    lines = (DATA / "lexicon" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if (word := line.split("#")[0].strip()))


def mentions(request: Request, name: str) -> bool:
    """Whether the text holds a word of data/lexicon/<name>.txt: refers_back (它, 这只), asks_why (为什么) and so on."""
    return any(word in request.text for word in _words(name))


def with_manager_words(reply: Reply, request: Request) -> Reply:
    """The reply with what the customer's manager entered last (context["manager_said"]), after its first sentence."""
    said = request.context.get("manager_said")
    if not said:
        return reply
    first, *rest = reply.sentences
    return replace(
        reply,
        sentences=[first, *said["sentences"], *rest],
        sources=[*reply.sources, said["source"]],
        privacy=Privacy.PERSONAL,
    )


def asks_why(request: Request) -> bool:
    """A "为什么" after an answer, or a question that asks for the reason at once."""
    return bool(request.context.get("why")) or mentions(request, "asks_why")


def named_product(bank: Bank, request: Request, *, implicit: bool = True) -> Product | Ambiguous | None:
    """The product a question is about: named, chosen by ordinal, or the single one offered before.

    implicit False: the one offered before counts only if the text points at it ("它", "这只"); for skills whose
    question without a product means everything the customer holds. Raises StoreUnavailable.
    """
    if request.candidates and not request.products:
        found = _known(bank, request.candidates)
        return found[0] if len(found) == 1 else Ambiguous(found[:MOST_CANDIDATES]) if found else None
    if request.products:
        named = _known(bank, request.products)
        return named[0] if named else None
    offered = list(request.context.get("offered") or ())
    if request.ordinal is not None:
        index = request.ordinal - 1 if request.ordinal > 0 else request.ordinal
        chosen = offered[index : index + 1 or None] if -len(offered) <= index < len(offered) else []
        return next(iter(_known(bank, chosen)), None)
    pointed = mentions(request, "refers_back")
    if len(offered) == 1 and (implicit or pointed):
        return next(iter(_known(bank, offered)), None)
    if offered and pointed:
        several = _known(bank, offered)
        return Ambiguous(several[:MOST_CANDIDATES]) if several else None
    return None


def about_mine(skill: str, bank: Bank, request: Request) -> Product | Reply | None:
    """How every question about one's own money begins: the product meant, None for all of it, or what to say instead.

    The Reply says that it is shown on the customer's own phone, that the period can't be, or which products fit.
    Raises StoreUnavailable.
    """
    if request.customer is None or seen_by_others(request):
        return scan_first(skill)
    wrong = wrong_period(skill, request)
    if wrong is not None:
        return wrong
    product = named_product(bank, request, implicit=False)
    if isinstance(product, Ambiguous):
        return which_product(skill, product)
    if product is None and asks_for_product(request):
        return product_not_found(skill, request)
    return product


def asks_for_product(request: Request) -> bool:
    """A product was named or counted out, so None from named_product means that it was not found."""
    return bool(request.products or request.candidates or request.ordinal is not None)


def _known(bank: Bank, codes: object) -> tuple[Product, ...]:
    found = []
    for code in dict.fromkeys(codes):  # type: ignore[call-overload]
        try:
            found.append(bank.store.product(code))
        except UnknownProduct:
            continue
    return tuple(found)


def which_product(skill: str, ambiguous: Ambiguous) -> Reply:
    """Ask back with the candidates as buttons; they are offered, so "第二个" answers too."""
    names = "、".join(product.name for product in ambiguous.candidates)
    text = say("common.which_product", count=len(ambiguous.candidates), names=names)
    return Reply(
        skill=skill,
        sentences=[text],
        spoken=[text],
        quick_replies=[QuickReply(product.name, product.name) for product in ambiguous.candidates],
        offered=[product.code for product in ambiguous.candidates],
    )


def product_not_found(skill: str, request: Request) -> Reply:
    """The named or counted product is not there: say so, and how to name it."""
    count = len(request.context.get("offered") or ())
    if request.ordinal is not None and not request.products:
        key = "common.ordinal_too_far" if count else "common.ordinal_of_nothing"
        text = say(key, count=count)
    else:
        text = say("common.unknown_product")
    options = [option("common.options.overview"), option("common.options.recommend")]
    return Reply(skill=skill, sentences=[text], spoken=[text], quick_replies=options, next_step=options[0])


def seen_by_others(request: Request) -> bool:
    """The robot's screen and voice stand in a hall: nothing personal is answered there, whoever it is (rule 12)."""
    return request.channel == "robot"


def scan_first(skill: str) -> Reply:
    """An anonymous visitor asks for something personal: it is shown on their own phone only."""
    text = say("common.scan")
    return Reply(skill=skill, sentences=[text], spoken=[text], privacy=Privacy.PERSONAL)


def wrong_period(skill: str, request: Request) -> Reply | None:
    """A reply that explains why the period cannot be answered; None where it can be."""
    period = request.period
    if period is None:
        return None
    today = request.now.date()
    if not period.valid:
        text = say("common.impossible_period", reason=period.reason or say("common.no_such_period"))
    elif (period.start is not None and period.start > today) or _reversed(period.start, period.end):
        text = say("common.future_period" if period.start and period.start > today else "common.reversed_period")
    else:
        return None
    options = [option("common.options.this_month"), option("common.options.last_month")]
    return Reply(
        skill=skill,
        sentences=[text],
        spoken=[text],
        quick_replies=options,
        next_step=options[0],
        # The wrong period is not carried into the next question.
        params={"period": None},
    )


def _reversed(start: date | None, end: date | None) -> bool:
    return start is not None and end is not None and end <= start


def option(key: str, **figures: str) -> QuickReply:
    """A button from the wording files: `title` and `text` under the key."""
    return QuickReply(say(f"{key}.title", **figures), say(f"{key}.text", **figures))
