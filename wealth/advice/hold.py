"""Hold or sell: what speaks for keeping, trimming or looking again at a product owned. Nothing here guesses a price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wealth.advice import fit
from wealth.advice.alerts import Alert, Owned
from wealth.advice.fit import INVESTED, Situation

# What decides, the weightiest first; each leads to a verdict.
VERDICTS = {
    "above_level": "reduce",
    "stop_loss": "review",
    "concentration": "reduce",
    "target_return": "take",
    "class_over": "trim",
    "emergency": "keep_ready",
    "class_under": "keep",
    "steady": "keep",
}


@dataclass(frozen=True)
class View:
    """verdict: reduce|review|take|trim|keep_ready|keep, by the first of `grounds` (keys of VERDICTS)."""

    owned: Owned
    verdict: str
    grounds: Sequence[str]
    alerts: Sequence[Alert]

    @property
    def urgent(self) -> bool:
        """Something asks for a look now."""
        return self.verdict in ("reduce", "review", "take")


def view(one: Owned, situation: Situation, due: Sequence[Alert]) -> View:
    """How this holding stands for this customer."""
    mine = [alert for alert in due if alert.product.code == one.product.code]
    kinds = {alert.kind for alert in mine}
    grounds: list[str] = [key for key in ("above_level", "stop_loss", "concentration", "target_return") if key in kinds]
    if one.product.kind not in ("demand_deposit", "time_deposit", "insurance"):
        grounds += _class(one, situation)
    grounds.append("steady")
    return View(one, VERDICTS[grounds[0]], grounds, mine)


def may_add(seen: View, situation: Situation) -> str | None:
    """Why more of it should not be bought: above_level, no_assessment, concentration, class_over; None if it may."""
    standing = situation.standing
    if standing.level is None:
        return "no_assessment"
    if not standing.may_be_offered(seen.owned.product):
        return "above_level"
    cap = Decimal(str(fit.settings()["most_in_one"]))
    if seen.owned.share >= cap and seen.owned.product.kind not in ("cash", "time_deposit"):
        return "concentration"
    return "class_over" if "class_over" in seen.grounds else None


def _class(one: Owned, situation: Situation) -> list[str]:
    """Too much or too little of its class, beyond what is worth saying."""
    name = one.product.asset_class
    if name not in INVESTED or not situation.targets:
        return []
    short = situation.shortage(name, Decimal(0))
    worth = Decimal(str(fit.settings()["worth_saying_gap"]))
    if name == "cash" and situation.emergency_short > 0:
        return ["emergency"]
    if short < -worth:
        return ["class_over"]
    return ["class_under"] if short > worth else []
