"""The allocation plan in words: what it moves, from which money, and why it cannot reach everything."""

from __future__ import annotations

from decimal import Decimal

from wealth.advice.allocation_plan import Plan, Reason
from wealth.advice.allocation_rules import CLASSES
from wealth.advice.checkup import Review
from wealth.classes import class_name
from wealth.format import day, percent, round_money
from wealth.wording import say

_FUNDING = ("new", "maturing", "idle", "sale")


def plan_sentences(found: Review, *, named: bool) -> list[str]:
    """One to four sentences. named: products may be named (the customer has personal advice switched on)."""
    plan = found.plan
    if plan is None:
        raise ValueError("a plan needs a level")
    if not plan.base:
        return [_reason(reason, found) for reason in plan.reasons]
    if not plan.steps:
        said = [say("checkup.plan.nothing_to_do")] if plan.fits else [say("checkup.plan.cannot")]
    else:
        bought = sum((step.amount for step in plan.steps if step.action == "buy"), Decimal(0))
        sold = sum((step.amount for step in plan.steps if step.action == "sell"), Decimal(0))
        used = [say(f"checkup.plan.purses.{purse}") for purse in _FUNDING if purse in plan.funding]
        key = "buy_and_sell" if sold and bought else "sell" if sold else "buy"
        said = [say(f"checkup.plan.{key}", bought=round_money(bought), sold=round_money(sold), purses="、".join(used))]
        if not named:
            said.append(say("checkup.plan.unnamed"))
    if plan.reserve:
        key = "kept" if plan.set_aside else "kept_reserve"
        figures = {"reserve": round_money(plan.reserve), "set_aside": round_money(plan.set_aside)}
        said.append(say(f"checkup.plan.{key}", **figures))
    if plan.cap_lapsed:
        said.append(say("checkup.plan.cap_lapsed"))
    said += [_reason(reason, found) for reason in plan.reasons[:2]]
    if plan.handed_over:
        said.append(say("checkup.plan.hand_over"))
    return said


def plan_reasons(plan: Plan) -> list[str]:
    """Why the plan moves what it moves: the classes outside their band, and the order of the money."""
    before = plan.before
    off = [name for name in CLASSES if not plan.low[name] <= before[name] <= plan.high[name]]
    said = [
        say(
            "checkup.plan.above" if before[name] > plan.high[name] else "checkup.plan.below",
            name=class_name(name),
            have=percent(before[name], 1),
            low=percent(plan.low[name], 0),
            high=percent(plan.high[name], 0),
        )
        for name in off
    ]
    if not said:
        said = [say("checkup.plan.all_inside")]
    return [*said[:3], say("checkup.plan.order")]


def _reason(reason: Reason, found: Review) -> str:
    names = "、".join(product.name for product in reason.products)
    minimum = round_money(reason.products[0].minimum) if reason.products else ""
    return say(
        f"checkup.plan.reasons.{reason.key}",
        name=class_name(reason.asset_class) if reason.asset_class else "",
        names=names,
        minimum=minimum,
        until=day(reason.until) if reason.until else say("checkup.plan.later"),
        reserve=round_money(found.emergency.target),
        rating=f"C{found.plan.level}" if found.plan else "",
    )
