"""Blocks of the check-up: the gauge, upgrades, classes against their bands, the plan's steps, the facts behind."""

from __future__ import annotations

from decimal import Decimal

from wealth import blocks
from wealth.advice.allocation_plan import Plan, shown
from wealth.advice.allocation_rules import CLASSES
from wealth.advice.checkup import Checkup, Review, Upgrade
from wealth.advice.checkup_score import formula
from wealth.classes import class_name
from wealth.format import money, percent, round_money
from wealth.reply import QuickReply
from wealth.skills._context import option
from wealth.wording import say

# Measures that read better as a ratio or a number than as per cent.
_PLAIN = frozenset({"product_count", "return_per_risk"})


def score_gauge(found: Checkup) -> blocks.Block:
    """The score with its dimensions; what could not be judged shows what it was judged by."""
    score = found.score
    parts = [(one.name, one.points, one.known) for one in score.dimensions if one.known]
    summary = "，".join(f"{name} {points:.0f}/{most}" for name, points, most in parts)
    return blocks.gauge(
        say("checkup.title"),
        Decimal(score.total),
        Decimal(100),
        score.label,
        summary=summary or score.label,
        parts=parts,
    )


def upgrade_list(found: Checkup) -> blocks.Block | None:
    """At most three upgrades, each with its reason and its effect."""
    if not found.upgrades:
        return None
    items = []
    for one in found.upgrades:
        gain = say("checkup.gain", points=one.gain) if one.gain is not None else say("checkup.gain_confidence")
        button = upgrade_option(one.key)
        items.append(
            blocks.item(
                say(f"checkup.upgrades.{one.key}.title"),
                text=say(f"checkup.upgrades.{one.key}.{_why(found, one)}", **_figures(found, one)),
                value=gain,
                tone="up",
                private=True,
                action=blocks.action(button.title, text=button.text),
            )
        )
    return blocks.listing(say("checkup.upgrades_title"), items)


def _why(found: Checkup, one: Upgrade) -> str:
    """Which wording tells the reason: without a known gap, protection is about the basic kinds only."""
    return "why_basics" if one.key == "protection" and not found.gap.gap else "why"


def upgrade_option(key: str) -> QuickReply:
    return option(f"checkup.upgrades.{key}.option")


def _figures(found: Checkup, one: Upgrade) -> dict[str, str]:
    total = found.portfolio.total
    value = sum((holding.value for holding in one.holdings), Decimal(0))
    names = "、".join(dict.fromkeys(holding.product.name for holding in one.holdings[:3]))
    return {
        "names": names,
        "value": money(value),
        "share": percent(value / total, 1) if total else "0%",
        "rating": found.standing.rating or "",
        "have": money(found.emergency.have),
        "target": round_money(found.emergency.target),
        "short": round_money(found.emergency.short),
        "months": str(found.emergency.months),
        "count": f"{found.measures.get('product_count') or 0:.0f}",
        "gap": round_money(found.gap.gap),
        "missing": "、".join(say(f"checkup.cover.{kind}") for kind in found.gap.missing) or say("checkup.cover.none"),
        "drift": _drift(found.plan) if found.plan else "",
    }


def _drift(plan: Plan) -> str:
    """The class that is farthest outside its band, in words."""
    if not plan.base:
        return ""
    off = max(CLASSES, key=lambda name: abs(plan.before[name] - plan.target[name]))
    return say(
        "checkup.drift", name=class_name(off), have=percent(plan.before[off], 1), target=percent(plan.target[off], 0)
    )


def class_table(found: Review) -> list[blocks.Block]:
    """Now, target, band and after the plan, for the four classes; nothing without a level."""
    plan = found.plan
    if plan is None or not plan.base:
        return []
    before, after = plan.before, shown(plan.after)
    columns = [
        blocks.column("name", say("checkup.columns.name")),
        blocks.column("now", say("checkup.columns.now"), align="right", private=True),
        blocks.column("target", say("checkup.columns.target"), align="right"),
        blocks.column("band", say("checkup.columns.band"), align="right"),
        blocks.column("after", say("checkup.columns.after"), align="right", private=True),
    ]
    rows = [
        {
            "name": class_name(name),
            "now": percent(before[name], 1),
            "target": percent(plan.target[name], 0),
            "band": f"{percent(plan.low[name], 0)}–{percent(plan.high[name], 0)}",
            "after": percent(after[name], 1),
        }
        for name in CLASSES
    ]
    return [blocks.table(say("checkup.class_table", rating=f"C{plan.level}"), columns, rows)]


def step_table(plan: Plan) -> list[blocks.Block]:
    """The plan's trades in the order to make them."""
    if not plan.steps:
        return []
    columns = [
        blocks.column("step", say("checkup.columns.step")),
        blocks.column("name", say("checkup.columns.product")),
        blocks.column("amount", say("checkup.columns.amount"), align="right", private=True),
        blocks.column("why", say("checkup.columns.why")),
    ]
    rows = [
        {
            "step": say(f"checkup.plan.actions.{step.action}"),
            "name": f"{step.product.name}（{step.product.rating}）",
            "amount": round_money(step.amount),
            "why": say(f"checkup.plan.causes.{step.cause}", name=class_name(step.product.asset_class)),
        }
        for step in plan.steps
    ]
    return [blocks.table(say("checkup.plan.title"), columns, rows)]


def dimension_list(found: Checkup) -> blocks.Block:
    """Every measure with its value and points: what was marked down, one by one."""
    items = []
    for key, dimension in formula()["dimensions"].items():
        for name, rule in dimension["measures"].items():
            value = found.measures.get(name)
            if value is None:
                text, points = say("checkup.measure_unknown"), say("checkup.not_counted")
            else:
                shown = f"{value:.1f}".removesuffix(".0") if name in _PLAIN else percent(value, 0)
                text = say(f"checkup.measures.{name}", value=shown)
                points = say("checkup.points", points=f"{found.score.points[name]:.1f}", most=rule["max"])
            title, tone = say(f"checkup.measure_names.{name}"), _tone(found, name, key)
            items.append(blocks.item(title, text=text, value=points, private=True, tone=tone))
    return blocks.listing(say("checkup.dimension_title"), items)


def _tone(found: Checkup, name: str, dimension: str) -> str:
    points = found.score.points.get(name)
    if points is None:
        return "flat"
    most = Decimal(formula()["dimensions"][dimension]["measures"][name]["max"])
    return "up" if points >= most * Decimal("0.8") else "flat" if points >= most / 2 else "warn"


def facts(found: Checkup) -> blocks.Block:
    """What the check-up rests on: level, stage, reserve, protection."""
    emergency, gap = found.emergency, found.gap
    rows = [
        blocks.row(say("checkup.facts.level"), found.standing.rating or say(f"checkup.facts.{found.standing.state}")),
        blocks.row(say("checkup.facts.stage"), found.stage.name, note=found.stage.meaning),
    ]
    if emergency.target:
        rows.append(
            blocks.row(
                say("checkup.facts.emergency"),
                f"{money(emergency.have)} / {round_money(emergency.target)}",
                note=say("checkup.facts.emergency_note", months=emergency.months),
                tone="warn" if emergency.short else None,
                private=True,
            )
        )
    if gap.need is not None:
        rows.append(
            blocks.row(
                say("checkup.facts.protection"),
                f"{round_money(gap.cover)} / {round_money(gap.need)}",
                note=say("checkup.facts.protection_note"),
                tone="warn" if gap.gap else None,
                private=True,
            )
        )
    rows.append(
        blocks.row(
            say("checkup.facts.confidence"),
            found.score.confidence_label,
            note=say("checkup.facts.confidence_note", share=percent(found.score.confidence, 0)),
        )
    )
    return blocks.card(say("checkup.facts.title"), rows)
