"""Every skill × every demo persona and customer type × both channels through the Adviser: what breaks a rule.

`python -m benchmarks.rules_sweep [--each 3] [--personas 99]` prints one row per skill: replies, those that the guard
held back or put right before sending (with the rules), and breaches in what was sent. A breach is found by `breaches`
below, which reads the rendered messages with its own expressions and asks the guard nothing. Exit code 1 if one is.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from channels.rendering.reply import messages
from wealth.adviser import Adviser
from wealth.bank import Bank
from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build
from wealth.errors import UnknownCustomer
from wealth.knowledge.base import KnowledgeBase
from wealth.positions import portfolio
from wealth.reply import Reply
from wealth.request import Period, Request
from wealth.rules.book import RuleBook
from wealth.rules.checks import Finding
from wealth.rules.guard import Guard
from wealth.store import Store, open_store
from wealth.store.migrate import migrate
from wealth.wording import say

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 20, 21, 0, tzinfo=SHANGHAI)
SKILLS = (
    "asset_overview", "wealth_checkup", "pnl_query", "wealth_bill", "product_recommend", "product_explain",
    "risk_assessment", "purchase_howto", "redeem_howto", "product_maturity", "stop_profit_loss", "market_commentary",
    "concept_qa", "human_handoff", "branch_service", "chitchat", "out_of_scope",
)  # fmt: skip
# What an offer may be asked with, beside the sentences of data/nlu.
PERIODS = (
    Period("今年以来", date(2026, 1, 1), date(2026, 11, 21)),
    Period("上个月", date(2026, 10, 1), date(2026, 11, 1)),
    Period("昨天", date(2026, 11, 19), date(2026, 11, 20)),
    Period("2月30日", None, None, valid=False, reason="日历上没有这一天"),
)


@dataclass
class Tally:
    """What one skill did in the sweep. held: rule → how often the guard had to step in; examples: of breaches."""

    replies: int = 0
    failed: int = 0
    held: Counter[int] = field(default_factory=Counter)
    breaches: Counter[int] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


class Watching(Guard):
    """The guard, remembering what it found in the last Reply before it put it right or held it back."""

    def __init__(self, store: Store, book: RuleBook) -> None:
        super().__init__(store, book)
        self.findings_of_last: list[Finding] = []

    def findings(self, reply: Reply, request: Request) -> list[Finding]:
        found = super().findings(reply, request)
        self.findings_of_last = [*self.findings_of_last, *found]
        return found


_DENIED = re.compile("(?:不|非|没有|无法|没|未|别信|谨防|警惕|打破|声称|禁止|所谓|不能|是否)[^。；！？，]{0,5}$")
_SAFE = re.compile(
    "保本|保息|稳赚|零风险|刚兑|刚性兑付|包赚|只赚不赔|不会亏|绝对安全|保证收益|没有风险|无风险(?!利率|收益率)"
)
_LURE = re.compile("低门槛|零门槛|秒到账|躺赚|闭眼买|错过再等|手慢无|必买|抢购|稳稳的幸福")
_FORECAST = re.compile("预期年化|预计年化|有望赚|必涨|肯定涨|一定会涨|将上涨|会涨到")
_PERSON = re.compile("我是真人|我不是机器人|我是人工客服|我是您的客户经理")
_DONE = re.compile("已为您(?:购买|下单|赎回|转账)|已帮您(?:买|购买|赎回|转账)|交易已完成")
_RANKED = re.compile("收益(?:率)?最高的|按收益(?:率)?(?:排|从高到低)|收益冠军|销量冠军")
_FIGURE = re.compile(r"[¥￥]\s?\d|\d\s?(?:元|万元|亿元|%|个百分点)")
_PAST = re.compile(r"(?:近|过去|历史|成立以来)[^。；，,]{0,12}(?:收益率|涨幅|跌幅|年化|回撤|波动率)[^。；，,]{0,8}\d")
_LONG_NUMBER = re.compile(r"(?<![\d.])(?:\d[ -]?){15,18}\d(?![\d.])|(?<!\d)1[3-9]\d{9}(?!\d)")
_HINT = re.compile("建议您?选|应该选|帮您选|替您选|最好选")


_MACHINE = {"id", "type", "kind", "code", "url", "privacy", "origin", "as_of", "reply_to", "key", "align", "tone"}


def _shown(node: Any, key: str = "") -> Iterator[str]:
    if isinstance(node, str) and key not in (
        "id",
        "type",
        "kind",
        "code",
        "url",
        "privacy",
        "origin",
        "as_of",
        "reply_to",
    ):
        yield node
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _shown(value, name)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _shown(value, key)


def _in_earnest(pattern: re.Pattern[str], text: str) -> list[str]:
    return [
        found[0]
        for found in pattern.finditer(text)
        if not _DENIED.search(text[max(0, found.start() - 9) : found.start()])
    ]


def breaches(store: Store, reply: Reply, request: Request) -> list[tuple[int, str]]:
    """Rules that a sent Reply breaks, seen from outside: rendered messages, product rows and the customer's level."""
    rendered = [one for one in messages(reply.to_dict(), "m") if one["type"] != "quick_replies"]
    said = [text for one in rendered for text in _shown(one)] + list(reply.spoken)
    text = "\n".join(said)
    found: list[tuple[int, str]] = []
    codes = dict.fromkeys([*reply.offered, *(str(one["code"]) for one in rendered if one["type"] == "product")])
    products = [store.product(code) for code in codes]
    level = _level(store, request)
    if reply.purpose.value in ("advice", "push"):
        named = [
            one for one in store.catalogue() if len(one.name) > 3 and any(one.name in part for part in reply.sentences)
        ]
        put_forward = {one.code: one for one in [*products, *(store.product(one.code) for one in named)]}
        above = [code for code, one in put_forward.items() if level is not None and one.risk > level]
        found += [(1, code) for code in above]
        if products and level is None:
            found.append((2, "offered without a level"))
        if not request.personalised and reply.control.get("personalised"):
            found.append((10, "personalised"))
    if reply.skill == "risk_assessment":
        found += [(3, word) for word in _in_earnest(_HINT, text)]
    loose = any(one.get("kind") == "purchase" for one in rendered)
    buyable = {str(one["code"]) for one in rendered if one["type"] == "product" and (one.get("link") or loose)}
    age = _age(store, request)
    for product in (store.product(code) for code in buyable):
        if age is not None and age >= 65 and product.risk >= 4:
            found.append((4, product.code))
        if level is not None and product.risk > level:
            found.append((5, product.code))
    if not products or any("deposit" not in product.kind or "structured" in product.kind for product in products):
        found += [(6, word) for word in _in_earnest(_SAFE, text)]
    found += [(7, word) for word in _in_earnest(_LURE, text)]
    found += [(8, word) for word in _FORECAST.findall(text)]
    if "业绩比较基准" in text and "业绩比较基准不是预期收益率" not in text:
        found.append((8, "benchmark without its sentence"))
    if reply.purpose.value != "service" and _PAST.search(text) and "过往业绩不代表其未来表现" not in text:
        found.append((9, str(_PAST.search(text))))
    found += [(10, word) for word in _in_earnest(_RANKED, text)]
    personal = request.channel == "robot" and reply.privacy.value != "public"
    if personal and (reply.blocks or any(character.isdigit() for part in said for character in part)):
        found.append((12, text[:60]))
    if request.channel == "robot" and request.customer and store.customer(request.customer).name in text:
        found.append((12, "full name"))
    found += [(13, "long number") for _ in _LONG_NUMBER.findall(text)]
    found += [(15, word) for word in _in_earnest(_PERSON, text)]
    found += [(16, word) for word in _in_earnest(_DONE, text)]
    stated = "\n".join(
        part for one in rendered if one["type"] not in ("form_step", "disclosure") for part in _shown(one)
    )
    if _FIGURE.search(stated) and not reply.sources:
        found.append((17, str(_FIGURE.search(stated))))
    return found


def _level(store: Store, request: Request) -> int | None:
    """The level by the rows themselves: last confirmed within a year, or a newer lower one."""
    if request.customer is None:
        return None
    rows = [one for one in store.assessments(request.customer) if one.taken_at <= request.now]
    confirmed = [one for one in rows if one.confirmed_at]
    if not confirmed or (request.now - confirmed[0].taken_at).days > 365:
        return None
    newer = [one for one in rows if one.taken_at >= confirmed[0].taken_at]
    return min(int(one.rating[1]) for one in newer)


def _age(store: Store, request: Request) -> int | None:
    return store.customer(request.customer).age(request.now.date()) if request.customer else None


def sentences(skill: str, each: int) -> list[str]:
    """Some of the sentences customers ask this skill with (data/nlu), the same each time."""
    found: list[str] = []
    for path in sorted((ROOT / "data" / "nlu" / skill).glob("*.yml")):
        for block in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("nlu", []):
            found += [line[2:] for line in str(block.get("examples", "")).splitlines() if line.startswith("- ")]
    return random.Random(7).sample(found, min(each, len(found)))


def requests(store: Store, skill: str, customer: str | None, channel: Any, each: int) -> Iterator[Request]:
    """Sentences as typed, then the same skill with what the NLU would have found in them."""
    plain = Request(customer=customer, channel=channel, text="", now=NOW)
    for text in sentences(skill, each):
        yield replace(plain, text=text)
    for period in PERIODS:
        yield replace(plain, text=period.name, period=period)
    for name in ("fixed", "equity"):
        yield replace(plain, text="这一类的呢", asset_class=name)
    named = ["GP001A", "LC001", "DQ003"]
    if customer is not None:
        named += [holding.product.code for holding in portfolio(store, customer, NOW).holdings][:2]
    known = {one.code for one in store.catalogue()}
    for code in dict.fromkeys(named):
        if code in known:
            yield replace(plain, text="这款产品怎么样，能买吗", products=[code])
            yield replace(
                plain, text="为什么", products=[code], context={"skill": skill, "why": True, "offered": [code]}
            )
    yield replace(plain, text="推荐一下", personalised=False, amount=Decimal(100_000))
    yield replace(plain, text="第二个", ordinal=2, context={"skill": skill, "offered": ["LC001", "XJ001"]})
    yield replace(plain, text="帮我买收益最高的", amount=Decimal(500_000), rating="R5")
    yield replace(plain, text="没有这款", products=["NOSUCH"])


def customers(store: Store, most: int) -> list[str]:
    """All personas, then generated customers until every level and state of assessment is there."""
    with (ROOT / "data" / "demo" / "personas.yml").open(encoding="utf-8") as file:
        raw = yaml.safe_load(file)
    personas = [one["id"] for one in raw["personas"]]
    return [key for key in personas if _exists(store, key)][:most]


def _exists(store: Store, key: str) -> bool:
    try:
        store.customer(key)
    except UnknownCustomer:
        return False
    return True


def sweep(bank: Bank, who: Sequence[str | None], skills: Sequence[str] = SKILLS, each: int = 6) -> dict[str, Tally]:
    """Ask everything; what each skill's replies came to."""
    guard = Watching(bank.store, bank.guard.book)
    adviser = Adviser(replace(bank, guard=guard))
    found: dict[str, Tally] = {}
    for skill in skills:
        tally = found.setdefault(skill, Tally())
        for customer in who:
            for channel in ("app", "robot"):
                if customer is None and channel == "app":
                    continue
                for request in requests(bank.store, skill, customer, channel, each):
                    tally.replies += 1
                    _look(adviser, guard, skill, request, tally)
    return found


def _look(adviser: Adviser, guard: Watching, skill: str, request: Request, tally: Tally) -> None:
    guard.findings_of_last = []
    sent = adviser.answer(skill, request)
    held = {finding.rule for finding in guard.findings_of_last}
    tally.failed += sent.sentences[0] == say("common.failed")
    tally.held.update(held - {12})
    if held - {12}:
        what = [f"{finding.rule} {finding.what}" for finding in guard.findings_of_last]
        tally.examples.append(f"guard on “{request.text[:24]}”: {what[:3]}")
    if sent.sentences[0] == say("common.failed"):
        tally.examples.append(f"failed on “{request.text[:30]}”")
    for rule, what_broke in breaches(adviser.bank.store, sent, request):
        tally.breaches[rule] += 1
        tally.examples.insert(
            0, f"BREACH {rule}: {request.customer}/{request.channel} {request.text[:24]} → {what_broke}"
        )


def table(found: dict[str, Tally]) -> str:
    """One row per skill."""
    rows = [f"{'skill':20} {'replies':>8} {'failed':>7} {'breaches':>9}  guard stepped in (rule×times)"]
    for skill, tally in found.items():
        held = " ".join(f"{rule}×{count}" for rule, count in sorted(tally.held.items()))
        rows.append(f"{skill:20} {tally.replies:8} {tally.failed:7} {sum(tally.breaches.values()):9}  {held or '-'}")
    total = sum(tally.replies for tally in found.values())
    rows.append(f"{'all':20} {total:8} {sum(t.failed for t in found.values()):7} {count_breaches(found):9}")
    return "\n".join(rows)


def count_breaches(found: dict[str, Tally]) -> int:
    return sum(sum(tally.breaches.values()) for tally in found.values())


def demo_bank(folder: Path, generated: int) -> Bank:
    """A fresh demo bank as at NOW."""
    url = f"sqlite:///{folder}/sweep.db"
    migrate(url)
    store = open_store(url)
    build(store, Parameters(generated, NOW.date(), 1849), lambda line: None)
    return Bank(store=store, guard=Guard.load(store), knowledge=KnowledgeBase.load())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=3, help="sentences of data/nlu per skill")
    parser.add_argument("--skills", nargs="*", default=list(SKILLS))
    parser.add_argument("--personas", type=int, default=99)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bank = demo_bank(Path(folder), 30)
        who: list[str | None] = [*customers(bank.store, asked.personas), None]
        found = sweep(bank, who, asked.skills, asked.each)
        print(table(found))
        # Beside each skill: what to look at, breaches first.
        for skill, tally in found.items():
            for example in list(dict.fromkeys(tally.examples))[:12]:
                print(f"  {skill}: {example}")
        bank.store.engine.dispose()
    return 1 if count_breaches(found) else 0


if __name__ == "__main__":
    sys.exit(main())
