"""One check per rule: what a Reply breaks. A check looks and reports; what happens then is the guard's business."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from wealth.advice.suitability import Standing, standing
from wealth.errors import UnknownCustomer, UnknownProduct
from wealth.reply import Privacy, Purpose, Reply
from wealth.request import Request
from wealth.rules.book import Rule, RuleBook
from wealth.rules.said import texts, whole
from wealth.rules.words import WordList
from wealth.store import Product, Store
from wealth.wording import say

OFFERING = (Purpose.ADVICE, Purpose.PUSH)


@dataclass(frozen=True)
class Finding:
    """A rule that a Reply breaks: its number and what was found (an id or a word of ours, never the customer's)."""

    rule: int
    what: str


@dataclass
class Look:
    """One Reply under the guard's eyes; what several checks need is worked out once."""

    reply: Reply
    request: Request
    store: Store
    book: RuleBook
    lists: Mapping[tuple[int, str], WordList] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        return whole(self.reply)

    @cached_property
    def product_blocks(self) -> list[Mapping[str, Any]]:
        return [block for block in self.reply.blocks if block.get("type") == "product"]

    @cached_property
    def products(self) -> list[Product]:
        codes = dict.fromkeys([*self.reply.offered, *(str(block["code"]) for block in self.product_blocks)])
        found = []
        for code in codes:
            try:
                found.append(self.store.product(code))
            except UnknownProduct:
                continue
        return found

    @cached_property
    def standing(self) -> Standing | None:
        if self.request.customer is None:
            return None
        try:
            return standing(self.store, self.request.customer, self.request.now)
        except UnknownCustomer:
            return None

    def said(self, number: int, name: str = "words") -> list[str]:
        """The forbidden words of a rule that this Reply says."""
        return self.lists[(number, name)].find(self.text)


Check = Callable[[Look, Rule], Iterator[Finding]]


def too_risky(look: Look, rule: Rule) -> Iterator[Finding]:
    if look.reply.purpose in OFFERING and look.standing is not None and look.standing.level is not None:
        for product in look.products:
            if not look.standing.may_be_offered(product):
                yield Finding(1, product.code)


def no_assessment(look: Look, rule: Rule) -> Iterator[Finding]:
    offers = look.reply.purpose in OFFERING and bool(look.products)
    if offers and (look.standing is None or look.standing.level is None):
        yield Finding(2, "no valid assessment")


def hints_at_answers(look: Look, rule: Rule) -> Iterator[Finding]:
    if look.reply.skill == "risk_assessment":
        yield from (Finding(3, word) for word in look.said(3, "hints"))


def _buys_at_once(block: Mapping[str, Any]) -> bool:
    if block.get("type") == "link":
        return block.get("kind") == "purchase"
    return bool(block.get("link"))


def elderly_one_tap(look: Look, rule: Rule) -> Iterator[Finding]:
    if look.standing is None or look.standing.age is None or look.standing.age < int(rule.settings["age"]):
        return
    risky = {product.code for product in look.products if product.risk >= int(rule.settings["risk"])}
    linked = [block for block in look.product_blocks if _buys_at_once(block) and block["code"] in risky]
    loose = risky and any(block.get("type") == "link" and _buys_at_once(block) for block in look.reply.blocks)
    if linked or loose:
        yield Finding(4, "purchase link")


def sells_above_level(look: Look, rule: Rule) -> Iterator[Finding]:
    """A product above the level asked for by name may be explained; its purchase goes to a person, never to a link."""
    if look.standing is None or look.standing.level is None:
        return
    above = {product.code for product in look.products if not look.standing.may_be_offered(product)}
    linked = [block for block in look.product_blocks if _buys_at_once(block) and block["code"] in above]
    loose = above and any(block.get("type") == "link" and _buys_at_once(block) for block in look.reply.blocks)
    if linked or loose:
        yield Finding(5, "purchase link above level")


def promises_safety(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(6, word) for word in look.said(6, "confusions"))
    kinds = set(rule.words("deposits"))
    if look.products and all(product.kind in kinds for product in look.products):
        return
    yield from (Finding(6, word) for word in look.said(6))


def induces(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(7, word) for word in look.said(7))


def forecasts(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(8, word) for word in look.said(8, "forecasts"))
    for block in look.product_blocks:
        benchmark = block.get("benchmark")
        if benchmark and not benchmark.get("basis"):
            yield Finding(8, "benchmark without basis")
    young = int(rule.settings["min_days_for_yield"])
    if "七日年化" in look.text:
        for product in look.products:
            if product.kind == "cash" and (look.request.now.date() - product.launch_date).days < young:
                yield Finding(8, "seven-day yield too early")


def short_window(look: Look, rule: Rule) -> Iterator[Finding]:
    """Whether the window is long enough; the risk sentence itself is added by the guard (see `due_disclosures`)."""
    if not look.products or all(product.kind == "cash" for product in look.products):
        return
    if look.reply.purpose in OFFERING:
        yield from (Finding(9, word) for word in look.said(9, "short_windows"))


def ranks_by_return(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(10, word) for word in look.said(10))
    if not look.request.personalised and look.reply.purpose in OFFERING and look.reply.control.get("personalised"):
        yield Finding(10, "personalised although switched off")


def forces_consent(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(11, word) for word in look.said(11, "refusals"))


def personal_in_lobby(look: Look, rule: Rule) -> Iterator[Finding]:
    """A personal reply at the robot may invite to scan and nothing else, least of all for a known customer."""
    if look.request.channel != "robot" or look.reply.privacy is Privacy.PUBLIC:
        return
    if list(look.reply.sentences) == [say("common.scan")] and not look.reply.blocks and not look.reply.sources:
        return
    digits = any(character.isdigit() for text in texts(look.reply) for character in text)
    if look.request.customer is not None or look.reply.blocks or look.reply.sources or look.reply.offered or digits:
        yield Finding(12, "personal content")


def keeps_traces(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(14, word) for word in look.said(14))


def claims_to_be_human(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(15, word) for word in look.said(15))


def closes_sale(look: Look, rule: Rule) -> Iterator[Finding]:
    yield from (Finding(16, word) for word in look.said(16))


def unsourced(look: Look, rule: Rule) -> Iterator[Finding]:
    if look.reply.sources:
        return
    # The choices of a questionnaire ("5 万元以内") are asked, not stated.
    stated = replace(look.reply, blocks=[block for block in look.reply.blocks if block.get("type") != "form_step"])
    found = re.search(str(rule.settings["pattern"]), whole(stated))
    if found or any(block.get("type") == "chart" for block in look.reply.blocks):
        yield Finding(17, "figure without source")


def no_opt_out(look: Look, rule: Rule) -> Iterator[Finding]:
    if look.reply.purpose is Purpose.PUSH:
        opt_out = say("push.opt_out.text")
        if all(option.text != opt_out for option in look.reply.quick_replies):
            yield Finding(19, "push without opt-out")


CHECKS: Mapping[int, Check] = {
    1: too_risky,
    2: no_assessment,
    3: hints_at_answers,
    4: elderly_one_tap,
    5: sells_above_level,
    6: promises_safety,
    7: induces,
    8: forecasts,
    9: short_window,
    10: ranks_by_return,
    11: forces_consent,
    12: personal_in_lobby,
    14: keeps_traces,
    15: claims_to_be_human,
    16: closes_sale,
    17: unsourced,
    19: no_opt_out,
}

# The word lists that checks read: rule number and the setting's name.
LISTS = (
    (3, "hints"),
    (6, "words"),
    (6, "confusions"),
    (7, "words"),
    (8, "forecasts"),
    (9, "short_windows"),
    (10, "words"),
    (11, "refusals"),
    (14, "words"),
    (15, "words"),
    (16, "words"),
    (18, "words"),
)
