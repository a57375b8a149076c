"""Rules 10, 11 and 19 on pushes: consent, switch, quiet hours, caps, and the opt-out each push carries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from wealth.bank import Bank
from wealth.clock import SHANGHAI
from wealth.reply import Purpose, Reply
from wealth.request import Request
from wealth.rules.book import RuleBook
from wealth.rules.push import Sent, may_push

BOOK = RuleBook.load()
YES = {"push": True, "personalised": True}
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=SHANGHAI)


def off(number: int) -> RuleBook:
    return RuleBook.load(off=frozenset({number}))


def test_a_first_push_at_noon_may_go() -> None:
    assert may_push(BOOK, YES, NOON, "maturity", []).allowed


@pytest.mark.parametrize("consents", [{}, {"push": False, "personalised": True}, {"personalised": True}])
def test_rule_11_without_consent_no_push(consents: dict[str, bool]) -> None:
    assert may_push(BOOK, consents, NOON, "maturity", []).reason == "no_consent"
    assert may_push(off(11), {**consents, "personalised": True}, NOON, "maturity", []).allowed


def test_rule_10_switched_off_stops_personal_pushes_only() -> None:
    consents = {"push": True, "personalised": False}
    assert may_push(BOOK, consents, NOON, "idle_cash", []).reason == "personalised_off"
    assert may_push(BOOK, consents, NOON, "stop_loss", [], personal=False).allowed
    assert may_push(off(10), consents, NOON, "idle_cash", []).allowed


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(20, 59, False), (21, 0, True), (23, 59, True), (0, 0, True), (8, 59, True), (9, 0, False)],
)
def test_rule_19_quiet_hours(hour: int, minute: int, quiet: bool) -> None:
    at = NOON.replace(hour=hour, minute=minute)
    verdict = may_push(BOOK, YES, at, "maturity", [])
    assert verdict.allowed is not quiet
    if quiet:
        assert verdict.not_before is not None and verdict.not_before.hour == 9
        assert timedelta() < verdict.not_before - at <= timedelta(hours=12)
        assert may_push(off(19), YES, at, "maturity", []).allowed


def test_rule_19_quiet_hours_are_shanghai_time() -> None:
    london = datetime.fromisoformat("2026-11-18T14:00:00+00:00")  # 22:00 in Shanghai
    assert may_push(BOOK, YES, london, "maturity", []).reason == "quiet_hours"


def test_rule_19_caps_per_week_and_kind() -> None:
    ago = [Sent(kind, NOON - timedelta(days=day)) for kind, day in (("a", 1), ("b", 3), ("c", 6))]
    assert may_push(BOOK, YES, NOON, "d", ago).reason == "weekly_cap"
    assert may_push(BOOK, YES, NOON, "a", ago[:1]).reason == "kind_cap"
    assert may_push(BOOK, YES, NOON, "b", ago[:1]).allowed
    assert may_push(off(19), YES, NOON, "a", ago).allowed
    old = [Sent("a", NOON - timedelta(days=7, seconds=1))] * 9
    assert may_push(BOOK, YES, NOON, "a", old).allowed


def test_a_push_goes_out_with_its_opt_out(bank: Bank) -> None:
    request = Request(customer="demo-02", channel="app", text="", now=NOON)
    push = Reply(skill="outreach", sentences=["您的理财快到期了。"], purpose=Purpose.PUSH)
    sent, verdict = bank.guard.check_push(push, request, "maturity", YES, [])
    assert verdict.allowed and sent is not None and sent.quick_replies[-1].text == "不再给我推送这类消息"
    refused, verdict = bank.guard.check_push(push, request, "maturity", {}, [])
    assert refused is None and verdict.reason == "no_consent"
    lie = Reply(skill="outreach", sentences=["稳赚的理财来了。"], purpose=Purpose.PUSH)
    held, verdict = bank.guard.check_push(lie, request, "maturity", YES, [])
    assert held is None and not verdict.allowed
