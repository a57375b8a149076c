"""Messages that only their conversation makes plain."""

from __future__ import annotations

from datetime import datetime

import pytest

from nlu.context import Context
from nlu.priors import damp, profile_factors, shift
from nlu.understanding import ZONE

NOW = datetime(2026, 11, 22, 10, tzinfo=ZONE)

CLARIFY = {
    "kind": "clarify",
    "skill": "pnl_query",
    "options": [
        {"skill": "pnl_query", "title": "查赚了还是亏了"},
        {"skill": "stop_profit_loss", "title": "手上的产品该留还是该卖"},
    ],
    "entities": [{"entity": "asset_class", "value": "equity", "start": 0, "end": 2}],
}
FORM = {
    "kind": "form",
    "skill": "risk_assessment",
    "step": 0,
    "options": [
        {"title": "不到一年", "value": "a"},
        {"title": "一到三年", "value": "b"},
        {"title": "三年以上", "value": "c"},
    ],
}
TOPIC = {"skill": "pnl_query", "params": {}, "offered": ["910001", "910002"]}


def read(understander, text, **context):
    return understander.understand(text, NOW, Context(**context))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("查赚了还是亏了", "pnl_query"),
        ("手上的产品该留还是该卖。", "stop_profit_loss"),
        ("第二个", "stop_profit_loss"),
        ("前者", "pnl_query"),
        ("后面那个吧", "stop_profit_loss"),
        ("2", "stop_profit_loss"),
        ("A", "pnl_query"),
        ("都不是", "deny"),
    ],
)
def test_an_option_that_was_offered(understander, text, intent):
    understood = read(understander, text, pending=CLARIFY)
    assert (understood.ranking[0][0], understood.decision) == (intent, "answer")


def test_the_choice_keeps_what_was_said_before(understander):
    entities = read(understander, "第二个", pending=CLARIFY).entities
    assert [(one["entity"], one["value"]) for one in entities] == [("asset_class", "equity")]


def test_a_pointer_beyond_the_options_chooses_nothing(understander):
    offered = {option["skill"] for option in CLARIFY["options"]}
    assert read(understander, "第五个", pending=CLARIFY).ranking[0][0] not in offered


@pytest.mark.parametrize(("text", "at"), [("B", 1), ("第三个", 2), ("一到三年", 1), ("最后一个", 2), ("选a", 0)])
def test_an_answer_to_a_form(understander, text, at):
    understood = read(understander, text, pending=FORM)
    assert understood.ranking[0][0] == "inform"
    choice = next(one for one in understood.entities if one["entity"] == "choice")
    assert choice["value"]["index"] == at


def test_a_question_in_the_middle_of_a_form_stays_a_question(understander):
    assert read(understander, "今年以来我赚了多少", pending=FORM).ranking[0][0] == "pnl_query"


@pytest.mark.parametrize("text", ["那上个月呢", "换成债券的呢", "第二个呢", "近三个月", "那R2的呢"])
def test_a_bare_condition_follows_up(understander, text):
    understood = read(understander, text, topic=TOPIC)
    assert (understood.ranking[0][0], understood.decision) == ("inform", "answer")


@pytest.mark.parametrize("text", ["为啥", "为什么呢？", "凭什么"])
def test_why_asks_about_the_last_answer(understander, text):
    assert read(understander, text, topic=TOPIC).ranking[0][0] == "ask_why"


def test_a_whole_question_is_no_follow_up(understander):
    assert read(understander, "什么是七日年化", topic=TOPIC).ranking[0][0] == "concept_qa"


def test_without_a_topic_nothing_is_settled(understander):
    assert read(understander, "为啥").ranking[0][1] < 0.95


def test_a_topic_decides_between_close_readings_only():
    close = (("product_explain", 0.45), ("purchase_howto", 0.40), ("chitchat", 0.15))
    assert shift(close, {"purchase_howto": 1.5}, 0.35)[0][0] == "purchase_howto"
    clear = (("product_explain", 0.85), ("purchase_howto", 0.10), ("chitchat", 0.05))
    assert shift(clear, {"purchase_howto": 1.5}, 0.35) == clear


def test_shifting_keeps_the_sum():
    ranking = (("a", 0.5), ("b", 0.4), ("c", 0.1))
    assert sum(share for _, share in shift(ranking, {"b": 3.0}, 0.2)) == pytest.approx(1)
    assert sum(share for _, share in damp(ranking, {"a": 0.1})) == pytest.approx(1)


def test_a_profile_of_odd_shape_counts_for_nothing():
    table = {"stage": {"start": {"concept_qa": 2}}, "market_day": {"down": {"pnl_query": 2}}}
    assert profile_factors({"stage": None, "holds": "equity", "market_day": 3}, table) == {}
    assert profile_factors({"stage": "start", "market_day": "down"}, table) == {"concept_qa": 2.0, "pnl_query": 2.0}


@pytest.mark.parametrize(
    "pending",
    [
        {},
        {"kind": "clarify"},
        {"kind": "clarify", "options": None},
        {"kind": "form", "options": ["x", 3]},
        {"options": [{}]},
    ],
)
def test_odd_pending_slots_do_no_harm(understander, pending):
    assert read(understander, "第一个", pending=pending).ranking
